//! The world as searches see it: what can happen in a state, what it leads to, and what must not be.

use super::World;
use super::steps::Kind;
use crate::behaviour::TraceError;
use crate::known::{Found, KnownWorld};
use crate::properties;
use crate::state::{Actor, State};
use std::sync::Arc;
use xous_sim_step::{Choice, Footprint, Future, Model, Violation, Violations};

impl Model for World<'_> {
    type State = State;
    type Error = TraceError;
    type Step = Found;
    type Known<'k>
        = KnownWorld<'k>
    where
        Self: 'k;

    fn initial(&mut self) -> Result<State, TraceError> {
        let mut state = State::default();
        self.raised_at_once.clear();
        for thread in 0..self.program.threads.len() {
            let plan = &self.program.threads[thread];
            let (body, rounds) = (plan.body, plan.rounds);
            let name = plan.name.clone();
            let begun = self.begin(body, rounds, None, &[], false)?;
            let raised = begun.raised;
            let raised = raised.map(|message| properties::exception(&name, &message));
            self.raised_at_once.extend(raised);
            state.0.push(begun.local);
        }
        state
            .0
            .push(self.machines.intern(self.program.machine.clone()));
        for named in &self.program.objects {
            state.0.push(self.objects.intern(named.object.clone()));
        }
        if self.c11.is_some() {
            let memory = self.first_memory();
            state.0.push(memory);
        }
        for thread in 0..self.program.threads.len() {
            if self.infos[state.0[thread] as usize].exits {
                self.exit(&mut state, thread, &mut Violations::default())?;
            }
        }
        Ok(state)
    }

    fn violated_at_first(&self) -> Violations {
        let mut violations = Violations::default();
        violations.extend(self.raised_at_once.iter().cloned().map(Arc::new));
        violations
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), TraceError> {
        if self.c11.is_some() {
            return self.enabled_c11(state, choices);
        }
        let numbers = state.0.as_slice();
        for thread in 0..self.layout.thread_count(state) {
            self.enabled_of_thread(state, numbers, thread, choices)?;
        }
        if self.layout.mortals > 0 {
            self.enabled_fates(state, choices);
        }
        Ok(())
    }

    fn enabled_of(
        &mut self,
        state: &State,
        agent: u16,
        choices: &mut Vec<Choice>,
    ) -> Result<(), TraceError> {
        choices.clear();
        match self.layout.actor(agent) {
            Actor::Thread(thread) if self.c11.is_none() => {
                match thread < self.layout.thread_count(state) {
                    true => self.enabled_of_thread(state, &state.0, thread, choices),
                    false => Ok(()),
                }
            }
            _ => {
                self.enabled(state, choices)?;
                choices.retain(|choice| choice.agent == agent);
                Ok(())
            }
        }
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, TraceError> {
        let thread = match self.actor(choice) {
            Actor::Thread(thread) => thread,
            Actor::Process(mortal) => return self.suffer(state, mortal),
        };
        let place = self.layout.thread(thread);
        let before = self.infos[state.0[place] as usize].kind;
        let outcome = match self.c11 {
            None => self.step(state, thread, choice)?,
            Some(_) => self.step_c11(state, thread, choice.pick)?,
        };
        state.0[place] = outcome.local;
        let mut changed = false;
        if let Kind::Object { place, .. } = before {
            changed = state.0[place as usize] != outcome.object;
            state.0[place as usize] = outcome.object;
        }
        let mut violations = Violations::default();
        if outcome.effects != 0 {
            self.spread(state, thread, outcome.effects, &mut violations)?;
        }
        if changed && self.any_spins {
            self.tell_spinning(state, thread, &mut violations)?;
        }
        Ok(violations)
    }

    fn take<const W: usize>(
        &mut self,
        state: &mut State,
        choice: Choice,
    ) -> Result<(Violations, Footprint<W>), TraceError> {
        if let Some(footprint) = self.take_by_itself(state, choice)? {
            return Ok((Violations::default(), footprint));
        }
        let before = state.clone();
        let violations = self.apply(state, choice)?;
        Ok((violations, self.footprint_of_step(&before, choice, state)))
    }

    fn canonicalize(&mut self, state: &mut State) {
        self.sort_threads(state);
    }

    fn places(&self, state: &State) -> Vec<u16> {
        World::places(self, state)
    }

    fn fingerprint(&self, state: &State) -> u128 {
        state.fingerprint()
    }

    fn place_count(&self) -> usize {
        self.layout.threads + self.layout.objects + 1
    }

    fn footprint<const W: usize>(
        &self,
        before: &State,
        choice: Choice,
        after: &State,
    ) -> Footprint<W> {
        self.footprint_of_step(before, choice, after)
    }

    fn pending<const W: usize>(&self, state: &State, agent: u16) -> Option<Footprint<W>> {
        self.pending_footprint(state, agent)
    }

    fn own_place<const W: usize>(&self, agent: u16) -> Footprint<W> {
        match self.layout.actor(agent) {
            Actor::Thread(thread) => Footprint::NOTHING.writing(self.layout.thread(thread)),
            Actor::Process(_) => Footprint::NOTHING.writing(self.layout.object(0)),
        }
    }

    fn future<const W: usize>(&mut self, state: &State, agent: u16) -> Future<W> {
        match self.layout.actor(agent) {
            Actor::Thread(thread) => self.thread_future(state, thread),
            Actor::Process(mortal) => self.mortal_future(state, mortal),
        }
    }

    fn knowledge(&self) -> u64 {
        self.learned()
    }

    fn may_wait(&self, state: &State, agent: u16) -> bool {
        let Actor::Thread(thread) = self.layout.actor(agent) else {
            return true;
        };
        let local = state.0[self.layout.thread(thread)];
        matches!(
            self.infos[local as usize].kind,
            Kind::Object { may_wait: true, .. }
        )
    }

    fn agents(&self, state: &State) -> usize {
        self.agent_count(state)
    }

    fn known(&self) -> Option<KnownWorld<'_>> {
        self.known_part()
    }

    fn growth(&self) -> u64 {
        self.tables().iter().map(|table| table.growth()).sum()
    }

    fn may_cycle(&self) -> bool {
        self.any_spins
    }

    /// What `choose` may give it gives in the end, and the newest store becomes visible; nobody need ever read an older one.
    fn is_made_in_the_end(&self, state: &State, choice: Choice) -> bool {
        let Actor::Thread(thread) = self.layout.actor(choice.agent) else {
            return !choice.is_fault();
        };
        let local = state.0[self.layout.thread(thread)];
        choice.pick == 0 || matches!(self.infos[local as usize].kind, Kind::Choose(_))
    }

    fn livelock(&self, state: &State, agents: &[u16]) -> Violation {
        let name = |agent: &u16| match self.layout.actor(*agent) {
            Actor::Thread(thread) => self.thread_name(state, thread),
            Actor::Process(mortal) => self.program.environment.mortals[mortal].name.clone(),
        };
        properties::livelock(&agents.iter().map(name).collect::<Vec<_>>())
    }

    fn check(
        &mut self,
        state: &State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, TraceError> {
        let broken = match &self.watcher {
            Some(watcher) if watcher.has_invariant() => self.check_invariant(state)?,
            _ => None,
        };
        match enabled.iter().all(|choice| choice.is_fault()) && broken.is_none() {
            true => self.check_quiet(state),
            false => Ok(broken),
        }
    }
}
