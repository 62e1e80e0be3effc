//! Limits hold however many successors a state has.

use std::convert::Infallible;
use std::time::Duration;
use xous_sim_explore::{Budget, Exhaustive, Limits, Silent};
use xous_sim_step::{Choice, Future, Known, Model, Violation, Violations};

const WIDTH: u16 = 30_000;
const PICKS: usize = 2;

/// An agent that picks a number, and another one; 900 million schedules.
struct Picks;

/// Knows that there is a model, and nothing of it.
struct Nothing;

impl Known<Vec<u16>, ()> for Nothing {
    fn enabled(&self, _: &Vec<u16>, _: &mut Vec<(Choice, Option<()>)>) -> Option<()> {
        None
    }

    fn step(&self, _: &Vec<u16>, _: Choice) -> Option<()> {
        None
    }

    fn apply(
        &self,
        _: &mut Vec<u16>,
        _: Choice,
        (): (),
        _: &dyn Fn(&Violation) -> bool,
    ) -> Option<()> {
        None
    }

    fn canonicalize(&self, _: &mut Vec<u16>) -> Option<()> {
        None
    }

    fn fingerprint(&self, _: &Vec<u16>) -> u128 {
        0
    }

    fn future<const W: usize>(&self, _: &Vec<u16>, _: u16) -> Option<Future<W>> {
        None
    }

    fn agents(&self, _: &Vec<u16>) -> usize {
        1
    }

    fn check(&self, _: &Vec<u16>, _: bool) -> Option<()> {
        None
    }
}

impl Model for Picks {
    type State = Vec<u16>;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Nothing;

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
        let number: u128 = state.iter().fold(1, number);
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }

    fn agents(&self, _: &Vec<u16>) -> usize {
        1
    }

    fn known(&self) -> Option<Nothing> {
        Some(Nothing)
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
        deadline: Limits::after(Duration::ZERO),
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

#[test]
fn a_block_of_states_with_very_many_successors_is_expanded_bit_by_bit() {
    let found = |together| {
        let limits = Limits {
            max_states: Some(40_000),
            ..Limits::default()
        };
        let search = Exhaustive {
            limits,
            together,
            ..Exhaustive::default()
        };
        let report = search.run(&mut Picks, &mut Silent);
        report.expect("picking never fails")
    };
    let (alone, together) = (found(usize::MAX), found(1));
    assert_eq!(together.exhausted, Some(Budget::States));
    assert_eq!(together.states, alone.states);
    assert!(together.transitions < alone.transitions + 100_000);
}
