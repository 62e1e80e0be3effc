//! What a state looks like to a reader: connection maps with the handles behind them, shared objects, pages, queues.
//!
//! Left out: which older stores a weak memory still holds, and what waits in a queue beyond how much it is.

use super::system::process_label;
use crate::held;
use crate::local::At;
use crate::machine::{Environment, Machine};
use crate::object::{Holder, Object, Once};
use crate::program::Program;
use crate::quiet::SCENARIO;
use crate::state::State;
use crate::value::{Connection, Value};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use xous_sim_kernel::page::layout::PAGE_BYTES;
use xous_sim_kernel::{Caller, Cid, Pid};
use xous_sim_trace::{ObjectState, PageBytes, Place, Slot, SlotState, Snapshot};

/// The process pages as they were in the snapshot before.
#[derive(Default)]
pub struct Pages(BTreeMap<Pid, Vec<u8>>);

impl Pages {
    /// What has changed in each process's page, which is remembered.
    fn changes(&mut self, machine: &Machine, environment: &Environment) -> Vec<PageBytes> {
        let change = |&pid: &Pid| {
            let page = machine.connection_map(pid).and(machine.kernel.page(pid))?;
            let (after, name) = (page.render(), process_label(environment, pid));
            let before = self.0.entry(pid).or_insert_with(|| vec![0; PAGE_BYTES]);
            let difference = PageBytes::difference(&name, before, &after);
            before.copy_from_slice(&after);
            difference
        };
        environment
            .process_names
            .keys()
            .filter_map(change)
            .collect()
    }
}

/// Who the threads are at a moment, and what they hold.
pub struct Threads {
    /// Their names, by their numbers.
    pub names: Vec<String>,
    /// Results that can still be used, each behind the name of who holds it.
    pub results: Vec<(String, Value)>,
}

impl World<'_> {
    /// What a state looks like.
    pub(crate) fn snapshot(&self, state: &State, pages: &mut Pages) -> Snapshot {
        let view = self.view(state);
        let threads = self.describe_threads(state);
        snapshot(&self.program, view.machine, &view.objects, &threads, pages)
    }

    fn describe_threads(&self, state: &State) -> Threads {
        let numbers = 0..self.thread_count(state);
        let names: Vec<String> = numbers.map(|n| self.thread_name(state, n)).collect();
        let mut results = Vec::new();
        for (thread, name) in names.iter().enumerate() {
            let local = self.local(state, thread);
            if local.at != At::Killed {
                let held = local.registers.iter();
                results.extend(held.map(|(_, value)| (name.clone(), value.clone())));
            }
        }
        Threads { names, results }
    }
}

/// What a machine and the objects around it look like.
pub fn snapshot(
    program: &Program,
    machine: &Machine,
    objects: &[&Object],
    threads: &Threads,
    pages: &mut Pages,
) -> Snapshot {
    let environment = &program.environment;
    let handles = handles(program, objects, threads);
    Snapshot {
        connections: connections(machine, environment, &handles),
        objects: shown_objects(program, objects, &threads.names),
        pages: pages.changes(machine, environment),
        places: queues(program, machine),
        dead: dead(machine, environment),
    }
}

/// The connections that somebody can still use, each behind the name of who holds it.
fn handles(program: &Program, objects: &[&Object], threads: &Threads) -> Vec<(String, Connection)> {
    let of = |(name, value): (String, &Value)| -> Vec<_> {
        let held = value.connections();
        held.map(|connection| (name.clone(), connection)).collect()
    };
    let results = threads.results.iter();
    let mut handles: Vec<_> = results
        .clone()
        .flat_map(|(name, value)| of((name.clone(), value)))
        .collect();
    let values = results.map(|(_, value)| value);
    let arcs = held::reached_arcs(objects.iter().copied(), values);
    for (number, object) in objects.iter().enumerate() {
        let label = object_label(program, number);
        handles.extend(object.values().flat_map(|value| of((label.clone(), value))));
        let kept = object.kept_by(&arcs);
        handles.extend(kept.flat_map(|(n, value)| of((arc_label(n), value))));
    }
    let held = program.held.iter();
    handles.extend(held.map(|&connection| (SCENARIO.into(), connection)));
    handles
}

/// How a reader knows an allocation, as [`Value`](crate::value::Value) prints a reference to it.
fn arc_label(number: usize) -> String {
    format!("Arc {number}")
}

/// The name of an object; with a number where an earlier one has the same name.
fn object_label(program: &Program, number: usize) -> String {
    let name = &program.objects[number].name;
    let earlier = &program.objects[..number];
    match earlier.iter().filter(|other| other.name == *name).count() {
        0 => name.clone(),
        same => format!("{name}#{}", same + 1),
    }
}

/// The slots of all processes that are in use, or that somebody wrongly takes for his.
fn connections(
    machine: &Machine,
    environment: &Environment,
    handles: &[(String, Connection)],
) -> Vec<Slot> {
    let mut list = Vec::new();
    for &pid in environment.process_names.keys() {
        let map = machine.connection_map(pid).map(|map| map.bytes());
        for (number, &byte) in map.unwrap_or_default().iter().enumerate() {
            let slot = slot(
                machine,
                environment,
                (pid, Cid::from_slot(number)),
                byte,
                handles,
            );
            if slot.is_used() || !slot.stale.is_empty() {
                list.push(slot);
            }
        }
    }
    list
}

fn slot(
    machine: &Machine,
    environment: &Environment,
    (pid, cid): (Pid, Cid),
    byte: u8,
    handles: &[(String, Connection)],
) -> Slot {
    let reached = machine.kernel.server_behind(pid, cid);
    let reaches = |c: &Connection| {
        reached.map(|now| machine.first_life(now)) == Some(machine.first_life(c.opened_for))
    };
    let here = handles.iter().filter(|(_, c)| (c.pid, c.cid) == (pid, cid));
    let (good, stale): (Vec<_>, Vec<_>) = here.partition(|(_, c)| reaches(c));
    let names = |list: Vec<&(String, Connection)>| {
        let unique: BTreeSet<&String> = list.into_iter().map(|(who, _)| who).collect();
        unique.into_iter().cloned().collect()
    };
    Slot {
        process: process_label(environment, pid),
        cid: cid.0,
        state: match (byte, reached) {
            (0, _) => SlotState::Free,
            (_, Some(_)) => SlotState::Server,
            (_, None) => SlotState::Tombstone,
        },
        server: reached.map(|serial| environment.server_name(machine, serial)),
        persistent: machine.persistent.contains_key(&(pid, cid)),
        holders: names(good),
        stale: names(stale),
    }
}

fn shown_objects(program: &Program, objects: &[&Object], names: &[String]) -> Vec<ObjectState> {
    let name = |holder: &Holder| match holder {
        Holder::Thread(thread) => names[usize::from(*thread)].clone(),
        Holder::Outside(_) => SCENARIO.into(),
    };
    let mut shown = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        let label = object_label(program, number);
        let mut show = |kind: &str, value: String| {
            shown.push(ObjectState {
                name: label.clone(),
                kind: kind.into(),
                value,
            });
        };
        match object {
            Object::Atomic(value) => show("atomic", value.to_string()),
            Object::Cell(value) => show("cell", value.to_string()),
            Object::Mutex(None) => show("mutex", "free".into()),
            Object::Mutex(Some(holder)) => show("mutex", format!("held by {}", name(holder))),
            Object::Once(Once::Empty) => show("once", "empty".into()),
            Object::Once(Once::Full(value)) => show("once", value.to_string()),
            Object::Once(Once::Running(who)) => {
                show("once", format!("being filled by {}", name(who)));
            }
            Object::Heap(heap) => {
                shown.extend(
                    heap.allocations()
                        .map(|(n, strong, weak, content)| ObjectState {
                            name: arc_label(n),
                            kind: "arc".into(),
                            value: format!("{content}; {strong} strong, {weak} weak"),
                        }),
                );
            }
        }
    }
    shown
}

/// The queues of the servers that processes of the scenario made themselves.
fn queues(program: &Program, machine: &Machine) -> Vec<Place> {
    let environment = &program.environment;
    let servers = machine.kernel.servers().into_iter();
    let own = servers.filter(|server| environment.process_names.contains_key(&server.owner));
    let queue = own.map(|server| {
        let pid = server.owner;
        let caller = |&tid| program.caller_name(Caller { pid, tid });
        let parked: Vec<String> = server.parked.iter().map(caller).collect();
        let mut lines = vec![format!("{} queued", server.queued)];
        lines.push(format!("{} received, not answered", server.waiting));
        if !parked.is_empty() {
            lines.push(format!("waiting for messages: {}", parked.join(", ")));
        }
        Place {
            name: format!(
                "queue of {}",
                environment.server_name(machine, server.serial)
            ),
            lines,
        }
    });
    queue.collect()
}

fn dead(machine: &Machine, environment: &Environment) -> Vec<String> {
    let processes = environment.process_names.keys();
    let dead = processes.filter(|&&pid| machine.connection_map(pid).is_none());
    dead.map(|&pid| process_label(environment, pid)).collect()
}
