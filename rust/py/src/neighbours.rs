//! The neighbour systems: explored and replayed as the programs on Xous are, by the same strategies.

mod bus1;
mod capnp;

pub use bus1::{Bus, Quota, explore_attack, greedy_shares, replay_attack, sybils_needed};
pub use capnp::{admitted, explore_capnp, replay_capnp, sends_until_blocked, simulate_flow};

use crate::errors;
use crate::results::{Execution, Report};
use crate::strategy::{Keywords, Strategy};
use crate::tracer::exception;
use crate::watch::Watch;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;
use xous_sim_explore::{Execution as Followed, Report as Found};
use xous_sim_neighbours::{Fallible, Tells};
use xous_sim_step::{Schedule, Violation};
use xous_sim_trace::system::Thread;
use xous_sim_trace::{Place, Recording, Snapshot, Step};
use xous_sim_userland::behaviour::TraceError;

/// Explores a model that cannot fail.
fn explored<M>(
    py: Python<'_>,
    model: M,
    strategy: &Keywords,
    stop_at_first: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Report>
where
    M: Tells<Error = Infallible> + Send,
{
    let strategy = Strategy::new(strategy, stop_at_first)?;
    let (found, told) = py.detach(|| {
        let mut model = Fallible::<M, TraceError>::new(model);
        let mut watch = Watch::new(progress);
        let found = strategy.run(&mut model, &mut watch, None);
        let found = found.map_err(exception)?;
        let told = tell_all(&mut model.model, &found);
        Ok::<_, PyErr>((found, told))
    })?;
    let told = told.into_iter().map(|recording| {
        let execution = Execution::new(py, recording, &[], Vec::new(), Vec::new())?;
        Py::new(py, execution)
    });
    let told = told.collect::<PyResult<_>>()?;
    Ok(Report::new(
        &found,
        told,
        Vec::new(),
        0,
        Vec::new(),
        Vec::new(),
    ))
}

fn tell_all<M: Tells<Error = Infallible>>(model: &mut M, found: &Found) -> Vec<Recording> {
    let counterexamples = found.counterexamples.iter();
    let told = counterexamples.map(|found| {
        let Ok(followed) = Followed::follow(model, &found.schedule);
        let followed = followed.expect("a schedule of the search fits its own model");
        let violations = followed.violations.iter().rev();
        // A schedule that was shrunk may end in the same violation with other words.
        let mut like = violations.filter(|(_, violation)| violation.is_like(&found.violation));
        let violation = like.next().map(|(_, violation)| violation.clone());
        record(model, &followed, &found.schedule, violation)
    });
    told.collect()
}

/// Follows a schedule, up to its first violation if its end violates nothing.
fn replayed<M>(py: Python<'_>, mut model: M, line: &str) -> PyResult<Execution>
where
    M: Tells<Error = Infallible>,
{
    let schedule: Schedule = line.parse().map_err(|e| errors::replay(format!("{e}")))?;
    let Ok(followed) = Followed::follow(&mut model, &schedule);
    let followed = followed.map_err(|departure| errors::replay(departure.to_string()))?;
    let (steps, violations) = followed.shown();
    let schedule = Schedule(schedule.0[..steps].to_vec());
    let first = violations.first().cloned();
    let recording = record(&mut model, &followed, &schedule, first);
    Execution::new(py, recording, &violations, Vec::new(), Vec::new())
}

fn record<M: Tells<Error = Infallible>>(
    model: &mut M,
    followed: &Followed<M::State>,
    schedule: &Schedule,
    violation: Option<Violation>,
) -> Recording {
    let states = &followed.states;
    let mut names = BTreeMap::new();
    let mut steps = Vec::new();
    let mut previous = None;
    for (n, &choice) in schedule.0.iter().enumerate() {
        let told = model.tell(&states[n], choice, &states[n + 1]);
        names.insert(choice.agent, told.agent.clone());
        let mut step = Step::new(choice, &told.agent, &told.operation, &told.result);
        let mut enabled = Vec::new();
        let Ok(()) = model.enabled(&states[n], &mut enabled);
        step.preempts = choice.preempts(previous, &enabled);
        step.after = snapshot(model, &states[n + 1]);
        previous = Some(choice);
        steps.push(step);
    }
    let thread = |name| Thread {
        name,
        process: None,
    };
    Recording {
        schedule: schedule.to_string(),
        threads: names.into_values().map(thread).collect(),
        before: snapshot(model, &states[0]),
        steps,
        violation: violation.map(Into::into),
        ..Recording::default()
    }
}

fn snapshot<M: Tells>(model: &M, state: &M::State) -> Snapshot {
    let places = model.show(state).into_iter();
    let places = places.map(|place| Place {
        name: place.name,
        lines: place.contents,
    });
    Snapshot {
        places: places.collect(),
        ..Snapshot::default()
    }
}
