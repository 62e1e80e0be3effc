//! Rows c and d: callers that never finish, or finish before there is anything to finish.

use crate::cases::*;
use std::collections::BTreeSet;
use xous_sim_neighbours::capnp::*;
use xous_sim_step::Property;

/// The most that the answer table holds: an entry for each call, the words of those in flight, results of the others.
fn most_held(limit: u64, size: u64, calls: u64, result: u64) -> u64 {
    let in_flight = calls.min(limit / size + 1);
    let while_they_run = in_flight * size + (calls - in_flight) * result;
    calls + while_they_run.max(calls * result)
}

#[test]
fn row_c_without_finish_there_is_no_deadlock_and_memory_grows_with_every_call() {
    let mut sweep = Sweep::default();
    for (limit, size, calls) in grid(1..=3, 1..=2, 1..=4) {
        for result in 0..=2 {
            for memory in 0..=12 {
                let mut endless = stream(calls, size, Finish::Never);
                for call in &mut endless.calls {
                    call.result = result;
                }
                let limited = words(limit, Release::Return, Reading::V1);
                let setup = Setup {
                    memory: Some(memory),
                    ..pair(limited, vec![endless])
                };
                let found = violated(&setup);
                let most = most_held(limit, size, calls as u64, result);
                let case = format!("L={limit} s={size} n={calls} r={result} M={memory}");
                sweep.compare(&case, found.contains(&MEMORY), memory < most);
                assert!(!found.contains(&DEADLOCK), "{case}");
            }
        }
    }
    sweep.report("c, entries that stay");
}

#[test]
fn row_c_a_hard_limit_drops_the_connection_before_memory_runs_out() {
    let mut sweep = Sweep::default();
    for (hard, size, calls) in grid(1..=8, 1..=3, 1..=5) {
        let limit = Limit::Held { soft: 1, hard };
        let setup = Setup {
            memory: Some(hard),
            ..pair(limit, vec![stream(calls, size, Finish::Never)])
        };
        let found = violated(&setup);
        let case = format!("hard={hard} s={size} n={calls}");
        // All of them are read before one returns.
        let most = calls as u64 * (1 + size);
        sweep.compare(&case, found.contains(&DROPPED), most > hard);
        let others = found.contains(&MEMORY) || found.contains(&DEADLOCK);
        assert!(!others, "{case}");
    }
    sweep.report("c, hard limit");
}

/// Compares rule after rule, size after size, with the closed form for deadlocks.
fn sweep_of_finishes(
    finish: Finish,
    row: &str,
    form: fn(Reading, u64, u64, usize) -> bool,
    also: fn(&BTreeSet<Property>, bool),
) {
    for reading in RULES {
        let mut sweep = Sweep::default();
        for (limit, size, calls) in grid(0..=5, 1..=4, 1..=4) {
            let limited = words(limit, Release::Finish, reading);
            let found = violated(&pair(limited, vec![stream(calls, size, finish)]));
            let case = format!("{reading:?} L={limit} s={size} n={calls}");
            let expected = form(reading, limit, size, calls);
            sweep.compare(&case, found.contains(&DEADLOCK), expected);
            also(&found, expected);
        }
        let row = format!("d, {row}, {}", name(reading));
        match finish == Finish::NotNeeded && reading != Reading::V2 && !wakes_below(reading) {
            true => sweep.report_sound(&row),
            false => sweep.report(&row),
        }
    }
}

#[test]
fn row_d_a_finish_beside_each_call_deadlocks_only_if_one_call_exceeds_the_limit_or_fills_it() {
    sweep_of_finishes(
        Finish::Early,
        "Finish beside each Call",
        |reading, limit, size, calls| {
            let stall = wakes_below(reading) && size == limit && calls > 1;
            too_many(reading, size, limit) || stall
        },
        |found, deadlock| assert_eq!(found.is_empty(), !deadlock),
    );
}

#[test]
fn row_d_a_finish_before_the_next_call_leaks_the_last_entry_or_deadlocks_one_call_later() {
    sweep_of_finishes(
        Finish::BeforeNext,
        "Finish before the next Call",
        |reading, limit, size, calls| match reading {
            Reading::Fitting => size > limit,
            _ => {
                let stall = wakes_below(reading) && size == limit && calls > 2;
                calls > 1 && too_many(reading, size, limit) || stall
            }
        },
        |found, deadlock| assert!(deadlock || found.iter().eq([&LEAK])),
    );
}

#[test]
fn row_d_a_cancelling_finish_loses_calls_wherever_it_does_not_deadlock() {
    sweep_of_finishes(
        Finish::EarlyCancelling,
        "cancelling Finish",
        |reading, limit, size, _| too_many(reading, size, limit),
        |found, deadlock| assert_eq!(found.contains(&LOST), !deadlock),
    );
}

#[test]
fn row_d_calls_that_need_no_finish_are_as_those_that_are_released_at_return() {
    sweep_of_finishes(
        Finish::NotNeeded,
        "no Finish needed",
        |reading, limit, size, calls| match reading {
            Reading::Fitting => size > limit,
            // A single call leaves no message that could be unread.
            _ => wakes_below(reading) && limit == 0 && calls > 1,
        },
        |found, deadlock| assert_eq!(found.is_empty(), !deadlock),
    );
}
