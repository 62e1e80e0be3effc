//! Searching by re-execution: a model whose states are schedules, and whose steps are taken by real Python bodies.
//!
//! P. Godefroid, "Model Checking for Programming Languages using VeriSoft" (POPL 1997): a state of a real program cannot
//! be stored, but the schedule that leads to it can. The Python side holds one running execution. A step at its end goes
//! on with it; a step anywhere else begins the program anew and follows the schedule first. Depth-first search goes back
//! once for each schedule. Left out: equal states, but for those that threads come back to which go round in loops; there
//! a schedule ends, and what the bodies share in Python may yet differ, so the search is no proof.

use crate::convert::Words;
use crate::defect::detached;
use crate::parts::violation_from_python;
use crate::results::Report;
use crate::strategy::{Keywords, Strategy, ease};
use crate::tracer::{exception, failed};
use crate::watch::Watch;
use pyo3::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::sync::Arc;
use xous_sim_step::{Choice, Model, Schedule, Unknown, Violation, Violations};
use xous_sim_userland::behaviour::TraceError;

/// Steps that may be spent on making a counterexample easier to follow; they are real ones.
const EFFORT: u64 = 1 << 12;

/// What the Python side says after a step: the choices that are enabled, the violations of the step and of the state, and
/// a number for the state where threads go round in loops.
type Visit = (Vec<(u16, u16)>, Vec<Words>, Option<Words>, Option<u128>);

/// The running program.
struct Program {
    /// `begin()`, `follow(choices)` and `step(agent, pick)`.
    running: Py<PyAny>,
    /// The schedule of the running execution; `None` if there is none.
    at: Option<Schedule>,
    /// Draws the order in which choices are tried.
    seed: Option<u64>,
    /// What is violated before any step.
    violated_at_first: Violations,
}

/// A state: how to get there, and what was found there.
#[derive(Clone)]
struct State {
    schedule: Schedule,
    enabled: Arc<[Choice]>,
    broken: Option<Violation>,
    /// A number for it, equal for equal states, if there is one.
    digest: Option<u128>,
}

impl Program {
    fn call<T>(
        &mut self,
        call: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T, TraceError> {
        let at = self.at.take();
        let done = Python::attach(|py| call(self.running.bind(py))).map_err(failed)?;
        self.at = at;
        Ok(done)
    }

    /// Brings the running execution to a schedule.
    fn go_to(&mut self, schedule: &Schedule) -> Result<(), TraceError> {
        if self.at.as_ref() != Some(schedule) {
            let choices: Vec<(u16, u16)> = schedule.0.iter().map(|c| (c.agent, c.pick)).collect();
            self.call(|running| running.call_method1("follow", (choices,)).map(drop))?;
            self.at = Some(schedule.clone());
        }
        Ok(())
    }

    fn state(&self, schedule: Schedule, visit: Visit) -> (State, Vec<Words>) {
        let (enabled, violations, broken, digest) = visit;
        let choices = enabled
            .into_iter()
            .map(|(agent, pick)| Choice { agent, pick });
        let mut enabled: Vec<Choice> = choices.collect();
        self.shuffle(&schedule, &mut enabled);
        let state = State {
            schedule,
            enabled: enabled.into(),
            broken: broken.map(violation_from_python),
            digest,
        };
        (state, violations)
    }

    /// Puts choices into an order that depends on the seed and on how the state was reached.
    fn shuffle(&self, schedule: &Schedule, enabled: &mut [Choice]) {
        let Some(seed) = self.seed else {
            return;
        };
        let mut generator = ChaCha8Rng::seed_from_u64(seed ^ fold(schedule) as u64);
        for end in (1..enabled.len()).rev() {
            enabled.swap(end, generator.next_u64() as usize % (end + 1));
        }
    }
}

/// A number for a schedule, another one for almost every other (FNV-1a with 128 bits).
fn fold(schedule: &Schedule) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let word = |choice: &Choice| u128::from(choice.agent) << 16 | u128::from(choice.pick);
    schedule.0.iter().fold(OFFSET, |hash, choice| {
        (hash ^ (word(choice) + 1)).wrapping_mul(PRIME)
    })
}

fn of_python(violations: Vec<Words>) -> Violations {
    let mut found = Violations::default();
    let violations = violations.into_iter().map(violation_from_python);
    found.extend(violations.map(Arc::new));
    found
}

impl Model for Program {
    type State = State;
    type Error = TraceError;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<State, TraceError> {
        let visit = self.call(|running| running.call_method0("begin")?.extract())?;
        self.at = Some(Schedule::default());
        let (state, violations) = self.state(Schedule::default(), visit);
        self.violated_at_first = of_python(violations);
        Ok(state)
    }

    fn violated_at_first(&self) -> Violations {
        self.violated_at_first.clone()
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), TraceError> {
        choices.extend(state.enabled.iter());
        Ok(())
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, TraceError> {
        self.go_to(&state.schedule)?;
        let visit = self.call(|running| {
            let step = running.call_method1("step", (choice.agent, choice.pick))?;
            step.extract()
        })?;
        let mut schedule = std::mem::take(&mut state.schedule);
        schedule.0.push(choice);
        self.at = Some(schedule.clone());
        let (after, violations) = self.state(schedule, visit);
        *state = after;
        Ok(of_python(violations))
    }

    fn fingerprint(&self, state: &State) -> u128 {
        state.digest.unwrap_or_else(|| fold(&state.schedule))
    }

    fn agents(&self, state: &State) -> usize {
        let agents = state
            .enabled
            .iter()
            .map(|choice| usize::from(choice.agent) + 1);
        agents.max().unwrap_or(0)
    }

    fn may_cycle(&self) -> bool {
        false
    }

    fn check(
        &mut self,
        state: &State,
        _enabled: &[Choice],
    ) -> Result<Option<Violation>, TraceError> {
        Ok(state.broken.clone())
    }
}

/// How many times as many steps as the search took may be spent on making a counterexample easier to follow: each of them
/// runs Python.
const EASING: u64 = 4;
/// But always so many.
const LEAST_EFFORT: u64 = 1 << 12;

/// Explores by re-execution. Returns what was found, and the schedule of each counterexample.
#[pyfunction]
#[pyo3(signature = (running, strategy, *, seed, stop_at_first, progress))]
pub fn explore_by_reexecution(
    py: Python<'_>,
    running: Py<PyAny>,
    strategy: Keywords,
    seed: Option<u64>,
    stop_at_first: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Report, Vec<(Words, String)>)> {
    let strategy = Strategy::new(&strategy, stop_at_first)?;
    let mut watch = Watch::new(progress);
    let mut program = Program {
        running,
        at: None,
        seed,
        violated_at_first: Violations::default(),
    };
    let found = detached(py, || {
        let mut found = strategy.run(&mut program, &mut watch, None)?;
        let steps = (found.transitions * EASING).clamp(LEAST_EFFORT, EFFORT);
        ease(&mut program, &mut found, strategy.effort(steps))?;
        Ok(found)
    })?;
    let found = found.map_err(exception)?;
    let schedules = found.counterexamples.iter().map(|counterexample| {
        let words = crate::parts::violation_to_python(&counterexample.violation);
        (words, counterexample.schedule.to_string())
    });
    let schedules = schedules.collect();
    Ok((
        Report::new(&found, Vec::new(), Vec::new(), 0, Vec::new(), Vec::new()),
        schedules,
    ))
}
