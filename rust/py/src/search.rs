//! Searches and replays of a program whose bodies are Python functions.

use crate::config::memory_model;
use crate::defect::detached;
use crate::departure;
use crate::drawn::Drawn;
use crate::errors;
use crate::kept::KeptInFile;
use crate::machine::Machine;
use crate::orders::{self, Orders};
use crate::parts::{Split, violation_from_python};
use crate::results::{Execution, Report};
use crate::strategy::{EFFORT, Keywords, Strategy, Threads, ease};
use crate::told::{Told, follow, sample, tell_all, tell_counterexample};
use crate::tracer::{PythonTracer, PythonWatcher, exception, names_of};
use crate::watch::Watch;
use pyo3::prelude::*;
use xous_sim_explore::{Budget, Counterexample, Keeper, Plan, Report as Found, Verdict, split};
use xous_sim_step::Schedule;
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::c11::MemoryModel;
use xous_sim_userland::properties::LIVELOCK;
use xous_sim_userland::{Program, World};

/// Random schedules that are followed before a tree is split.
const WARM_UP: u32 = 8;

/// A program that is set up, and its Python parts.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct Search {
    program: Program,
    /// Runs a body.
    run_body: Py<PyAny>,
    body_name: Py<PyAny>,
    invariant: Option<Py<PyAny>>,
    finally: Option<Py<PyAny>>,
    memory: MemoryModel,
}

#[pymethods]
impl Search {
    #[new]
    #[pyo3(signature = (machine, run_body, body_name, *, memory, invariant, finally_))]
    fn new(
        py: Python<'_>,
        machine: &Machine,
        run_body: Py<PyAny>,
        body_name: Py<PyAny>,
        memory: &str,
        invariant: Option<Py<PyAny>>,
        finally_: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            program: machine.program(py),
            run_body,
            body_name,
            invariant,
            finally: finally_,
            memory: memory_model(memory)?,
        })
    }

    /// Explores the program, or what lies below a prefix.
    #[pyo3(signature = (strategy, *, stop_at_first, progress, samples, prefix = None))]
    fn explore(
        &self,
        py: Python<'_>,
        strategy: Keywords,
        stop_at_first: bool,
        progress: Option<Py<PyAny>>,
        samples: u32,
        prefix: Option<&str>,
    ) -> PyResult<Report> {
        let checkpoint = strategy.checkpoint.as_deref();
        let settings = format!("{}, {}", self.settings(), strategy.reductions());
        let open = |path| KeptInFile::open(path, &settings);
        let mut drive = Drive {
            keeper: checkpoint.map(open).transpose()?,
            strategy: Strategy::new(&strategy, stop_at_first)?,
            watch: Watch::new(progress),
            prefix: prefix.map(schedule_from).transpose()?,
            samples,
        };
        let threads = drive.strategy.threads();
        report(
            py,
            self.with_world(py, threads, |world| drive.explore(world))?,
        )
    }

    /// Splits the tree of schedules. A few random schedules are followed first, so that bodies are known.
    #[pyo3(signature = (strategy, *, stop_at_first, parts, merge))]
    fn split(
        &self,
        py: Python<'_>,
        strategy: Keywords,
        stop_at_first: bool,
        parts: usize,
        merge: bool,
    ) -> PyResult<Split> {
        let strategy = Strategy::new(&strategy, stop_at_first)?;
        // A weak memory keeps only what bodies are known to read, so the parts may come to tell states apart.
        let is_strong = self.memory == MemoryModel::SequentiallyConsistent;
        let plan = Plan {
            parts,
            merge: merge && strategy.visits_states() && is_strong,
            stop_at_first,
        };
        let threads = match plan.merge {
            true => strategy.threads(),
            false => Threads::Anonymous,
        };
        let (top, sensitive_bodies) = self.with_world(py, threads, |world| {
            sample(world, WARM_UP, strategy.warm_up())?;
            Ok((split(world, plan)?, world.sensitive_bodies()))
        })?;
        Ok(Split::new(top, sensitive_bodies))
    }

    /// Follows a schedule.
    fn replay(&self, py: Python<'_>, schedule: &str) -> PyResult<Execution> {
        let schedule = schedule_from(schedule)?;
        let told = self.with_world(py, Threads::ToldApart, |world| {
            match follow(world, schedule.clone())? {
                Ok(told) => Ok(Ok(told)),
                Err(departure) => departure::in_words(world, &schedule, &departure).map(Err),
            }
        })?;
        told.map_err(errors::replay)?.into_execution(py)
    }

    /// Follows a schedule whose choices `draw` draws: of `n` that are possible it takes the one with the number `draw(n)`.
    /// Number 0 goes on with the thread of the step before, if it can go on; faults come last.
    fn drawn(&self, py: Python<'_>, draw: Py<PyAny>, max_steps: usize) -> PyResult<Execution> {
        let mut drawn = Drawn::new(draw, max_steps);
        let told = self.with_world(py, Threads::ToldApart, |world| drawn.finish(world))?;
        told.into_execution(py)
    }

    /// What a proof has to be read with, if the bodies ask for these memory orders.
    fn caveats(&self, orders: Vec<Orders>) -> Vec<String> {
        orders::caveats(&self.program, orders)
    }

    /// Tells a counterexample that was found in another process.
    #[pyo3(signature = (schedule, violation))]
    fn tell(
        &self,
        py: Python<'_>,
        schedule: &str,
        violation: (String, String, String),
    ) -> PyResult<Execution> {
        let found = Counterexample {
            schedule: schedule_from(schedule)?,
            violation: violation_from_python(violation),
            repeats_from: None,
        };
        let told = self.with_world(py, Threads::ToldApart, |world| {
            let told = tell_counterexample(world, &found)?;
            told.or_else(|departure| departure::elsewhere(world, &found.schedule, &departure))
        })?;
        told.into_execution(py)
    }
}

impl Search {
    /// What decides which states there are and which steps may be left out, beside the scenario.
    fn settings(&self) -> String {
        let config = self.program.machine.kernel.config();
        let invariant = self.invariant.is_some();
        format!("{:?}, {config:?}, invariant {invariant}", self.memory)
    }

    /// Uses a world of the program, without the interpreter lock.
    fn with_world<T: Send>(
        &self,
        py: Python<'_>,
        threads: Threads,
        run: impl FnMut(&mut World<'_>) -> Result<T, TraceError> + Send,
    ) -> PyResult<T> {
        let property = |property: &Option<Py<PyAny>>| property.as_ref().map(|p| p.clone_ref(py));
        let watcher = PythonWatcher {
            names: names_of(&self.program),
            invariant: property(&self.invariant),
            finally: property(&self.finally),
        };
        let tracer = PythonTracer {
            run_body: self.run_body.clone_ref(py),
            body_name: self.body_name.clone_ref(py),
        };
        let program = self.program.clone();
        let used = detached(py, || {
            let world = World::new(program, Box::new(tracer)).with_memory(self.memory);
            let world = world.watched_by(Box::new(watcher));
            again_until_known(&mut threads.prepare(world), run)
        })?;
        used.map_err(exception)
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

/// The schedule that a line means.
fn schedule_from(line: &str) -> PyResult<Schedule> {
    line.parse().map_err(|e| errors::replay(format!("{e}")))
}

/// The choices of the schedule that a line means: agent and pick each.
#[pyfunction]
pub fn schedule_choices(line: &str) -> PyResult<Vec<(u16, u16)>> {
    let schedule = schedule_from(line)?;
    Ok(schedule.0.iter().map(|c| (c.agent, c.pick)).collect())
}

/// How an exploration is driven.
struct Drive {
    strategy: Strategy,
    /// Where it is kept.
    keeper: Option<KeptInFile>,
    /// Who is told of it.
    watch: Watch,
    /// Only what lies below this schedule is searched.
    prefix: Option<Schedule>,
    /// Random schedules that are followed where nothing is found.
    samples: u32,
}

/// What an exploration found, before it becomes Python objects.
struct Explored {
    found: Found,
    counterexamples: Vec<Told>,
    /// Executions that were followed by chance.
    sampled: Vec<Told>,
    body_runs: u64,
    sensitive_bodies: Vec<u16>,
    orders: Vec<Orders>,
}

impl Drive {
    /// Searches. Where that finds nothing, random executions are followed for the real bodies to be compared with, and
    /// what those happen to violate counts too, unless they have more preemptions than the search was to look at.
    fn explore(&mut self, world: &mut World<'_>) -> Result<Explored, TraceError> {
        let mut found = self.search(world)?;
        let sampled = match found.verdict {
            Verdict::Violated => Vec::new(),
            Verdict::Incomplete if found.exhausted == Some(Budget::Memory) => Vec::new(),
            Verdict::Sound | Verdict::Incomplete => {
                sample(world, self.samples, self.strategy.samples(&found))?
            }
        };
        let most = self.strategy.max_preemptions();
        let mut within = sampled.iter().filter(|told| told.preemptions() <= most);
        if let Some(by_chance) = within.find_map(by_chance) {
            found.verdict = Verdict::Violated;
            found.counterexamples.push(by_chance);
            ease(world, &mut found, self.strategy.effort(EFFORT))?;
        }
        Ok(Explored {
            counterexamples: tell_all(world, &found)?,
            found,
            sampled,
            body_runs: world.body_runs(),
            sensitive_bodies: world.sensitive_bodies(),
            orders: orders::of(world),
        })
    }

    fn search(&mut self, world: &mut World<'_>) -> Result<Found, TraceError> {
        let Some(prefix) = &self.prefix else {
            let keeper = self
                .keeper
                .as_mut()
                .map(|keeper| keeper as &mut dyn Keeper<_>);
            return self.strategy.run(world, &mut self.watch, keeper);
        };
        let found = self
            .strategy
            .run_below(world, prefix.clone(), &mut self.watch)?;
        found.or_else(|departure| departure::elsewhere(world, prefix, &departure))
    }
}

/// What a sampled execution violates. That it goes round for ever, as only its end shows, is nothing to tell: it is far too
/// long.
fn by_chance(sampled: &Told) -> Option<Counterexample> {
    let violation = sampled.violation()?.clone();
    (violation.property != LIVELOCK).then(|| Counterexample {
        schedule: sampled.schedule().clone(),
        violation,
        repeats_from: None,
    })
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
        explored.sensitive_bodies,
        explored.orders,
    ))
}
