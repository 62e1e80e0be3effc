//! Records what real programs do as a [`Recording`], which every renderer reads: a step a system call.
//!
//! A step shows who called, what, and what came of it, for the caller and for those whose calls it completed, with all
//! connection maps after it. Of a long run the last [`MOST_STEPS`] steps are kept. Left out is what a program does
//! between two calls: its own memory, of which a kernel knows nothing.

mod describe;

use crate::watch::{Finding, Observation, server_name};
use describe::{operation, result};
use std::collections::{BTreeMap, VecDeque};
use xous_sim_kernel::{Caller, Config, ConnectMode, Connection, Kernel, Pid};
use xous_sim_step::Choice;
use xous_sim_trace::system::{self, Process, Thread};
use xous_sim_trace::{Recording, Slot, Snapshot, Step, Violation};

/// Steps that are kept.
pub const MOST_STEPS: usize = 10_000;

/// A recording in the making.
#[derive(Debug)]
pub(crate) struct Recorder {
    config: Config,
    /// Those that were ever seen, in order.
    processes: Vec<Process>,
    threads: Vec<Thread>,
    /// What processes that live are called.
    names: BTreeMap<Pid, String>,
    dead: Vec<String>,
    before: Snapshot,
    steps: VecDeque<Step>,
}

impl Recorder {
    pub(crate) fn new(config: Config) -> Recorder {
        Recorder {
            config,
            processes: Vec::new(),
            threads: Vec::new(),
            names: BTreeMap::new(),
            dead: Vec::new(),
            before: Snapshot::default(),
            steps: VecDeque::new(),
        }
    }

    /// A process is there; several may run the same program.
    pub(crate) fn process(&mut self, pid: Pid, program: &str) {
        let same = |one: &&Process| one.name.split('#').next() == Some(program);
        let name = match self.processes.iter().filter(same).count() {
            0 => program.to_owned(),
            others => format!("{program}#{}", others + 1),
        };
        self.names.insert(pid, name.clone());
        self.processes.push(Process {
            name,
            pid: pid.get(),
            slots: self.config.slots.count() as u32,
        });
    }

    /// A call was made; `preempts` says that the thread before it could have gone on.
    pub(crate) fn call(&mut self, seen: &Observation<'_>, preempts: bool) {
        let thread = self.thread(seen.caller);
        let agent = self.agent(&thread, Some(seen.caller.pid));
        let names = |caller| self.thread(caller);
        let mut step = Step::new(
            Choice::of(agent),
            &thread,
            &operation(seen),
            &result(seen, names),
        );
        step.preempts = preempts;
        self.push(step, seen.kernel);
        seen.step.ended.iter().for_each(|pid| self.bury(*pid));
    }

    /// A process ended without a call.
    pub(crate) fn end(&mut self, pid: Pid, kernel: &Kernel) {
        let name = self.process_name(pid);
        let agent = self.agent(&name, None);
        self.bury(pid);
        self.push(Step::new(Choice::fault(agent), &name, "ends", ""), kernel);
    }

    /// What has been recorded, and the first finding that a connection went wrong in.
    pub(crate) fn recording(&self, scenario: &str, findings: &[Finding]) -> Recording {
        let violation = findings.first().map(|finding| Violation {
            property: finding.property.name().to_owned(),
            subject: self.thread(finding.thread),
            message: finding.message.clone(),
        });
        Recording {
            scenario: scenario.to_owned(),
            kernel: Some(self.kernel()),
            processes: self.processes.clone(),
            threads: self.threads.clone(),
            before: self.before.clone(),
            steps: self.steps.iter().cloned().collect(),
            violation,
            ..Recording::default()
        }
    }

    fn kernel(&self) -> system::Kernel {
        let connect = match self.config.connect {
            ConnectMode::Reuse => "reuse",
            ConnectMode::Unique => "unique",
        };
        let mode = if self.config.is_faithful() {
            "faithful"
        } else {
            "safe"
        };
        system::Kernel {
            profile: "hosted".to_owned(),
            slots: self.config.slots.count() as u32,
            connect: connect.to_owned(),
            mode: mode.to_owned(),
            memory: String::new(),
        }
    }

    fn push(&mut self, mut step: Step, kernel: &Kernel) {
        step.after = self.snapshot(kernel);
        if self.steps.len() == MOST_STEPS
            && let Some(oldest) = self.steps.pop_front()
        {
            self.before = oldest.after;
        }
        self.steps.push_back(step);
    }

    fn snapshot(&self, kernel: &Kernel) -> Snapshot {
        let slots = self.names.iter().flat_map(|(pid, name)| {
            let map = kernel.connection_map(*pid).into_iter();
            let used = map.flat_map(|map| map.connections().collect::<Vec<_>>());
            let used = used.filter(|(_, connection)| *connection != Connection::Free);
            used.map(move |(cid, _)| {
                let server = kernel.server_behind(*pid, cid);
                let server = server.map(|serial| server_name(kernel, serial));
                Slot::new(name, cid.0, server.as_deref())
            })
        });
        Snapshot {
            connections: slots.collect(),
            dead: self.dead.clone(),
            ..Snapshot::default()
        }
    }

    fn bury(&mut self, pid: Pid) {
        self.dead.extend(self.names.remove(&pid));
    }

    fn thread(&self, caller: Caller) -> String {
        format!("{}/{}", self.process_name(caller.pid), caller.tid.0)
    }

    fn process_name(&self, pid: Pid) -> String {
        let name = self.names.get(&pid).cloned();
        name.unwrap_or_else(|| format!("process {}", pid.get()))
    }

    /// The number of whoever takes a step.
    fn agent(&mut self, name: &str, process: Option<Pid>) -> u16 {
        let known = self.threads.iter().position(|thread| thread.name == name);
        let place = known.unwrap_or_else(|| {
            let process = process.and_then(|pid| self.names.get(&pid).cloned());
            let name = name.to_owned();
            self.threads.push(Thread { name, process });
            self.threads.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX - 1)
    }
}
