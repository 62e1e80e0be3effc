//! Rows f and g: proxies, and calls that call back and forth.

use crate::cases::*;
use xous_sim_neighbours::capnp::*;

/// Calls over a chain in which the proxies and the server have a limit.
fn chain(proxies: usize, before: Limit, last: Limit, hops: u8, calls: usize, size: u64) -> Setup {
    let limits = [vec![Limit::None], vec![before; proxies], vec![last]].concat();
    Setup {
        limits,
        streams: vec![Stream {
            calls: vec![call(Kind::Plain { hops }, size); calls],
            ..Stream::default()
        }],
        ..pair(Limit::None, vec![])
    }
}

#[test]
fn row_f_proxies_that_forward_a_stream_deadlock_only_with_a_limit_of_nothing() {
    let mut sweep = Sweep::default();
    for proxies in 1..=2 {
        for (limit, size, calls) in grid(0..=2, 1..=2, 1..=3) {
            for behind in 0..=2 {
                // Calls at a proxy return when the Return from behind it is read, which comes on another link.
                let limited = |limit| words(limit, Release::Return, Reading::V1);
                let hops = proxies as u8;
                let setup = chain(proxies, limited(limit), limited(behind), hops, calls, size);
                let case =
                    format!("proxies={proxies} L={limit} behind={behind} s={size} n={calls}");
                sweep.compare(&case, deadlocks(&setup), limit == 0 || behind == 0);
            }
        }
    }
    sweep.report("f, proxies");
}

#[test]
fn row_f_callbacks_through_a_proxy_wedge_it_as_they_wedge_a_server() {
    for reading in V1S {
        let mut sweep = Sweep::default();
        for (limit, size, calls) in grid(0..=4, 1..=2, 1..=3) {
            let limited = words(limit, Release::Return, reading);
            // A to P to B to P to A: the calls of A wait for a Return from A.
            let setup = chain(1, limited, Limit::None, 3, calls, size);
            let case = format!("{reading:?} L={limit} s={size} n={calls}");
            let expected = too_many(reading, calls as u64 * size, limit);
            sweep.compare(&case, deadlocks(&setup), expected);
        }
        sweep.report(&format!("f, callbacks through a proxy, {}", name(reading)));
    }
}

#[test]
fn row_g_mutual_recursion_deadlocks_iff_the_calls_that_wait_exceed_a_limit() {
    for reading in V1S {
        let mut sweep = Sweep::default();
        for (hops, size) in (0..=7_u8).flat_map(|hops| [(hops, 1), (hops, 2)]) {
            for (limit_a, limit_b) in (0..=5).flat_map(|a| (0..=5).map(move |b| (a, b))) {
                let limited = |limit| words(limit, Release::Return, reading);
                let setup = recursion([limited(limit_a), limited(limit_b)], hops, size);
                let b = u64::from(hops.div_ceil(2)) * size;
                let a = u64::from(hops / 2) * size;
                // At the vat of the last call, which returns by itself, waking up counts too.
                let last_at_b = hops % 2 == 0;
                let at_limit = if last_at_b {
                    b == limit_b
                } else {
                    a == limit_a
                };
                let expected = too_many(reading, b, limit_b)
                    || too_many(reading, a, limit_a)
                    || wakes_below(reading) && at_limit;
                let case = format!("{reading:?} D={hops} t={size} A={limit_a} B={limit_b}");
                sweep.compare(&case, deadlocks(&setup), expected);
            }
        }
        sweep.report(&format!("g, {}", name(reading)));
    }
}
