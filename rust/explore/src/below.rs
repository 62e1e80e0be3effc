//! A model from the end of a schedule on: what a part of a split search begins with.
//!
//! The initial state is the one behind the prefix; everything else is the model's own. So any search explores what lies
//! below the prefix, and [`Below::lift`] puts the prefix before the schedules that it reports. What is violated on the
//! way to the prefix is left out: whoever splits a search finds that ([`split`](crate::split())). A search that looks
//! for cycles does not see the states of the prefix, so it notices one that leads back there a round later.

use crate::dfs::Begun;
use crate::execution::{Departure, Execution};
use crate::report::Report;
use xous_sim_step::{Choice, Footprint, Future, Model, Schedule, Violation, Violations};

/// A model that begins behind a prefix.
pub struct Below<'a, M: Model> {
    model: &'a mut M,
    prefix: Schedule,
    initial: M::State,
    begun: Begun,
}

impl<'a, M: Model> Below<'a, M> {
    /// The model behind `prefix`. The outer error is the model's own, the inner one a prefix that does not fit.
    pub fn new(model: &'a mut M, prefix: Schedule) -> Result<Result<Self, Departure>, M::Error> {
        let mut followed = match Execution::follow(model, &prefix)? {
            Ok(followed) => followed,
            Err(departure) => return Ok(Err(departure)),
        };
        let begun = Begun {
            previous: prefix.last_step(),
            preemptions: u32::try_from(followed.preemptions).unwrap_or(u32::MAX),
        };
        let initial = followed.states.pop().expect("an execution has a state");
        Ok(Ok(Self {
            model,
            prefix,
            initial,
            begun,
        }))
    }

    /// What the prefix has spent of a bound on preemptions.
    pub fn begun(&self) -> Begun {
        self.begun
    }

    /// Puts the prefix before the schedules of a report.
    pub fn lift(&self, report: &mut Report) {
        let steps = self.prefix.0.len();
        report.depth += steps as u64;
        for counterexample in &mut report.counterexamples {
            let below = counterexample.schedule.0.iter();
            counterexample.schedule =
                Schedule(self.prefix.0.iter().chain(below).copied().collect());
            counterexample.repeats_from = counterexample.repeats_from.map(|from| from + steps);
        }
    }
}

impl<M: Model> Model for Below<'_, M> {
    type State = M::State;
    type Error = M::Error;
    type Step = M::Step;
    type Known<'k>
        = M::Known<'k>
    where
        Self: 'k;

    fn initial(&mut self) -> Result<M::State, M::Error> {
        Ok(self.initial.clone())
    }

    fn enabled(&mut self, state: &M::State, choices: &mut Vec<Choice>) -> Result<(), M::Error> {
        self.model.enabled(state, choices)
    }

    fn enabled_of(
        &mut self,
        state: &M::State,
        agent: u16,
        choices: &mut Vec<Choice>,
    ) -> Result<(), M::Error> {
        self.model.enabled_of(state, agent, choices)
    }

    fn apply(&mut self, state: &mut M::State, choice: Choice) -> Result<Violations, M::Error> {
        self.model.apply(state, choice)
    }

    fn take<const W: usize>(
        &mut self,
        state: &mut M::State,
        choice: Choice,
    ) -> Result<(Violations, Footprint<W>), M::Error> {
        self.model.take(state, choice)
    }

    fn canonicalize(&mut self, state: &mut M::State) {
        self.model.canonicalize(state);
    }

    fn places(&self, state: &M::State) -> Vec<u16> {
        self.model.places(state)
    }

    fn fingerprint(&self, state: &M::State) -> u128 {
        self.model.fingerprint(state)
    }

    fn place_count(&self) -> usize {
        self.model.place_count()
    }

    fn footprint<const W: usize>(
        &self,
        before: &M::State,
        choice: Choice,
        after: &M::State,
    ) -> Footprint<W> {
        self.model.footprint(before, choice, after)
    }

    fn pending<const W: usize>(&self, state: &M::State, agent: u16) -> Option<Footprint<W>> {
        self.model.pending(state, agent)
    }

    fn own_place<const W: usize>(&self, agent: u16) -> Footprint<W> {
        self.model.own_place(agent)
    }

    fn future<const W: usize>(&mut self, state: &M::State, agent: u16) -> Future<W> {
        self.model.future(state, agent)
    }

    fn knowledge(&self) -> u64 {
        self.model.knowledge()
    }

    fn may_wait(&self, state: &M::State, agent: u16) -> bool {
        self.model.may_wait(state, agent)
    }

    fn agents(&self, state: &M::State) -> usize {
        self.model.agents(state)
    }

    fn known(&self) -> Option<M::Known<'_>> {
        self.model.known()
    }

    fn growth(&self) -> u64 {
        self.model.growth()
    }

    fn may_cycle(&self) -> bool {
        self.model.may_cycle()
    }

    fn is_made_in_the_end(&self, state: &M::State, choice: Choice) -> bool {
        self.model.is_made_in_the_end(state, choice)
    }

    fn livelock(&self, state: &M::State, agents: &[u16]) -> Violation {
        self.model.livelock(state, agents)
    }

    fn check(
        &mut self,
        state: &M::State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, M::Error> {
        self.model.check(state, enabled)
    }
}
