//! Searches and replays of a program whose bodies are Python functions.

use crate::errors;
use crate::results::{Ending, Execution, Report};
use crate::tracer::{PythonTracer, PythonWatcher, exception, failed, names_of};
use pyo3::prelude::*;
use std::ops::ControlFlow;
use std::time::Duration;
use xous_sim_explore::{
    Budget, Departure, Execution as Followed, Exhaustive, Limits, Observer, Progress,
    Report as Found, Stop, Verdict, random_walk,
};
use xous_sim_step::{Schedule, Violation};
use xous_sim_trace::Recording;
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::{Performed, Program, World};

/// A program and its Python parts.
pub struct Search {
    /// The program.
    pub program: Program,
    /// Runs a body.
    pub run_body: Py<PyAny>,
    /// The user's invariant.
    pub invariant: Option<Py<PyAny>>,
    /// The user's final condition.
    pub finally: Option<Py<PyAny>>,
    /// Whether equal threads may be interchanged.
    pub symmetry: bool,
}

/// A search plan from Python's words.
pub fn plan(stop_at_first: bool, max_states: Option<u64>, max_seconds: Option<f64>) -> Exhaustive {
    Exhaustive {
        reduction: true,
        shortest: true,
        limits: Limits {
            max_states,
            max_schedules: None,
            max_time: max_seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()),
        },
        stop: if stop_at_first {
            Stop::AtFirstViolation
        } else {
            Stop::WhenExplored
        },
    }
}

/// Executions of random schedules that are sampled are no longer than this.
const SAMPLE_LENGTH: usize = 10_000;

/// Looks for Ctrl-C.
pub struct Signals;

impl Observer<TraceError> for Signals {
    fn progress(&mut self, _: Progress) -> ControlFlow<TraceError> {
        match Python::attach(|py| py.check_signals()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(failed(error)),
        }
    }
}

/// An execution that was told, before it becomes a Python object.
struct Told {
    schedule: Schedule,
    recording: Recording,
    performed: Vec<Performed>,
    endings: Vec<Ending>,
}

impl Told {
    fn into_execution(self, py: Python<'_>) -> PyResult<Execution> {
        Execution::new(
            py,
            &self.schedule,
            &self.recording,
            self.performed,
            self.endings,
        )
    }
}

impl Search {
    fn world(self) -> World<'static> {
        let watcher = PythonWatcher {
            names: names_of(&self.program),
            invariant: self.invariant,
            finally: self.finally,
        };
        let tracer = PythonTracer(self.run_body);
        let world = World::new(self.program, Box::new(tracer)).watched_by(Box::new(watcher));
        if self.symmetry {
            world.with_symmetry()
        } else {
            world
        }
    }

    /// Explores the program.
    pub fn explore(self, py: Python<'_>, plan: Exhaustive, samples: u32) -> PyResult<Report> {
        let explored = py.detach(|| {
            let mut world = self.world();
            let found = again_until_known(&mut world, |world| plan.run(world, &mut Signals))?;
            let told = tell_all(&mut world, &found)?;
            let sampled = match found.verdict {
                Verdict::Sound => sample(&mut world, samples)?,
                Verdict::Violated | Verdict::Incomplete => Vec::new(),
            };
            Ok((found, told, sampled, world.body_runs()))
        });
        let (found, told, sampled, body_runs) = explored.map_err(exception)?;
        let convert = |told: Told| Py::new(py, told.into_execution(py)?);
        let counterexamples: Vec<_> = told.into_iter().map(convert).collect::<PyResult<_>>()?;
        let sampled: Vec<_> = sampled.into_iter().map(convert).collect::<PyResult<_>>()?;
        let to_rerun = counterexamples
            .iter()
            .map(|execution| execution.clone_ref(py));
        let to_rerun = to_rerun.chain(sampled).collect();
        Ok(report(&found, counterexamples, to_rerun, body_runs))
    }

    /// Follows a schedule.
    pub fn replay(self, py: Python<'_>, line: &str) -> PyResult<Execution> {
        let schedule: Schedule = line.parse().map_err(|e| errors::replay(format!("{e}")))?;
        let followed = py.detach(|| {
            let mut world = self.world();
            again_until_known(&mut world, |world| follow(world, schedule.clone()))
        });
        let told = followed
            .map_err(exception)?
            .map_err(|departure| errors::replay(departure.to_string()))?;
        told.into_execution(py)
    }
}

/// Begins again where a body turned out to spin; each body does so once at most.
pub fn again_until_known<T>(
    world: &mut World<'_>,
    mut run: impl FnMut(&mut World<'_>) -> Result<T, TraceError>,
) -> Result<T, TraceError> {
    loop {
        match run(world) {
            Err(TraceError::Restart) => world.restart(),
            other => return other,
        }
    }
}

fn follow(
    world: &mut World<'_>,
    mut schedule: Schedule,
) -> Result<Result<Told, Departure>, TraceError> {
    let followed = match Followed::follow(world, &schedule)? {
        Ok(followed) => followed,
        Err(departure) => return Ok(Err(departure)),
    };
    let violation = followed
        .violations
        .into_iter()
        .next()
        .map(|(steps, violation)| {
            schedule.0.truncate(steps);
            violation
        });
    tell(world, schedule, &followed.states, violation).map(Ok)
}

fn tell(
    world: &mut World<'_>,
    schedule: Schedule,
    states: &[xous_sim_userland::State],
    violation: Option<Violation>,
) -> Result<Told, TraceError> {
    let (recording, performed) = world.record(states, &schedule, violation)?;
    let last = &states[schedule.0.len()];
    let threads = 0..world.thread_count(last);
    let endings = threads
        .map(|thread| Ending::new(world, last, thread))
        .collect();
    Ok(Told {
        endings,
        schedule,
        recording,
        performed,
    })
}

fn tell_all(world: &mut World<'_>, found: &Found) -> Result<Vec<Told>, TraceError> {
    let mut told = Vec::new();
    for counterexample in &found.counterexamples {
        let schedule = counterexample.schedule.clone();
        let followed = Followed::follow(world, &schedule)?
            .expect("a schedule of the search fits its own model");
        let found = &counterexample.violation;
        let same = |(steps, violation): &(usize, Violation)| {
            *steps == schedule.0.len() && violation.is_like(found)
        };
        let told_again = followed.violations.into_iter().find(same);
        let violation = told_again.map(|(_, violation)| violation);
        told.push(tell(world, schedule, &followed.states, violation)?);
    }
    Ok(told)
}

/// Random executions without a violation.
fn sample(world: &mut World<'_>, samples: u32) -> Result<Vec<Told>, TraceError> {
    let mut told = Vec::new();
    for seed in 0..samples {
        let schedule = random_walk(world, seed.into(), SAMPLE_LENGTH)?;
        told.extend(follow(world, schedule)?.ok());
    }
    Ok(told)
}

fn report(
    found: &Found,
    counterexamples: Vec<Py<Execution>>,
    to_rerun: Vec<Py<Execution>>,
    body_runs: u64,
) -> Report {
    let verdict = match found.verdict {
        Verdict::Sound => "sound",
        Verdict::Violated => "violated",
        Verdict::Incomplete => "incomplete",
    };
    let exhausted = found.exhausted.map(|budget| match budget {
        Budget::States => "states",
        Budget::Schedules => "schedules",
        Budget::Time => "seconds",
        Budget::Preemptions => "preemptions",
        Budget::Cycle => "cycle",
    });
    Report {
        verdict,
        exhausted,
        counterexamples,
        to_rerun,
        states: found.states,
        transitions: found.transitions,
        depth: found.depth,
        frontier: found.frontier,
        stored_bytes: found.stored_bytes,
        seconds: found.elapsed.as_secs_f64(),
        body_runs,
    }
}
