//! The breadth-first search itself: one pass over the reachable states.

use super::found::Found;
use super::frontier::Frontier;
use super::persistent::Persistent;
use super::team::Team;
use super::{Exhaustive, block};
use crate::checkpoint::Keeper;
use crate::effort::Effort;
use crate::execution::actual_schedule;
use crate::report::{Budget, Counterexample, Observer, Progress, Report, Stop, Verdict};
use crate::smooth::smooth;
use crate::visited::{Arrival, StateNumber, Visited};
use fixedbitset::FixedBitSet;
use std::ops::ControlFlow;
use std::time::Instant;
use xous_sim_step::{Choice, Model, Violation};

/// How many transitions are taken between two looks at the clock and at the observer. Not states: one of them can have
/// tens of thousands of successors. Few, because a step may run a body, which takes long.
const INTERVAL: u64 = 1 << 6;

/// Steps that may be spent on smoothing a counterexample.
const SMOOTHING: u64 = 1 << 18;

/// Successors that are gathered before they are looked up, so that their look-ups wait for memory together.
const BATCH: usize = 64;

/// Fewer are not worth waking others for.
const SHARED: usize = 1 << 10;

/// How a pass ended.
pub enum Ending {
    /// Every state was expanded.
    Explored,
    /// A violation was enough.
    Violation,
    /// A limit was hit.
    OutOf(Budget),
}

/// A state that was reached, and from where.
pub struct Successor<S> {
    pub state: S,
    pub fingerprint: u128,
    pub parent: StateNumber,
    pub choice: Choice,
}

/// A pass.
pub struct Search<'a, M: Model, const W: usize> {
    pub(super) plan: Exhaustive,
    pub(super) model: &'a mut M,
    pub(super) visited: Visited,
    /// States that wait to be expanded, in the order of their numbers.
    pub(super) frontier: Frontier<M::State>,
    /// Successors that are not looked up yet.
    pub(super) batch: Vec<Successor<M::State>>,
    /// The last state of the level that is being expanded: behind it, schedules are one longer.
    pub(super) level_end: StateNumber,
    pub(super) depth: u64,
    /// Steps of a long execution, for estimates.
    pub(super) longest: u64,
    pub(super) transitions: u64,
    /// Whether a new state found no room.
    pub(super) overflown: bool,
    /// The first state with a successor that found no room.
    pub(super) lost_from: Option<StateNumber>,
    /// The first state of those that were begun to be expanded last.
    begun: StateNumber,
    /// Bytes of the store, if it was given up.
    given_up: Option<u64>,
    pub(super) counterexamples: Vec<Counterexample>,
    persistent: Persistent<W>,
    /// Whether reduction left any choice out.
    pub pruned: bool,
    /// What the model knew when the search began.
    known: u64,
    /// Whether the rehearsals were whole, so that the model knew as much as it would if the search were taken up again.
    pub rehearsed: bool,
    /// Whether reduction relied on less than what was known when this part of the search began.
    pub(super) unsettled: bool,
    /// Memory for the next block.
    pub(super) spare: Vec<Found<M::State, M::Step, W>>,
    /// The same for what each set finds in it.
    pub(super) spare_places: Vec<Vec<FixedBitSet>>,
    /// Scratch space.
    choices: Vec<Choice>,
    /// How many transitions were taken when the clock was last looked at.
    looked_at: u64,
    started: Instant,
}

impl<'a, M: Model, const W: usize> Search<'a, M, W> {
    /// A pass at its beginning.
    pub fn new(plan: Exhaustive, model: &'a mut M, started: Instant) -> Result<Self, M::Error> {
        let mut initial = model.initial()?;
        model.canonicalize(&mut initial);
        let mut visited = Visited::new(plan.workers.get());
        visited.insert(model.fingerprint(&initial));
        visited.arrive(0, Choice::of(0));
        let mut frontier = Frontier::default();
        frontier.push(initial);
        let violations = model.violated_at_first();
        let known = model.knowledge();
        let mut search = Self {
            plan,
            model,
            visited,
            frontier,
            batch: Vec::with_capacity(BATCH),
            level_end: 0,
            depth: 0,
            longest: 0,
            transitions: 0,
            overflown: false,
            lost_from: None,
            begun: 0,
            given_up: None,
            counterexamples: Vec::new(),
            persistent: Persistent::default(),
            pruned: false,
            known,
            rehearsed: true,
            unsettled: false,
            spare: Vec::new(),
            spare_places: Vec::new(),
            choices: Vec::new(),
            looked_at: 0,
            started,
        };
        for violation in violations.iter() {
            search.record(0, None, violation)?;
        }
        Ok(search)
    }

    /// Whether reduction left out what the model, as it is known now, might say is needed.
    pub fn pruned_too_much(&self) -> bool {
        self.pruned && self.relied_on_too_little()
    }

    /// Whether the model has learned anything since reduction began to rely on what is known.
    pub(super) fn relied_on_too_little(&self) -> bool {
        self.unsettled || self.model.knowledge() != self.known
    }

    /// Expands states until none is left, by all of `team`. Where there is a keeper, the search is kept now and then and when
    /// it ends early.
    pub fn expand_all(
        &mut self,
        team: &Team,
        observer: &mut dyn Observer<M::Error>,
        keeper: &mut Option<&mut dyn Keeper<M::Error>>,
    ) -> Result<Ending, M::Error> {
        let ending = match self.expand_until_ending(team, observer, keeper) {
            Err(error) if observer.is_out_of_memory(&error) => {
                self.lose_begun();
                Ending::OutOf(Budget::Memory)
            }
            ended => ended?,
        };
        if matches!(ending, Ending::OutOf(Budget::Memory)) {
            self.give_memory_up();
        }
        if let (Ending::OutOf(_), Some(keeper)) = (&ending, keeper) {
            keeper.save(&self.checkpoint())?;
        }
        Ok(ending)
    }

    fn expand_until_ending(
        &mut self,
        team: &Team,
        observer: &mut dyn Observer<M::Error>,
        keeper: &mut Option<&mut dyn Keeper<M::Error>>,
    ) -> Result<Ending, M::Error> {
        if self.plan.stop == Stop::AtFirstViolation && !self.counterexamples.is_empty() {
            return Ok(Ending::Violation);
        }
        while !self.frontier.is_empty() {
            let left = self.left();
            let stopped = match left >= self.plan.together && self.model.known().is_some() {
                true => self.expand_many(left, team)?,
                false => self.expand_next()?,
            };
            if stopped {
                return Ok(Ending::Violation);
            }
            let due = self.is_time_to_look();
            if due {
                self.look_up(observer, keeper)?;
            }
            if let Some(budget) = self.exceeded(due, observer, keeper.is_some()) {
                return Ok(Ending::OutOf(budget));
            }
        }
        Ok(Ending::Explored)
    }

    /// The states that were begun last, whose expansion failed, are to be expanded when the search is taken up again.
    fn lose_begun(&mut self) {
        let first = self.batch.first().map(|successor| successor.parent);
        let lost = first.map_or(self.begun, |parent| parent.min(self.begun));
        self.lost_from = Some(self.lost_from.map_or(lost, |before| before.min(lost)));
        self.batch.clear();
    }

    /// Makes room for what comes behind the search.
    fn give_memory_up(&mut self) {
        self.store();
        self.given_up = Some(self.visited.stored_bytes());
        self.visited.forget_fingerprints();
        self.frontier.forget_states();
        self.spare.clear();
    }

    /// The number of the first state that waits: the numbers of those that wait are the last ones.
    pub(super) fn next(&self) -> StateNumber {
        self.visited.len() as StateNumber - self.frontier.len() as StateNumber
    }

    /// How many states of the level are left.
    fn left(&self) -> usize {
        (self.level_end - self.next()) as usize + 1
    }

    /// Expands a block of the `left` states of the level.
    fn expand_many(&mut self, left: usize, team: &Team) -> Result<bool, M::Error> {
        self.store();
        let first = self.next();
        self.begun = first;
        let at_most = block::PER_THREAD * team.size();
        let block = self.frontier.take(left.min(at_most));
        let alone = Team::default();
        let team = if left < SHARED { &alone } else { team };
        let expanded = self.expand_block(first, &block, team)?;
        self.frontier.give_back(block, expanded.states);
        self.end_level_behind(first + expanded.states as StateNumber - 1);
        Ok(expanded.stopped)
    }

    /// Expands the first state of the frontier.
    fn expand_next(&mut self) -> Result<bool, M::Error> {
        let number = self.next();
        self.begun = number;
        let state = self.frontier.pop().expect("there is a next state");
        let stopped = self.expand(number, &state)?;
        if self.batch.len() >= BATCH || self.frontier.is_empty() || number == self.level_end {
            self.store();
        }
        self.end_level_behind(number);
        Ok(stopped)
    }

    fn end_level_behind(&mut self, number: StateNumber) {
        if number == self.level_end && !self.frontier.is_empty() {
            self.depth += 1;
            self.level_end = (self.visited.len() - 1) as StateNumber;
        }
    }

    /// Tells the observer, who may end the search, and keeps it if it is time to.
    fn look_up(
        &mut self,
        observer: &mut dyn Observer<M::Error>,
        keeper: &mut Option<&mut dyn Keeper<M::Error>>,
    ) -> Result<(), M::Error> {
        let told = observer.progress(self.progress());
        let is_due = |keeper: &&mut &mut dyn Keeper<M::Error>| told.is_break() || keeper.is_due();
        if let Some(keeper) = keeper.as_mut().filter(is_due) {
            keeper.save(&self.checkpoint())?;
        }
        match told {
            ControlFlow::Break(error) => Err(error),
            ControlFlow::Continue(()) => Ok(()),
        }
    }

    /// Whether enough was done to look at the clock and at the observer.
    fn is_time_to_look(&mut self) -> bool {
        let due = self.transitions - self.looked_at >= INTERVAL;
        if due {
            self.looked_at = self.transitions;
        }
        due
    }

    /// Looks the gathered successors up, in the order in which they were reached.
    pub(super) fn store(&mut self) {
        let mut batch = std::mem::take(&mut self.batch);
        self.visited
            .touch(batch.iter().map(|successor| successor.fingerprint));
        for successor in batch.drain(..) {
            if self.has_room_for(&successor) && self.visited.insert(successor.fingerprint) {
                self.keep(successor);
            }
        }
        self.batch = batch;
    }

    /// Whether there is room for a state; if not, it is noted whose successors are not all stored.
    pub(super) fn has_room_for(&mut self, successor: &Successor<M::State>) -> bool {
        if self.overflown {
            self.lost_from.get_or_insert(successor.parent);
        }
        !self.overflown
    }

    /// Stores a state that was not known.
    pub(super) fn keep(&mut self, successor: Successor<M::State>) {
        self.visited.arrive(successor.parent, successor.choice);
        self.frontier.push(successor.state);
        self.overflown |= self.room() == 0;
    }

    /// How many more states may be stored: the limit, and one beyond it, which shows that it was hit.
    pub(super) fn room(&self) -> usize {
        let limit = self.plan.limits.max_states.unwrap_or(u64::MAX);
        let limit = limit.saturating_add(1).min(StateNumber::MAX.into());
        limit.saturating_sub(self.visited.len()) as usize
    }

    /// Checks a state, whose choices are then known; true if the search is to stop.
    pub(super) fn look_at(
        &mut self,
        number: StateNumber,
        state: &M::State,
    ) -> Result<bool, M::Error> {
        self.choices.clear();
        self.model.enabled(state, &mut self.choices)?;
        match self.model.check(state, &self.choices)? {
            Some(violation) => self.record(number, None, &violation),
            None => Ok(false),
        }
    }

    /// Checks a state and takes all its choices; true if the search is to stop.
    pub(super) fn expand(
        &mut self,
        number: StateNumber,
        state: &M::State,
    ) -> Result<bool, M::Error> {
        let stopped = self.look_at(number, state)?;
        let mut choices = std::mem::take(&mut self.choices);
        if self.plan.reduction {
            let model = &mut *self.model;
            let agents = model.agents(state);
            let future = |agent| Some(model.future(state, agent));
            let agent_of = |choice: &Choice| choice.agent;
            let pruned = self
                .persistent
                .reduce(agents, future, &mut choices, agent_of);
            self.pruned |= pruned == Some(true);
        }
        let stopped = stopped || self.take_all(number, state, &choices)?;
        self.choices = choices;
        Ok(stopped)
    }

    fn take_all(
        &mut self,
        number: StateNumber,
        state: &M::State,
        choices: &[Choice],
    ) -> Result<bool, M::Error> {
        for &choice in choices {
            self.batch.push(Successor {
                state: state.clone(),
                fingerprint: 0,
                parent: number,
                choice,
            });
            let successor = self.batch.last_mut().expect("it was just pushed");
            let violations = self.model.apply(&mut successor.state, choice)?;
            self.model.canonicalize(&mut successor.state);
            successor.fingerprint = self.model.fingerprint(&successor.state);
            self.transitions += 1;
            for violation in violations.iter() {
                if self.record(number, Some(choice), violation)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Keeps the first, hence shortest, counterexample of each kind; true if the search is to stop.
    fn record(
        &mut self,
        at: StateNumber,
        last: Option<Choice>,
        violation: &Violation,
    ) -> Result<bool, M::Error> {
        let same = |known: &Counterexample| known.violation.is_like(violation);
        if !self.counterexamples.iter().any(same) {
            let mut schedule = self.visited.schedule_to(at);
            schedule.0.extend(last);
            let mut schedule = actual_schedule(self.model, &schedule)?;
            if self.plan.shortest {
                let effort = Effort {
                    steps: SMOOTHING,
                    deadline: self.plan.limits.deadline,
                };
                schedule = smooth(self.model, schedule, violation, effort)?;
            }
            self.counterexamples.push(Counterexample {
                schedule,
                violation: violation.clone(),
                repeats_from: None,
            });
        }
        Ok(self.plan.stop == Stop::AtFirstViolation)
    }

    fn exceeded(
        &self,
        due: bool,
        observer: &mut dyn Observer<M::Error>,
        is_kept: bool,
    ) -> Option<Budget> {
        if self.overflown {
            Some(Budget::States)
        } else if due && observer.lacks_memory_for(self.growth(is_kept)) {
            Some(Budget::Memory)
        } else if due && self.plan.limits.is_late() {
            Some(Budget::Time)
        } else {
            None
        }
    }

    /// Bytes that may be needed at once, soon: by the store, by the model, and to keep the search.
    pub(super) fn growth(&self, is_kept: bool) -> u64 {
        let kept = u64::from(is_kept) * self.visited.len() * size_of::<Arrival>() as u64;
        let stored = self.visited.growth().saturating_add(kept);
        stored.saturating_add(self.model.growth())
    }

    fn progress(&self) -> Progress {
        Progress {
            states: self.visited.len(),
            frontier: self.frontier.len() as u64,
            schedules: 0,
            transitions: self.transitions,
            estimated_total: Some(self.estimate()),
        }
    }

    /// A guess of how many states there are: the levels that are left are taken to shrink evenly from the size of the
    /// frontier to nothing.
    fn estimate(&self) -> f64 {
        let levels = self.longest.saturating_sub(self.depth).max(1);
        self.visited.len() as f64 + self.frontier.len() as f64 * levels as f64 / 2.0
    }

    /// What the pass found.
    pub fn report(self, ending: Ending) -> Report {
        let exhausted = match ending {
            Ending::OutOf(budget) => Some(budget),
            Ending::Explored | Ending::Violation => None,
        };
        let verdict = match exhausted {
            _ if !self.counterexamples.is_empty() => Verdict::Violated,
            Some(_) => Verdict::Incomplete,
            None => Verdict::Sound,
        };
        Report {
            verdict,
            exhausted,
            states: self.visited.len(),
            schedules: 0,
            redundant: 0,
            covered_preemptions: None,
            missed_at_most: None,
            estimated_total: exhausted.map(|_| self.estimate()),
            transitions: self.transitions,
            depth: self.depth,
            frontier: self.frontier.len() as u64,
            stored_bytes: self.given_up.unwrap_or_else(|| self.visited.stored_bytes()),
            elapsed: self.started.elapsed(),
            counterexamples: self.counterexamples,
        }
    }
}
