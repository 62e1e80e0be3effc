//! Atomic accesses: everything that a load, a store or a read-modify-write may come out as.
//!
//! The outcomes are listed newest store first, so the first one is what a strong machine does. Outcomes that nobody can
//! tell apart are listed once.

use crate::memory::{Memory, Message, ThreadId};
use crate::order::Order;
use crate::view::{Timestamp, View};

/// What is done to a location.
pub enum Access<'a, V> {
    /// Reads.
    Load,
    /// Writes a value.
    Store(V),
    /// Reads a value and writes what the function makes of it, with nothing between; only reads where it makes nothing
    /// (a compare-exchange that fails).
    Update(&'a dyn Fn(&V) -> Option<V>),
}

/// One way in which an access may come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<V> {
    /// How many newer stores there are than the one that was read, or that was made. If there are any, only a weak
    /// machine does this. It tells the outcomes of an access apart.
    pub pick: u16,
    /// What was read; `None` of a store.
    pub read: Option<V>,
    /// The memory afterwards.
    pub memory: Memory<V>,
}

impl<V: Clone + Eq> Memory<V> {
    /// Everything that an access of `thread` to `location` may come out as; at least one.
    #[must_use]
    pub fn outcomes(
        &self,
        thread: ThreadId,
        location: usize,
        order: Order,
        access: &Access<'_, V>,
    ) -> Vec<Outcome<V>> {
        let oldest = self.oldest(thread, location, order);
        let mut outcomes: Vec<Outcome<V>> = Vec::new();
        for at in (oldest..=self.last(location)).rev() {
            let outcome = self.outcome(thread, location, order, access, at);
            let known = |new: &Outcome<V>| {
                let same = |old: &Outcome<V>| (&old.read, &old.memory) == (&new.read, &new.memory);
                outcomes.iter().any(same)
            };
            outcomes.extend(outcome.filter(|new| !known(new)));
        }
        outcomes
    }

    /// The oldest store that an access may read or follow.
    fn oldest(&self, thread: ThreadId, location: usize, order: Order) -> Timestamp {
        let reach = self.knowledge(thread).reach[location];
        match order {
            Order::SeqCst => reach.max(self.seq_cst[location]),
            _ => reach,
        }
    }

    /// The access reads, or directly follows, the store `at`; `None` if it cannot.
    fn outcome(
        &self,
        thread: ThreadId,
        location: usize,
        order: Order,
        access: &Access<'_, V>,
        at: Timestamp,
    ) -> Option<Outcome<V>> {
        let store = &self.locations[location][at as usize];
        let written = match access {
            Access::Load => None,
            Access::Store(value) => Some(value.clone()),
            Access::Update(update) => update(&store.value),
        };
        if written.is_some() && self.is_taken(location, at) {
            return None;
        }
        let pick = (self.last(location) - at) as u16;
        let mut memory = self.clone();
        let read = match access {
            Access::Store(_) => None,
            _ if written.is_none() => Some(memory.read(thread, location, order.of_failure(), at)),
            _ => Some(memory.read(thread, location, order, at)),
        };
        if let Some(value) = written {
            memory.write(thread, location, order, value, at, read.is_some());
        }
        memory.tidy();
        Some(Outcome { pick, read, memory })
    }

    /// Whether a read-modify-write has made its store out of the store `at`, so that none other can follow that.
    fn is_taken(&self, location: usize, at: Timestamp) -> bool {
        let follower = self.locations[location].get(at as usize + 1);
        follower.is_some_and(|store| store.reads_previous)
    }

    fn read(&mut self, thread: ThreadId, location: usize, order: Order, at: Timestamp) -> V {
        let store = self.locations[location][at as usize].clone();
        let knowledge = self.knowledge_mut(thread);
        knowledge.acquired.join(&store.released);
        knowledge.see(location, at);
        if order.acquires() {
            knowledge.acquire(&store.released);
        }
        self.note_seq_cst(location, order, at);
        store.value
    }

    /// Stores directly behind the store `at`; a read-modify-write carries on what that one released.
    fn write(
        &mut self,
        thread: ThreadId,
        location: usize,
        order: Order,
        value: V,
        at: Timestamp,
        reads_previous: bool,
    ) {
        let place = at + 1;
        self.renumber(location, |other| other + u32::from(other >= place));
        self.knowledge_mut(thread).see(location, place);
        let mut released = match order.releases() {
            true => self.knowledge(thread).current.clone(),
            false => self.knowledge(thread).released.clone(),
        };
        if reads_previous {
            released.join(&self.locations[location][at as usize].released);
        }
        let store = Message {
            value,
            released,
            reads_previous,
        };
        self.locations[location].insert(place as usize, store);
        self.note_seq_cst(location, order, place);
    }

    fn note_seq_cst(&mut self, location: usize, order: Order, at: Timestamp) {
        if order == Order::SeqCst {
            self.seq_cst[location] = self.seq_cst[location].max(at);
        }
    }

    /// A view that knows nothing.
    pub(crate) fn bottom(&self) -> View {
        View::bottom(self.locations.len())
    }
}
