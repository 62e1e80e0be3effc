//! A machine that Python acts on directly: during a scenario's setup, from real threads, or along a schedule.

use crate::answer::Answer;
use crate::config::{caller, config, memory_model};
use crate::convert::{known_op, pid, value_from_python, value_to_python};
use crate::defect::detached;
use crate::errors::{ended, misuse, scenario};
use crate::live::{Live, Weak};
use crate::results::Operation;
use crate::threads::Threads;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Condvar, Mutex, MutexGuard};
use xous_sim_kernel::NameServer;
use xous_sim_kernel::{Caller, Kernel, Sid};
use xous_sim_userland::c11::{MemoryModel, Roles};
use xous_sim_userland::heap::Heap;
use xous_sim_userland::machine::{Effect, Environment};
use xous_sim_userland::object::{Object, Once, Reply};
use xous_sim_userland::op::{BodyId, Op};
use xous_sim_userland::value::Value;
use xous_sim_userland::{NamedObject, Program, ThreadPlan};

/// A kernel with its processes, servers and shared objects.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct Machine {
    live: Mutex<Live>,
    /// Told when something may have changed.
    pub changed: Condvar,
}

impl Machine {
    pub fn lock(&self) -> MutexGuard<'_, Live> {
        self.live
            .lock()
            .expect("no thread panics while it holds the machine")
    }

    /// The program as it is set up now.
    pub fn program(&self, py: Python<'_>) -> Program {
        py.detach(|| self.lock().program.clone())
    }

    /// Looks at all that there is now; `look` must not call Python.
    pub fn with_live<T>(&self, look: impl FnOnce(&Live) -> T) -> T {
        look(&self.lock())
    }

    /// Carries out an operation and hands results to the threads that it completes; whether its object has changed.
    fn act(&self, caller: Caller, op: &Op<Value>, pick: u16) -> Result<(Effect, bool), String> {
        let mut live = self.lock();
        let before = live.touched(op);
        let effect = self.act_on(&mut live, caller, op, pick)?;
        Ok((effect, live.touched(op) != before))
    }

    pub fn act_on(
        &self,
        live: &mut Live,
        caller: Caller,
        op: &Op<Value>,
        pick: u16,
    ) -> Result<Effect, String> {
        let (effect, changed) = live.changing(op, |live| live.attempt(caller, op, pick))?;
        live.results.extend(effect.wakes.iter().cloned());
        match effect.reply {
            Reply::Wait => live.threads.waits(caller),
            Reply::Blocked => live.threads.blocks(caller),
            _ => live.threads.acted(caller, changed),
        }
        if let Some(violation) = &effect.violation {
            live.threads.violated(violation);
        }
        if effect.reply != Reply::Wait {
            self.changed.notify_all();
        }
        Ok(effect)
    }
}

#[pymethods]
impl Machine {
    #[new]
    #[pyo3(signature = (*, profile, slots, connect, mode, seed, queue_quota))]
    fn new(
        profile: &str,
        slots: u32,
        connect: &str,
        mode: &str,
        seed: u64,
        queue_quota: &str,
    ) -> PyResult<Self> {
        let kernel = Kernel::new(config(profile, slots, connect, mode, seed, queue_quota)?);
        let live = Live {
            program: Program {
                machine: xous_sim_userland::machine::Machine::new(kernel),
                environment: Environment::default(),
                objects: Vec::new(),
                threads: Vec::new(),
                held: Vec::new(),
            },
            started: Vec::new(),
            results: BTreeMap::new(),
            services: None,
            weak: None,
            threads: Threads::default(),
        };
        Ok(Self {
            live: Mutex::new(live),
            changed: Condvar::new(),
        })
    }

    /// The same machine once more, to follow an execution on.
    #[pyo3(signature = (*, memory))]
    fn copy(&self, memory: &str) -> PyResult<Self> {
        let weak = match memory_model(memory)? {
            MemoryModel::SequentiallyConsistent => None,
            MemoryModel::C11 => Some(Weak::of(&self.lock().program)),
        };
        let live = self.lock();
        Ok(Self {
            live: Mutex::new(Live {
                weak,
                ..live.clone()
            }),
            changed: Condvar::new(),
        })
    }

    /// Shows all stores to a thread that goes round in a loop, where the memory is weak.
    fn catch_up(&self, pid_number: u8, tid: u32) -> PyResult<()> {
        let caller = caller(pid_number, tid)?;
        self.lock().change_memory(caller, Roles::caught_up);
        Ok(())
    }

    /// A number for the kernel and the shared objects, equal for equal ones.
    fn digest(&self) -> u64 {
        let live = self.lock();
        let mut hasher = DefaultHasher::new();
        live.program.machine.hash(&mut hasher);
        for named in &live.program.objects {
            named.object.hash(&mut hasher);
        }
        hasher.finish()
    }

    fn boot_process(&self, name: &str) -> PyResult<u8> {
        let mut live = self.lock();
        let pid = live.program.machine.boot_process();
        let pid =
            pid.map_err(|e| misuse(format!("the kernel has no room for another process: {e}")))?;
        live.program
            .environment
            .process_names
            .insert(pid, name.into());
        Ok(pid.get())
    }

    fn create_answering_server(
        &self,
        name: &str,
        answer: u64,
        limit: Option<u32>,
    ) -> PyResult<(u32, u32, u32, u32)> {
        let sid = self.lock().answering_server(name, answer, limit);
        Ok(sid
            .map_err(|e| misuse(format!("server {name:?} cannot be made: {e}")))?
            .0
            .into())
    }

    /// Starts a server that answers at once, in a process of its own that may die.
    fn create_mortal_server(
        &self,
        name: &str,
        answer: u64,
        comes_back: bool,
    ) -> PyResult<(u32, u32, u32, u32)> {
        let sid = self.lock().mortal_server(name, answer, comes_back);
        Ok(sid
            .map_err(|e| misuse(format!("server {name:?} cannot be made: {e}")))?
            .0
            .into())
    }

    /// Lets a process die at any point of an exploration.
    fn may_die(&self, pid_number: u8) -> PyResult<()> {
        self.lock().may_die(pid(pid_number)?).map_err(ended)
    }

    /// How many processes may die in all.
    fn limit_deaths(&self, at_most: u16) {
        self.lock().program.machine.limit_deaths(at_most);
    }

    /// A mortal process dies, or its server is started again.
    fn live_on(&self, py: Python<'_>, mortal: usize) -> PyResult<Answer> {
        let effect = self.lock().live_on(mortal);
        let effect =
            effect.ok_or_else(|| misuse("no death is left, or there is no room to start again"))?;
        Answer::new(py, &effect, true)
    }

    /// Starts the name server; the servers that are made from now on register with it.
    fn start_names(&self) -> PyResult<(u32, u32, u32, u32)> {
        let mut live = self.lock();
        let sid = live
            .answering_server("xous-name-server", 0, None)
            .map_err(misuse)?;
        let config = live.program.machine.kernel.config();
        live.program.machine.names = Some(NameServer::new(config.fidelity, config.seed));
        Ok(sid.0.into())
    }

    fn name_server(&self, sid: (u32, u32, u32, u32), name: &str) {
        let mut live = self.lock();
        let sid = Sid(sid.into());
        let servers = live.program.machine.kernel.servers();
        if let Some(server) = servers.iter().rev().find(|server| server.sid == sid) {
            live.program
                .environment
                .server_names
                .insert(server.serial, name.into());
        }
    }

    fn server_name(&self, serial: u32) -> String {
        let live = self.lock();
        let serial = xous_sim_kernel::ServerSerial(serial);
        live.program
            .environment
            .server_name(&live.program.machine, serial)
    }

    fn add_object(&self, kind: &str, name: &str, initial: &Bound<'_, PyAny>) -> PyResult<u16> {
        let value = value_from_python(initial)?;
        let object = match kind {
            "atomic" => Object::Atomic(value),
            "mutex" => Object::Mutex(None),
            "cell" => Object::Cell(value),
            "once" => Object::Once(Once::Empty),
            "heap" => Object::Heap(Heap::default()),
            other => return Err(misuse(format!("{other:?} is no kind of object"))),
        };
        let mut live = self.lock();
        live.program.objects.push(NamedObject {
            name: name.into(),
            object,
        });
        u16::try_from(live.program.objects.len())
            .map_err(|_| misuse("a world has 65,535 shared objects at most"))
    }

    fn object_name(&self, number: u16) -> Option<String> {
        let index = usize::from(number).checked_sub(1)?;
        self.lock()
            .program
            .objects
            .get(index)
            .map(|named| named.name.clone())
    }

    fn add_thread(&self, pid_number: u8, label: &str, body: u16, rounds: u16) -> PyResult<u8> {
        let main = Live::main_thread(pid(pid_number)?);
        let mut live = self.lock();
        let created = live.program.machine.create_thread(main).map_err(scenario)?;
        let caller = created
            .map_err(|e| misuse(format!("the process has no room for another thread: {e}")))?;
        let name = live.thread_label(main.pid, label);
        live.program.threads.push(ThreadPlan {
            name,
            caller,
            body: BodyId(body),
            rounds,
        });
        Ok(caller.tid.0)
    }

    /// Says which body each thread runs, in their order.
    fn set_bodies(&self, bodies: Vec<u16>) {
        for (plan, body) in self.lock().program.threads.iter_mut().zip(bodies) {
            plan.body = BodyId(body);
        }
    }

    fn threads(&self) -> Vec<(u16, u16, u8)> {
        let live = self.lock();
        let plans = live.program.threads.iter();
        plans
            .map(|plan| (plan.body.0, plan.rounds, plan.caller.tid.0))
            .collect()
    }

    fn thread_names(&self) -> Vec<(u16, String)> {
        let live = self.lock();
        let plans = live.program.threads.iter();
        plans.map(|plan| (plan.body.0, plan.name.clone())).collect()
    }

    fn create_thread(&self, pid_number: u8) -> PyResult<u8> {
        let main = Live::main_thread(pid(pid_number)?);
        let created = self.lock().program.machine.create_thread(main);
        match created.map_err(|e| ended(format!("the process cannot act any more: {e}")))? {
            Ok(caller) => Ok(caller.tid.0),
            Err(error) => Err(misuse(format!(
                "the process has no room for another thread: {error}; let some of its threads end"
            ))),
        }
    }

    fn exit_thread(&self, py: Python<'_>, pid_number: u8, tid: u32) -> PyResult<Answer> {
        let caller = caller(pid_number, tid)?;
        let effect = detached(py, || {
            let mut live = self.lock();
            let effect = live.exit(caller);
            live.threads.acted(caller, true);
            live.results.extend(effect.wakes.iter().cloned());
            self.changed.notify_all();
            effect
        })?;
        Answer::new(py, &effect, true)
    }

    /// The scenario itself holds a connection, or a counted reference to one.
    fn hold(&self, result: &Bound<'_, PyAny>) -> PyResult<()> {
        let result = value_from_python(result)?;
        self.lock().program.hold(&result).map_err(misuse)
    }

    /// It has given a connection back; a counted reference is given back by an operation.
    fn release(&self, connection: &Bound<'_, PyAny>) -> PyResult<()> {
        match value_from_python(connection)? {
            Value::Connection(connection) => self.lock().program.release(connection),
            other => return Err(misuse(format!("{other} is not a connection"))),
        }
        Ok(())
    }

    #[pyo3(signature = (pid_number, tid, op, *, pick = 0))]
    fn attempt(
        &self,
        py: Python<'_>,
        pid_number: u8,
        tid: u32,
        op: &Bound<'_, PyAny>,
        pick: u16,
    ) -> PyResult<Answer> {
        let (caller, op) = (caller(pid_number, tid)?, known_op(op)?);
        let (effect, changed) = detached(py, || self.act(caller, &op, pick))?.map_err(misuse)?;
        Answer::new(py, &effect, changed)
    }

    /// Carries out an operation, waiting as long as it takes.
    fn perform<'py>(
        &self,
        py: Python<'py>,
        pid_number: u8,
        tid: u32,
        op: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (caller, op) = (caller(pid_number, tid)?, known_op(op)?);
        loop {
            let effect = detached(py, || self.act_or_pause(caller, &op))??;
            match effect.reply {
                Reply::Done(value) => return value_to_python(py, &value),
                Reply::Blocked => break,
                Reply::Wait => {}
                Reply::Never => return Err(never(effect)),
            }
            py.check_signals()?;
        }
        loop {
            match detached(py, || self.fetch(caller))?? {
                Some(value) => return value_to_python(py, &value),
                None => py.check_signals()?,
            }
        }
    }

    fn same_operation(&self, op: &Bound<'_, PyAny>, other: Operation) -> PyResult<bool> {
        Ok(known_op(op)? == other.0)
    }

    fn connection_map(&self, pid_number: u8) -> PyResult<Vec<u8>> {
        let live = self.lock();
        let map = live.program.machine.connection_map(pid(pid_number)?);
        Ok(map
            .ok_or_else(|| ended("the process has ended"))?
            .bytes()
            .to_vec())
    }

    fn page(&self, pid_number: u8) -> PyResult<crate::page::Page> {
        crate::page::Page::of(&self.lock().program.machine.kernel, pid_number)
    }

    fn describe(&self) -> String {
        let live = self.lock();
        let processes = live.program.environment.process_names.len();
        let servers = live.program.machine.kernel.servers().len();
        format!("with {processes} processes and {servers} servers")
    }
}

/// Why an operation will never complete.
fn never(effect: Effect) -> PyErr {
    ended(match effect.violation {
        Some(violation) => violation.message,
        None => "the process has ended".into(),
    })
}
