//! How many charges a second a quota makes, by the number of users that have something in flight.
//!
//! `cargo run --release -p xous-sim-neighbours --example charge`

use std::hint::black_box;
use std::time::Instant;
use xous_sim_neighbours::bus1::{Quota, Rule, Uid};

const ROUNDS: u32 = 2_000_000;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn now() -> Instant {
    Instant::now()
}

/// Charges and discharges in turn, for users in an order that caches cannot foresee.
fn per_second(rule: Rule, users: Uid) -> f64 {
    let mut quota = Quota::new([1 << 40; 4], rule, None);
    for uid in 0..users {
        assert!(quota.charge(uid, [1; 4]));
    }
    let started = now();
    let mut number = 1_u32;
    for _ in 0..ROUNDS {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let uid = ((u64::from(number) * u64::from(users)) >> 32) as Uid;
        assert!(black_box(quota.charge(black_box(uid), [1, 0, 16, 1])));
        assert!(quota.discharge(uid, [1, 0, 16, 1]).is_ok());
    }
    f64::from(ROUNDS) / started.elapsed().as_secs_f64()
}

fn main() {
    println!("charges a second, each with its discharge");
    for rule in [Rule::Half, Rule::PerUser, Rule::Quasilinear] {
        for users in [10, 1_000, 10_000] {
            let millions = per_second(rule, users) / 1e6;
            println!("{:12} {users:6} users  {millions:6.1} million", rule.name());
        }
    }
}
