//! What a recording says of a program before its first step: kernel, processes, servers, threads, the page's fields.

use crate::machine::{Environment, Machine};
use crate::program::Program;
use crate::state::State;
use crate::world::World;
use std::collections::BTreeMap;
use xous_sim_kernel::page::layout::{
    CONTEXTS, FieldKind, HEADER_BYTES, PAGE_BYTES, REGISTER_NAMES,
};
use xous_sim_kernel::{Config, ConnectMode, Fidelity, Pid, Profile, ServerSerial};
use xous_sim_trace::Recording;
use xous_sim_trace::system::{Field, Kernel, PageLayout, Process, Server, Thread};

impl World<'_> {
    /// Fills in what does not change in an execution; `states` may name threads and servers that come into being on the
    /// way.
    pub(crate) fn describe_system(&self, recording: &mut Recording, states: &[State]) {
        let memory = if self.c11.is_some() { "c11" } else { "sc" };
        let machines = states.iter().map(|state| self.view(state).machine);
        describe(recording, &self.program, machines, memory);
        let (Some(last), planned) = (states.last(), self.program.threads.len()) else {
            return;
        };
        for thread in planned..self.thread_count(last) {
            let pid = self.caller(last, thread).pid;
            let begun = states
                .iter()
                .find(|state| thread < self.thread_count(state));
            let name = self.thread_name(begun.unwrap_or(last), thread);
            add_thread(recording, name, process_of(&self.program.environment, pid));
        }
    }
}

/// Fills in what does not change while a program runs through these machines.
pub fn describe<'m>(
    recording: &mut Recording,
    program: &Program,
    machines: impl Iterator<Item = &'m Machine>,
    memory: &str,
) {
    let (environment, config) = (&program.environment, program.machine.kernel.config());
    recording.kernel = Some(kernel(config, memory));
    recording.page_layout = config.is_hardware().then(|| page_layout(config));
    let slots = config.slots.count() as u32;
    let processes = environment.process_names.keys();
    recording.processes = processes
        .map(|&pid| Process {
            name: process_label(environment, pid),
            pid: pid.get(),
            slots,
        })
        .collect();
    recording.servers = servers(environment, machines);
    for plan in &program.threads {
        let process = process_of(environment, plan.caller.pid);
        add_thread(recording, plan.name.clone(), process);
    }
    for mortal in &environment.mortals {
        let own = recording.processes.iter().find(|p| p.name == mortal.name);
        let own = own.map(|process| process.name.clone());
        add_thread(recording, mortal.name.clone(), own);
    }
}

fn add_thread(recording: &mut Recording, name: String, process: Option<String>) {
    if recording.threads.iter().all(|thread| thread.name != name) {
        recording.threads.push(Thread { name, process });
    }
}

fn kernel(config: Config, memory: &str) -> Kernel {
    Kernel {
        profile: match config.profile {
            Profile::Hardware => "hardware".into(),
            Profile::Hosted => "hosted".into(),
        },
        slots: config.slots.count() as u32,
        connect: match config.connect {
            ConnectMode::Reuse => "reuse".into(),
            ConnectMode::Unique => "unique".into(),
        },
        mode: match config.fidelity {
            Fidelity::Faithful => "faithful".into(),
            Fidelity::Safe => "safe".into(),
        },
        memory: memory.into(),
    }
}

/// The name of a process; with its PID where another one has the same name.
pub fn process_label(environment: &Environment, pid: Pid) -> String {
    let name = environment.process_names.get(&pid).cloned();
    let name = name.unwrap_or_default();
    let mut others = environment.process_names.iter();
    match others.any(|(&other, same)| other != pid && *same == name) {
        true => format!("{name} (PID {})", pid.get()),
        false => name,
    }
}

fn process_of(environment: &Environment, pid: Pid) -> Option<String> {
    let known = environment.process_names.contains_key(&pid);
    known.then(|| process_label(environment, pid))
}

/// Every server that has a name, or that a process of the scenario owns at some time.
fn servers<'m>(
    environment: &Environment,
    machines: impl Iterator<Item = &'m Machine>,
) -> Vec<Server> {
    let mut found: BTreeMap<ServerSerial, Server> = BTreeMap::new();
    let mut last = None;
    for machine in machines {
        if last.is_some_and(|last: &Machine| std::ptr::eq(last, machine)) {
            continue;
        }
        last = Some(machine);
        for server in machine.kernel.servers() {
            let serial = machine.first_life(server.serial);
            found.entry(serial).or_insert_with(|| Server {
                name: environment.server_name(machine, server.serial),
                owner: process_of(environment, server.owner),
            });
        }
    }
    found.into_values().collect()
}

fn page_layout(config: Config) -> PageLayout {
    let fields = xous_sim_kernel::PageLayout::from(config.slots).fields();
    let header = fields.iter().filter(|f| f.kind != FieldKind::Threads);
    PageLayout {
        size: PAGE_BYTES,
        fields: header
            .map(|field| Field {
                name: field.name.into(),
                offset: field.offset,
                size: field.size,
            })
            .collect(),
        contexts: CONTEXTS,
        contexts_at: HEADER_BYTES,
        words: REGISTER_NAMES.map(String::from).into(),
    }
}
