//! What Rust bodies share: `std::sync` as far as the idioms need it, each operation one step.
//!
//! Handles are created by a [`Scenario`] and copied into closures, as the statics of a real program are reachable from
//! everywhere. [`Arc`] and [`Weak`] count in the world, not in Rust, so that other threads can come between.

use crate::handle::Cid;
use crate::native::{Scenario, Word, perform};
use crate::object::Object;
use crate::op::{AtomicOp, CellOp, HeapOp, MutexOp, ObjectId, OnceOp, Op, Operand};
use crate::value::Value;

pub use crate::op::Order;

fn constant(number: u32) -> Operand {
    Operand::Const(Value::Int(number.into()))
}

/// An atomic 32-bit integer.
#[derive(Clone, Copy, Debug)]
pub struct AtomicU32(ObjectId);

impl AtomicU32 {
    /// A static atomic.
    pub fn new(scenario: &mut Scenario, name: &str, value: u32) -> Self {
        Self(scenario.object(name, Object::Atomic(Value::Int(value.into()))))
    }

    #[track_caller]
    fn perform(self, op: AtomicOp, order: Order, operands: Vec<Operand>) -> Word {
        Word(perform(Op::Atomic(self.0, op, order, operands)))
    }

    /// The value.
    #[track_caller]
    pub fn load(self, order: Order) -> Word {
        self.perform(AtomicOp::Load, order, vec![])
    }

    /// Writes a value.
    #[track_caller]
    pub fn store(self, value: u32, order: Order) {
        self.perform(AtomicOp::Store, order, vec![constant(value)]);
    }

    /// Writes a CID.
    #[track_caller]
    pub fn store_word(self, value: &Word, order: Order) {
        self.perform(AtomicOp::Store, order, vec![value.operand()]);
    }

    /// Writes a value and returns the one before.
    #[track_caller]
    pub fn swap(self, value: u32, order: Order) -> Word {
        self.perform(AtomicOp::Swap, order, vec![constant(value)])
    }

    /// Adds and returns the value before.
    #[track_caller]
    pub fn fetch_add(self, value: u32, order: Order) -> Word {
        self.perform(AtomicOp::FetchAdd, order, vec![constant(value)])
    }

    /// Subtracts and returns the value before.
    #[track_caller]
    pub fn fetch_sub(self, value: u32, order: Order) -> Word {
        self.perform(AtomicOp::FetchSub, order, vec![constant(value)])
    }
}

/// Orders the accesses around it, as `std::sync::atomic::fence` does.
#[track_caller]
pub fn fence(order: Order) {
    perform(Op::Fence(order));
}

/// A mutex.
#[derive(Clone, Copy, Debug)]
pub struct Mutex(ObjectId);

/// Holds a mutex; its drop frees it.
pub struct MutexGuard(ObjectId);

impl Mutex {
    /// A static mutex.
    pub fn new(scenario: &mut Scenario, name: &str) -> Self {
        Self(scenario.object(name, Object::Mutex(None)))
    }

    /// Waits until the mutex is free, then holds it.
    #[track_caller]
    #[must_use]
    pub fn lock(self) -> MutexGuard {
        perform(Op::Mutex(self.0, MutexOp::Lock));
        MutexGuard(self.0)
    }
}

impl Drop for MutexGuard {
    fn drop(&mut self) {
        perform(Op::Mutex(self.0, MutexOp::Unlock));
    }
}

/// A cell that one thread initialises while others wait; it holds a CID that is never dropped.
#[derive(Clone, Copy, Debug)]
pub struct OnceLock(ObjectId);

impl OnceLock {
    /// A static, empty cell.
    pub fn new(scenario: &mut Scenario, name: &str) -> Self {
        Self(scenario.once(name))
    }

    /// The CID in it; `init` opens it if nobody has.
    #[track_caller]
    pub fn get_or_init(self, init: impl FnOnce() -> Cid) -> Word {
        let begun = perform(Op::Once(self.0, OnceOp::Begin, Some(constant(0))));
        if Word(begun.part(0)) == 1 {
            return Word(begun.part(1));
        }
        let cid = init().into_word();
        perform(Op::Once(self.0, OnceOp::Complete, Some(cid.operand())));
        cid
    }
}

/// A variable that holds a [`Weak`] or 0; a mutex must protect it.
#[derive(Clone, Copy, Debug)]
pub struct WeakCell(ObjectId);

impl WeakCell {
    /// A static, empty cell.
    pub fn new(scenario: &mut Scenario, name: &str) -> Self {
        Self(scenario.object(name, Object::Cell(Value::Int(0))))
    }

    /// The reference in it, if there is one.
    #[track_caller]
    pub fn get(self, heap: ObjectId) -> Option<Weak> {
        let content = Word(perform(Op::Cell(self.0, CellOp::Get, None)));
        if content == 0 {
            return None;
        }
        Some(Weak { heap, content })
    }

    /// Replaces the content.
    #[track_caller]
    pub fn set(self, weak: &Weak) {
        perform(Op::Cell(self.0, CellOp::Set, Some(weak.content.operand())));
    }
}

/// A counted reference to a [`Cid`]: the last one's drop drops it.
pub struct Arc {
    heap: ObjectId,
    content: Word,
}

/// A reference that keeps nothing.
pub struct Weak {
    heap: ObjectId,
    content: Word,
}

impl Arc {
    /// Shares a CID.
    #[track_caller]
    pub fn new(heap: ObjectId, cid: Cid) -> Self {
        let content = cid.into_word();
        let content = Word(perform(Op::Heap(heap, HeapOp::New, content.operand())));
        Self { heap, content }
    }

    /// The number of the CID.
    #[track_caller]
    pub fn cid(&self) -> Word {
        Word(perform(Op::Heap(
            self.heap,
            HeapOp::Get,
            self.content.operand(),
        )))
    }

    /// A reference that does not keep the CID.
    #[track_caller]
    pub fn downgrade(&self) -> Weak {
        let content = perform(Op::Heap(
            self.heap,
            HeapOp::Downgrade,
            self.content.operand(),
        ));
        Weak {
            heap: self.heap,
            content: Word(content),
        }
    }
}

impl Clone for Arc {
    #[track_caller]
    fn clone(&self) -> Self {
        let content = perform(Op::Heap(self.heap, HeapOp::Clone, self.content.operand()));
        Self {
            heap: self.heap,
            content: Word(content),
        }
    }
}

impl Drop for Arc {
    fn drop(&mut self) {
        let dropped = perform(Op::Heap(self.heap, HeapOp::Drop, self.content.operand()));
        if Word(dropped.part(0)) == 1 {
            drop(Cid::from_word(Word(dropped.part(1))));
        }
    }
}

impl Weak {
    /// A counted reference, if there is one left to clone.
    #[track_caller]
    pub fn upgrade(&self) -> Option<Arc> {
        let upgraded = perform(Op::Heap(self.heap, HeapOp::Upgrade, self.content.operand()));
        if Word(upgraded.part(0)) == 1 {
            return Some(Arc {
                heap: self.heap,
                content: Word(upgraded.part(1)),
            });
        }
        None
    }

    /// Gives the reference back.
    #[track_caller]
    pub fn release(self) {
        perform(Op::Heap(
            self.heap,
            HeapOp::DropWeak,
            self.content.operand(),
        ));
    }
}
