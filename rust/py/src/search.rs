//! Searches and replays of a program whose bodies are Python functions.

use crate::departure;
use crate::errors;
use crate::results::{Execution, Report};
use crate::strategy::{Strategy, Threads};
use crate::told::{Told, follow, sample, tell_all};
use crate::tracer::{PythonTracer, PythonWatcher, exception, names_of};
use crate::watch::Watch;
use pyo3::prelude::*;
use xous_sim_explore::{Report as Found, Verdict};
use xous_sim_step::Schedule;
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::c11::MemoryModel;
use xous_sim_userland::{Program, World};

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
    /// Which executions there are.
    pub memory: MemoryModel,
}

/// What an exploration found, before it becomes Python objects.
struct Explored {
    found: Found,
    counterexamples: Vec<Told>,
    /// Executions without a violation.
    sampled: Vec<Told>,
    body_runs: u64,
}

impl Search {
    fn world(self, threads: Threads) -> World<'static> {
        let watcher = PythonWatcher {
            names: names_of(&self.program),
            invariant: self.invariant,
            finally: self.finally,
        };
        let tracer = PythonTracer(self.run_body);
        let world = World::new(self.program, Box::new(tracer)).with_memory(self.memory);
        threads.prepare(world.watched_by(Box::new(watcher)))
    }

    /// Explores the program.
    pub fn explore(
        self,
        py: Python<'_>,
        strategy: &Strategy,
        watch: &mut Watch,
        samples: u32,
    ) -> PyResult<Report> {
        let explored = py.detach(|| {
            let mut world = self.world(strategy.threads());
            again_until_known(&mut world, |world| explore(world, strategy, watch, samples))
        });
        report(py, explored.map_err(exception)?)
    }

    /// Follows a schedule.
    pub fn replay(self, py: Python<'_>, line: &str) -> PyResult<Execution> {
        let schedule: Schedule = line.parse().map_err(|e| errors::replay(format!("{e}")))?;
        let followed = py.detach(|| {
            let mut world = self.world(Threads::ToldApart);
            again_until_known(&mut world, |world| follow_or_say_why(world, &schedule))
        });
        let told = followed.map_err(exception)?.map_err(errors::replay)?;
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

/// Searches. Where that finds nothing, random executions are followed for the real bodies to be compared with, and what
/// those happen to violate counts too.
fn explore(
    world: &mut World<'_>,
    strategy: &Strategy,
    watch: &mut Watch,
    samples: u32,
) -> Result<Explored, TraceError> {
    let mut found = strategy.run(world, watch)?;
    let mut counterexamples = tell_all(world, &found)?;
    let mut sampled = Vec::new();
    if found.verdict != Verdict::Violated {
        sampled = sample(world, samples)?;
        counterexamples.extend(sampled.extract_if(.., |told| told.is_violation()).take(1));
    }
    if !counterexamples.is_empty() {
        found.verdict = Verdict::Violated;
    }
    Ok(Explored {
        found,
        counterexamples,
        sampled,
        body_runs: world.body_runs(),
    })
}

/// Follows a schedule; a sentence where it does not fit.
fn follow_or_say_why(
    world: &mut World<'_>,
    schedule: &Schedule,
) -> Result<Result<Told, String>, TraceError> {
    match follow(world, schedule.clone())? {
        Ok(told) => Ok(Ok(told)),
        Err(departure) => departure::in_words(world, schedule, &departure).map(Err),
    }
}

fn report(py: Python<'_>, explored: Explored) -> PyResult<Report> {
    let found = explored.found;
    let convert = |told: Told| Py::new(py, told.into_execution(py)?);
    let counterexamples = explored.counterexamples.into_iter().map(convert);
    let counterexamples = counterexamples.collect::<PyResult<Vec<_>>>()?;
    let sampled = explored.sampled.into_iter().map(convert);
    let again = counterexamples.iter().map(|c| Ok(c.clone_ref(py)));
    let to_rerun = again.chain(sampled).collect::<PyResult<Vec<_>>>()?;
    Ok(Report::new(
        &found,
        counterexamples,
        to_rerun,
        explored.body_runs,
    ))
}
