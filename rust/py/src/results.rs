//! What searches and replays found, as Python objects.

use crate::convert::{Words, value_to_python};
use crate::orders::Orders;
use crate::parts::violation_to_python;
use crate::recording::Recorded;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use xous_sim_explore::{Budget, Report as Found, Verdict};
use xous_sim_step::Violation;
use xous_sim_trace::Recording;
use xous_sim_userland::op::Op;
use xous_sim_userland::value::Value;
use xous_sim_userland::{At, Performed, State, What, World};

/// One step of an execution, as a rerun of the real bodies needs it.
#[pyclass(frozen, get_all, module = "xous_sim._native")]
pub struct Step {
    /// The thread, where a thread performed an operation.
    thread: Option<usize>,
    /// The mortal process, where one died or came back.
    mortal: Option<usize>,
    pick: u16,
    thread_name: String,
    text: String,
    source: String,
    op: Option<Operation>,
    caught_up: Vec<(u8, u8)>,
}

/// An operation that was performed, to compare another one with.
#[pyclass(frozen, from_py_object, module = "xous_sim._native")]
#[derive(Clone)]
pub struct Operation(pub Op<Value>);

/// An execution: what is recorded of it, and what a rerun of the real bodies needs.
#[pyclass(frozen, get_all, module = "xous_sim._native")]
pub struct Execution {
    recording: Py<Recorded>,
    violation: Option<Words>,
    /// All that its end violates.
    violations: Vec<Words>,
    steps: Vec<Py<Step>>,
    endings: Vec<Py<Ending>>,
}

/// Where a thread is when an execution ends.
#[pyclass(frozen, get_all, module = "xous_sim._native")]
pub struct Ending {
    /// `ended`, `raised`, `before` an operation that it has not begun, `in` one that is not complete, or `unknown`.
    kind: &'static str,
    thread_name: String,
    op: Option<Operation>,
    source: String,
}

impl Ending {
    /// Where `thread` is in `state`.
    pub fn new(world: &World<'_>, state: &State, thread: usize) -> Self {
        let operation = world.operation(state, thread);
        let kind = match world.local(state, thread).at {
            At::Ready(_) => "before",
            At::Blocked(_) => "in",
            At::Ended => "ended",
            At::Raised => "raised",
            At::Spinning(_) | At::Killed => "unknown",
        };
        let (op, source) = operation
            .map(|(op, source)| (Operation(op), source.into()))
            .unzip();
        Self {
            kind,
            thread_name: world.thread_name(state, thread),
            op,
            source: source.unwrap_or_default(),
        }
    }
}

impl Execution {
    /// An execution from what was recorded of it.
    pub fn new(
        py: Python<'_>,
        recording: Recording,
        violations: &[Violation],
        performed: Vec<Performed>,
        endings: Vec<Ending>,
    ) -> PyResult<Self> {
        let steps = recording.steps.iter().zip(performed);
        let steps = steps.map(|(step, performed)| Py::new(py, Step::new(step, performed)));
        let steps = steps.collect::<PyResult<_>>()?;
        let endings = endings.into_iter().map(|ending| Py::new(py, ending));
        let recording = Recorded(recording);
        Ok(Self {
            violation: recording.violation(),
            violations: violations.iter().map(violation_to_python).collect(),
            recording: Py::new(py, recording)?,
            steps,
            endings: endings.collect::<PyResult<_>>()?,
        })
    }
}

impl Step {
    fn new(step: &xous_sim_trace::Step, performed: Performed) -> Self {
        let (thread, mortal, op) = match performed.what {
            What::Operation { thread, op } => (Some(thread), None, Some(Operation(op))),
            What::Fate { mortal } => (None, Some(mortal), None),
        };
        let caught_up = performed.caught_up.iter();
        let caught_up = caught_up.map(|caller| (caller.pid.get(), caller.tid.0));
        Self {
            thread,
            mortal,
            op,
            pick: step.choice.pick,
            thread_name: step.thread.clone(),
            text: step.operation.clone(),
            source: crate::recording::source(step),
            caught_up: caught_up.collect(),
        }
    }
}

/// What a search found.
#[pyclass(frozen, get_all, module = "xous_sim._native")]
pub struct Report {
    /// `sound`, `violated` or `incomplete`.
    pub verdict: &'static str,
    /// Which limit was hit.
    pub exhausted: Option<&'static str>,
    /// Shortest first.
    pub counterexamples: Vec<Py<Execution>>,
    /// Executions that the real bodies shall follow too.
    pub to_rerun: Vec<Py<Execution>>,
    /// Distinct states.
    pub states: u64,
    /// Complete executions.
    pub schedules: u64,
    /// Executions that were given up because an equivalent one had been explored.
    pub redundant: u64,
    /// All schedules with so many preemptions at most were covered.
    pub covered_preemptions: Option<u32>,
    /// How many states or schedules there are, by estimate.
    pub estimated_total: Option<f64>,
    /// The probability that a bug of a certain depth was missed, at most.
    pub missed_at_most: Option<f64>,
    /// Steps taken.
    pub transitions: u64,
    /// Length of the longest schedule.
    pub depth: u64,
    /// States that were not expanded.
    pub frontier: u64,
    /// Memory of the visited states.
    pub stored_bytes: u64,
    /// Wall-clock time.
    pub seconds: f64,
    /// How often bodies were run.
    pub body_runs: u64,
    /// Bodies by which states are told apart, as far as the search knows.
    pub sensitive_bodies: Vec<u16>,
    /// The memory orders of bodies, for [`Search::caveats`](crate::search::Search).
    pub orders: Vec<Orders>,
}

impl Report {
    /// A report with its executions.
    pub fn new(
        found: &Found,
        counterexamples: Vec<Py<Execution>>,
        to_rerun: Vec<Py<Execution>>,
        body_runs: u64,
        sensitive_bodies: Vec<u16>,
        orders: Vec<Orders>,
    ) -> Self {
        Self {
            verdict: verdict(found.verdict),
            exhausted: found.exhausted.map(budget),
            counterexamples,
            to_rerun,
            states: found.states,
            schedules: found.schedules,
            redundant: found.redundant,
            covered_preemptions: found.covered_preemptions,
            estimated_total: found.estimated_total,
            missed_at_most: found.missed_at_most,
            transitions: found.transitions,
            depth: found.depth,
            frontier: found.frontier,
            stored_bytes: found.stored_bytes,
            seconds: found.elapsed.as_secs_f64(),
            body_runs,
            sensitive_bodies,
            orders,
        }
    }
}

/// A verdict in Python's words.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sound => "sound",
        Verdict::Violated => "violated",
        Verdict::Incomplete => "incomplete",
    }
}

fn budget(budget: Budget) -> &'static str {
    match budget {
        Budget::States => "states",
        Budget::Schedules => "schedules",
        Budget::Time => "seconds",
        Budget::Memory => "memory",
        Budget::Preemptions => "preemptions",
        Budget::Cycle => "cycle",
    }
}

/// A list of wakes for Python: (pid, tid, value).
pub fn wakes_to_python<'py>(
    py: Python<'py>,
    wakes: &[(xous_sim_kernel::Caller, Value)],
) -> PyResult<Vec<Bound<'py, PyTuple>>> {
    let one = |(caller, value): &(xous_sim_kernel::Caller, Value)| {
        (caller.pid.get(), caller.tid.0, value_to_python(py, value)?).into_pyobject(py)
    };
    wakes.iter().map(one).collect()
}
