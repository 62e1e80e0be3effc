//! Executions that are told: a schedule that was followed once more, with all that a reader wants to know of it.

use crate::results::{Ending, Execution};
use pyo3::prelude::*;
use std::time::Instant;
use xous_sim_explore::{
    Counterexample, Departure, Execution as Followed, Report, random_walk_until,
};
use xous_sim_step::{Schedule, Violation};
use xous_sim_trace::Recording;
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::properties::LIVELOCK;
use xous_sim_userland::{Detail, Performed, State, World};

/// How long random executions may be that are sampled.
#[derive(Clone, Copy)]
pub struct Samples {
    /// Each of them.
    pub steps: usize,
    /// All together.
    pub deadline: Option<Instant>,
}

/// An execution that was told, before it becomes a Python object.
pub struct Told {
    schedule: Schedule,
    recording: Recording,
    violation: Option<Violation>,
    /// All that it violates at its end.
    violations: Vec<Violation>,
    performed: Vec<Performed>,
    endings: Vec<Ending>,
}

impl Told {
    /// The Python object.
    pub fn into_execution(self, py: Python<'_>) -> PyResult<Execution> {
        let Self {
            recording,
            violations,
            performed,
            endings,
            ..
        } = self;
        Execution::new(py, recording, &violations, performed, endings)
    }

    /// What it violates at its end.
    pub fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    /// How often it stops a thread that could go on.
    pub fn preemptions(&self) -> usize {
        self.recording.preemptions()
    }

    /// Its choices.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }
}

/// Follows a schedule, and tells what it violates at its end, which may be that it repeats for ever. If its end violates
/// nothing, it is told up to its first violation.
pub fn follow(
    world: &mut World<'_>,
    mut schedule: Schedule,
) -> Result<Result<Told, Departure>, TraceError> {
    let followed = match Followed::follow_round(world, &schedule)? {
        Ok(followed) => followed,
        Err(departure) => return Ok(Err(departure)),
    };
    let (steps, violations) = followed.shown();
    schedule.0.truncate(steps);
    let violation = violations.first().cloned();
    tell(world, schedule, &followed, violation, Detail::Everything).map(Ok)
}

/// The counterexamples of a search. Each is followed once more, as a replay of its line does.
pub fn tell_all(world: &mut World<'_>, found: &Report) -> Result<Vec<Told>, TraceError> {
    let counterexamples = found.counterexamples.iter();
    let told = counterexamples.map(|c| {
        let told = tell_counterexample(world, c)?;
        let told = told.expect("a schedule of the search fits its own model");
        let violated = told.violation().is_some();
        assert!(
            violated,
            "a replay violates what the search has found: {c:?}"
        );
        Ok(told)
    });
    told.collect()
}

/// A counterexample, up to its end; without a violation if it does not violate there what it should.
pub fn tell_counterexample(
    world: &mut World<'_>,
    counterexample: &Counterexample,
) -> Result<Result<Told, Departure>, TraceError> {
    let schedule = counterexample.schedule.clone();
    let followed = match Followed::follow_round(world, &schedule)? {
        Ok(followed) => followed,
        Err(departure) => return Ok(Err(departure)),
    };
    let (steps, violations) = followed.shown();
    let mut at_end = violations.into_iter().filter(|_| steps == schedule.0.len());
    let violation = at_end.find(|violation| violation.is_like(&counterexample.violation));
    tell(world, schedule, &followed, violation, Detail::Everything).map(Ok)
}

/// Random executions, each up to its first violation; told by their steps alone.
pub fn sample(
    world: &mut World<'_>,
    count: u32,
    samples: Samples,
) -> Result<Vec<Told>, TraceError> {
    let mut told = Vec::new();
    for seed in 0..count {
        let schedule = random_walk_until(world, seed.into(), samples.steps, samples.deadline)?;
        let followed = Followed::follow(world, &schedule)?;
        let followed = followed.expect("a random walk fits its own model");
        told.push(until_first(world, schedule, &followed)?);
    }
    Ok(told)
}

fn until_first(
    world: &mut World<'_>,
    mut schedule: Schedule,
    followed: &Followed<State>,
) -> Result<Told, TraceError> {
    let first = followed.violations.first().cloned();
    let violation = first.map(|(steps, violation)| {
        schedule.0.truncate(steps);
        violation
    });
    tell(world, schedule, followed, violation, Detail::Steps)
}

fn tell(
    world: &mut World<'_>,
    schedule: Schedule,
    followed: &Followed<State>,
    violation: Option<Violation>,
    detail: Detail,
) -> Result<Told, TraceError> {
    let repeats = violation.as_ref().is_some_and(|v| v.property == LIVELOCK);
    let (mut recording, performed) =
        world.record(&followed.states, &schedule, violation.clone(), detail)?;
    recording.repeats_from = followed.repeats_from.filter(|_| repeats);
    let last = &followed.states[schedule.0.len()];
    let threads = 0..world.thread_count(last);
    let endings = threads
        .map(|thread| Ending::new(world, last, thread))
        .collect();
    let at_end = |(steps, _): &&(usize, Violation)| *steps == schedule.0.len();
    let violations = followed.violations.iter().filter(at_end);
    Ok(Told {
        violations: violations.map(|(_, found)| found.clone()).collect(),
        endings,
        schedule,
        recording,
        violation,
        performed,
    })
}
