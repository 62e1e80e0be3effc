//! What a state looks like to a reader: connection maps with the handles behind them, shared objects, pages, queues.
//!
//! Left out: which older stores a weak memory still holds, and what waits in a queue beyond how much it is.

use super::system::process_label;
use crate::local::At;
use crate::machine::{Environment, Machine};
use crate::object::{Heap, Object, Once};
use crate::program::Program;
use crate::state::State;
use crate::value::Connection;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use xous_sim_kernel::page::layout::PAGE_BYTES;
use xous_sim_kernel::{Caller, Cid, Pid};
use xous_sim_trace::{ObjectState, PageBytes, Place, Slot, SlotState, Snapshot};

/// Who holds a connection that the scenario itself opened.
const SCENARIO: &str = "the scenario";

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

impl World<'_> {
    /// What a state looks like.
    pub(crate) fn snapshot(&self, state: &State, pages: &mut Pages) -> Snapshot {
        let view = self.view(state);
        let handles = self.handles_of_threads(state);
        snapshot(&self.program, view.machine, &view.objects, handles, pages)
    }

    /// The connections that threads can still use.
    fn handles_of_threads(&self, state: &State) -> Vec<(String, Connection)> {
        let mut handles = Vec::new();
        for thread in 0..self.thread_count(state) {
            let local = self.local(state, thread);
            if local.at != At::Killed {
                let held = local
                    .registers
                    .iter()
                    .flat_map(|(_, value)| value.connections());
                let name = self.thread_name(state, thread);
                handles.extend(held.map(|connection| (name.clone(), connection)));
            }
        }
        handles
    }
}

/// What a machine and the objects around it look like: `handles` are the connections that threads hold, by name.
pub fn snapshot(
    program: &Program,
    machine: &Machine,
    objects: &[&Object],
    mut handles: Vec<(String, Connection)>,
    pages: &mut Pages,
) -> Snapshot {
    let environment = &program.environment;
    handles.extend(handles_in_objects(program, objects));
    let held = program.held.iter();
    handles.extend(held.map(|&connection| (SCENARIO.into(), connection)));
    Snapshot {
        connections: connections(machine, environment, &handles),
        objects: shown_objects(program, objects),
        pages: pages.changes(machine, environment),
        places: queues(program, machine),
        dead: dead(machine, environment),
    }
}

fn handles_in_objects(program: &Program, objects: &[&Object]) -> Vec<(String, Connection)> {
    let mut handles = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        if let Object::Heap(heap) = object {
            handles.extend(handles_in_heap(heap));
            continue;
        }
        let name = object_label(program, number);
        let held = object.values().flat_map(|value| value.connections());
        handles.extend(held.map(|connection| (name.clone(), connection)));
    }
    handles
}

/// What a strong reference keeps alive.
fn handles_in_heap(heap: &Heap) -> impl Iterator<Item = (String, Connection)> {
    let alive = heap.allocations().filter(|(_, strong, ..)| *strong > 0);
    alive.flat_map(|(number, _, _, content)| {
        let held = content.connections();
        held.map(move |connection| (arc_label(number), connection))
    })
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

fn shown_objects(program: &Program, objects: &[&Object]) -> Vec<ObjectState> {
    let name = |caller: &Caller| program.caller_name(*caller);
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
