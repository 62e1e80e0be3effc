//! Telling an execution: from the states along a schedule to what a reader wants to see.

use crate::behaviour::TraceError;
use crate::describe;
use crate::object::Reply;
use crate::op::Op;
use crate::state::State;
use crate::value::Value;
use crate::world::World;
use xous_sim_kernel::{Caller, Cid};
use xous_sim_step::{Choice, Model, Schedule, Violation};
use xous_sim_trace::{Connected, Recording, Step};

/// A step with what the renderings do not need, but a rerun of the real bodies does.
pub struct Performed {
    /// Which thread.
    pub thread: usize,
    /// What it performed.
    pub op: Op<Value>,
    /// Threads that this step showed all stores to, on a weak machine.
    pub caught_up: Vec<Caller>,
}

impl World<'_> {
    /// Tells the execution that went through `states` along `schedule`.
    pub fn record(
        &mut self,
        states: &[State],
        schedule: &Schedule,
        violation: Option<Violation>,
    ) -> Result<(Recording, Vec<Performed>), TraceError> {
        let mut recording = Recording {
            before: self.connections(&states[0]),
            steps: Vec::new(),
            violation,
            repeats_from: None,
        };
        let mut performed = Vec::new();
        let mut previous = None;
        for (n, &choice) in schedule.0.iter().enumerate() {
            let (before, after) = (&states[n], &states[n + 1]);
            let thread = usize::from(choice.agent);
            let (op, source) = self
                .operation(before, thread)
                .expect("a scheduled thread is at an operation");
            let (op, source) = (op, source.to_string());
            let result = self.result(before, choice, &op)?;
            recording.steps.push(Step {
                choice,
                thread: self.thread_name(before, thread),
                operation: describe::op(&self.program, &op),
                result,
                source,
                preempts: self.preempts(before, previous, choice)?,
                connections: self.connections(after),
            });
            performed.push(Performed {
                thread,
                op,
                caught_up: self.caught_up_by(before, choice)?,
            });
            previous = Some(choice);
        }
        Ok((recording, performed))
    }

    /// Threads that a step shows all stores to.
    fn caught_up_by(&mut self, state: &State, choice: Choice) -> Result<Vec<Caller>, TraceError> {
        if self.c11.is_none() {
            return Ok(Vec::new());
        }
        self.apply(&mut state.clone(), choice)?;
        Ok(self.caught_up().to_vec())
    }

    /// What the thread gets, and who else's operation is completed by it.
    fn result(
        &mut self,
        state: &State,
        choice: Choice,
        op: &Op<Value>,
    ) -> Result<String, TraceError> {
        if let (Op::Atomic(..), true) = (op, self.c11.is_some()) {
            return Ok(self.result_c11(state, choice, op));
        }
        let caller = self.caller(state, usize::from(choice.agent));
        let number = match op.object() {
            Some(id) => state.0[self.layout.object(usize::from(id.0))],
            None => u32::from(choice.pick),
        };
        let effect = match self.perform(caller, op, number) {
            Ok((_, effect)) => effect,
            Err(misuse) => return Ok(misuse),
        };
        let mut result = match effect.reply {
            Reply::Done(value) => value.to_string(),
            Reply::Wait | Reply::Blocked => "waits".into(),
            Reply::Never => "ends".into(),
        };
        for (woken, value) in effect.wakes {
            let threads = 0..self.thread_count(state);
            let name = threads.clone().find(|&t| self.caller(state, t) == woken);
            let name = name.map_or_else(String::new, |t| self.thread_name(state, t));
            result += &format!("; {name} gets {value}");
        }
        Ok(result)
    }

    fn preempts(
        &mut self,
        state: &State,
        previous: Option<Choice>,
        choice: Choice,
    ) -> Result<bool, TraceError> {
        let mut enabled = Vec::new();
        self.enabled(state, &mut enabled)?;
        Ok(previous.is_some_and(|previous| {
            previous.agent != choice.agent && enabled.iter().any(|c| c.agent == previous.agent)
        }))
    }

    /// The slots in use of all processes of the scenario.
    fn connections(&self, state: &State) -> Vec<Connected> {
        let kernel = &self.view(state).machine.kernel;
        let environment = &self.program.environment;
        let mut list = Vec::new();
        for (&pid, process) in &environment.process_names {
            let map = kernel
                .connection_map(pid)
                .map(|map| map.bytes())
                .unwrap_or_default();
            let used = map.iter().enumerate().filter(|(_, byte)| **byte != 0);
            list.extend(used.map(|(slot, _)| {
                let cid = Cid::from_slot(slot);
                let server = kernel.server_behind(pid, cid);
                Connected {
                    process: process.clone(),
                    cid: cid.0,
                    server: server.map(|serial| environment.server_name(kernel, serial)),
                }
            }));
        }
        list
    }
}
