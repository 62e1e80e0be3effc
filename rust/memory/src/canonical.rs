//! The canonical form: what nobody can notice any more is forgotten, so that memories that behave equally are equal.
//!
//! A store is forgotten once every thread that may access its location is beyond it, with what views say about it; places
//! in modification order are counted from the oldest store that is left. An access to a plain variable is forgotten once
//! every thread that may access the variable knows it, because no later access can race with it. What is kept for fences
//! is kept for threads that use fences. Left out: two memories may still behave equally and differ, for instance in a view
//! that no thread can acquire any more. That costs states and loses nothing.

use crate::memory::{Knowledge, Memory};
use crate::race::PlainAccess;
use crate::view::{Timestamp, View};

impl<V: Clone + Eq> Memory<V> {
    /// Brings the memory into canonical form; the end of every step.
    pub(crate) fn tidy(&mut self) {
        for location in 0..self.locations.len() {
            self.forget_stores(location);
        }
        self.forget_accesses();
        self.threads.values_mut().for_each(Knowledge::tidy);
        self.objects.retain(|_, view| !view.is_bottom());
    }

    fn forget_stores(&mut self, location: usize) {
        let threads = self.threads.values();
        let concerned = threads.filter(|thread| thread.interest.has_location(location));
        let oldest = concerned.map(|thread| thread.reach[location]).min();
        let oldest: Timestamp = oldest.unwrap_or_else(|| self.last(location));
        if oldest > 0 {
            self.locations[location].drain(..oldest as usize);
            self.renumber(location, |at| at.saturating_sub(oldest));
        }
        self.locations[location][0].reads_previous = false;
    }

    fn forget_accesses(&mut self) {
        let threads = &self.threads;
        let may_race = |access: &PlainAccess| {
            let mut concerned = threads
                .values()
                .filter(|thread| thread.interest.has_variable(access.variable));
            concerned.any(|thread| !thread.current.known.contains(access))
        };
        let before = self.accesses.len();
        self.accesses.retain(may_race);
        if self.accesses.len() < before {
            let left = self.accesses.clone();
            for view in self.views_mut() {
                view.known.retain(|access| left.contains(access));
            }
        }
    }
}

impl Knowledge {
    /// Forgets what the thread has no use for.
    fn tidy(&mut self) {
        for location in 0..self.reach.len() {
            if !self.interest.has_location(location) {
                self.reach[location] = self.current.seen[location];
            }
        }
        if !self.interest.has_fences() {
            self.acquired = View::bottom(self.reach.len());
        }
    }
}
