//! As many processes as there are, and a million messages.

use crate::support::Run;
use std::fs;

/// Each client asks both servers so often: 29 of them a million times in all.
const ROUNDS: usize = 1_000_000 / 29 / 2 + 1;

/// Memory of this process, in which the kernel runs, in kB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.expect("a size").trim().parse().expect("a number")
}

fn crowd(rounds: usize) -> u64 {
    let mut run = Run::freely()
        .serving("crowd server one")
        .serving("crowd server three");
    for _ in 0..29 {
        run = run.client(&format!("crowd client one three {rounds}"));
    }
    let calls = run.ends_well().calls;
    assert!(calls > 2 * 29 * rounds as u64 * 3, "{calls}");
    resident()
}

#[test]
#[ignore = "takes minutes"]
fn thirty_two_processes_exchange_a_million_messages_in_flat_memory() {
    let after_some = crowd(1000);
    let after_all = crowd(ROUNDS);
    println!("{after_some} kB after 58,000 messages, {after_all} kB after a million more");
    assert!(
        after_all < after_some + 4096,
        "{after_some} kB, then {after_all} kB"
    );
}
