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
    let all = numbers(Path::new("/proc")).into_iter();
    all.filter(|number| has_key(*number, key)).collect()
}

/// Whether a program has this key in its environment.
pub(super) fn has_key(program: u32, key: Key) -> bool {
    let wanted = format!("XOUS_PROCESS_KEY={key}");
    let environment = fs::read(format!("/proc/{program}/environ")).unwrap_or_default();
    let mut variables = environment.split(|byte| *byte == 0);
    variables.any(|variable| variable == wanted.as_bytes())
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

/// Whether the host has bytes of a connection to or from this port that have not been acknowledged, or not been read.
pub(super) fn is_under_way(port: u16) -> bool {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .any(|table| {
            let table = fs::read_to_string(table).unwrap_or_default();
            table
                .lines()
                .skip(1)
                .any(|line| queued(line, port) == Some(true))
        })
}

/// Whether a connection of the table has bytes; none if it is not of this port.
fn queued(line: &str, port: u16) -> Option<bool> {
    const ESTABLISHED: &str = "01";
    const NOTHING: &str = "00000000:00000000";
    let mut words = line.split_whitespace().skip(1);
    let port = format!(":{port:04X}");
    let ours = words.next()?.ends_with(&port) | words.next()?.ends_with(&port);
    let established = words.next()? == ESTABLISHED;
    (ours && established).then_some(words.next()? != NOTHING)
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

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "  3: 0100007F:1F90 0100007F:C2A4 01 00000048:00000000 02:0000 0 0 0 0 1 2 0";

    #[test]
    fn a_connection_with_bytes_in_either_queue_is_under_way() {
        assert_eq!(queued(LINE, 0x1F90), Some(true));
        assert_eq!(queued(LINE, 0xC2A4), Some(true));
        let read = LINE.replace("00000048", "00000000");
        assert_eq!(queued(&read, 0x1F90), Some(false));
    }

    #[test]
    fn other_connections_and_those_that_are_closing_do_not_count() {
        assert_eq!(queued(LINE, 80), None);
        assert_eq!(queued(&LINE.replace(" 01 ", " 06 "), 0x1F90), None);
        assert_eq!(queued("junk", 80), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_thread_that_runs_is_not_at_rest() {
        let myself = std::process::id();
        assert_eq!(look(std::iter::once(myself)), None);
    }
}
