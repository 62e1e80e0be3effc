//! Rows a to e: one stream, or several, against a limited vat.

use crate::cases::*;
use xous_sim_neighbours::capnp::*;

#[test]
fn row_a_release_at_finish_deadlocks_iff_as_many_calls_can_be_let_in_as_exceed_the_limit() {
    for (reading, row) in RULES.into_iter().zip(["a, V1", "a, V2"]) {
        let mut sweep = Sweep::default();
        for limit in 0..=6 {
            for size in 1..=3 {
                for calls in 1..=5 {
                    for finish in [Finish::AtReturn, Finish::Later] {
                        let setup = pair(
                            words(limit, Release::Finish, reading),
                            vec![stream(calls, size, finish)],
                        );
                        let most = limit / size + 1;
                        let case = format!("{reading:?} L={limit} s={size} n={calls} {finish:?}");
                        sweep.compare(&case, deadlocks(&setup), calls as u64 >= most);
                    }
                }
            }
        }
        sweep.report(row);
    }
}

#[test]
fn row_b_a_stream_that_completes_by_itself_never_deadlocks_unless_the_limit_is_nothing() {
    let mut sweep = Sweep::default();
    for limit in 0..=5 {
        for size in 1..=4 {
            for calls in 1..=5 {
                let setup = pair(
                    words(limit, Release::Return, Reading::V1),
                    vec![stream(calls, size, Finish::AtReturn)],
                );
                let case = format!("L={limit} s={size} n={calls}");
                sweep.compare(&case, deadlocks(&setup), limit == 0);
            }
        }
    }
    sweep.report("b, self-completing, V1");
}

#[test]
fn row_b_under_v2_only_a_call_larger_than_the_limit_deadlocks() {
    let mut sweep = Sweep::default();
    for limit in 0..=5 {
        for size in 1..=4 {
            for calls in 1..=4 {
                let setup = pair(
                    words(limit, Release::Return, Reading::V2),
                    vec![stream(calls, size, Finish::AtReturn)],
                );
                let case = format!("L={limit} s={size} n={calls}");
                sweep.compare(&case, deadlocks(&setup), size > limit);
            }
        }
    }
    sweep.report("b, self-completing, V2");
}

/// Calls back first, then calls that complete by themselves.
fn mixed(callbacks: usize, plain: usize, size: u64) -> Stream {
    let mut calls = vec![call(CALLBACK, size); callbacks];
    calls.extend(vec![call(PLAIN, size); plain]);
    Stream {
        calls,
        ..Stream::default()
    }
}

#[test]
fn row_b_with_callbacks_deadlocks_iff_what_needs_reading_exceeds_the_limit_or_stalls_at_it() {
    for (reading, strict) in [(Reading::V1, true), (GENTLE, false)] {
        let mut sweep = Sweep::default();
        for limit in 0..=4 {
            for size in 1..=2 {
                for callbacks in 0..=3 {
                    for plain in 0..=2 {
                        if callbacks + plain == 0 {
                            continue;
                        }
                        let needs = callbacks as u64 * size;
                        let stall = strict && needs == limit && plain > 0;
                        let limited = words(limit, Release::Return, reading);
                        let setup = pair(limited, vec![mixed(callbacks, plain, size)]);
                        let case =
                            format!("{reading:?} L={limit} s={size} c={callbacks} p={plain}");
                        sweep.compare(&case, deadlocks(&setup), needs > limit || stall);
                    }
                }
            }
        }
        sweep.report(if strict {
            "b, callbacks, strict wake"
        } else {
            "b, callbacks, gentle wake"
        });
    }
}

#[test]
fn row_b_with_callbacks_under_v2_deadlocks_iff_they_fill_the_limit_and_another_call_is_before_their_returns()
 {
    let mut sweep = Sweep::default();
    for limit in 0..=4 {
        for size in 1..=2 {
            for callbacks in 0..=3 {
                for plain in 0..=2 {
                    if callbacks + plain == 0 {
                        continue;
                    }
                    let fit = (limit / size) as usize;
                    let expected = callbacks >= fit && callbacks + plain > fit;
                    let limited = words(limit, Release::Return, Reading::V2);
                    let setup = pair(limited, vec![mixed(callbacks, plain, size)]);
                    let case = format!("L={limit} s={size} c={callbacks} p={plain}");
                    sweep.compare(&case, deadlocks(&setup), expected);
                }
            }
        }
    }
    sweep.report("b, callbacks, V2");
}

#[test]
fn row_c_without_finish_there_is_no_deadlock_and_memory_grows_with_every_call() {
    let mut sweep = Sweep::default();
    for memory in 0..=12 {
        for result in 0..=2 {
            for calls in 1..=5 {
                let limit = words(3, Release::Return, Reading::V1);
                let mut endless = stream(calls, 1, Finish::Never);
                endless
                    .calls
                    .iter_mut()
                    .for_each(|call| call.result = result);
                let setup = Setup {
                    memory: Some(memory),
                    ..pair(limit, vec![endless])
                };
                let found = violated(&setup);
                // Up to four calls are in flight; while it is, a call holds its one word and no result.
                let entries = calls as u64;
                let most = entries + (entries * result).max(entries.min(4));
                let case = format!("M={memory} r={result} n={calls}");
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
    for hard in 1..=8 {
        for calls in 1..=5 {
            let limit = Limit::Held { soft: 1, hard };
            let setup = Setup {
                memory: Some(hard),
                ..pair(limit, vec![stream(calls, 1, Finish::Never)])
            };
            let found = violated(&setup);
            let case = format!("hard={hard} n={calls}");
            sweep.compare(&case, found.contains(&DROPPED), 2 * calls as u64 > hard);
            assert!(
                !found.contains(&MEMORY) && !found.contains(&DEADLOCK),
                "{case}"
            );
        }
    }
    sweep.report("c, hard limit");
}

#[test]
fn row_d_a_finish_beside_each_call_deadlocks_only_if_one_call_exceeds_the_limit_or_fills_it() {
    for (reading, strict) in [(Reading::V1, true), (GENTLE, false)] {
        let mut sweep = Sweep::default();
        for limit in 0..=5 {
            for size in 1..=4 {
                for calls in 1..=4 {
                    let setup = pair(
                        words(limit, Release::Finish, reading),
                        vec![stream(calls, size, Finish::Early)],
                    );
                    let stall = strict && size == limit && calls > 1;
                    let case = format!("{reading:?} L={limit} s={size} n={calls}");
                    sweep.compare(&case, deadlocks(&setup), size > limit || stall);
                }
            }
        }
        sweep.report(if strict {
            "d, strict wake"
        } else {
            "d, gentle wake"
        });
    }
}

#[test]
fn row_d_a_finish_before_the_next_call_leaks_the_last_entry() {
    for calls in 1..=4 {
        let limit = words(8, Release::Finish, Reading::V1);
        let found = violated(&pair(limit, vec![stream(calls, 1, Finish::BeforeNext)]));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [LEAK], "n={calls}");
    }
}

#[test]
fn row_d_a_cancelling_finish_loses_calls() {
    for calls in 1..=4 {
        let limit = words(8, Release::Finish, Reading::V1);
        let found = violated(&pair(
            limit,
            vec![stream(calls, 1, Finish::EarlyCancelling)],
        ));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [LOST], "n={calls}");
    }
}

/// Several streams with equal windows, long enough to fill them; a single one goes on.
fn windows(objects: usize, window: Window, most: u64, size: u64) -> Vec<Stream> {
    let sends = most.div_ceil(size) as usize + 1;
    let calls = if objects == 1 { sends + 2 } else { sends };
    let one = Stream {
        window,
        ..stream(calls, size, Finish::AtReturn)
    };
    vec![one; objects]
}

#[test]
fn row_e_windows_are_safe_with_release_at_finish_iff_all_they_let_out_fits_the_limit() {
    let mut sweep = Sweep::default();
    for (objects, windows_up_to) in [(1, 3), (2, 1)] {
        for window in 0..=windows_up_to {
            for size in 1..=2 {
                for limit in 1..=8 {
                    let limited = words(limit, Release::Finish, Reading::V1);
                    let streams = windows(objects, Window::Fixed(window), window, size);
                    let out = objects as u64 * (window.div_ceil(size) + 1) * size;
                    let case = format!("o={objects} W={window} s={size} L={limit}");
                    sweep.compare(&case, deadlocks(&pair(limited, streams)), out > limit);
                }
            }
        }
    }
    sweep.report("e, fixed windows, release at Finish");
}

#[test]
fn row_e_an_adaptive_window_is_safe_iff_its_largest_is() {
    let mut sweep = Sweep::default();
    for most in 1..=2 {
        for limit in 1..=4 {
            let limited = words(limit, Release::Finish, Reading::V1);
            let window = Window::Adaptive { least: 1, most };
            // Growing takes Returns, so that the stream has to be longer.
            let one = Stream {
                window,
                ..stream(5, 1, Finish::AtReturn)
            };
            let case = format!("most={most} L={limit}");
            sweep.compare(
                &case,
                deadlocks(&pair(limited, vec![one])),
                most + 1 > limit,
            );
        }
    }
    sweep.report("e, adaptive windows");
}

#[test]
fn row_e_windows_with_release_at_return_are_as_row_b() {
    let mut sweep = Sweep::default();
    for window in 0..=3 {
        for size in 1..=2 {
            for limit in 0..=4 {
                let limited = words(limit, Release::Return, Reading::V1);
                let streams = windows(1, Window::Fixed(window), window, size);
                let case = format!("W={window} s={size} L={limit}");
                sweep.compare(&case, deadlocks(&pair(limited, streams)), limit == 0);
            }
        }
    }
    sweep.report("e, fixed windows, release at Return");
}
