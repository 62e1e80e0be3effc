//! The ways in which one operation can come out, as to the memory: pure functions that worlds and live machines share.

use super::{KERNEL, Role, Roles, thread};
use crate::object::{self, Misuse, Reply};
use crate::op::{AtomicOp, CellOp, MutexOp, ObjectId, OnceOp, Op, Order};
use crate::value::Value;
use std::fmt;
use std::sync::Arc;
use xous_sim_kernel::{Caller, Pid};
use xous_sim_memory::{
    Access, Interest, Memory, ObjectId as Meeting, Outcome, PlainAccess, ThreadId,
};

/// One way in which an operation on an atomic can come out.
#[derive(Clone, Debug)]
pub struct Way {
    /// What the thread gets.
    pub reply: Reply,
    /// How many newer stores there are than the one that was read, or that was made: the pick that chooses it.
    pub pick: u16,
    /// Whether it left the value that it read as it is, be it by writing the same again.
    pub only_looks: bool,
    /// The memory afterwards.
    pub memory: Memory<Value>,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reply, self.pick) {
            (Reply::Done(value), 0) => value.fmt(f),
            (Reply::Done(Value::Unit), _) => f.write_str("Ok (before a newer store)"),
            (Reply::Done(value), _) => write!(f, "{value} (an older store)"),
            _ => unreachable!("operations on atomics do not wait"),
        }
    }
}

impl Roles {
    /// All ways of an operation on an atomic, what a strong machine does first.
    pub fn atomic(
        &self,
        memory: &Memory<Value>,
        caller: Caller,
        (id, op, order): (ObjectId, AtomicOp, Order),
        operands: &[Value],
    ) -> Result<Vec<Way>, Misuse> {
        let Role::Location(location) = self.role(id) else {
            return Err("an operation of an atomic is applied to something else".into());
        };
        object::atomic(&mut memory.newest(location).clone(), op, order, operands)?;
        let change = |value: &Value| {
            let mut value = value.clone();
            let reply = object::atomic(&mut value, op, order, operands).ok()?;
            (!failed(op, &reply)).then_some(value)
        };
        let access = match (op, operands.first()) {
            (AtomicOp::Load, _) => Access::Load,
            (AtomicOp::Store, Some(value)) => Access::Store(value.clone()),
            _ => Access::Update(&change),
        };
        let outcomes = memory.outcomes(thread(caller), location, order, &access);
        let way = |outcome| way(outcome, op, order, operands);
        outcomes.into_iter().map(way).collect()
    }

    /// The newest value of an atomic.
    #[must_use]
    pub fn newest(&self, memory: &Memory<Value>, id: ObjectId) -> Value {
        match self.role(id) {
            Role::Location(location) => memory.newest(location).clone(),
            Role::Variable | Role::Meeting => Value::Unit,
        }
    }

    /// The memory after an operation on anything else whose reply is `reply`, and an access that this one races with.
    #[must_use]
    pub fn other(
        &self,
        memory: &Memory<Value>,
        caller: Caller,
        op: &Op<Value>,
        reply: &Reply,
    ) -> (Memory<Value>, Option<PlainAccess>) {
        let thread = thread(caller);
        match (op, op.object()) {
            (Op::Fence(order), _) => (memory.fence(thread, *order), None),
            (Op::Cell(id, ..), _) => access_cell(memory, thread, *id, op),
            (_, Some(id)) if meets(op, reply) => (memory.synchronise(thread, Meeting(id.0)), None),
            _ => (memory.clone(), None),
        }
    }

    /// The memory after a kernel call of somebody else has completed one of `caller`.
    #[must_use]
    pub fn woken(memory: &Memory<Value>, caller: Caller) -> Memory<Value> {
        match memory.is_running(thread(caller)) {
            true => memory.synchronise(thread(caller), KERNEL),
            false => memory.clone(),
        }
    }

    /// The memory after `parent` has started `child`.
    #[must_use]
    pub fn started(
        memory: &Memory<Value>,
        parent: Caller,
        child: Caller,
        interest: Arc<Interest>,
    ) -> Memory<Value> {
        memory.start(thread(parent), thread(child), interest)
    }

    /// The memory after the end of `caller`.
    #[must_use]
    pub fn ended(memory: &Memory<Value>, caller: Caller) -> Memory<Value> {
        memory.end(thread(caller), KERNEL)
    }

    /// The memory after `caller` was stopped for ever.
    #[must_use]
    pub fn killed(memory: &Memory<Value>, caller: Caller) -> Memory<Value> {
        memory.stop(thread(caller))
    }

    /// The memory after a process has died.
    #[must_use]
    pub fn bereaved(memory: &Memory<Value>, pid: Pid) -> Memory<Value> {
        let threads: Vec<ThreadId> = memory.threads().collect();
        let dead = |thread: &&ThreadId| super::caller(**thread).is_some_and(|c| c.pid == pid);
        let dead = threads.iter().filter(dead);
        dead.fold(memory.clone(), |memory, &thread| memory.stop(thread))
    }

    /// The memory after `caller` was shown all stores, which a yield grants.
    #[must_use]
    pub fn caught_up(memory: &Memory<Value>, caller: Caller) -> Memory<Value> {
        match memory.is_running(thread(caller)) {
            true => memory.catch_up(thread(caller)),
            false => memory.clone(),
        }
    }

    /// Whether `caller` may overlook a store.
    #[must_use]
    pub fn is_behind(memory: &Memory<Value>, caller: Caller) -> bool {
        memory.is_behind(thread(caller))
    }
}

fn way(
    outcome: Outcome<Value>,
    op: AtomicOp,
    order: Order,
    operands: &[Value],
) -> Result<Way, Misuse> {
    let mut value = outcome.read.clone();
    let reply = match &mut value {
        Some(value) => object::atomic(value, op, order, operands)?,
        None => Reply::Done(Value::Unit),
    };
    Ok(Way {
        reply,
        pick: outcome.pick,
        only_looks: value.is_some() && value == outcome.read,
        memory: outcome.memory,
    })
}

/// Whether this is a compare-exchange that found another value.
fn failed(op: AtomicOp, reply: &Reply) -> bool {
    let Reply::Done(Value::Tuple(parts)) = reply else {
        return false;
    };
    op == AtomicOp::CompareExchange && parts.first() == Some(&Value::Int(0))
}

/// Whether an operation is ordered before and behind all others of its object. One that found a mutex held, or a
/// OnceLock empty, is not.
fn meets(op: &Op<Value>, reply: &Reply) -> bool {
    match (op, reply) {
        (_, Reply::Wait) => false,
        (Op::Mutex(_, MutexOp::TryLock), Reply::Done(held)) => *held == Value::Int(1),
        (Op::Once(_, OnceOp::Get, _), Reply::Done(Value::Tuple(parts))) => parts.len() > 1,
        _ => true,
    }
}

fn access_cell(
    memory: &Memory<Value>,
    thread: ThreadId,
    id: ObjectId,
    op: &Op<Value>,
) -> (Memory<Value>, Option<PlainAccess>) {
    memory.access_plainly(PlainAccess {
        variable: id.0,
        thread,
        writes: matches!(op, Op::Cell(_, CellOp::Set, _)),
    })
}
