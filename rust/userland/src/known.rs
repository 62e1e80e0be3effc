//! What is known of a world already, for several threads at once: what was looked up before, and nothing else.
//!
//! Most of what a search asks was asked before, because a step depends on a few numbers only, and so does what it does to
//! other threads. Left to the world itself are connects that find no slot, and quiet states. Not made for
//! it at all are weak machines.

use crate::faults::Fate;
use crate::future::{self, Foresight, everything};
use crate::interner::Interner;
use crate::local::{At, Local};
use crate::machine::{Environment, Machine};
use crate::object::Object;
use crate::program::ThreadPlan;
use crate::properties;
use crate::state::{Actor, Layout, State};
use crate::symmetry::{Symmetry, rename};
use crate::world::{
    Alerts, DISABLED, Effects, Exits, Fates, Invariants, Kind, LocalInfo, Memo, Outcome, Wakes,
    World, key,
};
use std::sync::Arc;
use xous_sim_kernel::{Caller, Pid};
use xous_sim_step::{Choice, Future, Known, Violation};

/// The parts of a world that answer.
pub struct KnownWorld<'k> {
    layout: Layout,
    threads: &'k [ThreadPlan],
    environment: &'k Environment,
    infos: &'k [LocalInfo],
    locals: &'k Interner<Local>,
    machines: &'k Interner<Machine>,
    objects: &'k Interner<Object>,
    steps: &'k Memo,
    effects: &'k [Arc<Effects>],
    exits: &'k Exits,
    wakes: &'k Wakes,
    fates: &'k Fates,
    symmetry: Symmetry<'k>,
    foresight: &'k Foresight,
    /// What becomes of threads that spin, where any may.
    alerts: Option<&'k Alerts>,
    /// What is known of the user's invariant, where there is one.
    invariants: Option<&'k Invariants>,
    /// What a step violates that raises an exception, but for the sentence.
    exception: Violation,
}

/// Who is asked of what a step violates.
type Permits<'p> = &'p dyn Fn(&Violation) -> bool;

impl World<'_> {
    /// What several threads may use at once.
    pub(crate) fn known_part(&self) -> Option<KnownWorld<'_>> {
        if self.c11.is_some() {
            return None;
        }
        let watched = self.watcher.as_ref().is_some_and(|w| w.has_invariant());
        Some(KnownWorld {
            layout: self.layout,
            threads: &self.program.threads,
            environment: &self.program.environment,
            infos: &self.infos,
            locals: &self.locals,
            machines: &self.machines,
            objects: &self.objects,
            steps: &self.steps,
            effects: &self.effects,
            exits: &self.exits,
            wakes: &self.wakes,
            fates: &self.fates,
            symmetry: self.symmetry(),
            foresight: &self.foresight,
            alerts: self.any_spins.then_some(&self.alerts),
            invariants: watched.then_some(&self.invariants),
            exception: properties::exception("", ""),
        })
    }
}

/// The number of no thread.
const NOBODY: usize = usize::MAX;
/// The place of no object.
const NOWHERE: u32 = u32::MAX;

/// A step that was looked up.
#[derive(Clone, Copy)]
pub struct Found {
    outcome: Outcome,
    /// The place of its object; beyond all places if there is none.
    place: u32,
}

impl KnownWorld<'_> {
    #[inline]
    fn info(&self, state: &State, thread: usize) -> &LocalInfo {
        &self.infos[state.0[self.layout.thread(thread)] as usize]
    }

    /// The next step of a thread, if it was taken before. `numbers` are those of the state.
    #[inline(always)]
    fn find(&self, numbers: &[u32], thread: usize, choice: Choice) -> Option<Found> {
        let own = self.layout.thread(thread);
        let kind = self.infos[numbers[own] as usize].kind;
        let &outcome = self.steps.get(key(kind, numbers, own, thread, choice))?;
        let place = match kind {
            Kind::Object { place, .. } => place,
            _ => NOWHERE,
        };
        Some(Found { outcome, place })
    }

    fn fate(&self, state: &State, mortal: usize) -> Option<Option<Fate>> {
        let machine = state.0[self.layout.object(0)];
        self.fates.get(&(machine, mortal)).copied()
    }

    /// The step of a mortal process, which has no local state.
    fn fated(&self, fate: Fate) -> Found {
        Found {
            outcome: Outcome {
                object: fate.machine,
                local: u32::MAX,
                effects: fate.effects,
            },
            place: self.layout.object(0) as u32,
        }
    }

    fn caller(&self, state: &State, thread: usize) -> Option<Caller> {
        let started = || self.locals[state.0[self.layout.thread(thread)]].caller;
        let plan = self.threads.get(thread).map(|plan| plan.caller);
        plan.or_else(started)
    }

    /// What a step does beyond its thread and its object.
    #[inline(never)]
    fn follow_up(
        &self,
        state: &mut State,
        thread: usize,
        effects: u32,
        changed: bool,
        permits: Permits<'_>,
    ) -> Option<()> {
        if effects != 0 {
            self.spread(state, thread, effects, permits)?;
        }
        match self.alerts.filter(|_| changed) {
            Some(alerts) => self.alert(state, thread, alerts, permits),
            None => Some(()),
        }
    }

    /// What a step does to others than the thread and its object.
    fn spread(
        &self,
        state: &mut State,
        thread: usize,
        number: u32,
        permits: Permits<'_>,
    ) -> Option<()> {
        let effects = &*self.effects[number as usize];
        let exceptions = effects.raised.iter().map(|_| &self.exception);
        let mut violated = effects.violation.as_deref().into_iter().chain(exceptions);
        if effects.exhausted.is_some() || !violated.all(permits) {
            return None;
        }
        if let Some((spawned, raised)) = &effects.spawned {
            state.0.push(*spawned);
            let new = self.layout.thread_count(state) - 1;
            (raised.is_none() || permits(&self.exception)).then_some(())?;
            self.exit_if_over(state, new, permits)?;
        }
        for (n, (caller, _)) in effects.wakes.iter().enumerate() {
            if let Some(woken) = self.find_thread(state, *caller) {
                let place = self.layout.thread(woken);
                let after = self.wakes.get(&(state.0[place], number, n as u32));
                state.0[place] = *after?;
                self.exit_if_over(state, woken, permits)?;
            }
        }
        for pid in &effects.killed {
            self.kill(state, *pid)?;
        }
        match effects.exited {
            true => self.exit(state, thread, permits),
            false => Some(()),
        }
    }

    fn find_thread(&self, state: &State, caller: Caller) -> Option<usize> {
        let is = |thread: &usize| self.caller(state, *thread) == Some(caller);
        let over = |thread: &usize| self.info(state, *thread).over;
        (0..self.layout.thread_count(state)).find(|thread| is(thread) && !over(thread))
    }

    fn exit_if_over(&self, state: &mut State, thread: usize, permits: Permits<'_>) -> Option<()> {
        match self.info(state, thread).exits {
            true => self.exit(state, thread, permits),
            false => Some(()),
        }
    }

    fn exit(&self, state: &mut State, thread: usize, permits: Permits<'_>) -> Option<()> {
        let place = self.layout.object(0);
        let caller = self.caller(state, thread)?;
        let &(machine, effects) = self.exits.get(&(state.0[place], caller))?;
        state.0[place] = machine;
        match effects {
            0 => Some(()),
            effects => self.spread(state, thread, effects, permits),
        }
    }

    fn kill(&self, state: &mut State, pid: Pid) -> Option<()> {
        for thread in 0..self.layout.thread_count(state) {
            if self.caller(state, thread)?.pid == pid {
                let place = self.layout.thread(thread);
                let mut killed = Local::over(At::Killed);
                killed.caller = self.locals[state.0[place]].caller;
                state.0[place] = self.locals.find(&killed)?;
            }
        }
        Some(())
    }

    /// Threads that spin, or may, notice a change.
    fn alert(
        &self,
        state: &mut State,
        thread: usize,
        alerts: &Alerts,
        permits: Permits<'_>,
    ) -> Option<()> {
        for other in (0..self.layout.thread_count(state)).filter(|&other| other != thread) {
            if self.info(state, other).watches {
                let place = self.layout.thread(other);
                state.0[place] = *alerts.get(&state.0[place])?;
                self.exit_if_over(state, other, permits)?;
            }
        }
        Some(())
    }
}

impl Known<State, Found> for KnownWorld<'_> {
    #[inline]
    fn enabled(&self, state: &State, choices: &mut Vec<(Choice, Option<Found>)>) -> Option<()> {
        let numbers = state.0.as_slice();
        for thread in 0..self.layout.thread_count(state) {
            match self.infos[numbers[self.layout.thread(thread)] as usize].kind {
                Kind::Idle => {}
                Kind::Choose(n) => {
                    let agent = self.layout.agent(thread);
                    choices.extend((0..n).map(|pick| (Choice { agent, pick }, None)));
                }
                Kind::Object { may_wait, .. } => {
                    let choice = Choice::of(self.layout.agent(thread));
                    let found = match may_wait {
                        true => Some(self.find(numbers, thread, choice)?),
                        false => None,
                    };
                    if found.is_none_or(|found| found.outcome.object != DISABLED) {
                        choices.push((choice, found));
                    }
                }
            }
        }
        for mortal in 0..self.layout.mortals {
            let fate = self.fate(state, mortal)?;
            choices.extend(fate.map(|fate| (fate.choice, Some(self.fated(fate)))));
        }
        Some(())
    }

    #[inline]
    fn step(&self, state: &State, choice: Choice) -> Option<Found> {
        match self.layout.actor(choice.agent) {
            Actor::Thread(thread) => self.find(&state.0, thread, choice),
            Actor::Process(mortal) => Some(self.fated(self.fate(state, mortal)??)),
        }
    }

    #[inline]
    fn apply(
        &self,
        state: &mut State,
        choice: Choice,
        step: Found,
        permits: Permits<'_>,
    ) -> Option<()> {
        let Found { outcome, place } = step;
        let numbers = state.0.as_mut_slice();
        let mut changed = false;
        if let Some(object) = numbers.get_mut(place as usize) {
            changed = *object != outcome.object;
            *object = outcome.object;
        }
        let thread = match self.layout.actor(choice.agent) {
            Actor::Process(_) => NOBODY,
            Actor::Thread(thread) => {
                numbers[self.layout.thread(thread)] = outcome.local;
                thread
            }
        };
        match outcome.effects == 0 && self.alerts.is_none() {
            true => Some(()),
            false => self.follow_up(state, thread, outcome.effects, changed, permits),
        }
    }

    #[inline(always)]
    fn canonicalize(&self, state: &mut State) -> Option<()> {
        self.symmetry.sort(state, |number, renamed| {
            let renamed = rename(&self.objects[number], renamed);
            renamed.map_or(Some(number), |object| self.objects.find(&object))
        })
    }

    #[inline]
    fn fingerprint(&self, state: &State) -> u128 {
        state.fingerprint()
    }

    fn future<const W: usize>(&self, state: &State, agent: u16) -> Option<Future<W>> {
        let thread = match self.layout.actor(agent) {
            Actor::Thread(_) if self.alerts.is_some() => return Some(everything()),
            Actor::Thread(thread) => thread,
            Actor::Process(mortal) => {
                let machine = &self.machines[state.0[self.layout.object(0)]];
                return Some(future::of_mortal(machine, self.environment, mortal));
            }
        };
        let own = self.layout.thread(thread);
        let futures = self.foresight.known_futures();
        let known = futures.get(state.0[own] as usize).copied().flatten();
        known.map(|future| future::of_thread(future, own))
    }

    #[inline]
    fn agents(&self, state: &State) -> usize {
        self.layout.thread_count(state) + self.layout.mortals
    }

    #[inline]
    fn check(&self, state: &State, quiet: bool) -> Option<()> {
        let holds = self.invariants.is_none_or(|known| {
            let shared = &state.0[self.layout.shared()];
            known.get(shared).is_some_and(Option::is_none)
        });
        (!quiet && holds).then_some(())
    }
}
