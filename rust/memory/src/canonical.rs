//! The canonical form: what nobody can notice any more is forgotten, so that memories that behave equally are equal.
//!
//! A store is forgotten once every thread is beyond it, with what views say about it; places in modification order are
//! counted from the oldest store that is left. An access to a plain variable is forgotten once every thread knows it,
//! because no later access can race with it. Left out: two memories may still behave equally and differ, for instance in
//! a view that no thread can acquire any more. That costs states and loses nothing.

use crate::memory::Memory;
use crate::view::Timestamp;

impl<V: Clone + Eq> Memory<V> {
    /// Brings the memory into canonical form; the end of every step.
    pub(crate) fn tidy(&mut self) {
        for location in 0..self.locations.len() {
            self.forget_stores(location);
        }
        self.forget_accesses();
        self.objects.retain(|_, view| !view.is_bottom());
    }

    fn forget_stores(&mut self, location: usize) {
        let reaches = self.threads.values().map(|thread| thread.reach[location]);
        let oldest: Timestamp = reaches.min().unwrap_or_else(|| self.last(location));
        if oldest > 0 {
            self.locations[location].drain(..oldest as usize);
            self.renumber(location, |at| at.saturating_sub(oldest));
        }
        self.locations[location][0].reads_previous = false;
    }

    fn forget_accesses(&mut self) {
        let threads = &self.threads;
        let somebody_does_not_know = |access: &_| {
            let knows = |current: &std::collections::BTreeSet<_>| current.contains(access);
            !threads.values().all(|thread| knows(&thread.current.known))
        };
        let before = self.accesses.len();
        self.accesses.retain(somebody_does_not_know);
        if self.accesses.len() < before {
            let left = self.accesses.clone();
            for view in self.views_mut() {
                view.known.retain(|access| left.contains(access));
            }
        }
    }
}
