//! Shrinking gives the best schedule there is, going by all that there are.

mod toy;

use proptest::prelude::*;
use toy::ends::Ends;
use toy::{Op, Toy, programs};
use xous_sim_explore::{Counterexample, Execution, Limits, Random, Silent, Stop, shrink};
use xous_sim_step::{Choice, Model, Property, Schedule, Violation};

const AMPLE: u64 = 10_000_000;

/// Preemptions and steps of a schedule that ends in the violation and in none of the kind before.
fn cost(toy: &mut Toy, schedule: &Schedule, violation: &Violation) -> Option<(usize, usize)> {
    let followed = Execution::follow(toy, schedule).expect("a toy never fails");
    let followed = followed.expect("the schedule fits");
    let mut like = followed
        .violations
        .iter()
        .filter(|(_, v)| v.is_like(violation));
    let first = like.next().map(|(steps, _)| *steps);
    (first == Some(schedule.0.len())).then_some((followed.preemptions, schedule.0.len()))
}

fn shrunk(toy: &mut Toy, found: &Counterexample, effort: u64) -> Schedule {
    shrink(toy, found.schedule.clone(), &found.violation, effort).expect("a toy never fails")
}

/// Random schedules that fail, one of each kind.
fn failing(toy: &Toy, seed: u64) -> Vec<Counterexample> {
    let random = Random {
        seed,
        stop: Stop::WhenExplored,
        limits: Limits {
            max_schedules: Some(100),
            ..Limits::default()
        },
        ..Random::default()
    };
    let report = random.run(&mut toy.clone(), &mut Silent);
    report.expect("a toy never fails").counterexamples
}

/// The cost of the best schedule, found by following all.
struct BruteForce<'a> {
    toy: &'a mut Toy,
    violation: &'a Violation,
    best: (usize, usize),
}

impl BruteForce<'_> {
    fn follow(&mut self, state: &<Toy as Model>::State, last: Option<u16>, cost: (usize, usize)) {
        let mut enabled = Vec::new();
        let Ok(()) = self.toy.enabled(state, &mut enabled);
        let Ok(broken) = self.toy.check(state, &enabled);
        if broken.is_some_and(|found| found.is_like(self.violation)) {
            self.best = self.best.min(cost);
            return;
        }
        for &choice in &enabled {
            let goes_on = |last: u16| enabled.iter().any(|choice| choice.agent == last);
            let preempts = last.is_some_and(|last| last != choice.agent && goes_on(last));
            let cost = (cost.0 + usize::from(preempts), cost.1 + 1);
            let mut next = state.clone();
            let Ok(violations) = self.toy.apply(&mut next, choice);
            if violations.iter().any(|found| found.is_like(self.violation)) {
                self.best = self.best.min(cost);
            } else {
                self.follow(&next, Some(choice.agent), cost);
            }
        }
    }
}

fn best(toy: &mut Toy, violation: &Violation) -> (usize, usize) {
    let Ok(initial) = toy.initial();
    let mut search = BruteForce {
        toy,
        violation,
        best: (usize::MAX, usize::MAX),
    };
    search.follow(&initial, None, (0, 0));
    search.best
}

/// The second thread must come between the first one's write and swap.
fn between() -> Toy {
    let first = vec![Op::Write(0, 1), Op::Swap(0, 2), Op::Read(0), Op::Fail(9)];
    Toy::new(vec![first, vec![Op::Write(0, 2)], vec![Op::Write(1, 1); 4]])
}

#[test]
fn the_steps_that_matter_are_left_and_run_on_end() {
    let mut toy = between();
    for seed in 0..50 {
        for found in failing(&toy, seed) {
            assert_eq!(shrunk(&mut toy, &found, AMPLE).to_string(), "x1:0.1.0*3");
        }
    }
}

#[test]
fn a_long_schedule_needs_little_effort() {
    let mut toy = between();
    toy.threads
        .extend([vec![Op::Read(1); 20], vec![Op::Read(2); 20]]);
    let found = failing(&toy, 1).remove(0);
    assert!(found.schedule.0.len() > 20);
    assert_eq!(shrunk(&mut toy, &found, 20_000).to_string(), "x1:0.1.0*3");
}

#[test]
fn a_schedule_without_the_violation_is_left_alone() {
    let mut toy = between();
    let schedule = Schedule([0, 0, 1].map(Choice::of).to_vec());
    let other = Violation::new(Property("fail"), "0 9".into(), String::new());
    let shrunk = shrink(&mut toy, schedule.clone(), &other, AMPLE);
    assert_eq!(shrunk.expect("a toy never fails"), schedule);
}

#[test]
fn what_is_violated_from_the_start_needs_no_step() {
    let mut toy = Ends(Toy::new(vec![vec![]]));
    let end = Violation::new(Property("end"), String::new(), String::new());
    let Ok(shrunk) = shrink(&mut toy, Schedule::default(), &end, AMPLE);
    assert_eq!(shrunk, Schedule::default());
}

#[test]
fn what_comes_after_the_violation_is_cut_off() {
    let mut toy = between();
    let schedule: Schedule = "x1:0.1.0*3.2*4".parse().expect("a schedule");
    let violation = Violation::new(Property("fail"), "0 9".into(), String::new());
    let Ok(shrunk) = shrink(&mut toy, schedule, &violation, 0);
    assert_eq!(shrunk.to_string(), "x1:0.1.0*3");
}

#[test]
fn fewer_preemptions_are_worth_more_steps() {
    // In three steps with a preemption; without one, the first thread must run to its end before.
    let first = vec![Op::Write(0, 1), Op::Read(1), Op::Read(1), Op::Read(1)];
    let mut toy = Toy::new(vec![first, vec![Op::Read(0), Op::Fail(1)]]);
    let short: Schedule = "x1:0.1*2".parse().expect("a schedule");
    let violation = Violation::new(Property("fail"), "1 1".into(), String::new());
    assert_eq!(cost(&mut toy, &short, &violation), Some((1, 3)));
    let Ok(shrunk) = shrink(&mut toy, short, &violation, AMPLE);
    assert_eq!(shrunk.to_string(), "x1:0*4.1*2");
}

proptest! {
    #[test]
    fn no_schedule_is_better_than_the_shrunk_one(toy in programs(), seed: u64) {
        let mut toy = toy;
        for found in failing(&toy, seed) {
            let shrunk = shrunk(&mut toy, &found, AMPLE);
            let best = best(&mut toy, &found.violation);
            prop_assert_eq!(cost(&mut toy, &shrunk, &found.violation), Some(best));
        }
    }

    #[test]
    fn a_shrunk_schedule_does_not_shrink(toy in programs(), seed: u64) {
        let mut toy = toy;
        for found in failing(&toy, seed) {
            let once = shrunk(&mut toy, &found, AMPLE);
            let again = Counterexample { schedule: once.clone(), ..found };
            prop_assert_eq!(shrunk(&mut toy, &again, AMPLE), once);
        }
    }

    #[test]
    fn little_effort_makes_nothing_worse(toy in programs(), seed: u64, effort in 0..300_u64) {
        let mut toy = toy;
        for found in failing(&toy, seed) {
            let shrunk = shrunk(&mut toy, &found, effort);
            let preemptions = |schedule| {
                let followed = Execution::follow(&mut toy.clone(), schedule);
                followed.expect("a toy never fails").expect("it fits").preemptions
            };
            let before = (preemptions(&found.schedule), found.schedule.0.len());
            let after = cost(&mut toy, &shrunk, &found.violation).expect("the same violation");
            prop_assert!(after <= before, "{} from {}", shrunk, found.schedule);
        }
    }
}
