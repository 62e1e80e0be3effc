//! Dynamic partial-order reduction finds what plain depth-first search finds, with one execution a class.

mod toy;

use proptest::prelude::*;
use std::collections::BTreeSet;
use toy::{Op, Toy, programs};
use xous_sim_explore::{Dfs, Dpor, Limits, Report, Silent, Stop, Verdict};

const LIMITS: Limits = Limits {
    max_states: None,
    max_schedules: Some(50_000),
    deadline: None,
};

fn kinds(report: &Report) -> BTreeSet<(String, String)> {
    let kind = |c: &xous_sim_explore::Counterexample| {
        (
            c.violation.property.to_string(),
            c.violation.subject.clone(),
        )
    };
    report.counterexamples.iter().map(kind).collect()
}

fn plain(toy: &Toy) -> (Toy, Report) {
    let mut toy = toy.clone();
    let search = Dfs {
        limits: LIMITS,
        stop: Stop::WhenExplored,
        ..Dfs::default()
    };
    let report = search
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    (toy, report)
}

fn reduced(toy: &Toy) -> (Toy, Report) {
    let mut toy = toy.clone();
    let search = Dpor {
        stop: Stop::WhenExplored,
        ..Dpor::default()
    };
    let report = search
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    (toy, report)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]
    #[test]
    fn it_finds_what_depth_first_search_finds(toy in programs()) {
        let (all, expected) = plain(&toy);
        prop_assume!(expected.exhausted.is_none());
        let (found, report) = reduced(&toy);
        prop_assert_eq!(&found.finals, &all.finals);
        prop_assert_eq!(kinds(&report), kinds(&expected));
        prop_assert_eq!(report.verdict, expected.verdict);
        prop_assert!(report.schedules <= expected.schedules);
    }
}

proptest! {
    #[test]
    fn places_that_lie_far_apart_are_told_apart_as_well(toy in programs()) {
        let (near, expected) = reduced(&toy);
        let (far, report) = reduced(&toy.spread_out());
        prop_assert_eq!(far.finals, near.finals);
        prop_assert_eq!((report.schedules, report.redundant), (expected.schedules, expected.redundant));
    }
}

/// Two threads that write different variables have one execution; each that writes the same one doubles them.
#[test]
fn independent_threads_need_one_execution() {
    let toy = Toy::new(vec![vec![Op::Write(0, 1); 3], vec![Op::Write(1, 1); 3]]);
    let (_, report) = reduced(&toy);
    assert_eq!(
        (report.verdict, report.schedules, report.redundant),
        (Verdict::Sound, 1, 0)
    );
}

#[test]
fn every_order_of_lock_protected_sections_is_one_execution() {
    let section = [Op::Lock(0), Op::Append(0), Op::Unlock(0)];
    for (counts, orders) in [(vec![1, 1], 2), (vec![2, 2], 6), (vec![2, 2, 2], 90)] {
        let toy = Toy::new(counts.iter().map(|&n| section.repeat(n)).collect());
        let (found, report) = reduced(&toy);
        assert_eq!(found.finals.len(), orders, "{counts:?}");
        assert_eq!(
            (report.schedules, report.redundant),
            (orders as u64, 0),
            "{counts:?}"
        );
    }
}

#[test]
fn a_thread_that_is_ended_before_its_step_may_as_well_take_it() {
    let toy = Toy::new(vec![vec![Op::Kill(1)], vec![Op::Write(0, 1)]]);
    let (found, _) = reduced(&toy);
    assert_eq!(found.finals.len(), 2);
}
