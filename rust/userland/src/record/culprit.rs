//! Who cut a connection whose use violates a property: a search says what happened, a recording also who did it.

use super::system::process_label;
use crate::machine::Environment;
use crate::op::Op;
use crate::properties::{FREE_SLOT, MISDELIVERED, SEVERED};
use crate::value::{Connection, Value};
use xous_sim_trace::{Recording, Slot, Snapshot};

/// The connection that an operation uses, if it is one that the kernel is given.
pub fn used_by(op: &Op<Value>) -> Option<Connection> {
    match op {
        Op::Syscall(_, arguments) => match arguments.first()? {
            Value::Connection(connection) => Some(*connection),
            _ => None,
        },
        _ => None,
    }
}

/// Ends the message of a violation with who cut the connection that the last step uses, and when.
pub fn name_culprit(recording: &mut Recording, environment: &Environment, used: Connection) {
    let process = process_label(environment, used.pid);
    let Some(cut) = last_cut(recording, &process, used.cid.0) else {
        return;
    };
    let (step, last) = (&recording.steps[cut], recording.steps.last());
    let who = match last.is_some_and(|last| last.choice.agent == step.choice.agent) {
        true => "the same thread",
        false => &step.thread,
    };
    let blame = format!(", by {who} in step {}", cut + 1);
    if let Some(violation) = &mut recording.violation {
        violation.message += &blame;
    }
}

/// The last step before the one that violates something that freed the slot.
fn last_cut(recording: &Recording, process: &str, cid: u32) -> Option<usize> {
    let properties = [SEVERED.0, MISDELIVERED.0, FREE_SLOT.0];
    let violation = recording.violation.as_ref()?;
    if !properties.contains(&violation.property.as_str()) {
        return None;
    }
    let is_here = |slot: &&Slot| slot.process == process && slot.cid == cid && slot.is_used();
    let used = |snapshot: &Snapshot| snapshot.connections.iter().any(|slot| is_here(&slot));
    let before = |n: usize| match n.checked_sub(1) {
        Some(previous) => used(&recording.steps[previous].after),
        None => used(&recording.before),
    };
    let earlier = recording.steps.len().checked_sub(1)?;
    (0..earlier)
        .rev()
        .find(|&n| before(n) && !used(&recording.steps[n].after))
}
