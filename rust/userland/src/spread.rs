//! What a step does to other threads than its own: waking, starting, ending and alerting them.

use crate::advance::Settled;
use crate::behaviour::{Node, TraceError};
use crate::c11::Roles;
use crate::local::{At, Local, News};
use crate::properties;
use crate::state::State;
use crate::value::Value;
use crate::world::{Effects, World};
use std::sync::Arc;
use xous_sim_kernel::{Caller, Pid};
use xous_sim_step::{Violation, Violations};

impl World<'_> {
    /// A blocked thread whose operation is complete goes on.
    fn wake(&mut self, number: u32, value: Value, behind: bool) -> Result<Settled, TraceError> {
        let local = self.locals[number].clone();
        let At::Blocked(node) = local.at else {
            return Ok(Settled::quietly(local));
        };
        let Node::Op(record, next) = self.behaviour(local.body)?.node(node) else {
            unreachable!("a thread blocks only in operations");
        };
        let (next, register) = (*next, record.register);
        self.proceed(local, next, register, value, behind)
    }

    /// A thread that spins, or may spin, notices that a shared object has changed.
    fn alert(&mut self, number: u32) -> Result<Settled, TraceError> {
        let mut local = self.locals[number].clone();
        let (At::Ready(node) | At::Blocked(node) | At::Spinning(node)) = local.at else {
            return Ok(Settled::quietly(local));
        };
        let loops = self.behaviour(local.body)?.loops(node).to_vec();
        local.note(loops, News::Changed);
        match local.at {
            At::Spinning(node) => self.settle(local, node, false),
            _ => Ok(Settled::quietly(local)),
        }
    }

    /// Applies the effects of a step on others than the thread and its object.
    pub(crate) fn spread(
        &mut self,
        next: &mut State,
        thread: usize,
        number: u32,
        found: &mut Violations,
    ) -> Result<(), TraceError> {
        let effects = Arc::clone(&self.effects[number as usize]);
        found.extend(effects.violation.clone());
        found.extend(
            effects
                .raised
                .as_ref()
                .map(|message| self.raised(next, thread, message)),
        );
        if let Some((spawned, raised)) = &effects.spawned {
            next.0.push(*spawned);
            let new = self.layout.thread_count(next) - 1;
            found.extend(
                raised
                    .as_ref()
                    .map(|message| self.raised(next, new, message)),
            );
            self.exit_if_over(next, new, found)?;
        }
        for (n, (caller, value)) in effects.wakes.iter().enumerate() {
            if let Some(woken) = self.find_thread(next, *caller) {
                let key = (next.0[self.layout.thread(woken)], number, n as u32);
                match self.wakes.get(&key) {
                    Some(&after) => self.put(next, woken, after, found)?,
                    None => self.wake_anew(next, woken, key, value, found)?,
                }
            }
        }
        for pid in &effects.killed {
            self.kill(next, *pid);
        }
        if effects.exited {
            self.exit(next, thread, found)?;
        }
        if let Some(pid) = effects.exhausted {
            found.extend(self.check_exhaustion(next, pid).map(Arc::new));
        }
        Ok(())
    }

    fn raised(&self, state: &State, thread: usize, message: &str) -> Arc<Violation> {
        Arc::new(properties::exception(
            &self.thread_name(state, thread),
            message,
        ))
    }

    /// Wakes a thread; what becomes of it is remembered, unless it depends on the memory or raises an exception.
    fn wake_anew(
        &mut self,
        next: &mut State,
        thread: usize,
        key: (u32, u32, u32),
        value: &Value,
        found: &mut Violations,
    ) -> Result<(), TraceError> {
        self.change_memory(next, thread, Roles::woken);
        let behind = self.is_behind(next, thread);
        let settled = self.wake(key.0, value.clone(), behind)?;
        if let Some(after) = self.place(next, thread, settled, found)? {
            self.wakes.insert(key, after);
        }
        Ok(())
    }

    /// Puts a thread into a new local state; if it is over now, the kernel learns it. The number of the state, if that is
    /// all there is to it.
    fn place(
        &mut self,
        next: &mut State,
        thread: usize,
        settled: Settled,
        found: &mut Violations,
    ) -> Result<Option<u32>, TraceError> {
        let after = self.intern(settled.local);
        let simple = settled.raised.is_none() && self.c11.is_none();
        next.0[self.layout.thread(thread)] = after;
        if settled.caught_up {
            self.catch_up(next, thread);
        }
        found.extend(
            settled
                .raised
                .map(|message| self.raised(next, thread, &message)),
        );
        self.exit_if_over(next, thread, found)?;
        Ok(simple.then_some(after))
    }

    /// Puts a thread into a known local state, likewise.
    fn put(
        &mut self,
        next: &mut State,
        thread: usize,
        after: u32,
        found: &mut Violations,
    ) -> Result<(), TraceError> {
        next.0[self.layout.thread(thread)] = after;
        self.exit_if_over(next, thread, found)
    }

    fn exit_if_over(
        &mut self,
        next: &mut State,
        thread: usize,
        found: &mut Violations,
    ) -> Result<(), TraceError> {
        let local = next.0[self.layout.thread(thread)];
        match self.infos[local as usize].exits {
            true => self.exit(next, thread, found),
            false => Ok(()),
        }
    }

    /// The kernel learns that a thread is over; whoever joins it is woken.
    pub(crate) fn exit(
        &mut self,
        next: &mut State,
        thread: usize,
        found: &mut Violations,
    ) -> Result<(), TraceError> {
        let caller = self.caller(next, thread);
        let place = self.layout.object(0);
        let key = (next.0[place], caller);
        let (machine, number) = match self.exits.get(&key) {
            Some(known) => *known,
            None => {
                let mut machine = self.machines[key.0].clone();
                let effect = machine.exit(caller);
                let effects = self.note(Effects {
                    wakes: effect.wakes,
                    killed: effect.ended,
                    violation: effect.violation.map(Arc::new),
                    ..Effects::default()
                });
                let outcome = (self.machines.intern(machine), effects);
                self.exits.insert(key, outcome);
                outcome
            }
        };
        next.0[place] = machine;
        self.change_memory(next, thread, Roles::ended);
        match number {
            0 => Ok(()),
            number => self.spread(next, thread, number, found),
        }
    }

    fn kill(&mut self, next: &mut State, pid: Pid) {
        let killed = self.intern(Local::over(At::Killed));
        for thread in 0..self.layout.thread_count(next) {
            if self.caller(next, thread).pid == pid {
                self.change_memory(next, thread, Roles::killed);
                let mut local = Local::over(At::Killed);
                local.caller = self.local(next, thread).caller;
                let number = if local.caller.is_some() {
                    self.intern(local)
                } else {
                    killed
                };
                next.0[self.layout.thread(thread)] = number;
            }
        }
    }

    /// Tells threads that spin, or may, that the operation of `thread` changed a shared object. The end of a thread is no
    /// such change: nothing that a body can read tells of it.
    pub(crate) fn tell_spinning(
        &mut self,
        next: &mut State,
        thread: usize,
        found: &mut Violations,
    ) -> Result<(), TraceError> {
        for other in (0..self.layout.thread_count(next)).filter(|&other| other != thread) {
            let number = next.0[self.layout.thread(other)];
            if !self.infos[number as usize].watches {
                continue;
            }
            if let Some(&after) = self.alerts.get(&number) {
                self.put(next, other, after, found)?;
                continue;
            }
            if matches!(self.locals[number].at, At::Spinning(_)) {
                self.catch_up(next, other);
            }
            let settled = self.alert(number)?;
            if let Some(after) = self.place(next, other, settled, found)? {
                self.alerts.insert(number, after);
            }
        }
        Ok(())
    }

    fn find_thread(&self, state: &State, caller: Caller) -> Option<usize> {
        let over = |thread: &usize| {
            let local = state.0[self.layout.thread(*thread)];
            self.infos[local as usize].over
        };
        let is = |thread: &usize| self.caller(state, *thread) == caller;
        (0..self.layout.thread_count(state)).find(|thread| is(thread) && !over(thread))
    }
}
