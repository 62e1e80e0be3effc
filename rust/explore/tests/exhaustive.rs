//! Exhaustive search finds what depth-first search finds, with reduction and without.

mod toy;

use proptest::prelude::*;
use std::collections::BTreeSet;
use toy::{Op, Toy, programs};
use xous_sim_explore::{Dfs, Exhaustive, Report, Silent, Stop, Verdict};

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
        stop: Stop::WhenExplored,
        ..Dfs::default()
    };
    let report = search
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    (toy, report)
}

fn exhaustive(toy: &Toy, reduction: bool) -> (Toy, Report) {
    let mut toy = toy.clone();
    let search = Exhaustive {
        stop: Stop::WhenExplored,
        reduction,
        ..Exhaustive::default()
    };
    let report = search
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    (toy, report)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn it_finds_what_depth_first_search_finds(toy in programs()) {
        let (all, expected) = plain(&toy);
        for reduction in [false, true] {
            let (found, report) = exhaustive(&toy, reduction);
            prop_assert_eq!(&found.finals, &all.finals);
            prop_assert_eq!(kinds(&report), kinds(&expected));
            prop_assert_eq!(report.verdict, expected.verdict);
        }
    }
}

proptest! {
    #[test]
    fn places_that_lie_far_apart_are_told_apart_as_well(toy in programs()) {
        let (near, expected) = exhaustive(&toy, true);
        let (far, report) = exhaustive(&toy.spread_out(), true);
        prop_assert_eq!(far.finals, near.finals);
        prop_assert_eq!(report.states, expected.states);
    }
}

#[test]
fn reduction_visits_independent_threads_one_after_the_other() {
    let toy = Toy::new((0..3).map(|v| vec![Op::Write(v, 1); 3]).collect());
    let (_, full) = exhaustive(&toy, false);
    let (_, reduced) = exhaustive(&toy, true);
    assert_eq!((full.verdict, full.states), (Verdict::Sound, 64));
    assert_eq!((reduced.verdict, reduced.states), (Verdict::Sound, 10));
}
