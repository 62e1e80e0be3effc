//! A machine as Python acts on it, one operation after another, and what its setup needs of the kernel.

use crate::config::{STRANGERS, sid_of};
use std::collections::BTreeMap;
use xous_sim_kernel::names::{ClientToken, Request, Response};
use xous_sim_kernel::{Caller, Cid, Outcome, Pid, Sid, SysResult, Syscall, Tid};
use xous_sim_userland::Program;
use xous_sim_userland::machine::{Effect, Machine};
use xous_sim_userland::object::{Object, Reply};
use xous_sim_userland::op::{ObjectId, Op};
use xous_sim_userland::value::Value;

/// The machine's state, and the results that blocked threads have yet to fetch.
#[derive(Clone)]
pub struct Live {
    /// Kernel, objects, threads.
    pub program: Program,
    /// Results by the threads that wait for them.
    pub results: BTreeMap<Caller, Value>,
    /// The process that holds the answering servers.
    pub services: Option<Pid>,
}

impl Live {
    pub fn attempt(&mut self, caller: Caller, op: &Op<Value>, pick: u16) -> Result<Effect, String> {
        let Some(id) = op.object() else {
            return Ok(Effect::reply(Reply::Done(Value::Int(pick.into()))));
        };
        if id == ObjectId::MACHINE {
            return self
                .program
                .machine
                .apply(&self.program.environment, caller, op);
        }
        let index = usize::from(id.0) - 1;
        let named = self
            .program
            .objects
            .get_mut(index)
            .ok_or("there is no such object")?;
        Ok(Effect::reply(xous_sim_userland::apply(
            &mut named.object,
            caller,
            op,
        )?))
    }

    /// Whether an operation would have to wait now.
    pub fn would_wait(&self, caller: Caller, op: &Op<Value>) -> bool {
        let reply = match self.touched(op) {
            (Some(mut machine), _) => machine
                .apply(&self.program.environment, caller, op)
                .map(|effect| effect.reply),
            (_, Some(mut object)) => xous_sim_userland::apply(&mut object, caller, op),
            (None, None) => return false,
        };
        reply.is_ok_and(|reply| reply == Reply::Wait)
    }

    /// What an operation acts on, as it is now: the machine, or another object.
    pub fn touched(&self, op: &Op<Value>) -> (Option<Machine>, Option<Object>) {
        let Some(id) = op.object() else {
            return (None, None);
        };
        if id == ObjectId::MACHINE {
            return (Some(self.program.machine.clone()), None);
        }
        let named = self.program.objects.get(usize::from(id.0) - 1);
        (None, named.map(|named| named.object.clone()))
    }

    /// Whether `caller` is a thread of a process, and the kernel knows it no more.
    pub fn has_ended(&self, caller: Caller) -> bool {
        let threads = self.program.machine.kernel.threads(caller.pid);
        u32::from(caller.pid.get()) < STRANGERS && !threads.contains(&caller.tid)
    }

    pub fn main_thread(pid: Pid) -> Caller {
        Caller {
            pid,
            tid: Tid::INITIAL,
        }
    }

    pub fn services(&mut self) -> Result<Pid, String> {
        if let Some(pid) = self.services {
            return Ok(pid);
        }
        let pid = self
            .program
            .machine
            .kernel
            .boot_process()
            .map_err(|e| e.to_string())?;
        self.services = Some(pid);
        Ok(pid)
    }

    /// A system call of the process that holds the answering servers.
    pub fn service_call(&mut self, syscall: &Syscall) -> Result<SysResult, String> {
        let caller = Self::main_thread(self.services()?);
        let step = self
            .program
            .machine
            .kernel
            .call(caller, syscall)
            .map_err(|e| e.to_string())?;
        match step.outcome {
            Outcome::Done(result) => match result.error() {
                Some(error) => Err(format!("the kernel answered {error}")),
                None => Ok(result),
            },
            other => Err(format!("the kernel answered {other:?}")),
        }
    }

    /// Starts a server that answers at once; its owner keeps no connection to it.
    pub fn answering_server(
        &mut self,
        name: &str,
        answer: u64,
        limit: Option<u32>,
    ) -> Result<Sid, String> {
        let registered = self.registered_sid(name, limit)?;
        let sid = match registered.or_else(|| sid_of(name)) {
            Some(sid) => sid,
            None => match self.service_call(&Syscall::CreateServerId)? {
                SysResult::ServerId(sid) => sid,
                other => return Err(format!("the kernel answered {other:?}")),
            },
        };
        let created = self.service_call(&Syscall::CreateServerWithAddress { sid })?;
        let cid = Cid(created.encode()[5] as u32);
        let owner = self.services()?;
        let serial = self.program.machine.kernel.server_behind(owner, cid);
        let serial = serial.ok_or("a server is connected to its creator")?;
        self.service_call(&Syscall::Disconnect { cid })?;
        self.program.environment.answering.insert(serial, answer);
        self.program
            .environment
            .server_names
            .insert(serial, name.into());
        Ok(sid)
    }

    /// The same in a process of its own that may die; its SID is its name, so that it can come back.
    pub fn mortal_server(
        &mut self,
        name: &str,
        answer: u64,
        comes_back: bool,
    ) -> Result<Sid, String> {
        let sid = sid_of(name).ok_or("its name must be its SID, of 16 bytes at most")?;
        self.program
            .start_mortal_server(sid, name, answer, comes_back)?;
        Ok(sid)
    }

    /// Lets a process die at any point of an exploration.
    pub fn may_die(&mut self, pid: Pid) -> Result<(), String> {
        if self.program.machine.connection_map(pid).is_none() {
            return Err("the process has ended already".into());
        }
        let name = self.program.environment.process_names[&pid].clone();
        self.program.may_die(pid, &name, None);
        Ok(())
    }

    /// The SID that the name server gives a server, where there is a name server: servers with a limit, and those whose
    /// name is too long to be a SID, register.
    pub fn registered_sid(
        &mut self,
        name: &str,
        limit: Option<u32>,
    ) -> Result<Option<Sid>, String> {
        let pid = self.services()?;
        let machine = &mut self.program.machine;
        let Some(names) = machine.names.as_mut() else {
            return match limit {
                Some(_) => {
                    Err("only the name server limits connections: call world.names() first".into())
                }
                None => Ok(None),
            };
        };
        if limit.is_none() && sid_of(name).is_some() {
            return Ok(None);
        }
        let request = Request::Register {
            name: name.into(),
            limit,
        };
        let client = ClientToken { pid, request: 0 };
        let answers = names.handle(client, request, &mut machine.kernel);
        match answers.first().map(|answer| answer.response) {
            Some(Response::Sid(sid)) => Ok(Some(sid)),
            other => Err(format!("the name server does not register it: {other:?}")),
        }
    }

    pub fn thread_label(&self, pid: Pid, label: &str) -> String {
        let process = &self.program.environment.process_names[&pid];
        let base = format!("{process}/{label}");
        let taken = |name: &String| self.program.threads.iter().any(|plan| plan.name == *name);
        let numbered = (2..).map(|n| format!("{base}#{n}"));
        let mut names = std::iter::once(base.clone()).chain(numbered);
        names.find(|name| !taken(name)).expect("numbers do not end")
    }
}
