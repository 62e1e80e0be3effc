//! States in which nobody can go on: who waits for what, and what is left behind, whoever runs the threads.
//!
//! [`World`](crate::World) looks at its states with these functions, and the binding at a machine on which real bodies
//! run.

use crate::describe;
use crate::machine::{Environment, Machine};
use crate::object::{Holder, Object, Once};
use crate::op::{MutexOp, OnceOp, Op};
use crate::program::Program;
use crate::properties;
use crate::value::{Connection, Value};
use std::collections::BTreeSet;
use xous_sim_kernel::{BlockedOn, Caller, Pid};
use xous_sim_step::Violation;

/// P6: `waits` says of each thread that waits for ever what it waits for.
pub fn deadlock(waits: &[String]) -> Option<Violation> {
    (!waits.is_empty()).then(|| {
        let message = format!("no thread can go on: {}", waits.join("; "));
        Violation::new(properties::DEADLOCK, String::new(), message)
    })
}

/// Who holds what the scenario itself took or opened.
pub const SCENARIO: &str = "the scenario";
/// What is said of a holder whose process died.
pub const IS_DEAD: &str = ", which is dead";
/// What is said of a holder that came to its end: what it holds stays held.
pub const HAS_ENDED: &str = ", which has ended";
/// What a spinning thread waits for.
pub const SPINS: &str = "spins, and nobody is left to change what it reads";

/// What the kernel says of a thread in a syscall; `None` if it waits for messages, as servers do.
pub fn blocked(machine: &Machine, environment: &Environment, caller: Caller) -> Option<String> {
    if machine.asked.contains_key(&caller) {
        return Some("waits for an answer of xous-names".into());
    }
    Some(match machine.kernel.is_blocked(caller) {
        Some(BlockedOn::Receive { .. }) => return None,
        Some(BlockedOn::Reply { server }) => {
            let name = environment.server_name(machine, server);
            let dead = match machine.kernel.is_alive(server) {
                true => "",
                false => ", whose process is dead: nobody will wake it",
            };
            format!("waits for a reply of {name}{dead}")
        }
        Some(BlockedOn::Join { tid }) => format!("waits for the end of thread {}", tid.0),
        other => format!("waits in a system call that nobody completes ({other:?})"),
    })
}

/// What a thread waits for that has not begun its operation on `object`; `holder_name` knows threads by number.
pub fn waiting(
    program: &Program,
    machine: &Machine,
    (op, source): (&Op<Value>, &str),
    object: Option<&Object>,
    holder_name: impl FnOnce(u16) -> String,
) -> String {
    let holder = match (op, object) {
        (Op::Mutex(_, MutexOp::Lock), Some(Object::Mutex(Some(holder)))) => Some(*holder),
        (Op::Once(_, OnceOp::Begin, _), Some(Object::Once(Once::Running(who)))) => Some(*who),
        _ => None,
    };
    let held = match holder {
        None => String::new(),
        Some(Holder::Thread(thread)) => format!(", held by {}", holder_name(thread)),
        Some(Holder::Outside(_)) => format!(", held by {SCENARIO}"),
    };
    let op = describe::op(program, machine, op);
    format!("waits in {op}{held} ({source})")
}

/// P4, in all processes of the scenario: `live` are the connections that somebody can still use.
pub fn leak(
    program: &Program,
    machine: &Machine,
    live: &BTreeSet<Connection>,
) -> Option<Violation> {
    if machine.kernel.panicked().is_some() {
        return None;
    }
    let environment = &program.environment;
    let mut processes = environment.process_names.keys();
    processes.find_map(|&pid| properties::leak(machine, environment, pid, live))
}

/// P5, when a connect of `pid` found no slot.
pub fn exhaustion(machine: &Machine, pid: Pid, live: &BTreeSet<Connection>) -> Option<Violation> {
    let slots = machine.kernel.connection_map(pid)?.bytes().len();
    properties::exhaustion(pid, live, slots)
}
