//! Plain variables: two accesses race if one of them writes and neither happens before the other.
//!
//! That is the whole of it: a program with a data race has no meaning in C11, so it does not matter what a racing read
//! would get, and the values of plain variables are not kept here.

use crate::memory::{Memory, ThreadId};

/// The last access of a kind to a plain variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlainAccess {
    /// Which variable.
    pub variable: u16,
    /// Whose access it was.
    pub thread: ThreadId,
    /// Whether it wrote; else it read.
    pub writes: bool,
}

impl<V: Clone + Eq> Memory<V> {
    /// A plain access, and an earlier one that it races with, if there is one.
    #[must_use]
    pub fn access_plainly(&self, access: PlainAccess) -> (Self, Option<PlainAccess>) {
        let race = self.find_race(access);
        let mut memory = self.clone();
        let replaced = |old: &PlainAccess| {
            old.variable == access.variable && (access.writes || *old == access)
        };
        memory.accesses.retain(|old| !replaced(old));
        for view in memory.views_mut() {
            view.known.retain(|old| !replaced(old));
        }
        memory.accesses.insert(access);
        let knowledge = memory.knowledge_mut(access.thread);
        knowledge.current.known.insert(access);
        knowledge.acquired.known.insert(access);
        memory.tidy();
        (memory, race)
    }

    /// An earlier access that conflicts with this one and is not known to its thread.
    fn find_race(&self, access: PlainAccess) -> Option<PlainAccess> {
        let known = &self.knowledge(access.thread).current.known;
        let conflicts =
            |old: &&PlainAccess| old.variable == access.variable && (old.writes || access.writes);
        let mut unknown = self.accesses.iter().filter(|old| !known.contains(old));
        unknown.find(conflicts).copied()
    }
}
