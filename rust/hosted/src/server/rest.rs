//! Whether real programs have come to rest, from what Linux tells of their threads in `/proc`.
//!
//! A program is known by its key, which is in its environment and in that of whatever it starts. It is at rest when none
//! of its threads runs or is about to: each is asleep (in a system call of the host: reading its socket, waiting for a lock
//! or for time to pass), stopped or dead. Threads are looked at one after another, so one look proves nothing; but if a
//! second look finds each where the first one did, not having run in between, then all were at rest after the first.
//!
//! Left out: threads that sleep until a time wake up by themselves. What they then call comes when it comes.

use crate::wire::Key;
use std::fs;
use std::io;
use std::path::Path;

/// A thread of the host, and how often it has run.
pub(super) type Switches = (u32, u64);

/// Whether threads can be looked at on this host.
///
/// # Errors
///
/// `Unsupported` where they cannot.
pub(super) fn check() -> io::Result<()> {
    match switches(Path::new("/proc/self")) {
        Some(_) => Ok(()),
        None => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "scheduling real programs needs Linux: their threads' states are read from /proc",
        )),
    }
}

/// The programs that have this key.
pub(super) fn programs(key: Key) -> Vec<u32> {
    let wanted = format!("XOUS_PROCESS_KEY={key}");
    let has_key = |number: &u32| {
        let environment = fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| variable == wanted.as_bytes())
    };
    numbers(Path::new("/proc"))
        .into_iter()
        .filter(has_key)
        .collect()
}

/// All threads of these programs; none if one of them runs.
pub(super) fn look(programs: impl Iterator<Item = u32>) -> Option<Vec<Switches>> {
    let mut seen = Vec::new();
    for program in programs {
        let tasks = format!("/proc/{program}/task");
        for thread in numbers(Path::new(&tasks)) {
            match state(&Path::new(&tasks).join(thread.to_string())) {
                Some(State::AtRest(switches)) => seen.push((thread, switches)),
                Some(State::Running) => return None,
                None => {}
            }
        }
    }
    Some(seen)
}

enum State {
    Running,
    AtRest(u64),
}

/// A thread's state; none if it has just ended.
fn state(thread: &Path) -> Option<State> {
    let status = fs::read_to_string(thread.join("status")).ok()?;
    let running = ["R", "D"];
    let letter = field(&status, "State:")?.chars().next()?.to_string();
    if running.contains(&&*letter) {
        return Some(State::Running);
    }
    Some(State::AtRest(count(&status)?))
}

fn switches(thread: &Path) -> Option<u64> {
    count(&fs::read_to_string(thread.join("status")).ok()?)
}

/// How often a thread was given the processor.
fn count(status: &str) -> Option<u64> {
    let number = |name| field(status, name)?.parse::<u64>().ok();
    Some(number("voluntary_ctxt_switches:")? + number("nonvoluntary_ctxt_switches:")?)
}

fn field<'s>(status: &'s str, name: &str) -> Option<&'s str> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}

/// The entries of a directory that are numbers, in order.
fn numbers(directory: &Path) -> Vec<u32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    let mut numbers: Vec<u32> = { names }
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}
