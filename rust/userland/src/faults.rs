//! Fault injection: the steps of processes that may die, as choices of a search.
//!
//! A mortal process is an agent of its own. While deaths are left, its death is a fault that is enabled in every state;
//! when it is dead and its server comes back, that is an ordinary step, which a program can rely on. What either does
//! depends on the machine's number only, so it is computed once and looked up from then on.

use crate::behaviour::TraceError;
use crate::future::of_mortal;
use crate::state::State;
use crate::world::{Effects, World};
use std::sync::Arc;
use xous_sim_step::{Choice, Footprint, Future, Violations};

/// The next step of a mortal process.
#[derive(Clone, Copy)]
pub(crate) struct Fate {
    pub choice: Choice,
    /// The machine's number after it.
    pub machine: u32,
    /// Number of what it does to threads.
    pub effects: u32,
}

/// The number of no thread.
const NOBODY: usize = usize::MAX;

impl World<'_> {
    /// Appends the steps of mortal processes.
    pub(crate) fn enabled_fates(&mut self, state: &State, choices: &mut Vec<Choice>) {
        for mortal in 0..self.layout.mortals {
            choices.extend(self.fate(state, mortal).map(|fate| fate.choice));
        }
    }

    /// What comes next for a mortal process, if anything does.
    fn fate(&mut self, state: &State, mortal: usize) -> Option<Fate> {
        let key = (state.0[self.layout.object(0)], mortal);
        if let Some(known) = self.fates.get(&key) {
            return *known;
        }
        let fate = self.tell_fate(key.0, mortal);
        self.fates.insert(key, fate);
        fate
    }

    fn tell_fate(&mut self, number: u32, mortal: usize) -> Option<Fate> {
        let mut machine = self.machines[number].clone();
        let agent = self.layout.mortal(mortal);
        let choice = match machine.can_die(mortal) {
            true => Choice::fault(agent),
            false => Choice::of(agent),
        };
        let effect = machine.live_on(&self.program.environment, mortal)?;
        let effects = self.note(Effects {
            wakes: effect.wakes,
            killed: effect.ended,
            violation: effect.violation.map(Arc::new),
            ..Effects::default()
        });
        Some(Fate {
            choice,
            machine: self.machines.intern(machine),
            effects,
        })
    }

    /// Carries out the step of a mortal process.
    pub(crate) fn suffer(
        &mut self,
        state: &mut State,
        mortal: usize,
    ) -> Result<Violations, TraceError> {
        let fate = self.fate(state, mortal);
        let fate = fate.expect("a step that is taken is enabled");
        self.begin_step();
        state.0[self.layout.object(0)] = fate.machine;
        let mut violations = Violations::default();
        self.spread(state, NOBODY, fate.effects, &mut violations)?;
        if self.any_spins {
            self.tell_spinning(state, NOBODY, &mut violations)?;
        }
        Ok(violations)
    }

    /// What the next step of a mortal process may touch: the machine, the threads that die, and whoever notices. Where
    /// there is a name server, whoever waits for it too.
    pub(crate) fn pending_fate<const W: usize>(
        &self,
        state: &State,
        mortal: usize,
    ) -> Option<Footprint<W>> {
        let place = self.layout.object(0);
        let machine = &self.machines[state.0[place]];
        let dies = machine.can_die(mortal);
        if !machine.may_act(&self.program.environment, mortal) {
            return None;
        }
        if machine.names.is_some() {
            return Some(Footprint::EVERYTHING);
        }
        let own = |&thread: &usize| Some(self.caller(state, thread).pid) == machine.living(mortal);
        let dying = (0..self.thread_count(state)).filter(own);
        let footprint = match dies {
            true => self.noticed().writing(place).reading_everything(),
            false => self.noticed().writing(place),
        };
        let footprint = footprint.union(self.memory_footprint());
        Some(dying.fold(footprint, |all, thread| {
            all.writing(self.layout.thread(thread))
        }))
    }

    /// What a step of a mortal process touched. A death commutes with nothing: a state that is quiet only because nobody
    /// has died must be seen whatever else is left out.
    pub(crate) fn footprint_of_fate<const W: usize>(
        &self,
        before: &State,
        choice: Choice,
        after: &State,
    ) -> Footprint<W> {
        let machine = Footprint::NOTHING.writing(self.layout.object(0));
        let footprint = machine.union(self.written(before, after));
        let footprint = footprint.union(self.memory_footprint());
        match choice.is_fault() {
            true => footprint.reading_everything(),
            false => footprint,
        }
    }

    /// What a mortal process may yet touch.
    pub(crate) fn mortal_future<const W: usize>(&self, state: &State, mortal: usize) -> Future<W> {
        let machine = &self.machines[state.0[self.layout.object(0)]];
        of_mortal(machine, &self.program.environment, mortal)
    }
}
