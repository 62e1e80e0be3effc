//! What the steps of a world read and write: the dependencies that partial-order reductions rely on.
//!
//! A place is an entry of the state: a thread or an object. What a step wrote is seen by comparing the states around
//! it, so nothing can be forgotten there. What it read is listed here: its thread and its object; the kernel, where the
//! thread ended and the kernel was told; threads that may spin, which every change of an object must reach or find
//! awake; the memory, on a weak machine; and everything, where running out of slots made it look for live connections. A
//! death writes the machine, whose part the deaths that are left are, and every thread that dies; it reads everything.

use crate::state::{Actor, State};
use crate::world::{Kind, World};
use xous_sim_step::{Choice, Footprint};

impl World<'_> {
    /// What the step from `before` to `after` touched.
    pub(crate) fn footprint_of_step(
        &self,
        before: &State,
        choice: Choice,
        after: &State,
    ) -> Footprint {
        let Actor::Thread(thread) = self.layout.actor(choice.agent) else {
            return self.footprint_of_fate(before, choice, after);
        };
        let own = self.layout.thread(thread);
        let mut footprint = Footprint::NOTHING.writing(own);
        if let Kind::Object { place, .. } = self.infos[before.0[own] as usize].kind {
            footprint = footprint.reading(place as usize);
        }
        footprint = footprint.union(self.memory_footprint());
        if self.infos[after.0[own] as usize].exits {
            footprint = footprint.reading(self.layout.object(0));
        }
        footprint = footprint.union(self.written(before, after));
        let outcome = self.known_outcome(before, thread, choice);
        let effects = outcome.map(|outcome| &self.effects[outcome.effects as usize]);
        match effects.is_none_or(|effects| effects.exhausted.is_some()) {
            true => footprint.reading_everything(),
            false => footprint,
        }
    }

    /// The memory, on a weak machine: every step depends on it, and nearly every one changes it.
    pub(crate) fn memory_footprint(&self) -> Footprint {
        match self.c11 {
            None => Footprint::NOTHING,
            Some(_) => Footprint::NOTHING.writing(self.memory_place()),
        }
    }

    /// The places that changed, and what a change of an object reaches.
    pub(crate) fn written(&self, before: &State, after: &State) -> Footprint {
        let mut footprint = Footprint::NOTHING;
        let mut changed = false;
        let objects = self.layout.object(0)..=self.layout.object(self.program.objects.len());
        for (place, (old, new)) in before.0.iter().zip(&after.0).enumerate() {
            if old != new {
                footprint = footprint.writing(place);
                changed |= objects.contains(&place);
            }
        }
        for place in before.0.len()..after.0.len() {
            footprint = footprint.writing(place);
        }
        match changed {
            true => footprint.union(self.noticed(before)),
            false => footprint,
        }
    }

    /// What a change of any object reaches.
    pub(crate) fn noticed(&self, state: &State) -> Footprint {
        let spinners = match self.any_spins {
            true => self.spinners(state),
            false => Footprint::NOTHING,
        };
        let watched = self.watcher.as_ref().is_some_and(|w| w.has_invariant());
        match watched {
            true => spinners.visible(),
            false => spinners,
        }
    }

    /// Threads whose bodies may spin: a change of an object is noted by those of them that are in a loop.
    fn spinners(&self, state: &State) -> Footprint {
        let threads = 0..self.layout.thread_count(state);
        let spins = |thread: &usize| {
            let behaviour =
                self.behaviours[usize::from(self.local(state, *thread).body.0)].as_ref();
            behaviour.is_some_and(crate::behaviour::Behaviour::spins)
        };
        threads
            .filter(spins)
            .fold(Footprint::NOTHING, |footprint, thread| {
                footprint.reading(self.layout.thread(thread))
            })
    }

    /// What decides whether the next operation of a thread can happen: the thread and its object.
    pub(crate) fn pending_footprint(&self, state: &State, agent: u16) -> Option<Footprint> {
        let thread = match self.layout.actor(agent) {
            Actor::Thread(thread) => thread,
            Actor::Process(mortal) => return self.pending_fate(state, mortal),
        };
        let own = self.layout.thread(thread);
        let footprint = self.memory_footprint().writing(own);
        match self.infos[state.0[own] as usize].kind {
            Kind::Idle => None,
            Kind::Choose(_) => Some(footprint),
            Kind::Object { place, .. } => Some(footprint.writing(place as usize)),
        }
    }
}
