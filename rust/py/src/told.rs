//! Executions that are told: a schedule that was followed once more, with all that a reader wants to know of it.

use crate::results::{Ending, Execution};
use pyo3::prelude::*;
use xous_sim_explore::{Departure, Execution as Followed, Report, random_walk};
use xous_sim_step::{Schedule, Violation};
use xous_sim_trace::Recording;
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::{Performed, State, World};

/// Executions of random schedules that are sampled are no longer than this.
const SAMPLE_LENGTH: usize = 10_000;

/// An execution that was told, before it becomes a Python object.
pub struct Told {
    schedule: Schedule,
    recording: Recording,
    performed: Vec<Performed>,
    endings: Vec<Ending>,
}

impl Told {
    /// The Python object.
    pub fn into_execution(self, py: Python<'_>) -> PyResult<Execution> {
        Execution::new(
            py,
            &self.schedule,
            &self.recording,
            self.performed,
            self.endings,
        )
    }

    /// Whether it ends in a violation.
    pub fn is_violation(&self) -> bool {
        self.recording.violation.is_some()
    }
}

/// Follows a schedule up to its first violation.
pub fn follow(
    world: &mut World<'_>,
    mut schedule: Schedule,
) -> Result<Result<Told, Departure>, TraceError> {
    let followed = match Followed::follow(world, &schedule)? {
        Ok(followed) => followed,
        Err(departure) => return Ok(Err(departure)),
    };
    let first = followed.violations.into_iter().next();
    let violation = first.map(|(steps, violation)| {
        schedule.0.truncate(steps);
        violation
    });
    tell(world, schedule, &followed.states, violation).map(Ok)
}

/// The counterexamples of a search.
pub fn tell_all(world: &mut World<'_>, found: &Report) -> Result<Vec<Told>, TraceError> {
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
        let repeats_from = counterexample.repeats_from;
        // That a schedule repeats is known to the search alone.
        let violation = violation.or_else(|| repeats_from.map(|_| found.clone()));
        let mut one = tell(world, schedule, &followed.states, violation)?;
        one.recording.repeats_from = repeats_from;
        told.push(one);
    }
    Ok(told)
}

/// Random executions, each up to its first violation.
pub fn sample(world: &mut World<'_>, samples: u32) -> Result<Vec<Told>, TraceError> {
    let mut told = Vec::new();
    for seed in 0..samples {
        let schedule = random_walk(world, seed.into(), SAMPLE_LENGTH)?;
        told.extend(follow(world, schedule)?.ok());
    }
    Ok(told)
}

fn tell(
    world: &mut World<'_>,
    schedule: Schedule,
    states: &[State],
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
