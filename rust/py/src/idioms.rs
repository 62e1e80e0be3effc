//! The idioms that are written in Rust, for comparing them with those in Python.

use crate::config::config;
use crate::defect::detached;
use crate::errors::{misuse, scenario as scenario_error};
use crate::results::verdict;
use crate::search::again_until_known;
use crate::strategy::{Keywords, Strategy};
use crate::tracer::exception;
use crate::watch::Watch;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use xous_sim_userland::idioms::{Clients, IDIOMS, scenario};

/// Explores an idiom that is written in Rust, in the scenario of the verdict table.
#[pyfunction]
#[pyo3(signature = (name, strategy, *, connect, slots, std_shadow, clients, rounds, bystander, stop_at_first))]
#[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
pub fn explore_idiom<'py>(
    py: Python<'py>,
    name: &str,
    strategy: Keywords,
    connect: &str,
    slots: u32,
    std_shadow: bool,
    clients: usize,
    rounds: u16,
    bystander: bool,
    stop_at_first: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let idiom = IDIOMS.iter().find(|idiom| idiom.name == name);
    let idiom = idiom.ok_or_else(|| misuse(format!("there is no idiom {name:?}")))?;
    let config = config("hardware", slots, connect, "faithful", 0, "none")?;
    let clients = Clients {
        threads: clients,
        rounds,
        std_shadow,
        bystander,
    };
    let strategy = Strategy::new(&strategy, stop_at_first)?;
    let explored = detached(py, || {
        let world = scenario(idiom, clients, config).map_err(scenario_error)?;
        let mut world = strategy.threads().prepare(world);
        let mut watch = Watch::new(None);
        let found = again_until_known(&mut world, |world| strategy.run(world, &mut watch, None));
        Ok::<_, PyErr>((found.map_err(exception)?, world.body_runs()))
    })?;
    let (found, body_runs) = explored?;
    let first = found.counterexamples.first();
    let report = PyDict::new(py);
    report.set_item("verdict", verdict(found.verdict))?;
    report.set_item("violation", first.map(|c| c.violation.property.0))?;
    report.set_item("schedule", first.map(|c| c.schedule.to_string()))?;
    report.set_item("states", found.states)?;
    report.set_item("schedules", found.schedules)?;
    report.set_item("transitions", found.transitions)?;
    report.set_item("seconds", found.elapsed.as_secs_f64())?;
    report.set_item("stored_bytes", found.stored_bytes)?;
    report.set_item("body_runs", body_runs)?;
    Ok(report)
}
