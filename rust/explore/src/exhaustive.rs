//! Breadth-first search of all reachable states, each visited once.
//!
//! Explicit-state model checking as in G. J. Holzmann, "The SPIN Model Checker" (2003), chapter 8, with the
//! breadth-first order, so that the first counterexample is a shortest one. Departures: states are kept as 128-bit
//! fingerprints (hash compaction: Stern and Dill, CHARME 1995) instead of as vectors; no reduction is applied here.

use crate::report::{Budget, Counterexample, Limits, Observer, Progress, Report, Stop, Verdict};
use crate::visited::{StateNumber, Visited};
use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;
use std::time::Instant;
use xous_sim_step::{Choice, Model, Property, Violation};

/// How many states are expanded between two looks at the clock and at the observer.
const PROGRESS_INTERVAL: u64 = 1 << 13;

/// Exhaustive breadth-first search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exhaustive {
    /// What it may spend.
    pub limits: Limits,
    /// Whether the first violation ends it.
    pub stop: Stop,
}

impl Exhaustive {
    /// Explores `model`; fails only if the model itself fails or the observer ends the search.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        let mut search = Search::new(*self, model)?;
        let ending = search.expand_all(observer)?;
        Ok(search.report(ending))
    }
}

enum Ending {
    Explored,
    Violation,
    OutOf(Budget),
}

struct Search<'a, M: Model> {
    plan: Exhaustive,
    model: &'a mut M,
    visited: Visited,
    frontier: VecDeque<(StateNumber, M::State)>,
    /// The last state of the level that is being expanded: behind it, schedules are one longer.
    level_end: StateNumber,
    depth: u64,
    transitions: u64,
    counterexamples: Vec<Counterexample>,
    reported: HashSet<(Property, String)>,
    started: Instant,
}

impl<'a, M: Model> Search<'a, M> {
    fn new(plan: Exhaustive, model: &'a mut M) -> Result<Self, M::Error> {
        let started = Instant::now();
        let initial = model.initial()?;
        let mut visited = Visited::default();
        visited.insert(model.fingerprint(&initial), 0, Choice::of(0));
        Ok(Self {
            plan,
            model,
            visited,
            frontier: VecDeque::from([(0, initial)]),
            level_end: 0,
            depth: 0,
            transitions: 0,
            counterexamples: Vec::new(),
            reported: HashSet::new(),
            started,
        })
    }

    fn expand_all(&mut self, observer: &mut dyn Observer<M::Error>) -> Result<Ending, M::Error> {
        let mut choices = Vec::new();
        let mut until_progress = PROGRESS_INTERVAL;
        while let Some((number, state)) = self.frontier.pop_front() {
            if number > self.level_end {
                self.depth += 1;
                self.level_end = (self.visited.len() - 1) as StateNumber;
            }
            if self.expand(number, &state, &mut choices)? {
                return Ok(Ending::Violation);
            }
            until_progress -= 1;
            if until_progress == 0 {
                until_progress = PROGRESS_INTERVAL;
                if let ControlFlow::Break(error) = observer.progress(self.progress()) {
                    return Err(error);
                }
            }
            if let Some(budget) = self.exceeded(until_progress == PROGRESS_INTERVAL) {
                return Ok(Ending::OutOf(budget));
            }
        }
        Ok(Ending::Explored)
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
            && self.record(number, None, violation)
        {
            return Ok(true);
        }
        for &choice in choices.iter() {
            let next = self.model.apply(state, choice)?;
            self.transitions += 1;
            if let Some(violation) = next.violation
                && self.record(number, Some(choice), *violation)
            {
                return Ok(true);
            }
            let fingerprint = self.model.fingerprint(&next.state);
            if let Some(new) = self.visited.insert(fingerprint, number, choice) {
                self.frontier.push_back((new, next.state));
            }
        }
        Ok(false)
    }

    /// Keeps the first, hence shortest, counterexample of each kind; true if the search is to stop.
    fn record(&mut self, at: StateNumber, last: Option<Choice>, violation: Violation) -> bool {
        let kind = (violation.property, violation.subject.clone());
        if self.reported.insert(kind) {
            let mut schedule = self.visited.schedule_to(at);
            schedule.0.extend(last);
            self.counterexamples.push(Counterexample {
                schedule,
                violation,
            });
        }
        self.plan.stop == Stop::AtFirstViolation
    }

    fn exceeded(&self, look_at_clock: bool) -> Option<Budget> {
        let limits = &self.plan.limits;
        let states = limits.max_states.unwrap_or(u64::MAX);
        if self.frontier.is_empty() {
            None
        } else if self.visited.len() >= states || self.visited.is_full() {
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
            transitions: self.transitions,
        }
    }

    fn report(self, ending: Ending) -> Report {
        let verdict = match ending {
            _ if !self.counterexamples.is_empty() => Verdict::Violated,
            Ending::OutOf(budget) => Verdict::Incomplete(budget),
            Ending::Explored | Ending::Violation => Verdict::Sound,
        };
        Report {
            verdict,
            states: self.visited.len(),
            transitions: self.transitions,
            depth: self.depth,
            frontier: self.frontier.len() as u64,
            stored_bytes: self.visited.stored_bytes(),
            elapsed: self.started.elapsed(),
            counterexamples: self.counterexamples,
        }
    }
}
