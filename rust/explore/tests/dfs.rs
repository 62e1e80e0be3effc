//! Depth-first search counts schedules and preemptions right.

mod toy;

use toy::{Op, Toy};
use xous_sim_explore::{Budget, Dfs, Silent, Stop, Verdict};

fn search(deepening: bool, max_preemptions: Option<u32>) -> Dfs {
    Dfs {
        stop: Stop::WhenExplored,
        deepening,
        max_preemptions,
        ..Dfs::default()
    }
}

/// `sections` sections of two threads each of which appends under one lock.
fn sections(counts: &[usize]) -> Toy {
    let section = [Op::Lock(0), Op::Append(0), Op::Unlock(0)];
    Toy::new(counts.iter().map(|&n| section.repeat(n)).collect())
}

#[test]
fn all_interleavings_are_followed_once() {
    let mut toy = Toy::new(vec![vec![Op::Append(0); 3], vec![Op::Append(0); 3]]);
    let report = search(false, None)
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    assert_eq!((report.verdict, report.schedules), (Verdict::Sound, 20));
    assert_eq!(toy.finals.len(), 20);
}

#[test]
fn lock_protected_sections_have_2_6_and_90_orders() {
    for (counts, orders) in [(vec![1, 1], 2), (vec![2, 2], 6), (vec![2, 2, 2], 90)] {
        let mut toy = sections(&counts);
        search(false, None)
            .run(&mut toy, &mut Silent)
            .expect("a toy never fails");
        assert_eq!(toy.finals.len(), orders, "{counts:?}");
    }
}

#[test]
fn a_bound_is_no_proof_and_says_what_it_covers() {
    let mut toy = sections(&[2, 2]);
    let report = search(true, Some(1))
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert_eq!(report.exhausted, Some(Budget::Preemptions));
    assert_eq!(report.covered_preemptions, Some(1));
}

#[test]
fn deepening_ends_with_a_proof_where_no_bound_cuts_anything_off() {
    let mut toy = sections(&[2, 2]);
    let report = search(true, None)
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    assert_eq!((report.verdict, toy.finals.len()), (Verdict::Sound, 6));
}
