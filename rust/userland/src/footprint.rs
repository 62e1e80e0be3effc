//! What the steps of a world read and write: the dependencies that partial-order reductions rely on.
//!
//! A place is an entry of the state: a thread or an object. What a step wrote is seen by comparing the states around it,
//! so nothing can be forgotten there. What it read is listed here: its thread and its object; the kernel, where the
//! thread ended and the kernel was told; the memory, on a weak machine; and everything, where running out of slots made
//! it look for live connections. A step without effects on others wrote its object at most: nothing need be compared.
//! A death writes the machine, whose part the deaths that are left are, and every thread that dies; it reads everything.
//!
//! A thread that spins notes every change of an object, and whether it has noted one already decides what a change does
//! to it. Whether two steps conflict must not depend on which of them comes first (P. A. Abdulla et al., JACM 64, 2017,
//! section 3), so all that is one more place: every change reads it, every step that moves a thread that may spin, or
//! starts one, writes it.

use crate::behaviour::{Behaviour, TraceError};
use crate::op::BodyId;
use crate::state::{Actor, State};
use crate::world::{Kind, Outcome, World};
use xous_sim_step::{Choice, Footprint};

/// The place of what all threads that may spin have noted: the last one. Few programs have an object or thread there too.
const fn noted<const W: usize>() -> usize {
    Footprint::<W>::PLACES - 1
}

impl World<'_> {
    /// What the step from `before` to `after` touched.
    pub(crate) fn footprint_of_step<const W: usize>(
        &self,
        before: &State,
        choice: Choice,
        after: &State,
    ) -> Footprint<W> {
        let Actor::Thread(thread) = self.layout.actor(choice.agent) else {
            return self.footprint_of_fate(before, choice, after);
        };
        let own = self.layout.thread(thread);
        let mut footprint = self.memory_footprint().writing(own);
        if let Kind::Object { place, .. } = self.infos[before.0[own] as usize].kind {
            footprint = footprint.reading(place as usize);
        }
        if self.infos[after.0[own] as usize].exits {
            footprint = footprint.reading(self.layout.object(0));
        }
        footprint = footprint.union(self.written(before, after));
        let outcome = self.known_outcome(before, thread, choice);
        let exhausted = |outcome: Outcome| {
            let effects = &self.effects[outcome.effects as usize];
            effects.exhausted.is_some()
        };
        match outcome.is_none_or(exhausted) {
            true => footprint.reading_everything(),
            false => footprint,
        }
    }

    /// Takes a step that touches its thread and its object and nothing else, and tells what that is, which is then quickly
    /// known. Leaves the state alone and says nothing if the step has effects beyond these or others notice what changes.
    pub(crate) fn take_by_itself<const W: usize>(
        &mut self,
        state: &mut State,
        choice: Choice,
    ) -> Result<Option<Footprint<W>>, TraceError> {
        let Actor::Thread(thread) = self.layout.actor(choice.agent) else {
            return Ok(None);
        };
        if self.any_spins || self.c11.is_some() {
            return Ok(None);
        }
        let outcome = self.step(state, thread, choice)?;
        if outcome.effects != 0 {
            return Ok(None);
        }
        let own = self.layout.thread(thread);
        let numbers = state.0.as_mut_slice();
        let mut footprint = Footprint::NOTHING.writing(own);
        if let Kind::Object { place, .. } = self.infos[numbers[own] as usize].kind {
            let place = place as usize;
            footprint = footprint.reading(place);
            if numbers[place] != outcome.object {
                footprint = footprint.union(self.noticed()).writing(place);
                numbers[place] = outcome.object;
            }
        }
        numbers[own] = outcome.local;
        Ok(Some(footprint))
    }

    /// The memory, on a weak machine: every step depends on it, and nearly every one changes it.
    pub(crate) fn memory_footprint<const W: usize>(&self) -> Footprint<W> {
        match self.c11 {
            None => Footprint::NOTHING,
            Some(_) => Footprint::NOTHING.writing(self.memory_place()),
        }
    }

    /// The places that changed, and what a change of an object reaches.
    pub(crate) fn written<const W: usize>(&self, before: &State, after: &State) -> Footprint<W> {
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
        if changed {
            footprint = footprint.union(self.noticed());
        }
        match self.moves_spinner(before, after) {
            true => footprint.writing(noted::<W>()),
            false => footprint,
        }
    }

    /// What every change of an object reaches: threads that spin, and whoever watches.
    pub(crate) fn noticed<const W: usize>(&self) -> Footprint<W> {
        let spinners = match self.any_spins {
            true => Footprint::NOTHING.reading(noted::<W>()),
            false => Footprint::NOTHING,
        };
        let watched = self.watcher.as_ref().is_some_and(|w| w.has_invariant());
        match watched {
            true => spinners.visible(),
            false => spinners,
        }
    }

    /// Whether a thread that may spin is in another local state afterwards, or has been started.
    fn moves_spinner(&self, before: &State, after: &State) -> bool {
        if !self.any_spins {
            return false;
        }
        let existed = self.layout.thread_count(before);
        let moved = |thread: &usize| {
            let place = self.layout.thread(*thread);
            *thread >= existed || before.0[place] != after.0[place]
        };
        let body = |thread: usize| match thread < existed {
            true => self.local(before, thread).body,
            false => self.local(after, thread).body,
        };
        let threads = 0..self.layout.thread_count(after);
        threads.filter(moved).map(body).any(|body| self.spins(body))
    }

    /// Whether a thread of a body may spin, as far as is known.
    fn spins(&self, body: BodyId) -> bool {
        let behaviour = self.behaviours[usize::from(body.0)].as_ref();
        behaviour.is_some_and(Behaviour::spins)
    }

    /// What decides whether the next operation of a thread can happen: the thread and its object.
    pub(crate) fn pending_footprint<const W: usize>(
        &self,
        state: &State,
        agent: u16,
    ) -> Option<Footprint<W>> {
        let thread = match self.layout.actor(agent) {
            Actor::Thread(thread) => thread,
            Actor::Process(mortal) => return self.pending_fate(state, mortal),
        };
        let own = self.layout.thread(thread);
        let mut footprint = self.memory_footprint().writing(own);
        if self.spins(self.local(state, thread).body) {
            footprint = footprint.writing(noted::<W>());
        }
        match self.infos[state.0[own] as usize].kind {
            Kind::Idle => None,
            Kind::Choose(_) => Some(footprint),
            Kind::Object { place, .. } => Some(footprint.writing(place as usize)),
        }
    }
}
