//! A search that is split finds what the whole one finds.

mod toy;

use proptest::prelude::*;
use std::collections::BTreeSet;
use toy::{Op, Toy};
use xous_sim_explore::{Below, Dfs, Exhaustive, Plan, Report, Silent, Split, Stop, split};

fn split_toy(toy: &mut Toy, parts: usize, merge: bool) -> Split {
    let plan = Plan {
        parts,
        merge,
        stop_at_first: false,
    };
    split(toy, plan).expect("a toy never fails")
}

type Kinds = BTreeSet<(&'static str, String)>;

fn kinds<'a>(found: impl Iterator<Item = &'a xous_sim_explore::Counterexample>) -> Kinds {
    found
        .map(|c| (c.violation.property.0, c.violation.subject.clone()))
        .collect()
}

fn dfs(max_preemptions: Option<u32>) -> Dfs {
    Dfs {
        stop: Stop::WhenExplored,
        max_preemptions,
        ..Dfs::default()
    }
}

/// Schedules, final states and kinds of violations.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    schedules: u64,
    finals: BTreeSet<u128>,
    kinds: Kinds,
}

/// What a bounded search finds, as a whole.
fn whole(toy: &Toy, bound: Option<u32>) -> Found {
    let mut toy = toy.clone();
    let report = dfs(bound)
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    Found {
        schedules: report.schedules,
        finals: toy.finals,
        kinds: kinds(report.counterexamples.iter()),
    }
}

/// What it finds in parts. Final states of the top are left to the caller where a bound would exclude some of them.
fn in_parts(toy: &Toy, bound: Option<u32>, parts: usize) -> Found {
    let within = |preemptions: u32| bound.is_none_or(|bound| preemptions <= bound);
    let mut toy = toy.clone();
    let top = split_toy(&mut toy, parts, false);
    let mut found = Found {
        schedules: top.complete.iter().filter(|&&p| within(p)).count() as u64,
        finals: BTreeSet::new(),
        kinds: kinds(
            top.counterexamples
                .iter()
                .filter(|(_, preemptions)| within(*preemptions))
                .map(|(c, _)| c),
        ),
    };
    for part in top
        .parts
        .into_iter()
        .filter(|part| within(part.preemptions))
    {
        let report = below_dfs(&mut toy, part.schedule, bound);
        found.schedules += report.schedules;
        found.kinds.extend(kinds(report.counterexamples.iter()));
    }
    found.finals = toy.finals;
    found
}

fn below_dfs(toy: &mut Toy, prefix: xous_sim_step::Schedule, bound: Option<u32>) -> Report {
    let mut below = Below::new(toy, prefix)
        .expect("a toy never fails")
        .expect("the prefix fits");
    let search = Dfs {
        begun: below.begun(),
        ..dfs(bound)
    };
    let mut report = search
        .run(&mut below, &mut Silent)
        .expect("a toy never fails");
    below.lift(&mut report);
    for counterexample in &report.counterexamples {
        let followed = xous_sim_explore::Execution::follow(toy, &counterexample.schedule);
        let followed = followed
            .expect("a toy never fails")
            .expect("the schedule fits");
        let last = counterexample.schedule.0.len();
        let same = |(steps, violation): &(usize, xous_sim_step::Violation)| {
            *steps == last && violation.is_like(&counterexample.violation)
        };
        assert!(
            followed.violations.iter().any(same),
            "a lifted schedule violates what it says"
        );
    }
    report
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_split_depth_first_search_follows_each_schedule_once(toy in toy::programs(), parts in 1..40usize) {
        prop_assert_eq!(in_parts(&toy, None, parts), whole(&toy, None));
    }

    #[test]
    fn preemptions_of_a_prefix_count_against_the_bound(
        toy in toy::programs(), parts in 1..40usize, bound in 0..3u32
    ) {
        let (parts, whole) = (in_parts(&toy, Some(bound), parts), whole(&toy, Some(bound)));
        prop_assert_eq!((parts.schedules, parts.kinds), (whole.schedules, whole.kinds));
    }

    #[test]
    fn a_split_exhaustive_search_finds_every_final_state(toy in toy::programs(), parts in 1..40usize) {
        let search = Exhaustive { stop: Stop::WhenExplored, ..Exhaustive::default() };
        let mut serial = toy.clone();
        let report = search.run(&mut serial, &mut Silent).expect("a toy never fails");
        let mut toy = toy;
        let top = split_toy(&mut toy, parts, true);
        let mut found = kinds(top.counterexamples.iter().map(|(c, _)| c));
        let mut states = top.states;
        for part in top.parts {
            let mut below = Below::new(&mut toy, part.schedule).expect("a toy never fails").expect("it fits");
            let report = search.run(&mut below, &mut Silent).expect("a toy never fails");
            found.extend(kinds(report.counterexamples.iter()));
            states += report.states;
        }
        prop_assert_eq!(found, kinds(report.counterexamples.iter()));
        prop_assert_eq!(toy.finals, serial.finals);
        prop_assert!(states >= report.states);
    }
}

#[test]
fn a_tree_that_never_widens_is_not_expanded_for_ever() {
    let mut toy = Toy::new(vec![vec![Op::Append(0); 250]]);
    let top = split_toy(&mut toy, 2, false);
    assert_eq!((top.parts.len(), top.states), (1, 128));
}

#[test]
fn a_small_tree_is_all_top() {
    let mut toy = Toy::new(vec![vec![Op::Append(0); 2], vec![Op::Append(0); 2]]);
    let top = split_toy(&mut toy, 100, false);
    assert!(top.parts.is_empty());
    assert_eq!(top.complete.len(), 6);
    assert_eq!(toy.finals.len(), 6);
}

#[test]
fn a_prefix_that_does_not_fit_is_refused() {
    let mut toy = Toy::new(vec![vec![Op::Append(0)]]);
    let prefix = "x1:0*2".parse().expect("a schedule");
    let departure = Below::new(&mut toy, prefix)
        .expect("a toy never fails")
        .err();
    assert_eq!(departure.expect("the thread has one step").step, 1);
}

#[test]
fn a_death_is_no_preemption_of_a_prefix() {
    let mut toy = Toy::new(vec![vec![Op::Read(0); 2], vec![Op::Read(0)]]).with_mortal(1);
    let top = split_toy(&mut toy, 12, false);
    let preemptions = |line: &str| {
        let mut parts = top.parts.iter();
        let part = parts.find(|part| part.schedule.to_string() == line);
        part.map(|part| part.preemptions)
    };
    assert_eq!(preemptions("x1:0.!2.0"), Some(0));
    assert_eq!(preemptions("x1:0.!2.2"), Some(1));
}
