//! Priorities find bugs at least as often as the theorem says, and the report says what it promises.

mod spinning;
mod toy;

use proptest::prelude::*;
use spinning::Spinning;
use std::time::Duration;
use toy::{Op, Toy, programs};
use xous_sim_explore::{Budget, Execution, Limits, Pct, Report, Silent, Stop, Verdict};

fn schedules(max_schedules: u64) -> Limits {
    Limits {
        max_schedules: Some(max_schedules),
        ..Limits::default()
    }
}

fn search(depth: u32, max_schedules: u64) -> Pct {
    Pct {
        depth,
        limits: schedules(max_schedules),
        stop: Stop::WhenExplored,
        ..Pct::default()
    }
}

fn run(pct: Pct, toy: &Toy) -> Report {
    pct.run(&mut toy.clone(), &mut Silent)
        .expect("a toy never fails")
}

/// Steps that touch nothing of interest.
fn busy(steps: usize) -> Vec<Op> {
    vec![Op::Read(2); steps]
}

/// A bug of depth 1: the last thread's write must come before the first one's read.
fn order() -> Toy {
    let late = [busy(60), vec![Op::Write(0, 1)]].concat();
    Toy::new(vec![vec![Op::Read(0), Op::Fail(1)], busy(8), late])
}

/// A bug of depth 2: the second thread's write must fall between the first one's two.
fn atomicity() -> Toy {
    let first = [
        busy(4),
        vec![Op::Write(0, 1), Op::Swap(0, 2), Op::Read(0), Op::Fail(9)],
        busy(4),
    ]
    .concat();
    Toy::new(vec![
        first,
        [busy(3), vec![Op::Write(0, 2)], busy(3)].concat(),
    ])
}

/// A bug of depth 3: the second thread must come in twice, one operation at a time.
fn twice() -> Toy {
    let first = [
        busy(2),
        vec![
            Op::Write(0, 1),
            Op::Swap(0, 2),
            Op::Write(1, 1),
            Op::Swap(1, 2),
            Op::Read(1),
        ],
        vec![Op::SkipUnless, Op::Fail(9)],
    ]
    .concat();
    let second = vec![Op::Write(0, 2), Op::Read(0), Op::Write(1, 2), Op::Read(1)];
    Toy::new(vec![first, second])
}

/// How many of so many seeds meet a bug with the first schedule that is drawn by priorities, of those that do not with
/// the schedules that come before it.
fn hits(toy: &Toy, depth: u32, seeds: u64) -> (u64, u64) {
    let violated = |schedules: u64, seed: u64| {
        let pct = search(depth, schedules);
        run(Pct { seed, ..pct }, toy).verdict == Verdict::Violated
    };
    let fair: Vec<u64> = (0..seeds).filter(|&seed| !violated(10, seed)).collect();
    let hits = fair.iter().filter(|&&seed| violated(11, seed)).count();
    (hits as u64, fair.len() as u64)
}

#[test]
fn bugs_are_met_at_least_as_often_as_promised() {
    for (toy, depth) in [(order(), 1), (atomicity(), 2), (twice(), 3)] {
        let steps: usize = toy.threads.iter().map(Vec::len).sum();
        let promised = 1.0 / (toy.threads.len() as f64 * (steps as f64).powi(depth as i32 - 1));
        let (hits, of) = hits(&toy, depth, 3_000);
        let frequency = hits as f64 / of as f64;
        assert!(of > 50, "{of} of depth {depth}");
        assert!(
            frequency >= 0.8 * promised,
            "{frequency} of {promised} at depth {depth}"
        );
    }
}

#[test]
fn a_smaller_depth_does_not_find_what_needs_more_changes() {
    let (hits, of) = hits(&atomicity(), 1, 1_000);
    assert_eq!((hits, of > 100), (0, true));
}

#[test]
fn what_may_have_been_missed_shrinks_with_every_schedule() {
    let toy = Toy::new(vec![vec![Op::Write(0, 1); 3]; 2]);
    let missed = |schedules| run(search(2, schedules), &toy).missed_at_most;
    assert_eq!(missed(10), None);
    let of = |n: i32| Some((1.0 - 1.0 / 12.0_f64).powi(n));
    for (schedules, counted) in [(11, 1), (60, 50)] {
        let (missed, expected) = (missed(schedules), of(counted));
        let difference = missed.expect("a guarantee") - expected.expect("a number");
        assert!(difference.abs() < 1e-12, "{missed:?} and {expected:?}");
    }
}

#[test]
fn nothing_is_promised_where_agents_pick() {
    let toy = Toy::new(vec![vec![Op::Choose(2)], vec![Op::Read(0)]]);
    assert_eq!(run(search(2, 100), &toy).missed_at_most, None);
}

#[test]
fn the_horizon_is_the_length_of_the_longest_execution() {
    // It is longest if the second thread is not killed before its end, which executions drawn step by step hardly do.
    let toy = Toy::new(vec![vec![Op::Kill(1)], busy(30)]);
    let report = run(search(2, 400), &toy);
    assert_eq!(report.depth, 31);
    let expected = (1.0 - 1.0 / (2.0 * 31.0_f64)).powi(390);
    let missed = report.missed_at_most.expect("a guarantee");
    assert!((missed - expected).abs() < 1e-12, "{missed}");
}

#[test]
fn no_number_of_schedules_is_a_proof() {
    let report = run(search(3, 100), &Toy::new(vec![vec![Op::Write(0, 1)]]));
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert_eq!(report.exhausted, Some(Budget::Schedules));
    assert_eq!(report.schedules, 100);
}

#[test]
fn without_limits_ten_thousand_schedules_are_enough() {
    let pct = Pct::default();
    let report = run(pct, &Toy::new(vec![vec![Op::Write(0, 1)]; 2]));
    assert_eq!(report.schedules, Limits::DEFAULT_SCHEDULES);
}

#[test]
fn time_ends_it() {
    let limits = Limits {
        deadline: Limits::after(Duration::ZERO),
        ..Limits::default()
    };
    let pct = Pct {
        limits,
        ..Pct::default()
    };
    let sound = Toy::new(vec![busy(5); 2]);
    assert_eq!(run(pct, &sound).exhausted, Some(Budget::Time));
    let ample = Limits {
        deadline: Limits::after(Duration::from_secs(3_600)),
        ..limits
    };
    let pct = Pct {
        limits: ample,
        ..pct
    };
    assert_eq!(run(pct, &Toy::new(vec![vec![]])).schedules, 1);
}

#[test]
fn executions_that_would_go_on_for_ever_end() {
    let report = search(2, 15)
        .run(&mut Spinning, &mut Silent)
        .expect("it never fails");
    assert_eq!((report.schedules, report.depth), (15, 10_000));
}

proptest! {
    #[test]
    fn equal_seeds_give_equal_searches(toy in programs(), seed: u64, depth in 0..5_u32) {
        let pct = Pct { seed, ..search(depth, 30) };
        let lines = |report: Report| {
            let found = report.counterexamples.into_iter();
            let lines: Vec<_> = found.map(|c| (c.schedule.to_string(), c.violation)).collect();
            (lines, report.transitions, report.depth, report.missed_at_most)
        };
        prop_assert_eq!(lines(run(pct, &toy)), lines(run(pct, &toy)));
    }

    #[test]
    fn every_counterexample_ends_in_its_violation(toy in programs(), seed: u64, depth in 1..5_u32) {
        for found in run(Pct { seed, ..search(depth, 200) }, &toy).counterexamples {
            let followed = Execution::follow(&mut toy.clone(), &found.schedule);
            let violations = followed.expect("a toy never fails").expect("it fits").violations;
            let ends = violations.iter().any(|(steps, violation)| {
                *steps == found.schedule.0.len() && violation.is_like(&found.violation)
            });
            prop_assert!(ends, "{}", found.schedule);
        }
    }
}
