//! Row h: limits that the peer knows. What does not fit is refused at once, and the socket is always read.

use crate::cases::*;
use xous_sim_neighbours::capnp::*;

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

#[test]
fn row_h_a_refused_call_costs_an_entry_until_it_is_finished() {
    let mut sweep = Sweep::default();
    for (limit, size, calls) in grid(0..=3, 1..=2, 1..=4) {
        for memory in 0..=10 {
            let unfinished = stream(calls, size, Finish::Never);
            let setup = Setup {
                memory: Some(memory),
                ..pair(Limit::Advertised { limit }, vec![unfinished])
            };
            let fit = (limit / size).min(calls as u64);
            let case = format!("L={limit} s={size} n={calls} M={memory}");
            // As many run as fit, the others have come and gone before; one that is refused has no result.
            let others = if fit > 0 { calls as u64 - fit } else { 0 };
            let most = calls as u64 + fit * size + others;
            sweep.compare(&case, violated(&setup).contains(&MEMORY), memory < most);
        }
    }
    sweep.report("h, entries of refused calls");
}

#[test]
fn row_h_needs_room_for_returns_or_two_links_full_of_calls_and_returns_deadlock() {
    let mut sweep = Sweep::default();
    for (limit, link, calls) in grid(0..=2, 1..=3, 1..=7) {
        let setup = Setup {
            link: link as usize,
            replies_wait: true,
            ..pair(
                Limit::Advertised { limit },
                vec![stream(calls, 1, Finish::AtReturn)],
            )
        };
        let case = format!("L={limit} link={link} n={calls}");
        let full = calls as u64 >= 2 * link + limit;
        sweep.compare(&case, deadlocks(&setup), full);
    }
    sweep.report("h, Returns that wait for room");
}
