//! Breadth-first search of all reachable states, each visited once.
//!
//! Explicit-state model checking as in G. J. Holzmann, "The SPIN Model Checker" (2003), chapter 8, with the
//! breadth-first order, so that the first counterexample is a shortest one. Departures: states are kept as 128-bit
//! fingerprints (hash compaction: Stern and Dill, CHARME 1995) instead of as vectors. States are replaced by the
//! representatives that the model names (symmetry), and in each state only the choices of a persistent set are taken
//! (partial-order reduction). Reduction keeps a counterexample of each kind, but not a shortest one: where something was
//! left out and a violation found, a search without reduction looks for a shorter one, as far as that is affordable.

mod persistent;

use crate::execution::actual_schedule;
use crate::livelock::{Livelock, find_livelock};
use crate::report::{Budget, Counterexample, Limits, Observer, Progress, Report, Stop, Verdict};
use crate::smooth::smooth;
use crate::visited::{StateNumber, Visited};
use crate::walk::random_walk;
use persistent::Persistent;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Instant;
use xous_sim_step::{Choice, Model, Violation};

/// How many states are expanded between two looks at the clock and at the observer.
const PROGRESS_INTERVAL: u64 = 1 << 13;

/// Successors that are gathered before they are looked up, so that their look-ups wait for memory together.
const BATCH: usize = 64;

/// Exhaustive breadth-first search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exhaustive {
    /// What it may spend.
    pub limits: Limits,
    /// Whether the first violation ends it.
    pub stop: Stop,
    /// Whether choices are left out that partial-order reduction proves needless.
    pub reduction: bool,
    /// Whether a violation that was found with choices left out is looked for again without leaving any out, so that
    /// its schedule is a shortest one, as far as that is affordable, and is then smoothed. Otherwise it stays as found.
    pub shortest: bool,
}

/// Random executions that let the model learn about itself before reduction relies on what it knows.
const REHEARSALS: u64 = 8;
const REHEARSAL_STEPS: usize = 1_000;
/// How many times as many states as with reduction may be spent on a shorter counterexample.
const FOR_SHORTNESS: u64 = 8;

impl Exhaustive {
    /// Explores `model`; fails only if the model itself fails or the observer ends the search.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        let started = now();
        if self.reduction {
            for seed in 0..REHEARSALS {
                random_walk(model, seed, REHEARSAL_STEPS)?;
            }
        }
        loop {
            let known = model.knowledge();
            let mut search = Search::new(*self, model, started)?;
            let ending = search.expand_all(observer)?;
            let pruned = search.pruned;
            let report = search.report(ending);
            let violated = report.verdict == Verdict::Violated;
            let enough = report.exhausted.is_some()
                || (violated && self.stop == Stop::AtFirstViolation)
                || model.knowledge() == known;
            if pruned && !enough {
                continue;
            }
            let report = match pruned && violated && self.shortest {
                true => self.shorter(report, model, observer, started)?,
                false => report,
            };
            return self.look_for_livelock(report, model, started);
        }
    }

    /// Adds a livelock to the report, if there is one; a model that cannot cycle has none.
    fn look_for_livelock<M: Model>(
        &self,
        mut report: Report,
        model: &mut M,
        started: Instant,
    ) -> Result<Report, M::Error> {
        let over = self.stop == Stop::AtFirstViolation && report.verdict == Verdict::Violated;
        if over || report.exhausted.is_some() || !model.may_cycle() {
            return Ok(report);
        }
        let limit = self
            .limits
            .max_states
            .and_then(|limit| limit.try_into().ok());
        match find_livelock(model, limit.unwrap_or(usize::MAX))? {
            Livelock::None => {}
            Livelock::Found(counterexample) => {
                report.verdict = Verdict::Violated;
                report.counterexamples.push(counterexample);
            }
            Livelock::Unknown => {
                report.exhausted = Some(Budget::States);
                if report.verdict == Verdict::Sound {
                    report.verdict = Verdict::Incomplete;
                }
            }
        }
        report.elapsed = started.elapsed();
        Ok(report)
    }

    /// The same report with shortest counterexamples, if they can be found without reduction.
    fn shorter<M: Model>(
        &self,
        report: Report,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
        started: Instant,
    ) -> Result<Report, M::Error> {
        let affordable = report.states.saturating_mul(FOR_SHORTNESS);
        let mut plain = Self {
            reduction: false,
            ..*self
        };
        let limits = &mut plain.limits;
        limits.max_states = Some(
            limits
                .max_states
                .map_or(affordable, |max| max.min(affordable)),
        );
        let mut search = Search::new(plain, model, started)?;
        let ending = search.expand_all(observer)?;
        let shortest = search.report(ending);
        Ok(
            match shortest.verdict == Verdict::Violated && shortest.exhausted.is_none() {
                true => shortest,
                false => report,
            },
        )
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "limits and reports read the clock"
)]
fn now() -> Instant {
    Instant::now()
}

enum Ending {
    Explored,
    Violation,
    OutOf(Budget),
}

/// A state that was reached, and from where.
struct Successor<S> {
    state: S,
    fingerprint: u128,
    parent: StateNumber,
    choice: Choice,
}

struct Search<'a, M: Model> {
    plan: Exhaustive,
    model: &'a mut M,
    visited: Visited,
    frontier: VecDeque<(StateNumber, M::State)>,
    /// Successors that are not looked up yet.
    batch: Vec<Successor<M::State>>,
    /// The last state of the level that is being expanded: behind it, schedules are one longer.
    level_end: StateNumber,
    depth: u64,
    transitions: u64,
    /// Whether a new state found no room.
    overflown: bool,
    counterexamples: Vec<Counterexample>,
    persistent: Persistent,
    /// Whether reduction left any choice out.
    pruned: bool,
    started: Instant,
}

impl<'a, M: Model> Search<'a, M> {
    fn new(plan: Exhaustive, model: &'a mut M, started: Instant) -> Result<Self, M::Error> {
        let mut initial = model.initial()?;
        model.canonicalize(&mut initial);
        let mut visited = Visited::default();
        visited.insert(model.fingerprint(&initial), 0, Choice::of(0));
        Ok(Self {
            plan,
            model,
            visited,
            frontier: VecDeque::from([(0, initial)]),
            batch: Vec::with_capacity(BATCH),
            level_end: 0,
            depth: 0,
            transitions: 0,
            overflown: false,
            counterexamples: Vec::new(),
            persistent: Persistent::default(),
            pruned: false,
            started,
        })
    }

    fn expand_all(&mut self, observer: &mut dyn Observer<M::Error>) -> Result<Ending, M::Error> {
        let mut choices = Vec::new();
        let mut until_progress = PROGRESS_INTERVAL;
        while let Some((number, state)) = self.frontier.pop_front() {
            if self.expand(number, &state, &mut choices)? {
                return Ok(Ending::Violation);
            }
            if self.batch.len() >= BATCH || self.frontier.is_empty() || number == self.level_end {
                self.store();
            }
            if number == self.level_end && !self.frontier.is_empty() {
                self.depth += 1;
                self.level_end = (self.visited.len() - 1) as StateNumber;
            }
            until_progress -= 1;
            let look_up = until_progress == 0;
            if look_up {
                until_progress = PROGRESS_INTERVAL;
                if let ControlFlow::Break(error) = observer.progress(self.progress()) {
                    return Err(error);
                }
            }
            if let Some(budget) = self.exceeded(look_up) {
                return Ok(Ending::OutOf(budget));
            }
        }
        Ok(Ending::Explored)
    }

    /// Looks the gathered successors up, in the order in which they were reached.
    fn store(&mut self) {
        let limit = self.plan.limits.max_states.unwrap_or(u64::MAX);
        self.visited
            .touch(self.batch.iter().map(|successor| successor.fingerprint));
        for successor in self.batch.drain(..) {
            let Successor {
                state,
                fingerprint,
                parent,
                choice,
            } = successor;
            if let Some(new) = self.visited.insert(fingerprint, parent, choice) {
                self.frontier.push_back((new, state));
                self.overflown |= self.visited.len() > limit || self.visited.is_full();
            }
            if self.overflown {
                break;
            }
        }
    }

    /// Checks a state and takes all its choices; true if the search is to stop.
    fn expand(
        &mut self,
        number: StateNumber,
        state: &M::State,
        choices: &mut Vec<Choice>,
    ) -> Result<bool, M::Error> {
        choices.clear();
        self.model.enabled(state, choices)?;
        if let Some(violation) = self.model.check(state, choices)?
            && self.record(number, None, &violation)?
        {
            return Ok(true);
        }
        if self.plan.reduction {
            self.pruned |= self.persistent.reduce(self.model, state, choices);
        }
        for &choice in choices.iter() {
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
                schedule = smooth(self.model, schedule, violation)?;
            }
            self.counterexamples.push(Counterexample {
                schedule,
                violation: violation.clone(),
                repeats_from: None,
            });
        }
        Ok(self.plan.stop == Stop::AtFirstViolation)
    }

    fn exceeded(&self, look_at_clock: bool) -> Option<Budget> {
        let limits = &self.plan.limits;
        if self.overflown {
            Some(Budget::States)
        } else if look_at_clock && limits.max_time.is_some_and(|t| self.started.elapsed() >= t) {
            Some(Budget::Time)
        } else {
            None
        }
    }

    fn progress(&self) -> Progress {
        Progress {
            states: self.visited.len(),
            frontier: self.frontier.len() as u64,
            schedules: 0,
            transitions: self.transitions,
            estimated_total: None,
        }
    }

    fn report(self, ending: Ending) -> Report {
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
            estimated_total: None,
            transitions: self.transitions,
            depth: self.depth,
            frontier: self.frontier.len() as u64,
            stored_bytes: self.visited.stored_bytes(),
            elapsed: self.started.elapsed(),
            counterexamples: self.counterexamples,
        }
    }
}
