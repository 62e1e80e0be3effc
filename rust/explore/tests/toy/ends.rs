//! A toy whose every execution ends in a violation, so that a search that stops there tells which one it drew.

use super::{State, Toy};
use std::convert::Infallible;
use xous_sim_step::{Choice, Model, Property, Unknown, Violation, Violations};

/// A toy in which coming to an end violates a property of its own.
#[derive(Clone)]
pub struct Ends(pub Toy);

impl Model for Ends {
    type State = State;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<State, Infallible> {
        self.0.initial()
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        self.0.enabled(state, choices)
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, Infallible> {
        self.0.apply(state, choice)
    }

    fn fingerprint(&self, state: &State) -> u128 {
        self.0.fingerprint(state)
    }

    fn agents(&self, state: &State) -> usize {
        self.0.agents(state)
    }

    fn check(&mut self, _: &State, enabled: &[Choice]) -> Result<Option<Violation>, Infallible> {
        let end = || Violation::new(Property("end"), String::new(), String::new());
        Ok(enabled.is_empty().then(end))
    }
}
