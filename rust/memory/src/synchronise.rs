//! What threads do to each other's knowledge without touching a location: locks, starts and ends of threads, and yields.

use crate::interest::Interest;
use crate::memory::{Knowledge, Memory, ObjectId, ThreadId};
use std::sync::Arc;

impl<V: Clone + Eq> Memory<V> {
    /// `thread` uses an object whose users are ordered one behind the other, such as a lock: it learns what all earlier
    /// users knew, and later ones will learn what it knows. This is what an acq_rel read-modify-write of a location does
    /// that nobody accesses in another way.
    #[must_use]
    pub fn synchronise(&self, thread: ThreadId, object: ObjectId) -> Self {
        let mut memory = self.clone();
        memory.use_object(thread, object);
        memory.tidy();
        memory
    }

    fn use_object(&mut self, thread: ThreadId, object: ObjectId) {
        let bottom = self.bottom();
        let mut view = self.objects.remove(&object).unwrap_or(bottom);
        let knowledge = self.knowledge_mut(thread);
        knowledge.acquire(&view);
        view.clone_from(&knowledge.current);
        self.objects.insert(object, view);
    }

    /// `parent` starts a thread, which knows all that `parent` knows, and accesses no more than `parent` said.
    #[must_use]
    pub fn start(&self, parent: ThreadId, child: ThreadId, interest: Arc<Interest>) -> Self {
        let mut memory = self.clone();
        let knowledge = Knowledge::of(&memory.knowledge(parent).current, interest);
        memory.threads.insert(child, knowledge);
        memory.tidy();
        memory
    }

    /// `thread` is over; whoever uses `object` from now on knows what it knew.
    #[must_use]
    pub fn end(&self, thread: ThreadId, object: ObjectId) -> Self {
        let mut memory = self.clone();
        if memory.is_running(thread) {
            memory.use_object(thread, object);
            memory.threads.remove(&thread);
        }
        memory.tidy();
        memory
    }

    /// `thread` is stopped for ever, and nobody waits for it.
    #[must_use]
    pub fn stop(&self, thread: ThreadId) -> Self {
        let mut memory = self.clone();
        memory.threads.remove(&thread);
        memory.tidy();
        memory
    }

    /// Whether there is a store that `thread` may overlook.
    #[must_use]
    pub fn is_behind(&self, thread: ThreadId) -> bool {
        let Knowledge {
            reach, interest, ..
        } = self.knowledge(thread);
        let mut places = reach.iter().enumerate();
        places.any(|(at, &place)| interest.has_location(at) && place < self.last(at))
    }

    /// A fair yield: stores become visible to everybody in finite time, so `thread` will overlook none of those that are
    /// there now. Nothing happens before its next step that did not without the yield.
    #[must_use]
    pub fn catch_up(&self, thread: ThreadId) -> Self {
        let mut memory = self.clone();
        let newest = (0..self.locations.len()).map(|location| self.last(location));
        memory.knowledge_mut(thread).reach = newest.collect();
        memory.tidy();
        memory
    }
}
