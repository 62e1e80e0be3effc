//! Properties of whole states: deadlocks, what must hold when all is quiet, and the user's own.

use crate::behaviour::TraceError;
use crate::describe;
use crate::local::At;
use crate::object::Object;
use crate::op::{MutexOp, OnceOp, Op};
use crate::properties;
use crate::state::State;
use crate::value::{Connection, Value};
use crate::world::World;
use std::collections::BTreeSet;
use xous_sim_kernel::{BlockedOn, Caller, Pid};
use xous_sim_step::Violation;

impl World<'_> {
    /// Nothing but faults can happen, on which nobody can rely: either all is quiet, or somebody waits for ever.
    pub(crate) fn check_quiet(&mut self, state: &State) -> Result<Option<Violation>, TraceError> {
        if let Some(deadlock) = self.deadlock(state) {
            return Ok(Some(deadlock));
        }
        if let Some(leak) = self.leak(state) {
            return Ok(Some(leak));
        }
        match self.watcher.as_ref().is_some_and(|w| w.has_finally()) {
            true => self.check_finally(state),
            false => Ok(None),
        }
    }

    /// The user's final condition; a shared part that was looked at before is not looked at again.
    fn check_finally(&mut self, state: &State) -> Result<Option<Violation>, TraceError> {
        let key = self.view(state).key;
        if !self.finals.contains_key(&key) {
            let mut watcher = self.watcher.take().expect("there is a final condition");
            let verdict = watcher.finally(&self.view(state));
            self.watcher = Some(watcher);
            self.finals.insert(key.clone(), verdict?);
        }
        let broken =
            |message: &String| Violation::new(properties::FINALLY, String::new(), message.clone());
        Ok(self.finals[&key].as_ref().map(broken))
    }

    /// The user's invariant, in the same way.
    pub(crate) fn check_invariant(
        &mut self,
        state: &State,
    ) -> Result<Option<Violation>, TraceError> {
        let key = self.view(state).key;
        if !self.invariants.contains_key(&key) {
            let mut watcher = self.watcher.take().expect("there is an invariant");
            let verdict = watcher.invariant(&self.view(state));
            self.watcher = Some(watcher);
            self.invariants.insert(key.clone(), verdict?);
        }
        let broken = |message: &String| {
            Violation::new(properties::INVARIANT, String::new(), message.clone())
        };
        Ok(self.invariants[&key].as_ref().map(broken))
    }

    /// P6: who waits for what, if anybody waits for ever.
    fn deadlock(&self, state: &State) -> Option<Violation> {
        let threads = 0..self.thread_count(state);
        let waits: Vec<String> = threads
            .filter_map(|thread| self.wait(state, thread))
            .collect();
        (!waits.is_empty()).then(|| {
            let message = format!("no thread can go on: {}", waits.join("; "));
            Violation::new(properties::DEADLOCK, String::new(), message)
        })
    }

    /// What a thread waits for; `None` if it is over, or a server's thread that waits for messages.
    fn wait(&self, state: &State, thread: usize) -> Option<String> {
        let what = match self.local(state, thread).at {
            At::Ended | At::Raised | At::Killed => return None,
            At::Spinning(_) => "spins, and nobody is left to change what it reads".into(),
            At::Blocked(_) => self.blocked(state, thread)?,
            At::Ready(_) => self.waiting(state, thread),
        };
        Some(format!("{} {what}", self.thread_name(state, thread)))
    }

    /// What the kernel says of a thread in a syscall.
    fn blocked(&self, state: &State, thread: usize) -> Option<String> {
        let machine = self.view(state).machine;
        let environment = &self.program.environment;
        let caller = self.caller(state, thread);
        if machine.asked.contains_key(&caller) {
            return Some("waits for an answer of xous-names".into());
        }
        Some(match machine.kernel.is_blocked(caller) {
            Some(BlockedOn::Receive { .. }) => return None,
            Some(BlockedOn::Reply { server }) => {
                let name = environment.server_name(machine, server);
                let dead = match machine.kernel.is_alive(server) {
                    true => "",
                    false => ", whose process is dead: nobody will wake it",
                };
                format!("waits for a reply of {name}{dead}")
            }
            Some(BlockedOn::Join { tid }) => format!("waits for the end of thread {}", tid.0),
            other => format!("waits in a system call that nobody completes ({other:?})"),
        })
    }

    /// What a thread waits for that has not begun its operation.
    fn waiting(&self, state: &State, thread: usize) -> String {
        let Some((op, source)) = self.operation(state, thread) else {
            return "waits".into();
        };
        let holder = match (&op, op.object().and_then(|id| self.object(state, id.0))) {
            (Op::Mutex(_, MutexOp::Lock), Some(Object::Mutex(Some(holder)))) => Some(*holder),
            (
                Op::Once(_, OnceOp::Begin, _),
                Some(Object::Once(crate::object::Once::Running(who))),
            ) => Some(*who),
            _ => None,
        };
        let held = holder.and_then(|caller| self.thread_by_caller(state, caller));
        let held = held.map_or(String::new(), |name| format!(", held by {name}"));
        format!(
            "waits in {}{held} ({source})",
            describe::op(&self.program, self.view(state).machine, &op)
        )
    }

    fn object(&self, state: &State, id: u16) -> Option<&Object> {
        let index = usize::from(id).checked_sub(1)?;
        self.view(state).objects.get(index).copied()
    }

    fn thread_by_caller(&self, state: &State, caller: xous_sim_kernel::Caller) -> Option<String> {
        let mut threads = 0..self.thread_count(state);
        let thread = threads.find(|&thread| self.caller(state, thread) == caller)?;
        let dead = match self.local(state, thread).at {
            At::Killed => ", which is dead",
            _ => "",
        };
        Some(self.thread_name(state, thread) + dead)
    }

    /// P4.
    fn leak(&self, state: &State) -> Option<Violation> {
        let view = self.view(state);
        if view.machine.kernel.panicked().is_some() {
            return None;
        }
        let live = self.live_connections(state);
        let environment = &self.program.environment;
        let mut processes = environment.process_names.keys();
        processes.find_map(|&pid| properties::leak(view.machine, environment, pid, &live))
    }

    /// P5, when a connect of `pid` found no slot.
    pub(crate) fn check_exhaustion(&self, state: &State, pid: Pid) -> Option<Violation> {
        let map = self.view(state).machine.kernel.connection_map(pid)?;
        let slots = map.bytes().len();
        properties::exhaustion(pid, &self.live_connections(state), slots)
    }

    /// The connections that somebody can still use: threads, shared objects, the scenario itself.
    fn live_connections(&self, state: &State) -> BTreeSet<Connection> {
        let view = self.view(state);
        let objects = view.objects.iter().flat_map(|object| object.values());
        let threads = 0..self.thread_count(state);
        let registers = threads.flat_map(|thread| &self.local(state, thread).registers);
        let values = objects.chain(registers.map(|(_, value)| value));
        let values = values.chain(self.values_in_memory(state));
        let held = self.program.held.iter().copied();
        let persistent = view.machine.persistent.iter();
        let persistent = persistent.map(|(&(pid, cid), &opened_for)| Connection {
            pid,
            cid,
            opened_for,
        });
        values
            .flat_map(Value::connections)
            .chain(held)
            .chain(persistent)
            .collect()
    }

    /// The name of a thread for readers.
    pub fn thread_name(&self, state: &State, thread: usize) -> String {
        match self.program.threads.get(thread) {
            Some(plan) => plan.name.clone(),
            None => self.started_name(self.caller(state, thread)),
        }
    }

    /// The same, by who it is.
    pub(crate) fn caller_name(&self, caller: Caller) -> String {
        let mut plans = self.program.threads.iter();
        let plan = plans.find(|plan| plan.caller == caller);
        plan.map_or_else(|| self.started_name(caller), |plan| plan.name.clone())
    }

    fn started_name(&self, caller: Caller) -> String {
        let names = &self.program.environment.process_names;
        let process = names.get(&caller.pid).cloned().unwrap_or_default();
        format!("{process}/thread {}", caller.tid.0)
    }
}
