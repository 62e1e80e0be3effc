//! The wedges that are left with release at Return, and the one of Go.

use crate::cases::*;
use xous_sim_neighbours::capnp::*;

fn calls(kind: Kind, count: usize, words: u64) -> Stream {
    Stream {
        calls: vec![call(kind, words); count],
        ..Stream::default()
    }
}

fn at_return(limit: u64, reading: Reading) -> Limit {
    words(limit, Release::Return, reading)
}

/// Calls that only a message from the caller ends wedge a reader that stops.
fn sweep_of_calls_that_the_caller_ends(kind: Kind, row: &str) {
    for reading in RULES {
        let mut sweep = Sweep::default();
        for (limit, size, count) in grid(0..=5, 1..=2, 1..=4) {
            let setup = pair(at_return(limit, reading), vec![calls(kind, count, size)]);
            let case = format!("{reading:?} L={limit} s={size} n={count}");
            let expected = too_many(reading, count as u64 * size, limit);
            sweep.compare(&case, deadlocks(&setup), expected);
        }
        sweep.report(&format!("{row}, {}", name(reading)));
    }
}

#[test]
fn calls_for_pipelining_only_wedge_iff_those_before_the_first_finish_exceed_the_limit() {
    sweep_of_calls_that_the_caller_ends(Kind::PipelineOnly, "wedge: pipeline-only");
}

#[test]
fn cancellation_cannot_be_delivered_iff_the_calls_to_cancel_exceed_the_limit() {
    sweep_of_calls_that_the_caller_ends(Kind::Endless, "wedge: cancellation");
}

#[test]
fn a_tail_call_back_wedges_iff_it_exceeds_the_callers_own_limit_or_stalls_at_it() {
    for reading in V1S {
        let mut sweep = Sweep::default();
        for (limit, size, count) in grid(0..=4, 1..=4, 1..=3) {
            let setup = Setup {
                limits: vec![at_return(limit, reading), Limit::None],
                ..pair(Limit::None, vec![calls(Kind::Tail, count, size)])
            };
            let stall = wakes_below(reading) && size == limit && count > 1;
            let case = format!("{reading:?} L={limit} s={size} n={count}");
            let expected = too_many(reading, size, limit) || stall;
            sweep.compare(&case, deadlocks(&setup), expected);
        }
        sweep.report(&format!("wedge: tail call, {}", name(reading)));
    }
}

#[test]
fn the_equality_stall_is_gone_if_readers_wake_at_the_limit() {
    let streams = || {
        let mut mixed = calls(CALLBACK, 2, 1);
        mixed.calls.push(call(PLAIN, 1));
        vec![mixed]
    };
    assert!(deadlocks(&pair(at_return(2, Reading::V1), streams())));
    assert!(!deadlocks(&pair(at_return(2, GENTLE), streams())));
}

#[test]
fn the_limit_of_go_wedges_iff_running_callbacks_wait_behind_a_call_that_finds_no_place() {
    let mut sweep = Sweep::default();
    for running in 1..=2_u16 {
        for waiting in 0..=2_u16 {
            for callbacks in 0..=3_usize {
                for plain in 0..=2_usize {
                    if callbacks + plain == 0 {
                        continue;
                    }
                    let mut mixed = calls(CALLBACK, callbacks, 1);
                    mixed.calls.extend(vec![call(PLAIN, 1); plain]);
                    let limit = Limit::Requests { running, waiting };
                    let places = usize::from(running + waiting);
                    let expected = callbacks >= usize::from(running) && callbacks + plain > places;
                    let case = format!("M={running} Q={waiting} c={callbacks} p={plain}");
                    sweep.compare(&case, deadlocks(&pair(limit, vec![mixed])), expected);
                }
            }
        }
    }
    sweep.report("wedge: requests (Go)");
}

#[test]
fn replies_that_wait_for_room_deadlock_where_queued_ones_do_not() {
    let limit = at_return(1, Reading::V1);
    let queued = Setup {
        link: 2,
        ..pair(limit, vec![stream(6, 1, Finish::AtReturn)])
    };
    let waiting = Setup {
        replies_wait: true,
        ..queued.clone()
    };
    assert!(!deadlocks(&queued));
    assert!(deadlocks(&waiting));
}
