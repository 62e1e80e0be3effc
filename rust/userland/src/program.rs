//! A scenario after its setup: the machine, the objects, and the threads that are about to run.

use crate::heap::Heap;
use crate::machine::{Environment, Machine};
use crate::object::{Misuse, Object};
use crate::op::BodyId;
use crate::value::{Connection, Value};
use xous_sim_kernel::{Caller, Pid};

/// A thread that exists from the beginning.
#[derive(Clone, Debug)]
pub struct ThreadPlan {
    /// For readers.
    pub name: String,
    /// Who it is.
    pub caller: Caller,
    /// What it executes.
    pub body: BodyId,
    /// How often, at least once.
    pub rounds: u16,
}

/// A shared object and its name.
#[derive(Clone, Debug)]
pub struct NamedObject {
    /// For readers.
    pub name: String,
    /// Its initial state.
    pub object: Object,
}

/// A scenario that is set up.
#[derive(Clone, Debug)]
pub struct Program {
    /// The kernel and the observer's knowledge.
    pub machine: Machine,
    /// What does not change.
    pub environment: Environment,
    /// Objects 1 and up; object 0 is the machine.
    pub objects: Vec<NamedObject>,
    /// The threads.
    pub threads: Vec<ThreadPlan>,
    /// Connections that the scenario itself holds from the setup to the end.
    pub held: Vec<Connection>,
}

impl Program {
    /// The scenario itself holds a connection, or a strong reference to one, from now on.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn hold(&mut self, result: &Value) -> Result<(), Misuse> {
        match result {
            Value::Connection(connection) => self.held.push(*connection),
            Value::Strong(n) => self.heap()?.hold(*n)?,
            other => return Err(format!("{other} is nothing that is held")),
        }
        Ok(())
    }

    /// The scenario itself has given a connection back.
    pub fn release(&mut self, connection: Connection) {
        if let Some(place) = self.held.iter().position(|held| *held == connection) {
            self.held.remove(place);
        }
    }

    fn heap(&mut self) -> Result<&mut Heap, Misuse> {
        let mut objects = self.objects.iter_mut().map(|named| &mut named.object);
        let heap = objects.find_map(|object| match object {
            Object::Heap(heap) => Some(heap),
            _ => None,
        });
        heap.ok_or_else(|| "there are no counted references".into())
    }

    /// The name of a thread for readers, by who it is.
    pub fn caller_name(&self, caller: Caller) -> String {
        let mut plans = self.threads.iter();
        let plan = plans.find(|plan| plan.caller == caller);
        plan.map_or_else(|| self.started_name(caller), |plan| plan.name.clone())
    }

    /// The name of a thread that was started on the way.
    pub fn started_name(&self, caller: Caller) -> String {
        self.name_in_process(caller.pid, &format!("thread {}", caller.tid.0))
    }

    /// A thread's name behind that of its process.
    pub(crate) fn name_in_process(&self, pid: Pid, name: &str) -> String {
        let process = self.environment.process_names.get(&pid);
        format!("{}/{name}", process.map_or("", String::as_str))
    }
}
