//! The properties that every world checks by default, P1 to P7, and the sentences that report them.

use crate::machine::{Environment, Machine};
use crate::value::{Connection, Value};
use std::collections::BTreeSet;
use xous_sim_kernel::{Cid, Kernel, Pid};
use xous_sim_step::{Property, Violation};

/// P1: a live handle's send never gets ServerNotFound.
pub const SEVERED: Property = Property("severed");
/// P2: a handle never reaches a server other than the one that it was opened for.
pub const MISDELIVERED: Property = Property("misdelivered");
/// P3: nobody disconnects a free slot.
pub const FREE_SLOT: Property = Property("free-slot");
/// P4: when all is quiet, slots in use are those of live handles and of persistent ones.
pub const LEAK: Property = Property("leak");
/// P5: connecting never fails for want of a slot while live handles fit.
pub const EXHAUSTED: Property = Property("exhausted");
/// P6: nobody waits for ever.
pub const DEADLOCK: Property = Property("deadlock");
/// P6: nobody goes round for ever without getting anywhere.
pub const LIVELOCK: Property = Property("livelock");
/// P7: no thread ends with an exception.
pub const EXCEPTION: Property = Property("exception");
/// Plain variables are not accessed by two threads at once, as far as the memory model is asked for.
pub const DATA_RACE: Property = Property("data-race");
/// The kernel itself ends.
pub const KERNEL_PANIC: Property = Property("kernel-panic");
/// The name server ends.
pub const NAMES_CRASH: Property = Property("names-crash");
/// An `invariant=` of the user.
pub const INVARIANT: Property = Property("invariant");
/// A `finally_=` of the user.
pub const FINALLY: Property = Property("finally");

/// P1 and P2 of a send through `connection`, before the kernel carries it out.
pub fn delivery(
    machine: &Machine,
    environment: &Environment,
    connection: Connection,
) -> Option<Violation> {
    let kernel = &machine.kernel;
    let intended = environment.server_name(machine, connection.opened_for);
    let cid = connection.cid.0;
    let same = |actual| machine.first_life(actual) == machine.first_life(connection.opened_for);
    match kernel.server_behind(connection.pid, connection.cid) {
        Some(actual) if same(actual) => None,
        Some(actual) => {
            let actual = environment.server_name(machine, actual);
            let message = format!(
                "a message for {intended} reaches {actual}: CID {cid} was given to another connection after it was cut"
            );
            Some(Violation::new(MISDELIVERED, intended, message))
        }
        None if kernel.is_alive(connection.opened_for) => {
            let message = format!(
                "a send to {intended} gets ServerNotFound (9) although the server lives: CID {cid} was disconnected"
            );
            Some(Violation::new(SEVERED, intended, message))
        }
        None => None,
    }
}

/// P3 of a disconnect, before the kernel carries it out.
pub fn disconnect_of_free_slot(
    kernel: &Kernel,
    pid: Pid,
    cid: u64,
    what: &Value,
) -> Option<Violation> {
    let slot = usize::try_from(cid).ok()?.checked_sub(Cid::FIRST as usize);
    let byte = slot.and_then(|slot| kernel.connection_map(pid)?.bytes().get(slot).copied());
    if byte.is_some_and(|byte| byte != 0) {
        return None;
    }
    let why = match what {
        Value::Connection(_) => "it was cut already",
        _ => "nothing is connected there",
    };
    let message = format!("disconnect of CID {cid} gets ServerNotFound (9): {why}");
    Some(Violation::new(FREE_SLOT, String::new(), message))
}

/// The kernel panics.
pub fn kernel_panic(reason: &str) -> Violation {
    Violation::new(
        KERNEL_PANIC,
        String::new(),
        format!("the kernel panics: {reason}"),
    )
}

/// The name server crashes.
pub fn names_crash(reason: &str) -> Violation {
    Violation::new(
        NAMES_CRASH,
        String::new(),
        format!("xous-names crashes: {reason}"),
    )
}

/// P6 of threads that spin.
pub fn livelock(threads: &[String]) -> Violation {
    let message = format!(
        "{} can go round for ever, each on its own turn, and none gets any further",
        threads.join(" and ")
    );
    Violation::new(LIVELOCK, String::new(), message)
}

/// P7.
pub fn exception(thread: &str, what: &str) -> Violation {
    let message = format!("thread {thread} ends with an exception: {what}");
    Violation::new(EXCEPTION, String::new(), message)
}

/// Two plain accesses, each by a thread's name and whether it writes, that nothing orders.
pub fn data_race(variable: &str, earlier: (&str, bool), later: (&str, bool)) -> Violation {
    let verb = |writes: bool| if writes { "writes" } else { "reads" };
    let message = format!(
        "{} {} {variable}, and {} {} it: nothing orders the two accesses, so they may happen at once",
        earlier.0,
        verb(earlier.1),
        later.0,
        verb(later.1)
    );
    Violation::new(DATA_RACE, variable.into(), message)
}

/// P5, when a connect found no slot: `live` are the connections that somebody of the process still holds.
pub fn exhaustion(pid: Pid, live: &BTreeSet<Connection>, slots: usize) -> Option<Violation> {
    let cids: BTreeSet<Cid> = live
        .iter()
        .filter(|c| c.pid == pid)
        .map(|c| c.cid)
        .collect();
    let message = || {
        format!(
            "connect gets OutOfMemory (3): all {slots} slots are taken, but only {} of them by live handles",
            cids.len()
        )
    };
    (cids.len() < slots).then(|| Violation::new(EXHAUSTED, String::new(), message()))
}

/// Whether a slot is a server's own: creating a server connects its creator, who rarely uses that.
fn owns(kernel: &Kernel, pid: Pid, cid: Cid) -> bool {
    let server = kernel.server_behind(pid, cid);
    kernel
        .servers()
        .iter()
        .any(|s| Some(s.serial) == server && s.owner == pid)
}

/// P4 in a quiet state, and P1 of persistent connections: `live` are those that somebody still holds.
pub fn leak(
    machine: &Machine,
    environment: &Environment,
    pid: Pid,
    live: &BTreeSet<Connection>,
) -> Option<Violation> {
    let cut = machine.persistent.iter().find(|((process, cid), server)| {
        let reached = machine.kernel.server_behind(pid, *cid);
        *process == pid && reached != Some(**server) && machine.kernel.is_alive(**server)
    });
    if let Some(((_, cid), server)) = cut {
        let name = environment.server_name(machine, *server);
        let message = format!(
            "the persistent connection to {name}, CID {}, was cut",
            cid.0
        );
        return Some(Violation::new(SEVERED, name, message));
    }
    let map = machine.connection_map(pid)?.bytes().iter().enumerate();
    let mut used = map
        .filter(|(_, byte)| **byte != 0)
        .map(|(slot, _)| Cid::from_slot(slot));
    let held = |cid: &Cid| {
        machine.persistent.contains_key(&(pid, *cid))
            || live.iter().any(|c| (c.pid, c.cid) == (pid, *cid))
            || owns(&machine.kernel, pid, *cid)
    };
    used.find(|cid| !held(cid))
        .map(|cid| leaked(machine, environment, pid, cid))
}

fn leaked(machine: &Machine, environment: &Environment, pid: Pid, cid: Cid) -> Violation {
    let process = environment
        .process_names
        .get(&pid)
        .cloned()
        .unwrap_or_default();
    let server = match machine.kernel.server_behind(pid, cid) {
        Some(server) => environment.server_name(machine, server),
        None => "a server whose process died".into(),
    };
    let message = format!(
        "when all threads of {process} have ended, CID {} is still connected to {server}, and nobody holds it",
        cid.0
    );
    Violation::new(LEAK, server, message)
}
