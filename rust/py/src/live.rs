//! A machine as Python acts on it, one operation after another, and what its setup needs of the kernel.

use crate::config::{STRANGERS, sid_of};
use crate::threads::Threads;
use std::collections::BTreeMap;
use std::sync::Arc;
use xous_sim_kernel::names::{ClientToken, Request, Response};
use xous_sim_kernel::{Caller, Cid, Outcome, Pid, Sid, SysResult, Syscall, Tid};
use xous_sim_memory::{Interest, Memory};
use xous_sim_userland::c11::Roles;
use xous_sim_userland::machine::{Effect, Machine};
use xous_sim_userland::object::{Holder, Object, Reply};
use xous_sim_userland::op::{ObjectId, Op};
use xous_sim_userland::value::Value;
use xous_sim_userland::{Program, touching_nothing};

/// The machine's state, and the results that blocked threads have yet to fetch.
#[derive(Clone)]
pub struct Live {
    /// Kernel, objects, threads.
    pub program: Program,
    /// Threads that were started on the way, in this order.
    pub started: Vec<Caller>,
    /// Results by the threads that wait for them.
    pub results: BTreeMap<Caller, Value>,
    /// The process that holds the answering servers.
    pub services: Option<Pid>,
    /// The weak memory, where an execution on one is followed.
    pub weak: Option<Weak>,
    /// The real threads that act on it.
    pub threads: Threads,
}

/// The weak memory of a program.
#[derive(Clone)]
pub struct Weak {
    roles: Roles,
    memory: Memory<Value>,
}

impl Weak {
    /// Before the threads of a program begin.
    pub fn of(program: &Program) -> Self {
        let everything = Arc::new(Interest::Everything);
        Self {
            roles: Roles::of(program),
            memory: Roles::memory(program, std::iter::repeat(everything)),
        }
    }

    /// An operation on an atomic, in the way that is picked.
    fn perform(&mut self, caller: Caller, op: &Op<Value>, pick: u16) -> Result<Reply, String> {
        let Op::Atomic(id, op, order, operands) = op else {
            return Err("it is no operation on an atomic".into());
        };
        let ways = self
            .roles
            .atomic(&self.memory, caller, (*id, *op, *order), operands)?;
        let way = ways.into_iter().find(|way| way.pick == pick);
        let way = way.ok_or("the operation cannot come out like that")?;
        self.memory = way.memory;
        Ok(way.reply)
    }

    /// What another operation does to the memory.
    fn follow(&mut self, caller: Caller, op: &Op<Value>, effect: &Effect) {
        let (memory, _) = self.roles.other(&self.memory, caller, op, &effect.reply);
        self.memory = memory;
        if let Some(spawned) = &effect.spawned {
            self.memory = Roles::started(
                &self.memory,
                caller,
                spawned.caller,
                Arc::new(Interest::Everything),
            );
        }
        self.reach_others(effect);
    }

    /// What an operation does to the knowledge of other threads.
    fn reach_others(&mut self, effect: &Effect) {
        for (woken, _) in &effect.wakes {
            self.memory = Roles::woken(&self.memory, *woken);
        }
        for pid in &effect.ended {
            self.memory = Roles::bereaved(&self.memory, *pid);
        }
    }
}

impl Live {
    /// Carries out an operation; `pick` chooses among the ways in which it can come out.
    pub fn attempt(&mut self, caller: Caller, op: &Op<Value>, pick: u16) -> Result<Effect, String> {
        if let (Some(weak), Op::Atomic(..)) = (&mut self.weak, op) {
            return Ok(Effect::reply(weak.perform(caller, op, pick)?));
        }
        let effect = self.carry_out(caller, op, pick)?;
        if let Some(weak) = &mut self.weak {
            weak.follow(caller, op, &effect);
        }
        Ok(effect)
    }

    fn carry_out(&mut self, caller: Caller, op: &Op<Value>, pick: u16) -> Result<Effect, String> {
        let Some(id) = op.object() else {
            return Ok(Effect::reply(touching_nothing(op, pick.into())?));
        };
        if id == ObjectId::MACHINE {
            let program = &mut self.program;
            let effect = program.machine.apply(&program.environment, caller, op)?;
            self.started
                .extend(effect.spawned.as_ref().map(|new| new.caller));
            return Ok(effect);
        }
        let holder = self.holder(caller);
        let index = usize::from(id.0) - 1;
        let named = self
            .program
            .objects
            .get_mut(index)
            .ok_or("there is no such object")?;
        Ok(Effect::reply(xous_sim_userland::apply(
            &mut named.object,
            holder,
            op,
        )?))
    }

    /// Who acts: the last thread that got this TID. Whoever acts without one, the scenario for instance, is none.
    fn holder(&self, caller: Caller) -> Holder {
        let number = self.callers().rposition(|known| known == caller);
        number.map_or(Holder::Outside(caller), |n| Holder::Thread(n as u16))
    }

    /// All threads that there ever were, by their numbers.
    fn callers(&self) -> impl DoubleEndedIterator<Item = Caller> + ExactSizeIterator {
        let threads = &self.program.threads;
        let (first, more) = (threads.len(), self.started.len());
        let caller = |n: usize| match threads.get(n) {
            Some(plan) => plan.caller,
            None => self.started[n - threads.len()],
        };
        (0..first + more).map(caller)
    }

    /// The names of all threads that there ever were, by their numbers.
    pub fn thread_names(&self) -> Vec<String> {
        let planned = self.program.threads.iter().map(|plan| plan.name.clone());
        let started = self
            .started
            .iter()
            .map(|&new| self.program.started_name(new));
        planned.chain(started).collect()
    }

    /// Whether an operation would have to wait now.
    pub fn would_wait(&self, caller: Caller, op: &Op<Value>) -> bool {
        let reply = match self.touched(op) {
            (Some(mut machine), _) => machine
                .apply(&self.program.environment, caller, op)
                .map(|effect| effect.reply),
            (_, Some(mut object)) => xous_sim_userland::apply(&mut object, self.holder(caller), op),
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

    /// A thread reaches the end of its body.
    pub fn exit(&mut self, caller: Caller) -> Effect {
        let effect = self.program.machine.exit(caller);
        self.change_memory(caller, Roles::ended);
        if let Some(weak) = &mut self.weak {
            weak.reach_others(&effect);
        }
        effect
    }

    /// A mortal process dies, or its server is started again.
    pub fn live_on(&mut self, mortal: usize) -> Option<Effect> {
        let program = &mut self.program;
        let effect = program.machine.live_on(&program.environment, mortal)?;
        if let Some(weak) = &mut self.weak {
            weak.reach_others(&effect);
        }
        Some(effect)
    }

    /// Changes the weak memory on behalf of a thread, where there is one.
    pub fn change_memory(
        &mut self,
        caller: Caller,
        change: fn(&Memory<Value>, Caller) -> Memory<Value>,
    ) {
        if let Some(weak) = &mut self.weak {
            weak.memory = change(&weak.memory, caller);
        }
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

    /// Whether an operation changes what it acts on; system calls always count as if they did.
    pub fn changing<T>(
        &mut self,
        op: &Op<Value>,
        act: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<(T, bool), String> {
        if op.object() == Some(ObjectId::MACHINE) {
            return Ok((act(self)?, true));
        }
        let before = self.touched(op);
        let done = act(self)?;
        Ok((done, self.touched(op) != before))
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
