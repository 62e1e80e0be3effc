//! A toy in which coming to a certain state violates a property: a test for shrinking that takes any state for a bug.

use super::{State, Toy};
use std::convert::Infallible;
use xous_sim_step::{Choice, Model, Property, Schedule, Unknown, Violation, Violations};

/// A toy and the state that it must not come to.
#[derive(Clone, Debug)]
pub struct Reaching {
    /// The toy.
    pub toy: Toy,
    /// The fingerprint of the state.
    pub target: u128,
}

impl Reaching {
    /// Takes the state at the end of a schedule, of which so many steps are taken.
    pub fn end_of(mut toy: Toy, schedule: &Schedule, steps: usize) -> Self {
        let Ok(mut state) = toy.initial();
        for &choice in schedule.0.iter().take(steps) {
            let Ok(_) = toy.apply(&mut state, choice);
        }
        let target = toy.fingerprint(&state);
        Self { toy, target }
    }

    /// What is violated there.
    pub fn violation() -> Violation {
        Violation::new(Property("reached"), String::new(), String::new())
    }
}

impl Model for Reaching {
    type State = State;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<State, Infallible> {
        self.toy.initial()
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        self.toy.enabled(state, choices)
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, Infallible> {
        self.toy.apply(state, choice)
    }

    fn fingerprint(&self, state: &State) -> u128 {
        self.toy.fingerprint(state)
    }

    fn agents(&self, state: &State) -> usize {
        self.toy.agents(state)
    }

    fn check(&mut self, state: &State, _: &[Choice]) -> Result<Option<Violation>, Infallible> {
        let reached = self.fingerprint(state) == self.target;
        Ok(reached.then(Self::violation))
    }
}
