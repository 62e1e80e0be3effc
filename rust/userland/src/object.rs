//! Shared objects other than the kernel, and what each operation does to them in one step.

use crate::op::{AtomicOp, CellOp, HeapOp, MutexOp, OnceOp, Order};
use crate::value::Value;
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
    Mutex(Option<Caller>),
    /// A cell that is initialised once.
    Once(Once),
    /// A plain variable.
    Cell(Value),
    /// Reference-counted allocations.
    Heap(Heap),
}

/// A cell that is initialised once (`OnceLock`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Once {
    /// Nobody has begun.
    Empty,
    /// One thread computes the value.
    Running(Caller),
    /// The value is there.
    Full(Value),
}

/// The allocations behind `Arc` and `Weak`. A number is free again when no reference of either kind is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Heap(Vec<Option<Allocation>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Allocation {
    strong: u32,
    weak: u32,
    content: Value,
}

/// 0 or 1, as programs see a boolean.
fn flag(truth: bool) -> Value {
    Value::Int(truth.into())
}

/// `Some(value)` as a tuple: (1, value), or (0, ).
fn option(value: Option<Value>) -> Reply {
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
pub fn mutex(holder: &mut Option<Caller>, op: MutexOp, caller: Caller) -> Result<Reply, Misuse> {
    match (op, *holder) {
        (MutexOp::Lock, Some(other)) if other == caller => {
            Err("a thread locks a mutex that it holds already: it would wait for itself".into())
        }
        (MutexOp::Lock, Some(_)) => Ok(Reply::Wait),
        (MutexOp::TryLock, Some(_)) => Ok(Reply::Done(flag(false))),
        (MutexOp::Lock | MutexOp::TryLock, None) => {
            *holder = Some(caller);
            Ok(Reply::Done(flag(true)))
        }
        (MutexOp::Unlock, Some(owner)) if owner == caller => {
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
    caller: Caller,
) -> Result<Reply, Misuse> {
    match (op, &*cell) {
        (OnceOp::Begin | OnceOp::Get, Once::Full(value)) => Ok(option(Some(value.clone()))),
        (OnceOp::Get, _) => Ok(option(None)),
        (OnceOp::Begin, Once::Running(other)) if *other == caller => {
            Err("the initialiser of a OnceLock asks for the same OnceLock".into())
        }
        (OnceOp::Begin, Once::Running(_)) => Ok(Reply::Wait),
        (OnceOp::Begin, Once::Empty) => {
            *cell = Once::Running(caller);
            Ok(option(None))
        }
        (OnceOp::Complete, Once::Running(owner)) if *owner == caller => {
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

impl Heap {
    /// An operation on reference-counted allocations.
    pub fn apply(&mut self, op: HeapOp, operand: &Value) -> Result<Reply, Misuse> {
        let done = |value| Ok(Reply::Done(value));
        match op {
            HeapOp::New => done(Value::Strong(self.allocate(operand.clone()))),
            HeapOp::Clone => {
                let n = strong(operand)?;
                self.get(n)?.strong += 1;
                done(Value::Strong(n))
            }
            HeapOp::Get => done(self.get(strong(operand)?)?.content.clone()),
            HeapOp::Downgrade => {
                let n = strong(operand)?;
                self.get(n)?.weak += 1;
                done(Value::Weak(n))
            }
            HeapOp::Drop => {
                let n = strong(operand)?;
                let allocation = self.get(n)?;
                allocation.strong -= 1;
                let last = (allocation.strong == 0).then(|| allocation.content.clone());
                self.free_if_unused(n);
                Ok(option(last))
            }
            HeapOp::Upgrade => {
                let n = weak(operand)?;
                let allocation = self.slot(n)?;
                let alive = allocation.strong > 0;
                allocation.strong += u32::from(alive);
                Ok(option(alive.then_some(Value::Strong(n))))
            }
            HeapOp::DropWeak => {
                let n = weak(operand)?;
                let allocation = self.slot(n)?;
                let fewer = allocation.weak.checked_sub(1);
                allocation.weak = fewer.ok_or("a Weak is dropped twice")?;
                self.free_if_unused(n);
                done(Value::Unit)
            }
        }
    }

    /// The contents that a strong reference keeps alive.
    pub fn contents(&self) -> impl Iterator<Item = &Value> {
        let alive = self.0.iter().flatten().filter(|a| a.strong > 0);
        alive.map(|a| &a.content)
    }

    /// The allocations: number, strong and weak references, content.
    pub fn allocations(&self) -> impl Iterator<Item = (usize, u32, u32, &Value)> {
        let numbered = self.0.iter().enumerate();
        numbered.filter_map(|(n, slot)| {
            let slot = slot.as_ref()?;
            Some((n, slot.strong, slot.weak, &slot.content))
        })
    }

    fn allocate(&mut self, content: Value) -> u16 {
        let allocation = Some(Allocation {
            strong: 1,
            weak: 0,
            content,
        });
        let free = self.0.iter().position(Option::is_none);
        let n = free.unwrap_or(self.0.len());
        if n == self.0.len() {
            self.0.push(allocation);
        } else {
            self.0[n] = allocation;
        }
        u16::try_from(n).expect("the budgets end a body long before 65,536 allocations")
    }

    /// An allocation with a strong reference.
    fn get(&mut self, n: u16) -> Result<&mut Allocation, Misuse> {
        let allocation = self.slot(n)?;
        if allocation.strong == 0 {
            return Err("an Arc is used after its drop".into());
        }
        Ok(allocation)
    }

    fn slot(&mut self, n: u16) -> Result<&mut Allocation, Misuse> {
        let slot = self.0.get_mut(usize::from(n)).and_then(Option::as_mut);
        slot.ok_or_else(|| "an Arc or a Weak is used after its drop".into())
    }

    fn free_if_unused(&mut self, n: u16) {
        let slot = &mut self.0[usize::from(n)];
        if slot.as_ref().is_some_and(|a| a.strong == 0 && a.weak == 0) {
            *slot = None;
        }
        while self.0.last().is_some_and(Option::is_none) {
            self.0.pop();
        }
    }
}

fn strong(operand: &Value) -> Result<u16, Misuse> {
    match operand {
        Value::Strong(n) => Ok(*n),
        other => Err(format!("{other} is not an Arc")),
    }
}

fn weak(operand: &Value) -> Result<u16, Misuse> {
    match operand {
        Value::Weak(n) => Ok(*n),
        other => Err(format!("{other} is not a Weak")),
    }
}

impl Object {
    /// The values that the object keeps alive.
    pub fn values(&self) -> Box<dyn Iterator<Item = &Value> + '_> {
        match self {
            Self::Atomic(value) | Self::Cell(value) | Self::Once(Once::Full(value)) => {
                Box::new(std::iter::once(value))
            }
            Self::Heap(heap) => Box::new(heap.contents()),
            Self::Mutex(_) | Self::Once(_) => Box::new(std::iter::empty()),
        }
    }
}
