//! Limits hold however many successors a state has.

use std::convert::Infallible;
use std::time::Duration;
use xous_sim_explore::{Budget, Exhaustive, Limits, Silent};
use xous_sim_step::{Choice, Model, Unknown, Violation, Violations};

const WIDTH: u16 = 30_000;
const PICKS: usize = 2;

/// An agent that picks a number, and another one; 900 million schedules.
struct Picks;

impl Model for Picks {
    type State = Vec<u16>;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<Vec<u16>, Infallible> {
        Ok(Vec::new())
    }

    fn enabled(&mut self, state: &Vec<u16>, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        if state.len() < PICKS {
            choices.extend((0..WIDTH).map(|pick| Choice { agent: 0, pick }));
        }
        Ok(())
    }

    fn apply(&mut self, state: &mut Vec<u16>, choice: Choice) -> Result<Violations, Infallible> {
        state.push(choice.pick);
        Ok(Violations::default())
    }

    fn fingerprint(&self, state: &Vec<u16>) -> u128 {
        let number = |number, &pick| number * (u128::from(WIDTH) + 1) + u128::from(pick) + 1;
        state.iter().fold(1, number)
    }

    fn agents(&self, _: &Vec<u16>) -> usize {
        1
    }

    fn may_cycle(&self) -> bool {
        false
    }

    fn check(&mut self, _: &Vec<u16>, _: &[Choice]) -> Result<Option<Violation>, Infallible> {
        Ok(None)
    }
}

#[test]
fn the_clock_is_looked_at_between_states_with_very_many_successors() {
    let limits = Limits {
        max_time: Some(Duration::ZERO),
        ..Limits::default()
    };
    let search = Exhaustive {
        limits,
        ..Exhaustive::default()
    };
    let report = search.run(&mut Picks, &mut Silent);
    let report = report.expect("picking never fails");
    assert_eq!(report.exhausted, Some(Budget::Time));
    assert_eq!(report.transitions, u64::from(WIDTH));
}
