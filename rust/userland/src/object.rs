//! Shared objects other than the kernel, and what each operation does to them in one step.

use crate::heap::Heap;
use crate::op::{AtomicOp, CellOp, MutexOp, OnceOp, Order};
use crate::value::Value;
use std::collections::BTreeSet;
use xous_sim_kernel::Caller;

/// What an operation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is complete.
    Done(Value),
    /// It cannot happen in this state of the object; nothing changed.
    Wait,
    /// It has begun; somebody else's operation will complete it.
    Blocked,
    /// It will never complete: the process has ended, or the kernel has panicked.
    Never,
}

/// A program error that the real program would turn into undefined behaviour or a panic.
pub type Misuse = String;

/// The state of a shared object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// An atomic integer.
    Atomic(Value),
    /// A mutex and its holder.
    Mutex(Option<Holder>),
    /// A cell that is initialised once.
    Once(Once),
    /// A plain variable.
    Cell(Value),
    /// Reference-counted allocations.
    Heap(Heap),
}

/// Who holds a lock. Not a TID: the kernel gives that of a thread that has ended to another one, which holds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A thread of the execution, by its number; it holds the lock even when it has ended.
    Thread(u16),
    /// Whoever acts outside of an execution: the scenario itself, or a real thread.
    Outside(Caller),
}

/// A cell that is initialised once (`OnceLock`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Once {
    /// Nobody has begun.
    Empty,
    /// One thread computes the value.
    Running(Holder),
    /// The value is there.
    Full(Value),
}

/// 0 or 1, as programs see a boolean.
fn flag(truth: bool) -> Value {
    Value::Int(truth.into())
}

/// `Some(value)` as a tuple: (1, value), or (0, ).
pub(crate) fn option(value: Option<Value>) -> Reply {
    let parts = match value {
        Some(value) => vec![flag(true), value],
        None => vec![flag(false)],
    };
    Reply::Done(Value::Tuple(parts.into()))
}

/// An operation on an atomic integer.
pub fn atomic(
    value: &mut Value,
    op: AtomicOp,
    order: Order,
    operands: &[Value],
) -> Result<Reply, Misuse> {
    check_order(op, order)?;
    let before = value.clone();
    let operand = |i: usize| operands.get(i).cloned().ok_or("an operand is missing");
    let add = |a: &Value, b: Value, subtract: bool| {
        let (a, b) = (a.as_int()?, b.as_int()?);
        let sum = if subtract {
            a.wrapping_sub(b)
        } else {
            a.wrapping_add(b)
        };
        Some(Value::Int(sum & u64::from(u32::MAX)))
    };
    match op {
        AtomicOp::Load => {}
        AtomicOp::Store | AtomicOp::Swap => *value = operand(0)?,
        AtomicOp::FetchAdd | AtomicOp::FetchSub => {
            let subtract = op == AtomicOp::FetchSub;
            *value = add(&before, operand(0)?, subtract).ok_or("an operand is not a number")?;
        }
        AtomicOp::CompareExchange => {
            let equal = before.as_int() == operand(0)?.as_int();
            if equal {
                *value = operand(1)?;
            }
            return Ok(Reply::Done(Value::Tuple([flag(equal), before].into())));
        }
    }
    Ok(Reply::Done(if op == AtomicOp::Store {
        Value::Unit
    } else {
        before
    }))
}

/// Rust panics where an operation cannot have an order.
fn check_order(op: AtomicOp, order: Order) -> Result<(), Misuse> {
    match op {
        AtomicOp::Load if !order.suits_load() => {
            Err(format!("there is no such thing as a load that is {order}"))
        }
        AtomicOp::Store if !order.suits_store() => {
            Err(format!("there is no such thing as a store that is {order}"))
        }
        _ => Ok(()),
    }
}

/// A fence as far as a strong machine is concerned, for which it does nothing.
pub fn fence(order: Order) -> Result<Reply, Misuse> {
    match order.suits_fence() {
        true => Ok(Reply::Done(Value::Unit)),
        false => Err(format!("there is no such thing as a fence that is {order}")),
    }
}

/// An operation on a mutex.
pub fn mutex(holder: &mut Option<Holder>, op: MutexOp, who: Holder) -> Result<Reply, Misuse> {
    match (op, *holder) {
        (MutexOp::Lock, Some(other)) if other == who => {
            Err("a thread locks a mutex that it holds already: it would wait for itself".into())
        }
        (MutexOp::Lock, Some(_)) => Ok(Reply::Wait),
        (MutexOp::TryLock, Some(_)) => Ok(Reply::Done(flag(false))),
        (MutexOp::Lock | MutexOp::TryLock, None) => {
            *holder = Some(who);
            Ok(Reply::Done(flag(true)))
        }
        (MutexOp::Unlock, Some(owner)) if owner == who => {
            *holder = None;
            Ok(Reply::Done(Value::Unit))
        }
        (MutexOp::Unlock, _) => Err("a thread unlocks a mutex that it does not hold".into()),
    }
}

/// An operation on a cell that is initialised once.
pub fn once(
    cell: &mut Once,
    op: OnceOp,
    operand: Option<&Value>,
    who: Holder,
) -> Result<Reply, Misuse> {
    match (op, &*cell) {
        (OnceOp::Begin | OnceOp::Get, Once::Full(value)) => Ok(option(Some(value.clone()))),
        (OnceOp::Get, _) => Ok(option(None)),
        (OnceOp::Begin, Once::Running(other)) if *other == who => {
            Err("the initialiser of a OnceLock asks for the same OnceLock".into())
        }
        (OnceOp::Begin, Once::Running(_)) => Ok(Reply::Wait),
        (OnceOp::Begin, Once::Empty) => {
            *cell = Once::Running(who);
            Ok(option(None))
        }
        (OnceOp::Complete, Once::Running(owner)) if *owner == who => {
            *cell = operand.map_or(Once::Empty, |value| Once::Full(value.clone()));
            Ok(Reply::Done(Value::Unit))
        }
        (OnceOp::Complete, _) => Err("only the thread that began may complete a OnceLock".into()),
    }
}

/// An operation on a plain variable.
pub fn cell(content: &mut Value, op: CellOp, operand: Option<&Value>) -> Result<Reply, Misuse> {
    match op {
        CellOp::Get => Ok(Reply::Done(content.clone())),
        CellOp::Set => {
            *content = operand.cloned().ok_or("an operand is missing")?;
            Ok(Reply::Done(Value::Unit))
        }
    }
}

impl Object {
    /// The values in the object. What is in allocations depends on who can reach them.
    pub fn values(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        match self {
            Self::Atomic(value) | Self::Cell(value) | Self::Once(Once::Full(value)) => {
                Box::new(std::iter::once(value))
            }
            Self::Mutex(_) | Self::Once(_) | Self::Heap(_) => Box::new(std::iter::empty()),
        }
    }

    /// The contents of allocations, with their numbers, of which `arcs` or the scenario itself has a strong reference.
    pub fn kept_by(&self, arcs: &BTreeSet<u16>) -> impl Iterator<Item = (usize, &Value)> {
        let heap = match self {
            Self::Heap(heap) => Some(heap),
            _ => None,
        };
        heap.into_iter().flat_map(|heap| heap.kept_by(arcs))
    }
}
