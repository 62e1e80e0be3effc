//! The operations of a program: each is one indivisible step on one shared object.
//!
//! [`Op`] is generic over its operands: a traced body mentions registers ([`Operand`]), an operation that is carried
//! out has values.

use crate::names::NamesOp;
use crate::value::Value;

pub use xous_sim_memory::Order;

/// A shared object of the world, by its place in the order of creation. 0 is the machine with the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u16);

impl ObjectId {
    /// The kernel and what belongs to it.
    pub const MACHINE: Self = Self(0);
}

/// A body that threads execute, by its place in the order of first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BodyId(pub u16);

/// A result of an earlier operation of the same body, by that operation's number.
pub type Register = u32;

/// Where an operation takes a value from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A constant of the program.
    Const(Value),
    /// A result as it is.
    Register(Register),
    /// One part of a result that is a tuple.
    Field(Register, u8),
}

impl Operand {
    /// The register that is read, if one is.
    #[must_use]
    pub fn register(&self) -> Option<Register> {
        match self {
            Self::Const(_) => None,
            Self::Register(r) | Self::Field(r, _) => Some(*r),
        }
    }
}

/// What an atomic integer can do. Arithmetic wraps at 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtomicOp {
    /// Reads the value.
    Load,
    /// Writes the first operand.
    Store,
    /// Writes the first operand, returns the value before.
    Swap,
    /// Adds the first operand, returns the value before.
    FetchAdd,
    /// Subtracts the first operand, returns the value before.
    FetchSub,
    /// Writes the second operand if the value is the first one; returns (whether it was, value before).
    CompareExchange,
}

/// What a mutex can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MutexOp {
    /// Waits until it is free, then holds it.
    Lock,
    /// Holds it if it is free; returns whether.
    TryLock,
    /// Frees it.
    Unlock,
}

/// What a cell that is initialised once can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnceOp {
    /// Returns (1, value), or (0, ) to the one caller that must initialise it; others wait for that one.
    Begin,
    /// The caller that must initialise it does so with the operand.
    Complete,
    /// Returns (1, value) or (0, ) without waiting.
    Get,
}

/// What an unsynchronised shared variable can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellOp {
    /// Reads it.
    Get,
    /// Writes the operand.
    Set,
}

/// What reference-counted allocations can do; all take the reference as their operand, `New` the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeapOp {
    /// `Arc::new`.
    New,
    /// `Arc::clone`.
    Clone,
    /// Drop of an `Arc`: returns (1, content) to the last owner, (0, ) to others.
    Drop,
    /// The same of one that the scenario itself made.
    DropOfScenario,
    /// Reads the content.
    Get,
    /// `Arc::downgrade`.
    Downgrade,
    /// `Weak::upgrade`: (1, strong reference) or (0, ).
    Upgrade,
    /// Drop of a `Weak`.
    DropWeak,
}

/// One operation; `T` is what its operands are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op<T> {
    /// An operation on an atomic integer.
    Atomic(ObjectId, AtomicOp, Order, Vec<T>),
    /// Orders the accesses around it, as `std::sync::atomic::fence` does.
    Fence(Order),
    /// An operation on a mutex.
    Mutex(ObjectId, MutexOp),
    /// An operation on a cell that is initialised once.
    Once(ObjectId, OnceOp, Option<T>),
    /// An operation on a plain variable.
    Cell(ObjectId, CellOp, Option<T>),
    /// An operation on the heap of reference-counted allocations.
    Heap(ObjectId, HeapOp, T),
    /// A syscall by its number, with its argument words.
    Syscall(u8, Vec<T>),
    /// A request to the name server; the first operand is a connection to it.
    Names(NamesOp, Vec<T>),
    /// Declares a connection persistent: it is meant to stay when all is quiet.
    Persist(T),
    /// Takes that back: the connection may end.
    Release(T),
    /// Starts a thread of the same process.
    Spawn(BodyId, Vec<T>),
    /// Waits until a thread of the same process, given by its TID, has ended.
    Join(T),
    /// Any number below the given one.
    Choose(u16),
    /// Waits until another thread has changed a shared object: what a fair scheduler grants to a spinning thread.
    Yield,
}

/// Syscalls that the kernel may ask to be made again: SendMessage, Connect, ConnectForProcess.
const RETRIED: [u8; 3] = [16, 17, 30];

impl<T> Op<T> {
    /// The object that the operation acts on; `None` for those that touch nothing.
    #[must_use]
    pub fn object(&self) -> Option<ObjectId> {
        match self {
            Self::Atomic(id, ..)
            | Self::Mutex(id, _)
            | Self::Once(id, ..)
            | Self::Cell(id, ..)
            | Self::Heap(id, ..) => Some(*id),
            Self::Syscall(..)
            | Self::Names(..)
            | Self::Persist(_)
            | Self::Release(_)
            | Self::Spawn(..)
            | Self::Join(_) => Some(ObjectId::MACHINE),
            Self::Fence(_) | Self::Choose(_) | Self::Yield => None,
        }
    }

    /// Whether there are states of the object in which the operation cannot happen.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        match self {
            Self::Mutex(_, op) => *op == MutexOp::Lock,
            Self::Once(_, op, _) => *op == OnceOp::Begin,
            Self::Syscall(number, _) => RETRIED.contains(number),
            Self::Join(_) => true,
            _ => false,
        }
    }

    /// The operands, in order.
    pub fn operands(&self) -> impl Iterator<Item = &T> {
        let (list, single): (&[T], Option<&T>) = match self {
            Self::Atomic(.., list)
            | Self::Syscall(_, list)
            | Self::Names(_, list)
            | Self::Spawn(_, list) => (list, None),
            Self::Once(.., operand) | Self::Cell(.., operand) => (&[], operand.as_ref()),
            Self::Heap(.., operand)
            | Self::Persist(operand)
            | Self::Release(operand)
            | Self::Join(operand) => (&[], Some(operand)),
            Self::Mutex(..) | Self::Fence(_) | Self::Choose(_) | Self::Yield => (&[], None),
        };
        list.iter().chain(single)
    }

    /// The same operation with other operands.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> Op<U> {
        match self {
            Self::Atomic(id, op, order, list) => {
                Op::Atomic(*id, *op, *order, list.iter().map(f).collect())
            }
            Self::Fence(order) => Op::Fence(*order),
            Self::Mutex(id, op) => Op::Mutex(*id, *op),
            Self::Once(id, op, operand) => Op::Once(*id, *op, operand.as_ref().map(f)),
            Self::Cell(id, op, operand) => Op::Cell(*id, *op, operand.as_ref().map(f)),
            Self::Heap(id, op, operand) => Op::Heap(*id, *op, f(operand)),
            Self::Syscall(number, list) => Op::Syscall(*number, list.iter().map(f).collect()),
            Self::Names(op, list) => Op::Names(op.clone(), list.iter().map(f).collect()),
            Self::Persist(operand) => Op::Persist(f(operand)),
            Self::Release(operand) => Op::Release(f(operand)),
            Self::Spawn(body, list) => Op::Spawn(*body, list.iter().map(f).collect()),
            Self::Join(operand) => Op::Join(f(operand)),
            Self::Choose(n) => Op::Choose(*n),
            Self::Yield => Op::Yield,
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Comparison {
    Equal,
    Less,
    LessOrEqual,
}

/// What a body looks at; its answer is an observation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// Whether the operation succeeded: branches two ways.
    IsOk(Operand),
    /// How two values compare: branches two ways.
    Compare(Operand, Comparison, Operand),
    /// The value itself: branches as many ways as there are values.
    ValueOf(Operand),
}

impl Test {
    /// The registers that are looked at.
    pub fn registers(&self) -> impl Iterator<Item = Register> {
        let (first, second) = match self {
            Self::IsOk(operand) | Self::ValueOf(operand) => (operand, None),
            Self::Compare(a, _, b) => (a, Some(b)),
        };
        first
            .register()
            .into_iter()
            .chain(second.and_then(Operand::register))
    }

    /// What the body observes, given the values of operands.
    pub fn observe(&self, mut value_of: impl FnMut(&Operand) -> Value) -> Value {
        let truth = match self {
            Self::ValueOf(operand) => return value_of(operand),
            Self::IsOk(operand) => value_of(operand).is_ok(),
            Self::Compare(a, comparison, b) => compare(&value_of(a), *comparison, &value_of(b)),
        };
        Value::Int(truth.into())
    }
}

fn compare(a: &Value, comparison: Comparison, b: &Value) -> bool {
    let (Some(x), Some(y)) = (a.as_int(), b.as_int()) else {
        return comparison == Comparison::Equal && a == b;
    };
    match comparison {
        Comparison::Equal => x == y,
        Comparison::Less => x < y,
        Comparison::LessOrEqual => x <= y,
    }
}
