//! What is known of a world already, for several threads at once: steps that were taken before, and nothing else.
//!
//! Most steps of a search are, because a step depends on two numbers only. Left to the world itself are steps with
//! effects on other threads, and quiet states. Not made for it at all are worlds in which a change of
//! one object concerns threads that do not touch it (they may spin), in which processes may die, whose machine is weak, or
//! which the user watches state by state.

use crate::interner::Interner;
use crate::object::Object;
use crate::state::{Layout, State};
use crate::symmetry::{Symmetry, rename};
use crate::world::{DISABLED, Effects, Kind, LocalInfo, Memo, Outcome, World, key};
use std::sync::Arc;
use xous_sim_step::{Choice, Future, Known, Violations};

/// The parts of a world that answer.
struct KnownWorld<'k> {
    layout: Layout,
    infos: &'k [LocalInfo],
    steps: &'k Memo,
    objects: &'k Interner<Object>,
    effects: &'k [Arc<Effects>],
    symmetry: Symmetry<'k>,
    futures: &'k [Option<Future>],
}

impl World<'_> {
    /// What several threads may use at once.
    pub(crate) fn known_part(&self) -> Option<Box<dyn Known<State> + '_>> {
        let watched = self.watcher.as_ref().is_some_and(|w| w.has_invariant());
        let reaches_far = self.any_spins || self.layout.mortals > 0 || self.c11.is_some();
        if reaches_far || watched || !self.raised_at_once.is_empty() {
            return None;
        }
        Some(Box::new(KnownWorld {
            layout: self.layout,
            infos: &self.infos,
            steps: &self.steps,
            objects: &self.objects,
            effects: &self.effects,
            symmetry: self.symmetry(),
            futures: self.foresight.known_futures(),
        }))
    }
}

impl KnownWorld<'_> {
    fn info(&self, state: &State, thread: usize) -> &LocalInfo {
        &self.infos[state.0[self.layout.thread(thread)] as usize]
    }

    fn outcome(&self, state: &State, thread: usize, choice: Choice) -> Option<Outcome> {
        let kind = self.info(state, thread).kind;
        self.steps
            .get(&key(self.layout, kind, state, thread, choice))
            .copied()
    }

    fn is_enabled(&self, state: &State, thread: usize) -> Option<bool> {
        let outcome = self.outcome(state, thread, Choice::of(thread as u16))?;
        Some(outcome.object != DISABLED)
    }
}

impl Known<State> for KnownWorld<'_> {
    fn enabled(&self, state: &State, choices: &mut Vec<Choice>) -> Option<()> {
        for thread in 0..self.layout.thread_count(state) {
            let agent = thread as u16;
            match self.info(state, thread).kind {
                Kind::Idle => {}
                Kind::Choose(n) => choices.extend((0..n).map(|pick| Choice { agent, pick })),
                Kind::Object { may_wait, .. } => {
                    if !may_wait || self.is_enabled(state, thread)? {
                        choices.push(Choice::of(agent));
                    }
                }
            }
        }
        Some(())
    }

    fn apply(&self, state: &mut State, choice: Choice) -> Option<Violations> {
        let thread = usize::from(choice.agent);
        let outcome = self.outcome(state, thread, choice)?;
        let mut violations = Violations::default();
        if outcome.effects != 0 {
            let effects = &self.effects[outcome.effects as usize];
            violations.extend(Some(effects.only_violation()?));
        }
        if let Kind::Object { place, .. } = self.info(state, thread).kind {
            state.0[place as usize] = outcome.object;
        }
        state.0[self.layout.thread(thread)] = outcome.local;
        Some(violations)
    }

    fn canonicalize(&self, state: &mut State) -> Option<()> {
        self.symmetry.sort(state, |number, renamed| {
            let renamed = rename(&self.objects[number], renamed);
            renamed.map_or(Some(number), |object| self.objects.find(&object))
        })
    }

    fn fingerprint(&self, state: &State) -> u128 {
        state.fingerprint()
    }

    fn future(&self, state: &State, agent: u16) -> Option<Future> {
        let own = self.layout.thread(usize::from(agent));
        let known = self.futures.get(state.0[own] as usize).copied().flatten();
        known.map(|future| crate::future::of_thread(future, own))
    }

    fn agents(&self, state: &State) -> usize {
        self.layout.thread_count(state)
    }

    fn check(&self, _: &State, enabled: &[Choice]) -> Option<()> {
        (!enabled.is_empty()).then_some(())
    }
}
