//! Properties of whole states: deadlocks, what must hold when all is quiet, and the user's own.

use crate::behaviour::TraceError;
use crate::held;
use crate::local::At;
use crate::object::Object;
use crate::properties;
use crate::quiet;
use crate::state::State;
use crate::value::Connection;
use crate::world::World;
use std::collections::BTreeSet;
use xous_sim_kernel::Pid;
use xous_sim_step::Violation;

/// Quiet states that are remembered, at most.
const AT_REST: usize = 1 << 16;

impl World<'_> {
    /// Nothing but faults can happen, on which nobody can rely: either all is quiet, or somebody waits for ever.
    pub(crate) fn check_quiet(&mut self, state: &State) -> Result<Option<Violation>, TraceError> {
        if self.at_rest.contains(state) {
            return Ok(None);
        }
        let broken = self.find_broken(state)?;
        if broken.is_none() && self.at_rest.len() < AT_REST {
            self.at_rest.insert(state.clone());
        }
        Ok(broken)
    }

    fn find_broken(&mut self, state: &State) -> Result<Option<Violation>, TraceError> {
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
        quiet::deadlock(&waits)
    }

    /// What a thread waits for; `None` if it is over, or a server's thread that waits for messages.
    fn wait(&self, state: &State, thread: usize) -> Option<String> {
        let machine = self.view(state).machine;
        let what = match self.local(state, thread).at {
            At::Ended | At::Raised | At::Killed => return None,
            At::Spinning(_) => quiet::SPINS.into(),
            At::Blocked(_) => {
                let caller = self.caller(state, thread);
                quiet::blocked(machine, &self.program.environment, caller)?
            }
            At::Ready(_) => self.waiting(state, thread),
        };
        Some(format!("{} {what}", self.thread_name(state, thread)))
    }

    /// What a thread waits for that has not begun its operation.
    fn waiting(&self, state: &State, thread: usize) -> String {
        let Some((op, source)) = self.operation(state, thread) else {
            return "waits".into();
        };
        let machine = self.view(state).machine;
        let object = op.object().and_then(|id| self.object(state, id.0));
        let holder_name = |thread| self.holder_name(state, thread);
        quiet::waiting(&self.program, machine, (&op, source), object, holder_name)
    }

    fn object(&self, state: &State, id: u16) -> Option<&Object> {
        let index = usize::from(id).checked_sub(1)?;
        self.view(state).objects.get(index).copied()
    }

    /// The name of a thread that holds a lock, and what has become of it.
    fn holder_name(&self, state: &State, thread: u16) -> String {
        let thread = usize::from(thread);
        let fate = match self.local(state, thread).at {
            At::Killed => quiet::IS_DEAD,
            At::Ended | At::Raised => quiet::HAS_ENDED,
            _ => "",
        };
        self.thread_name(state, thread) + fate
    }

    /// P4.
    fn leak(&self, state: &State) -> Option<Violation> {
        let machine = self.view(state).machine;
        quiet::leak(&self.program, machine, &self.live_connections(state))
    }

    /// P5, when a connect of `pid` found no slot.
    pub(crate) fn check_exhaustion(&self, state: &State, pid: Pid) -> Option<Violation> {
        let machine = self.view(state).machine;
        quiet::exhaustion(machine, pid, &self.live_connections(state))
    }

    /// The connections that somebody can still use: threads, shared objects, the scenario itself.
    fn live_connections(&self, state: &State) -> BTreeSet<Connection> {
        let view = self.view(state);
        let threads = 0..self.thread_count(state);
        let registers = threads.flat_map(|thread| &self.local(state, thread).registers);
        let results = registers.map(|(_, value)| value);
        let results = results.chain(self.values_in_memory(state));
        let objects = view.objects.iter().copied();
        held::live_connections(&self.program, view.machine, objects, results)
    }

    /// The name of a thread for readers.
    pub fn thread_name(&self, state: &State, thread: usize) -> String {
        match self.program.threads.get(thread) {
            Some(plan) => plan.name.clone(),
            None => self.started_name(state, thread),
        }
    }

    /// The name that a started thread was given; when it is over, nobody knows it any more.
    fn started_name(&self, state: &State, thread: usize) -> String {
        let (caller, local) = (self.caller(state, thread), self.local(state, thread));
        let over = matches!(local.at, At::Ended | At::Raised | At::Killed);
        let behaviour = self.behaviours.get(usize::from(local.body.0));
        let given = behaviour.and_then(|known| known.as_ref()?.name.as_ref());
        match given.filter(|_| !over) {
            Some(name) => self.program.name_in_process(caller.pid, name),
            None => self.program.started_name(caller),
        }
    }
}
