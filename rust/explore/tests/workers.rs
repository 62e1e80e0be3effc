//! What is violated deep in a block that several threads expand is told as one thread would tell it.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;
use xous_sim_explore::{Exhaustive, Report, Silent, Stop};
use xous_sim_step::{Choice, Future, Known, Model, Property, Violation, Violations};

/// So many picks that a level is worth sharing.
const WIDTH: u16 = 40;
const DEPTH: usize = 3;
/// No level has so many states.
const ALONE: usize = usize::MAX;

/// An agent that picks three numbers; some sums violate something. All is known from the beginning.
struct Sums;

fn step(state: &mut Vec<u16>, choice: Choice) -> Violations {
    state.push(choice.pick);
    let sum: u16 = state.iter().sum();
    let property = match (state.len(), sum) {
        (DEPTH, 61) => Some("sixty-one"),
        (DEPTH, 70..) => Some("seventy"),
        _ => None,
    };
    let mut violations = Violations::default();
    violations.extend(property.map(|name| {
        let violation = Violation::new(Property(name), String::new(), String::new());
        Arc::new(violation)
    }));
    violations
}

fn picks(state: &[u16], choices: &mut Vec<Choice>) {
    if state.len() < DEPTH {
        choices.extend((0..WIDTH).map(|pick| Choice { agent: 0, pick }));
    }
}

/// Another number for each state, spread over all numbers by an odd factor, the golden ratio's.
fn number(state: &[u16]) -> u128 {
    let append = |number, &pick| number * (u128::from(WIDTH) + 1) + u128::from(pick) + 1;
    let number: u128 = state.iter().fold(1, append);
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}

impl Known<Vec<u16>, ()> for Sums {
    fn enabled(&self, state: &Vec<u16>, steps: &mut Vec<(Choice, Option<()>)>) -> Option<()> {
        let mut choices = Vec::new();
        picks(state, &mut choices);
        steps.extend(choices.into_iter().map(|choice| (choice, None)));
        Some(())
    }

    fn step(&self, _: &Vec<u16>, _: Choice) -> Option<()> {
        Some(())
    }

    fn apply(
        &self,
        state: &mut Vec<u16>,
        choice: Choice,
        (): (),
        permits: &dyn Fn(&Violation) -> bool,
    ) -> Option<()> {
        let violations = step(state, choice);
        violations.iter().all(|v| permits(v)).then_some(())
    }

    fn canonicalize(&self, _: &mut Vec<u16>) -> Option<()> {
        Some(())
    }

    fn fingerprint(&self, state: &Vec<u16>) -> u128 {
        number(state)
    }

    fn future<const W: usize>(&self, _: &Vec<u16>, _: u16) -> Option<Future<W>> {
        None
    }

    fn agents(&self, _: &Vec<u16>) -> usize {
        1
    }

    fn check(&self, _: &Vec<u16>, _: bool) -> Option<()> {
        Some(())
    }
}

impl Model for Sums {
    type State = Vec<u16>;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Self;

    fn initial(&mut self) -> Result<Vec<u16>, Infallible> {
        Ok(Vec::new())
    }

    fn enabled(&mut self, state: &Vec<u16>, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        picks(state, choices);
        Ok(())
    }

    fn apply(&mut self, state: &mut Vec<u16>, choice: Choice) -> Result<Violations, Infallible> {
        Ok(step(state, choice))
    }

    fn fingerprint(&self, state: &Vec<u16>) -> u128 {
        number(state)
    }

    fn agents(&self, _: &Vec<u16>) -> usize {
        1
    }

    fn known(&self) -> Option<Self> {
        Some(Sums)
    }

    fn check(&mut self, _: &Vec<u16>, _: &[Choice]) -> Result<Option<Violation>, Infallible> {
        Ok(None)
    }
}

fn explore(stop: Stop, workers: usize, together: usize) -> Report {
    let search = Exhaustive {
        stop,
        workers: NonZeroUsize::new(workers).expect("somebody works"),
        together,
        ..Exhaustive::default()
    };
    search.run(&mut Sums, &mut Silent).expect("sums never fail")
}

fn told(report: &Report) -> (u64, u64, Vec<String>) {
    let schedules = report
        .counterexamples
        .iter()
        .map(|c| c.schedule.to_string());
    (report.states, report.transitions, schedules.collect())
}

#[test]
fn several_workers_tell_the_first_violation_of_each_kind() {
    let one = explore(Stop::WhenExplored, 1, ALONE);
    assert_eq!(one.counterexamples.len(), 2);
    for workers in [1, 3] {
        assert_eq!(told(&explore(Stop::WhenExplored, workers, 1)), told(&one));
    }
}

#[test]
fn several_workers_stop_at_the_violation_at_which_one_stops() {
    let one = explore(Stop::AtFirstViolation, 1, ALONE);
    assert_eq!(one.counterexamples.len(), 1);
    let in_blocks = explore(Stop::AtFirstViolation, 1, 1);
    assert_eq!(told(&in_blocks).2, told(&one).2);
    for workers in [2, 3] {
        let several = explore(Stop::AtFirstViolation, workers, 1);
        assert_eq!(told(&several), told(&in_blocks), "{workers} workers");
    }
}
