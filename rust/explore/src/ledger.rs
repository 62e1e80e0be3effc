//! The books of a search: what it may spend, what it spent, what it found.

use crate::report::{Budget, Counterexample, Limits, Observer, Progress, Report, Stop, Verdict};
use std::ops::ControlFlow;
use std::time::Instant;
use xous_sim_step::{Choice, Schedule, Violation, Violations};

/// Steps between two looks at the clock and at the observer. Few, because a step may run a body, which takes long.
const INTERVAL: u64 = 1 << 6;

/// The books of one run.
pub struct Ledger<'a, E> {
    limits: Limits,
    stop: Stop,
    observer: &'a mut dyn Observer<E>,
    started: Instant,
    /// Complete executions.
    pub schedules: u64,
    /// Executions that were given up because an equivalent one had been explored.
    pub redundant: u64,
    /// Steps taken.
    pub transitions: u64,
    /// The longest schedule.
    pub depth: u64,
    /// How many schedules there are in all, by estimate.
    pub estimated_total: Option<f64>,
    /// Bytes that the search may need at once.
    pub growth: u64,
    counterexamples: Vec<Counterexample>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "limits and reports read the clock"
)]
fn now() -> Instant {
    Instant::now()
}

impl<'a, E> Ledger<'a, E> {
    /// Nothing is spent yet.
    pub fn open(limits: Limits, stop: Stop, observer: &'a mut dyn Observer<E>) -> Self {
        Self {
            limits,
            stop,
            observer,
            started: now(),
            schedules: 0,
            redundant: 0,
            transitions: 0,
            depth: 0,
            estimated_total: None,
            growth: 0,
            counterexamples: Vec::new(),
        }
    }

    /// A step was taken. Fails if the observer ends the search; returns the budget that ran out, if one did.
    pub fn step(&mut self) -> Result<Option<Budget>, E> {
        self.transitions += 1;
        if !self.transitions.is_multiple_of(INTERVAL) {
            return Ok(None);
        }
        let progress = Progress {
            states: 0,
            frontier: 0,
            schedules: self.schedules,
            transitions: self.transitions,
            estimated_total: self.estimated_total,
        };
        if let ControlFlow::Break(error) = self.observer.progress(progress) {
            return Err(error);
        }
        if self.observer.lacks_memory_for(self.growth) {
            return Ok(Some(Budget::Memory));
        }
        Ok(self.limits.is_late().then_some(Budget::Time))
    }

    /// What a part of the search came to, or the budget that ran out if it failed because there is no memory.
    pub fn unless_out_of_memory<T>(&self, came_to: Result<T, E>) -> Result<Result<T, Budget>, E> {
        match came_to {
            Err(error) if self.observer.is_out_of_memory(&error) => Ok(Err(Budget::Memory)),
            came_to => came_to.map(Ok),
        }
    }

    /// An execution is complete after so many steps. Returns the budget that ran out, if one did.
    pub fn complete(&mut self, steps: usize) -> Option<Budget> {
        self.schedules += 1;
        self.depth = self.depth.max(steps as u64);
        let limit = self.limits.max_schedules.unwrap_or(u64::MAX);
        (self.schedules >= limit).then_some(Budget::Schedules)
    }

    /// The budget that ran out if so many states are stored at once, if one did.
    pub fn has_no_room_for(&self, states: usize) -> Option<Budget> {
        let limit = self.limits.max_states.unwrap_or(u64::MAX);
        (states as u64 > limit).then_some(Budget::States)
    }

    /// A property is violated at the end of a schedule; the first schedule of each kind is kept. True if the search is
    /// to stop.
    pub fn found(&mut self, violation: &Violation, schedule: impl FnOnce() -> Schedule) -> bool {
        let same = |known: &Counterexample| known.violation.is_like(violation);
        if !self.counterexamples.iter().any(same) {
            self.counterexamples.push(Counterexample {
                schedule: schedule(),
                violation: violation.clone(),
                repeats_from: None,
            });
        }
        self.stop == Stop::AtFirstViolation
    }

    /// The same for all that is violated at the end of `path`.
    #[inline]
    pub fn found_any(&mut self, violations: &Violations, path: &[Choice]) -> bool {
        !violations.is_empty() && self.found_some(violations, path)
    }

    fn found_some(&mut self, violations: &Violations, path: &[Choice]) -> bool {
        let mut stop = false;
        for violation in violations.iter() {
            stop |= self.found(violation, || Schedule(path.to_vec()));
        }
        stop
    }

    /// Whether anything was found.
    pub fn has_found(&self) -> bool {
        !self.counterexamples.is_empty()
    }

    /// Closes the books. `exhausted` says why the search is no proof; `None` if it is one.
    pub fn close(self, exhausted: Option<Budget>) -> Report {
        let verdict = match exhausted {
            _ if self.has_found() => Verdict::Violated,
            Some(_) => Verdict::Incomplete,
            None => Verdict::Sound,
        };
        Report {
            verdict,
            exhausted,
            counterexamples: self.counterexamples,
            states: 0,
            schedules: self.schedules,
            redundant: self.redundant,
            transitions: self.transitions,
            depth: self.depth,
            covered_preemptions: None,
            missed_at_most: None,
            estimated_total: self.estimated_total.filter(|_| exhausted.is_some()),
            frontier: 0,
            stored_bytes: 0,
            elapsed: self.started.elapsed(),
        }
    }
}
