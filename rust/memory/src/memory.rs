//! The state of the memory: stores in modification order, and what every thread knows of them.

use crate::interest::Interest;
use crate::race::PlainAccess;
use crate::view::{Horizon, Timestamp, View, advance};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who accesses the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThreadId(pub u16);

/// Something other than the memory through which threads synchronise: a lock, the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u16);

/// A store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Message<V> {
    pub value: V,
    /// What whoever acquires it learns.
    pub released: View,
    /// Whether a read-modify-write made it out of the store before it, so that nothing may come between the two.
    pub reads_previous: bool,
}

/// What a thread knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Knowledge {
    /// What happened before its next step.
    pub current: View,
    /// What an acquire fence would make known: what was released to all that it has read. At least `current`.
    pub acquired: View,
    /// What its relaxed stores release: what it knew at its last release fence.
    pub released: View,
    /// How far its own accesses must be; at least `current.seen`, further where a fair yield has shown it a store that
    /// it has not read.
    pub reach: Horizon,
    /// What it may yet access.
    pub interest: Arc<Interest>,
}

impl Knowledge {
    /// Everything that `view` says, and nothing released.
    pub fn of(view: &View, interest: Arc<Interest>) -> Self {
        Self {
            current: view.clone(),
            acquired: view.clone(),
            released: View::bottom(view.seen.len()),
            reach: view.seen.clone(),
            interest,
        }
    }

    /// Learns what a view says.
    pub fn acquire(&mut self, view: &View) {
        self.current.join(view);
        self.acquired.join(view);
        advance(&mut self.reach, &view.seen);
    }

    /// Sees one store, whatever it releases.
    pub fn see(&mut self, location: usize, at: Timestamp) {
        for seen in [
            &mut self.current.seen,
            &mut self.acquired.seen,
            &mut self.reach,
        ] {
            seen[location] = seen[location].max(at);
        }
    }

    pub fn views_mut(&mut self) -> [&mut View; 3] {
        [&mut self.current, &mut self.acquired, &mut self.released]
    }
}

/// The memory that threads share. `V` is what atomics hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Memory<V> {
    /// For each location its stores in modification order; there is always one.
    pub(crate) locations: Vec<Vec<Message<V>>>,
    /// The threads that may still act.
    pub(crate) threads: BTreeMap<ThreadId, Knowledge>,
    /// What was released through each object; those that know nothing are left out.
    pub(crate) objects: BTreeMap<ObjectId, View>,
    /// What later seq_cst operations must not contradict: the stores that earlier ones read or made, and what was seen
    /// before seq_cst fences.
    pub(crate) seq_cst: Horizon,
    /// The last accesses to plain variables that not everybody knows of.
    pub(crate) accesses: BTreeSet<PlainAccess>,
}

impl<V: Clone + Eq> Memory<V> {
    /// A memory whose locations hold their first values, which all threads know; of each thread is said what it may
    /// access.
    #[must_use]
    pub fn new(
        values: Vec<V>,
        threads: impl IntoIterator<Item = (ThreadId, Arc<Interest>)>,
    ) -> Self {
        let count = values.len();
        let bottom = View::bottom(count);
        let first = |value| Message {
            value,
            released: bottom.clone(),
            reads_previous: false,
        };
        Self {
            locations: values.into_iter().map(|value| vec![first(value)]).collect(),
            threads: threads
                .into_iter()
                .map(|(thread, interest)| (thread, Knowledge::of(&bottom, interest)))
                .collect(),
            objects: BTreeMap::new(),
            seq_cst: vec![0; count],
            accesses: BTreeSet::new(),
        }
    }

    /// The value that is last in the modification order of a location.
    #[must_use]
    pub fn newest(&self, location: usize) -> &V {
        let stores = &self.locations[location];
        &stores.last().expect("a location has a store").value
    }

    /// All values that somebody may still read.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.locations.iter().flatten().map(|store| &store.value)
    }

    /// The threads that have begun and are not over.
    pub fn threads(&self) -> impl Iterator<Item = ThreadId> {
        self.threads.keys().copied()
    }

    /// Whether a thread has begun and is not over.
    #[must_use]
    pub fn is_running(&self, thread: ThreadId) -> bool {
        self.threads.contains_key(&thread)
    }

    pub(crate) fn knowledge(&self, thread: ThreadId) -> &Knowledge {
        self.threads
            .get(&thread)
            .expect("a thread that acts has begun and is not over")
    }

    pub(crate) fn knowledge_mut(&mut self, thread: ThreadId) -> &mut Knowledge {
        self.threads
            .get_mut(&thread)
            .expect("a thread that acts has begun and is not over")
    }

    pub(crate) fn last(&self, location: usize) -> Timestamp {
        (self.locations[location].len() - 1) as Timestamp
    }

    /// All views there are.
    pub(crate) fn views_mut(&mut self) -> impl Iterator<Item = &mut View> {
        let stores = self.locations.iter_mut().flatten();
        let threads = self.threads.values_mut();
        let released = stores.map(|store| &mut store.released);
        let known = threads.flat_map(Knowledge::views_mut);
        released.chain(known).chain(self.objects.values_mut())
    }

    /// Changes every timestamp of a location.
    pub(crate) fn renumber(&mut self, location: usize, number: impl Fn(Timestamp) -> Timestamp) {
        for view in self.views_mut() {
            view.seen[location] = number(view.seen[location]);
        }
        for thread in self.threads.values_mut() {
            thread.reach[location] = number(thread.reach[location]);
        }
        self.seq_cst[location] = number(self.seq_cst[location]);
    }
}
