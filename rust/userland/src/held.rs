//! Which connections somebody can still use: what is left in a connection map when all is quiet, and is none of them, is
//! a leak.
//!
//! A counted reference is a result like any other. An allocation that nobody can reach any more keeps its connection,
//! whatever its count says: an `Arc` was forgotten. Left out: references inside of allocations, which nothing makes.

use crate::machine::Machine;
use crate::object::Object;
use crate::program::Program;
use crate::value::{Connection, Value};
use std::collections::BTreeSet;

/// The allocations of which somebody can reach a reference that keeps them.
pub fn reached_arcs<'v>(
    objects: impl Iterator<Item = &'v Object>,
    results: impl Iterator<Item = &'v Value>,
) -> BTreeSet<u16> {
    let values = objects.flat_map(Object::values).chain(results);
    values.flat_map(Value::strong_references).collect()
}

/// The connections that somebody can still use: through shared objects, because the scenario itself holds them or means
/// them to stay, and among the `results` that threads hold.
pub fn live_connections<'v>(
    program: &Program,
    machine: &Machine,
    objects: impl Iterator<Item = &'v Object> + Clone,
    results: impl Iterator<Item = &'v Value>,
) -> BTreeSet<Connection> {
    let results: Vec<&Value> = results.collect();
    let arcs = reached_arcs(objects.clone(), results.iter().copied());
    let shared = objects
        .clone()
        .flat_map(|object| object.kept_by(&arcs).map(|(_, value)| value));
    let persistent = machine.persistent.iter();
    let persistent = persistent.map(|(&(pid, cid), &opened_for)| Connection {
        pid,
        cid,
        opened_for,
    });
    objects
        .flat_map(Object::values)
        .chain(shared)
        .chain(results)
        .flat_map(Value::connections)
        .chain(program.held.iter().copied())
        .chain(persistent)
        .collect()
}
