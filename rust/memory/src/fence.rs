//! Fences: they make known what relaxed loads have read, release what relaxed stores will carry, and order each other.
//!
//! A seq_cst fence takes over how far all seq_cst operations before it were, but not what happened before those: fences
//! restore the order of accesses and are no synchronisation by themselves.

use crate::memory::{Memory, ThreadId};
use crate::order::Order;
use crate::view::advance;

impl<V: Clone + Eq> Memory<V> {
    /// The memory after a fence of `thread`. A relaxed one does nothing.
    #[must_use]
    pub fn fence(&self, thread: ThreadId, order: Order) -> Self {
        let mut memory = self.clone();
        if order.acquires() {
            let knowledge = memory.knowledge_mut(thread);
            knowledge.acquire(&knowledge.acquired.clone());
        }
        if order == Order::SeqCst {
            memory.join_seq_cst(thread);
        }
        if order.releases() {
            let knowledge = memory.knowledge_mut(thread);
            knowledge.released = knowledge.current.clone();
        }
        memory.tidy();
        memory
    }

    fn join_seq_cst(&mut self, thread: ThreadId) {
        let mut before = self.bottom();
        before.seen.clone_from(&self.seq_cst);
        let knowledge = self.knowledge_mut(thread);
        knowledge.acquire(&before);
        let seen = knowledge.current.seen.clone();
        advance(&mut self.seq_cst, &seen);
    }
}
