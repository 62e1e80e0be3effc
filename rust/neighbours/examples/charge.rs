//! How many charges a second a quota makes, by the number of users that have something in flight.
//!
//! `cargo run --release -p xous-sim-neighbours --example charge`

use std::hint::black_box;
use std::time::Instant;
use xous_sim_neighbours::bus1::{Quota, Rule, Uid};

const ROUNDS: u32 = 1_000_000;
const TIMES: u32 = 7;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn now() -> Instant {
    Instant::now()
}

/// Charges and discharges in turn, with so many users alive of whom the first `acting` do so, in an order that caches cannot
/// foresee.
fn per_second(rule: Rule, users: Uid, acting: Uid) -> f64 {
    let mut quota = Quota::new([1 << 40; 4], rule, None);
    for uid in 0..users {
        assert!(quota.charge(uid, [1; 4]));
    }
    let started = now();
    let mut number = 1_u32;
    for _ in 0..ROUNDS {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let uid = ((u64::from(number) * u64::from(acting)) >> 32) as Uid;
        assert!(black_box(quota.charge(black_box(uid), [1, 0, 16, 1])));
        assert!(quota.discharge(uid, [1, 0, 16, 1]).is_ok());
    }
    f64::from(ROUNDS) / started.elapsed().as_secs_f64()
}

/// The best of several times, because other programs only make it slower.
fn best(rule: Rule, users: Uid, acting: Uid) -> f64 {
    let times = (0..TIMES).map(|_| per_second(rule, users, acting));
    times.fold(0.0, f64::max)
}

fn main() {
    println!(
        "charges a second, each with its discharge; and as a part of what it is with 10 users"
    );
    for rule in [Rule::Half, Rule::PerUser, Rule::Quasilinear] {
        let few = best(rule, 10, 10);
        // With 10 of them acting, what many users cost by themselves; with all, what the cache adds.
        for (users, acting) in [(10, 10), (1_000, 10), (10_000, 10), (10_000, 10_000)] {
            let found = best(rule, users, acting);
            println!(
                "{:12} {users:6} users, {acting:6} act  {:6.1} million  {:5.2}",
                rule.name(),
                found / 1e6,
                found / few
            );
        }
    }
}
