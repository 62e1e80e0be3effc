//! Rows a and b: calls against a vat that gives words back at Finish, or at Return.

use crate::cases::*;
use xous_sim_neighbours::capnp::*;

#[test]
fn row_a_release_at_finish_deadlocks_iff_as_many_calls_can_be_let_in_as_exceed_the_limit() {
    for reading in RULES {
        let mut sweep = Sweep::default();
        for (limit, size, calls) in grid(0..=6, 1..=3, 1..=5) {
            for finish in [Finish::AtReturn, Finish::Later] {
                let limited = words(limit, Release::Finish, reading);
                let setup = pair(limited, vec![stream(calls, size, finish)]);
                let case = format!("{reading:?} L={limit} s={size} n={calls} {finish:?}");
                let expected = too_many(reading, calls as u64 * size, limit);
                sweep.compare(&case, deadlocks(&setup), expected);
            }
        }
        sweep.report(&format!("a, {}", name(reading)));
    }
}

#[test]
fn row_a_and_b_do_not_depend_on_how_many_messages_a_link_holds() {
    let mut sweep = Sweep::default();
    for link in 1..=3 {
        for (limit, size, calls) in grid(0..=4, 1..=2, 1..=4) {
            for release in [Release::Finish, Release::Return] {
                let limited = words(limit, release, Reading::V1);
                let setup = Setup {
                    link,
                    ..pair(limited, vec![stream(calls, size, Finish::AtReturn)])
                };
                let expected = match release {
                    Release::Finish => calls as u64 * size > limit,
                    Release::Return => limit == 0,
                };
                let case = format!("link={link} L={limit} s={size} n={calls} {release:?}");
                sweep.compare(&case, deadlocks(&setup), expected);
            }
        }
    }
    sweep.report("a and b, links of 1 to 3 messages");
}

#[test]
fn row_b_a_stream_that_completes_by_itself_never_deadlocks_unless_the_limit_is_nothing() {
    for reading in V1S {
        let mut sweep = Sweep::default();
        for (limit, size, calls) in grid(0..=5, 1..=4, 1..=5) {
            let limited = words(limit, Release::Return, reading);
            let setup = pair(limited, vec![stream(calls, size, Finish::AtReturn)]);
            let case = format!("{reading:?} L={limit} s={size} n={calls}");
            let expected = limit == 0 && wakes_below(reading);
            sweep.compare(&case, deadlocks(&setup), expected);
        }
        let row = format!("b, self-completing, {}", name(reading));
        match wakes_below(reading) {
            true => sweep.report(&row),
            false => sweep.report_sound(&row),
        }
    }
}

#[test]
fn row_b_under_v2_only_a_call_larger_than_the_limit_deadlocks() {
    let mut sweep = Sweep::default();
    for (limit, size, calls) in grid(0..=5, 1..=4, 1..=4) {
        let limited = words(limit, Release::Return, Reading::V2);
        let setup = pair(limited, vec![stream(calls, size, Finish::AtReturn)]);
        let case = format!("L={limit} s={size} n={calls}");
        sweep.compare(&case, deadlocks(&setup), size > limit);
    }
    sweep.report("b, self-completing, V2");
}

/// Calls that call back, before or behind others that complete by themselves.
fn mixed(callbacks: usize, plain: usize, size: u64, callbacks_first: bool) -> Stream {
    let mut calls = vec![call(CALLBACK, size); callbacks];
    calls.extend(vec![call(PLAIN, size); plain]);
    if !callbacks_first {
        calls.reverse();
    }
    Stream {
        calls,
        ..Stream::default()
    }
}

#[test]
fn row_b_with_callbacks_deadlocks_iff_what_needs_reading_exceeds_the_limit_or_stalls_at_it() {
    for reading in V1S {
        let mut sweep = Sweep::default();
        for (limit, size, callbacks) in grid(0..=4, 1..=2, 0..=3) {
            for (plain, first) in [(0, true), (1, true), (2, true), (1, false), (2, false)] {
                if callbacks + plain == 0 {
                    continue;
                }
                let needs = callbacks as u64 * size;
                let stall = wakes_below(reading) && needs == limit && plain > 0;
                let limited = words(limit, Release::Return, reading);
                let setup = pair(limited, vec![mixed(callbacks, plain, size, first)]);
                let case =
                    format!("{reading:?} L={limit} s={size} c={callbacks} p={plain} {first}");
                let expected = too_many(reading, needs, limit) || stall;
                sweep.compare(&case, deadlocks(&setup), expected);
            }
        }
        sweep.report(&format!("b, callbacks, {}", name(reading)));
    }
}

#[test]
fn row_b_with_callbacks_under_v2_deadlocks_iff_they_fill_the_limit_and_another_call_is_before_their_returns()
 {
    let mut sweep = Sweep::default();
    for (limit, size, callbacks) in grid(0..=4, 1..=2, 0..=3) {
        for plain in 0..=2 {
            if callbacks + plain == 0 {
                continue;
            }
            let fit = (limit / size) as usize;
            let expected = callbacks >= fit && callbacks + plain > fit;
            let limited = words(limit, Release::Return, Reading::V2);
            let setup = pair(limited, vec![mixed(callbacks, plain, size, true)]);
            let case = format!("L={limit} s={size} c={callbacks} p={plain}");
            sweep.compare(&case, deadlocks(&setup), expected);
        }
    }
    sweep.report("b, callbacks, V2");
}
