//! What is known of the real threads that act on a machine: who waits, for what to change, and what was violated.
//!
//! That nobody can go on is decided here, under the machine's lock, so it is never a guess from the time that passed.
//! Left out: threads that spin without saying so (they perform operations for ever).

use crate::config::caller;
use crate::convert::Words;
use crate::defect::detached;
use crate::errors::{ended, misuse};
use crate::live::Live;
use crate::machine::Machine;
use crate::parts::violation_to_python;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;
use xous_sim_kernel::Caller;
use xous_sim_step::Violation;
use xous_sim_userland::machine::Effect;
use xous_sim_userland::object::Reply;
use xous_sim_userland::op::Op;
use xous_sim_userland::value::Value;

/// How often a waiting thread looks for Ctrl-C.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// The threads of a machine.
#[derive(Clone, Default)]
pub struct Threads {
    /// Grows whenever something may have changed.
    changes: u64,
    /// Those that wait: for a change after so many, or (`None`) for another thread's call to complete theirs.
    waiting: BTreeMap<Caller, Option<u64>>,
    /// Whether all calls are refused.
    stopped: bool,
    /// What operations violated, one of each kind.
    violations: Vec<Violation>,
}

impl Threads {
    /// Refuses calls when all are to end.
    pub fn check(&self) -> PyResult<()> {
        match self.stopped {
            true => Err(ended("the run is over: its threads were ended")),
            false => Ok(()),
        }
    }

    /// A thread's operation happened.
    pub fn acted(&mut self, caller: Caller, changed: bool) {
        self.waiting.remove(&caller);
        self.changes += u64::from(changed);
    }

    /// A thread cannot go on until something changes.
    pub fn waits(&mut self, caller: Caller) {
        self.waiting.insert(caller, Some(self.changes));
    }

    /// A thread's call was taken, and somebody else's completes it.
    pub fn blocks(&mut self, caller: Caller) {
        self.changes += 1;
        self.waiting.insert(caller, None);
    }

    /// What an operation violated.
    pub fn violated(&mut self, violation: &Violation) {
        if !self.violations.iter().any(|known| known.is_like(violation)) {
            self.violations.push(violation.clone());
        }
    }
}

impl Machine {
    /// Carries out an operation; where it has to wait, it waits for a change, or for a while.
    pub fn act_or_pause(&self, caller: Caller, op: &Op<Value>) -> PyResult<Effect> {
        let mut live = self.lock();
        live.threads.check()?;
        if live.has_ended(caller) {
            return Err(ended("the process has ended, or the thread that calls"));
        }
        let effect = self.act_on(&mut live, caller, op, 0).map_err(misuse)?;
        if effect.reply == Reply::Wait {
            drop(self.changed.wait_timeout(live, SIGNAL_INTERVAL));
        }
        Ok(effect)
    }

    /// Changes what is there now, and tells those who wait.
    fn change<T>(&self, change: impl FnOnce(&mut Live) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_all();
        changed
    }

    /// Looks, and where that says so waits for a change, or for a while.
    fn pause_while<T>(&self, look: impl FnOnce(&mut Live) -> PyResult<(bool, T)>) -> PyResult<T> {
        let mut live = self.lock();
        let (pauses, seen) = look(&mut live)?;
        if pauses {
            drop(self.changed.wait_timeout(live, SIGNAL_INTERVAL));
        }
        Ok(seen)
    }

    /// The result of a blocked call, if it is complete; an error if it never will be.
    pub fn fetch(&self, caller: Caller) -> PyResult<Option<Value>> {
        let mut live = self.lock();
        live.threads.check()?;
        if let Some(value) = live.results.remove(&caller) {
            live.threads.acted(caller, false);
            return Ok(Some(value));
        }
        if !live.program.machine.is_waiting(caller) {
            return Err(ended("the process ended while this call waited"));
        }
        drop(self.changed.wait_timeout(live, SIGNAL_INTERVAL));
        Ok(None)
    }
}

/// If none of these threads can go on unless others act: for each whether the kernel has taken its call.
#[pyfunction]
pub fn stuck(machine: &Machine, threads: Vec<(u8, u32)>) -> PyResult<Option<Vec<bool>>> {
    let callers: PyResult<Vec<_>> = threads.iter().map(|&(pid, tid)| caller(pid, tid)).collect();
    let callers = callers?;
    Ok(machine.with_live(|live| {
        let waits = |caller| match live.threads.waiting.get(caller)? {
            Some(changes) => (*changes == live.threads.changes).then_some(false),
            None => (!live.results.contains_key(caller)).then_some(true),
        };
        callers.iter().map(waits).collect()
    }))
}

/// Waits until more has changed than `seen`; how much has changed then.
#[pyfunction]
pub fn await_change(
    py: Python<'_>,
    machine: &Machine,
    pid_number: u8,
    tid: u32,
    seen: u64,
) -> PyResult<u64> {
    let caller = caller(pid_number, tid)?;
    loop {
        let changes = detached(py, || {
            machine.pause_while(|live| {
                live.threads.check()?;
                live.threads.acted(caller, false);
                let nothing_new = live.threads.changes == seen;
                if nothing_new {
                    live.threads.waits(caller);
                }
                Ok((nothing_new, live.threads.changes))
            })
        })??;
        if changes != seen {
            return Ok(changes);
        }
        py.check_signals()?;
    }
}

/// How much has changed so far.
#[pyfunction]
pub fn changes(machine: &Machine) -> u64 {
    machine.with_live(|live| live.threads.changes)
}

/// Has all calls end with an exception, those that wait too.
#[pyfunction]
pub fn stop(py: Python<'_>, machine: &Machine) -> PyResult<()> {
    detached(py, || machine.change(|live| live.threads.stopped = true))
}

/// What the operations so far violated, one of each kind.
#[pyfunction]
pub fn violations(machine: &Machine) -> Vec<Words> {
    machine.with_live(|live| {
        live.threads
            .violations
            .iter()
            .map(violation_to_python)
            .collect()
    })
}
