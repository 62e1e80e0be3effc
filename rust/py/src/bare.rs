//! A machine as a driver of real bodies asks for it: who can act, and what is violated.

use crate::config::caller;
use crate::convert::{Words, known_op, pid, value_from_python};
use crate::live::Live;
use crate::machine::Machine;
use crate::parts::violation_to_python;
use crate::tracer::names_of;
use crate::view::View;
use pyo3::prelude::*;
use std::collections::BTreeSet;
use xous_sim_userland::mortal::Mortal;
use xous_sim_userland::op::Op;
use xous_sim_userland::value::{Connection, Value};
use xous_sim_userland::{Program, describe, held, quiet};

/// Where a thread is: its name, a word, PID and TID, and for `before` its operation and the source line.
type Standing<'py> = (String, String, u8, u32, Option<Bound<'py, PyAny>>, String);

/// Whether an operation could happen now; one that is misused can.
#[pyfunction]
pub fn can_act(
    machine: &Machine,
    pid_number: u8,
    tid: u32,
    op: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let (caller, op) = (caller(pid_number, tid)?, known_op(op)?);
    if !op.may_wait() {
        return Ok(true);
    }
    let waits = machine.with_live(|live| live.would_wait(caller, &op));
    Ok(!waits)
}

/// For each mortal process its name, and whether it may die now, or (`false`) start again; `None` if neither.
#[pyfunction]
pub fn fates(machine: &Machine) -> Vec<(String, Option<bool>)> {
    machine.with_live(|live| {
        let (environment, machine) = (&live.program.environment, &live.program.machine);
        let fate = |(number, mortal): (usize, &Mortal)| {
            let mut copy = machine.clone();
            let dies = copy.can_die(number);
            let lives_on = copy.live_on(environment, number);
            (mortal.name.clone(), lives_on.map(|_| dies))
        };
        environment.mortals.iter().enumerate().map(fate).collect()
    })
}

/// What a property sees of the machine now.
#[pyfunction]
pub fn look(py: Python<'_>, machine: &Machine) -> PyResult<View> {
    let program = machine.with_live(|live| live.program.clone());
    let view = xous_sim_userland::View {
        machine: &program.machine,
        objects: program.objects.iter().map(|named| &named.object).collect(),
        key: Vec::new(),
    };
    View::new(py, &view, &names_of(&program))
}

/// What is violated when nobody can go on: a deadlock, or a leak. `threads` are all that
/// there ever were, in the order of their numbers; `held` are the results that can still be reached.
#[pyfunction]
pub fn quiet_violation(
    machine: &Machine,
    threads: Vec<Standing<'_>>,
    held: Vec<Bound<'_, PyAny>>,
) -> PyResult<Option<Words>> {
    let program = machine.with_live(|live| live.program.clone());
    let mut waits = Vec::new();
    for thread in &threads {
        let what = wait(&program, thread, &threads)?;
        waits.extend(what.map(|what| format!("{} {what}", thread.0)));
    }
    let live = live(&program, &held)?;
    let violation = quiet::deadlock(&waits);
    let violation = violation.or_else(|| quiet::leak(&program, &program.machine, &live));
    Ok(violation.as_ref().map(violation_to_python))
}

/// What a thread waits for.
fn wait(
    program: &Program,
    (_, at, pid_number, tid, op, source): &Standing<'_>,
    threads: &[Standing<'_>],
) -> PyResult<Option<String>> {
    let who = caller(*pid_number, *tid)?;
    Ok(match (at.as_str(), op) {
        ("spins", _) => Some(quiet::SPINS.into()),
        ("in", _) => quiet::blocked(&program.machine, &program.environment, who),
        ("before", Some(op)) => {
            let op = known_op(op)?;
            let index = op.object().and_then(|id| usize::from(id.0).checked_sub(1));
            let object = index.and_then(|index| program.objects.get(index));
            let object = object.map(|named| &named.object);
            let name = |holder| name_of(&threads[usize::from(holder)]);
            let machine = &program.machine;
            Some(quiet::waiting(
                program,
                machine,
                (&op, source),
                object,
                name,
            ))
        }
        _ => None,
    })
}

/// The name of a thread that holds a lock, and what has become of it.
fn name_of((name, at, ..): &Standing<'_>) -> String {
    let fate = match at.as_str() {
        "killed" => quiet::IS_DEAD,
        "over" => quiet::HAS_ENDED,
        _ => "",
    };
    format!("{name}{fate}")
}

/// What is violated when a process found no slot for a connection.
#[pyfunction]
pub fn exhaustion(
    machine: &Machine,
    pid_number: u8,
    held: Vec<Bound<'_, PyAny>>,
) -> PyResult<Option<Words>> {
    let program = machine.with_live(|live| live.program.clone());
    let live = live(&program, &held)?;
    let violation = quiet::exhaustion(&program.machine, pid(pid_number)?, &live);
    Ok(violation.as_ref().map(violation_to_python))
}

fn live(program: &Program, held: &[Bound<'_, PyAny>]) -> PyResult<BTreeSet<Connection>> {
    let held: Vec<Value> = held
        .iter()
        .map(value_from_python)
        .collect::<PyResult<_>>()?;
    let objects = program.objects.iter().map(|named| &named.object);
    Ok(held::live_connections(
        program,
        &program.machine,
        objects,
        held.iter(),
    ))
}

/// An operation in words.
#[pyfunction]
pub fn operation_in_words(machine: &Machine, op: &Bound<'_, PyAny>) -> PyResult<String> {
    let op: Op<Value> = known_op(op)?;
    let words = |live: &Live| describe::op(&live.program, &live.program.machine, &op);
    Ok(machine.with_live(words))
}
