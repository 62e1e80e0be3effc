//! Rows f, g and h: proxies, calls that call back and forth, limits that are advertised.

use crate::cases::*;
use xous_sim_neighbours::capnp::*;

/// One call with further hops between two vats with limits of their own.
fn recursion(limits: [Limit; 2], hops: u8, size: u64) -> Setup {
    Setup {
        limits: limits.to_vec(),
        link: 64,
        replies_wait: false,
        streams: vec![Stream {
            calls: vec![call(Kind::Plain { hops }, size)],
            ..Stream::default()
        }],
        memory: None,
    }
}

#[test]
fn row_f_a_proxy_that_forwards_a_stream_never_deadlocks() {
    let mut sweep = Sweep::default();
    for limit in 1..=3 {
        for calls in 1..=3 {
            for behind in [1, 2] {
                let limited = words(limit, Release::Return, Reading::V1);
                // Calls at the proxy return when the server's Return is read, which comes on another link.
                let setup = Setup {
                    limits: vec![
                        Limit::None,
                        limited,
                        words(behind, Release::Return, Reading::V1),
                    ],
                    streams: vec![Stream {
                        calls: vec![call(Kind::Plain { hops: 1 }, 1); calls],
                        ..Stream::default()
                    }],
                    ..pair(limited, vec![])
                };
                let case = format!("L={limit} behind={behind} n={calls}");
                sweep.compare(&case, deadlocks(&setup), false);
            }
        }
    }
    sweep.report_sound("f, proxy");
}

#[test]
fn row_f_callbacks_through_a_proxy_wedge_it_as_they_wedge_a_server() {
    let mut sweep = Sweep::default();
    for limit in 1..=4 {
        for calls in 1..=3 {
            let limited = words(limit, Release::Return, GENTLE);
            let setup = Setup {
                limits: vec![Limit::None, limited, Limit::None],
                streams: vec![Stream {
                    calls: vec![call(Kind::Plain { hops: 3 }, 1); calls],
                    ..Stream::default()
                }],
                ..pair(limited, vec![])
            };
            // A to P to B to P to A: the calls of A wait for a Return from A.
            let case = format!("L={limit} n={calls}");
            sweep.compare(&case, deadlocks(&setup), calls as u64 > limit);
        }
    }
    sweep.report("f, callbacks through a proxy");
}

#[test]
fn row_g_mutual_recursion_deadlocks_iff_the_calls_that_wait_exceed_a_limit() {
    for (reading, strict) in [(GENTLE, false), (Reading::V1, true)] {
        let mut sweep = Sweep::default();
        for hops in 0..=7_u8 {
            for size in 1..=2 {
                for limit_a in 0..=5 {
                    for limit_b in 0..=5 {
                        let limited = |limit| words(limit, Release::Return, reading);
                        let setup = recursion([limited(limit_a), limited(limit_b)], hops, size);
                        let (b, a) = (
                            u64::from(hops.div_ceil(2)) * size,
                            u64::from(hops / 2) * size,
                        );
                        // At the vat of the last call, which returns by itself, waking up counts too.
                        let at_b = hops % 2 == 0;
                        let stall = strict && if at_b { b == limit_b } else { a == limit_a };
                        let expected = b > limit_b || a > limit_a || stall;
                        let case = format!("{reading:?} D={hops} t={size} A={limit_a} B={limit_b}");
                        sweep.compare(&case, deadlocks(&setup), expected);
                    }
                }
            }
        }
        sweep.report(if strict {
            "g, strict wake"
        } else {
            "g, gentle wake"
        });
    }
}

#[test]
fn row_h_an_advertised_limit_never_deadlocks_and_refuses_what_does_not_fit() {
    let mut sweep = Sweep::default();
    for hops in 0..=5_u8 {
        for size in 1..=2 {
            for limit_a in 0..=4 {
                for limit_b in 0..=4 {
                    let limited = |limit| Limit::Advertised { limit };
                    let setup = recursion([limited(limit_a), limited(limit_b)], hops, size);
                    let found = violated(&setup);
                    let b = u64::from(hops / 2 + 1) * size > limit_b;
                    let a = u64::from(hops.div_ceil(2)) * size > limit_a;
                    let case = format!("D={hops} t={size} A={limit_a} B={limit_b}");
                    sweep.compare(&case, found.contains(&REFUSED), a || b);
                    assert!(!found.contains(&DEADLOCK), "{case}");
                }
            }
        }
    }
    sweep.report("h, recursion");
}

#[test]
fn row_h_a_stream_gets_gaps_iff_one_call_fits_and_not_all_do() {
    let mut sweep = Sweep::default();
    for limit in 0..=4 {
        for size in 1..=2 {
            for calls in 1..=4 {
                let limited = Limit::Advertised { limit };
                let setup = pair(limited, vec![stream(calls, size, Finish::AtReturn)]);
                let found = violated(&setup);
                let fit = limit / size;
                // The call behind the refused one needs one that has returned.
                let gap = fit >= 1 && calls as u64 >= fit + 2;
                let case = format!("L={limit} s={size} n={calls}");
                sweep.compare(&case, found.contains(&GAP), gap);
                assert_eq!(found.contains(&REFUSED), calls as u64 > fit, "{case}");
                assert!(!found.contains(&DEADLOCK), "{case}");
            }
        }
    }
    sweep.report("h, gaps");
}
