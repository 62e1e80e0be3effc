//! A scenario whose bodies are Rust closures.

use crate::heap::Heap;
use crate::machine::{Environment, Machine};
use crate::native::run::{Body, NativeTracer};
use crate::object::{Misuse, Object, Once, Reply};
use crate::op::{BodyId, ObjectId, Op};
use crate::program::{NamedObject, Program, ThreadPlan};
use crate::value::{Connection, Value};
use crate::world::World;
use std::rc::Rc;
use xous_sim_kernel::{Caller, Config, Kernel, Outcome, Pid, Sid, Step, Syscall, Tid};

/// Builds a world.
pub struct Scenario {
    program: Program,
    bodies: Vec<Body>,
    services: Pid,
    heap: ObjectId,
}

/// A process of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    pid: Pid,
}

/// A server of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    /// Its SID.
    pub sid: Sid,
}

impl Scenario {
    /// An empty world.
    pub fn new(config: Config) -> Result<Self, Misuse> {
        let mut kernel = Kernel::new(config);
        let services = kernel.boot_process().map_err(|e| e.to_string())?;
        let program = Program {
            machine: Machine::new(kernel),
            environment: Environment::default(),
            objects: Vec::new(),
            threads: Vec::new(),
            held: Vec::new(),
        };
        let mut scenario = Self {
            program,
            bodies: Vec::new(),
            services,
            heap: ObjectId::MACHINE,
        };
        scenario.heap = scenario.object("heap", Object::Heap(Heap::default()));
        Ok(scenario)
    }

    /// Starts a process.
    pub fn process(&mut self, name: &str) -> Result<Process, Misuse> {
        let pid = self
            .program
            .machine
            .boot_process()
            .map_err(|e| e.to_string())?;
        self.program
            .environment
            .process_names
            .insert(pid, name.into());
        Ok(Process { pid })
    }

    /// Lets a process die at any point.
    pub fn may_die(&mut self, process: Process) {
        let name = self.program.environment.process_names[&process.pid].clone();
        self.program.may_die(process.pid, &name, None);
    }

    /// How many deaths there may be in all; one where nothing is said.
    pub fn limit_deaths(&mut self, at_most: u16) {
        self.program.machine.limit_deaths(at_most);
    }

    /// Starts a server that answers at once; `name` has at most 16 bytes, which are its SID.
    pub fn server(&mut self, name: &str) -> Result<Server, Misuse> {
        let sid = sid_of(name)?;
        self.call(self.services, &Syscall::CreateServerWithAddress { sid })?;
        let serial = self.program.machine.kernel.server_named(sid);
        let serial = serial.ok_or("the kernel has no room for another server")?;
        self.program.environment.answering.insert(serial, 0);
        self.program
            .environment
            .server_names
            .insert(serial, name.into());
        Ok(Server { sid })
    }

    /// The same in a process of its own that may die; `comes_back` says whether the server is started again.
    pub fn mortal_server(&mut self, name: &str, comes_back: bool) -> Result<Server, Misuse> {
        let sid = sid_of(name)?;
        self.program.start_mortal_server(sid, name, 0, comes_back)?;
        Ok(Server { sid })
    }

    /// A connection that the standard library keeps for itself.
    pub fn std_connection(&mut self, app: Process, server: Server) -> Result<Connection, Misuse> {
        let words = server.sid.to_words().map(Value::Int).to_vec();
        let connect = Op::Syscall(crate::machine::number::CONNECT, words);
        let Value::Connection(connection) = self.perform(app, &connect)? else {
            return Err("std cannot connect".into());
        };
        self.perform(app, &Op::Persist(Value::Connection(connection)))?;
        Ok(connection)
    }

    /// A shared object.
    pub fn object(&mut self, name: &str, object: Object) -> ObjectId {
        self.program.objects.push(NamedObject {
            name: name.into(),
            object,
        });
        let number = u16::try_from(self.program.objects.len());
        ObjectId(number.expect("a scenario is written by hand: it has few objects"))
    }

    /// The object with all reference counts.
    pub fn heap(&self) -> ObjectId {
        self.heap
    }

    /// An empty `OnceLock`.
    pub fn once(&mut self, name: &str) -> ObjectId {
        self.object(name, Object::Once(Once::Empty))
    }

    /// Adds a body that any number of threads may execute.
    pub fn body(&mut self, body: impl Fn() + 'static) -> BodyId {
        self.bodies.push(Rc::new(body));
        BodyId((self.bodies.len() - 1) as u16)
    }

    /// Starts a thread that executes a body `rounds` times.
    pub fn spawn(
        &mut self,
        app: Process,
        name: &str,
        body: BodyId,
        rounds: u16,
    ) -> Result<(), Misuse> {
        let created = self.program.machine.create_thread(main_thread(app.pid))?;
        let caller = created.map_err(|e| e.to_string())?;
        self.program.threads.push(ThreadPlan {
            name: name.into(),
            caller,
            body,
            rounds,
        });
        Ok(())
    }

    /// The world, ready to be searched.
    pub fn into_world(self) -> World<'static> {
        World::new(self.program, Box::new(NativeTracer(self.bodies)))
    }

    fn perform(&mut self, app: Process, op: &Op<Value>) -> Result<Value, Misuse> {
        let environment = &self.program.environment;
        let effect = self
            .program
            .machine
            .apply(environment, main_thread(app.pid), op)?;
        match effect.reply {
            Reply::Done(value) => Ok(value),
            other => Err(format!("the setup of a scenario cannot wait: {other:?}")),
        }
    }

    fn call(&mut self, pid: Pid, syscall: &Syscall) -> Result<Step, Misuse> {
        let kernel = &mut self.program.machine.kernel;
        let step = kernel
            .call(main_thread(pid), syscall)
            .map_err(|e| e.to_string())?;
        match &step.outcome {
            Outcome::Done(result) if result.error().is_none() => Ok(step),
            other => Err(format!("the kernel answered {other:?}")),
        }
    }
}

/// The SID that a name of up to 16 bytes is, filled up with zeros.
fn sid_of(name: &str) -> Result<Sid, Misuse> {
    let mut bytes = [0; 16];
    let place = bytes.get_mut(..name.len());
    place
        .ok_or("a SID has 16 bytes at most")?
        .copy_from_slice(name.as_bytes());
    Ok(Sid::from_bytes(&bytes).expect("16 bytes are a SID"))
}

fn main_thread(pid: Pid) -> Caller {
    Caller {
        pid,
        tid: Tid::INITIAL,
    }
}
