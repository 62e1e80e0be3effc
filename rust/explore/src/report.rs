//! What a search found, what it may spend, and how it tells of its progress.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use xous_sim_step::{Schedule, Violation};

/// How much a search may spend. `None` is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Stored states at most, for searches that store states.
    pub max_states: Option<u64>,
    /// Complete executions at most, for searches that store none.
    pub max_schedules: Option<u64>,
    /// When to end. A moment and not a duration, because all that is done for one search shares it.
    pub deadline: Option<Instant>,
}

impl Limits {
    /// Executions of a search that samples and would go on for ever, because neither they nor its time are limited.
    pub const DEFAULT_SCHEDULES: u64 = 10_000;

    /// The deadline that is so long from now; none if time does not go that far.
    #[expect(clippy::disallowed_methods, reason = "limits read the clock")]
    #[must_use]
    pub fn after(time: Duration) -> Option<Instant> {
        Instant::now().checked_add(time)
    }

    /// Whether its time is up.
    #[must_use]
    pub fn is_late(&self) -> bool {
        is_behind(self.deadline)
    }

    /// The same limits, of which one ends a search that samples.
    pub(crate) fn for_sampling(self) -> Self {
        let endless = self.max_schedules.is_none() && self.deadline.is_none();
        Self {
            max_schedules: endless
                .then_some(Self::DEFAULT_SCHEDULES)
                .or(self.max_schedules),
            ..self
        }
    }
}

/// Whether a deadline, if there is one, has come.
#[expect(clippy::disallowed_methods, reason = "limits read the clock")]
pub(crate) fn is_behind(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// Why a search is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// [`Limits::max_states`].
    States,
    /// [`Limits::max_schedules`].
    Schedules,
    /// [`Limits::deadline`].
    Time,
    /// There is too little memory to go on.
    Memory,
    /// Schedules with more preemptions than the bound were cut off.
    Preemptions,
    /// An execution came to a state that it had been in; a search that stores no states does not go round.
    Cycle,
}

/// When a search ends that finds violations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// At the first violation, which breadth-first search makes a shortest one.
    #[default]
    AtFirstViolation,
    /// When everything is explored: one shortest counterexample for each property and subject.
    WhenExplored,
}

/// A schedule that violates a property.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The choices, from the initial state.
    pub schedule: Schedule,
    /// What is violated at the end of it.
    pub violation: Violation,
    /// The step from which on the schedule repeats for ever, if it does.
    pub repeats_from: Option<usize>,
}

/// What a search established.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every schedule of the bounded case was covered and none violates a property: a proof.
    Sound,
    /// At least one counterexample was found.
    Violated,
    /// A budget ran out first: no statement about the rest.
    Incomplete,
}

/// The outcome of a search.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was established.
    pub verdict: Verdict,
    /// Which limit was hit, if one was.
    pub exhausted: Option<Budget>,
    /// Counterexamples, shortest first.
    pub counterexamples: Vec<Counterexample>,
    /// Distinct states reached; 0 where none are stored.
    pub states: u64,
    /// Complete executions; 0 where states are stored instead.
    pub schedules: u64,
    /// Executions that were given up because an equivalent one had been explored.
    pub redundant: u64,
    /// Steps taken.
    pub transitions: u64,
    /// Steps of the longest schedule that was followed; of the longest shortest one where states are stored.
    pub depth: u64,
    /// Every schedule with at most so many preemptions was covered.
    pub covered_preemptions: Option<u32>,
    /// An estimate of how many states (where states are stored) or schedules there are in all.
    pub estimated_total: Option<f64>,
    /// The probability that a bug of the depth that [`Pct`](crate::Pct) looks for was missed by all its schedules, at
    /// most; `None` for every other search.
    pub missed_at_most: Option<f64>,
    /// States reached but not yet expanded when the search ended.
    pub frontier: u64,
    /// Bytes that the store of visited states takes, beside the frontier.
    pub stored_bytes: u64,
    /// Wall-clock time of the search.
    pub elapsed: Duration,
}

impl Report {
    /// How far the search was at its end.
    #[must_use]
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            states: self.states,
            frontier: self.frontier,
            schedules: self.schedules,
            transitions: self.transitions,
            estimated_total: self.estimated_total,
        }
    }
}

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Distinct states so far.
    pub states: u64,
    /// States that wait to be expanded.
    pub frontier: u64,
    /// Complete executions so far.
    pub schedules: u64,
    /// Steps taken so far.
    pub transitions: u64,
    /// An estimate of how many states or schedules there are in all.
    pub estimated_total: Option<f64>,
}

/// Somebody who watches a search and may end it (Ctrl-C, a progress bar).
pub trait Observer<E> {
    /// Called every few dozen steps. `Break` ends the search with that error.
    fn progress(&mut self, progress: Progress) -> ControlFlow<E>;

    /// Whether there is too little memory for a search to go on that may need so many bytes at once. Called as often.
    fn lacks_memory_for(&mut self, _bytes: u64) -> bool {
        false
    }

    /// Whether the model failed because there is no memory.
    fn is_out_of_memory(&self, _error: &E) -> bool {
        false
    }
}

/// Nobody watches.
pub struct Silent;

impl<E> Observer<E> for Silent {
    fn progress(&mut self, _: Progress) -> ControlFlow<E> {
        ControlFlow::Continue(())
    }
}
