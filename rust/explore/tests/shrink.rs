//! Shrinking gives the best schedule there is, going by all that there are.

mod brute_force;
mod toy;

use brute_force::{Cost, best};
use proptest::prelude::*;
use std::convert::Infallible;
use toy::ends::Ends;
use toy::reaching::Reaching;
use toy::{Op, Toy, programs};
use xous_sim_explore::{
    Counterexample, Execution, Limits, Random, Silent, Stop, random_walk, shrink,
};
use xous_sim_step::{Choice, Model, Property, Schedule, Violation};

const AMPLE: u64 = 10_000_000;

/// Whether something else is violated first, and the preemptions and steps of a schedule that ends in the violation and
/// in none of the kind before.
fn cost<M: Model<Error = Infallible>>(
    model: &mut M,
    schedule: &Schedule,
    violation: &Violation,
) -> Option<(bool, Cost)> {
    let followed = Execution::follow(model, schedule).expect("a toy never fails");
    let followed = followed.expect("the schedule fits");
    let mut like = followed
        .violations
        .iter()
        .filter(|(_, v)| v.is_like(violation));
    let first = like.next().map(|(steps, _)| *steps);
    let astray = !followed.violations[0].1.is_like(violation);
    let cost = (followed.preemptions, schedule.0.len());
    (first == Some(schedule.0.len())).then_some((astray, cost))
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
    assert_eq!(cost(&mut toy, &short, &violation), Some((false, (1, 3))));
    let Ok(shrunk) = shrink(&mut toy, short, &violation, AMPLE);
    assert_eq!(shrunk.to_string(), "x1:0*4.1*2");
}

#[test]
fn a_schedule_that_fails_earlier_in_another_way_is_no_better() {
    // Alone, the first thread comes to its own failure; but it may fail before, unless the second thread has written.
    let mut toy = Toy::new(vec![
        vec![Op::Read(0), Op::Fail(0), Op::Choose(2), Op::Fail(1)],
        vec![Op::Write(0, 2)],
    ]);
    let violation = Violation::new(Property("fail"), "0 1".into(), String::new());
    for way in ["x1:1.0*2.0=1.0", "x1:0*2.0=1.0"] {
        let way: Schedule = way.parse().expect("a schedule");
        let Ok(shrunk) = shrink(&mut toy, way, &violation, AMPLE);
        assert_eq!(shrunk.to_string(), "x1:1.0*2.0=1.0");
    }
}

#[test]
fn what_always_comes_behind_another_failure_is_shrunk_all_the_same() {
    let mut toy = Toy::new(vec![
        vec![Op::Fail(0), Op::Choose(2), Op::Fail(1)],
        vec![Op::Read(0)],
    ]);
    let violation = Violation::new(Property("fail"), "0 1".into(), String::new());
    let way: Schedule = "x1:1.0.0=1.0".parse().expect("a schedule");
    let Ok(shrunk) = shrink(&mut toy, way, &violation, AMPLE);
    assert_eq!(shrunk.to_string(), "x1:0.0=1.0");
}

#[test]
fn a_death_costs_a_step_and_no_preemption() {
    // The first thread must come between the writes of the second one, which may be dead by then.
    let mut toy = Toy::new(vec![
        vec![Op::Read(0), Op::Fail(1)],
        vec![Op::Write(0, 1), Op::Write(0, 0)],
    ])
    .with_mortal(1);
    let violation = Violation::new(Property("fail"), "0 1".into(), String::new());
    let way: Schedule = "x1:1.0*2".parse().expect("a schedule");
    assert_eq!(cost(&mut toy, &way, &violation), Some((false, (1, 3))));
    let Ok(shrunk) = shrink(&mut toy, way, &violation, AMPLE);
    assert_eq!(shrunk.to_string(), "x1:1.!2.0*2");
}

/// A toy, a state of it, and one way there.
fn reached() -> impl Strategy<Value = (Reaching, Schedule)> {
    (programs(), any::<u64>(), 0..12_usize).prop_map(|(mut toy, seed, steps)| {
        let Ok(way) = random_walk(&mut toy, seed, steps);
        (Reaching::end_of(toy, &way, steps), way)
    })
}

proptest! {
    #[test]
    fn no_schedule_is_better_than_the_shrunk_one((mut model, way) in reached()) {
        let violation = Reaching::violation();
        let Ok(shrunk) = shrink(&mut model, way, &violation, AMPLE);
        let best = best(&mut model, &violation).shrunk();
        prop_assert_eq!(cost(&mut model, &shrunk, &violation), Some(best));
    }

    #[test]
    fn a_shrunk_schedule_does_not_shrink((mut model, way) in reached()) {
        let violation = Reaching::violation();
        let Ok(once) = shrink(&mut model, way, &violation, AMPLE);
        let Ok(twice) = shrink(&mut model, once.clone(), &violation, AMPLE);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn little_effort_makes_nothing_worse((mut model, way) in reached(), effort in 0..60_u64) {
        let violation = Reaching::violation();
        let Ok(shrunk) = shrink(&mut model, way.clone(), &violation, effort);
        let after = cost(&mut model, &shrunk, &violation);
        let before = cost(&mut model, &way, &violation);
        prop_assert!(after.is_some() && (after <= before || before.is_none()));
    }

    #[test]
    fn violations_of_steps_and_deadlocks_stay_what_they_are(mut toy in programs(), seed: u64) {
        for found in failing(&toy, seed) {
            let shrunk = shrunk(&mut toy, &found, AMPLE);
            let best = best(&mut toy, &found.violation).shrunk();
            prop_assert_eq!(cost(&mut toy, &shrunk, &found.violation), Some(best));
        }
    }
}
