//! What is recorded of an execution: for each step who did what, what came of it, and the connection maps after it.

use xous_sim_step::{Choice, Violation};

/// A slot of a connection map that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The process, by name.
    pub process: String,
    /// The connection ID.
    pub cid: u32,
    /// What it reaches, by name; `None` for a tombstone.
    pub server: Option<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The choice of the schedule.
    pub choice: Choice,
    /// The thread, by name.
    pub thread: String,
    /// What it did.
    pub operation: String,
    /// What it got.
    pub result: String,
    /// File and line of the operation; may be empty.
    pub source: String,
    /// Whether another thread was stopped for it that could have gone on.
    pub preempts: bool,
    /// The connections after it, of all processes of the scenario.
    pub connections: Vec<Connected>,
}

/// An execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The connections before the first step.
    pub before: Vec<Connected>,
    /// The steps.
    pub steps: Vec<Step>,
    /// What the execution violates, at its end.
    pub violation: Option<Violation>,
    /// The step, counted from 0, from which on the execution repeats for ever, if it does.
    pub repeats_from: Option<usize>,
}

impl Recording {
    /// The connections before step `n`.
    #[must_use]
    pub fn before(&self, n: usize) -> &[Connected] {
        match n.checked_sub(1) {
            Some(previous) => &self.steps[previous].connections,
            None => &self.before,
        }
    }
}
