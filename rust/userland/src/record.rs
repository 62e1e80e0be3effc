//! Telling an execution: from the states along a schedule to what a reader wants to see.
//!
//! The steps are told here, the states after them in [`snapshot`], and what does not change in [`system`].

pub(crate) mod culprit;
pub(crate) mod snapshot;
pub mod system;

use crate::behaviour::TraceError;
use crate::describe;
use crate::local::At;
use crate::object::Reply;
use crate::op::Op;
use crate::state::{Actor, State};
use crate::value::Value;
use crate::world::World;
use snapshot::Pages;
use xous_sim_kernel::Caller;
use xous_sim_step::{Choice, Model, Schedule, Violation};
use xous_sim_trace::{KERNEL, Recording, Source, Step};

/// How much is told of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The steps, and the state after each.
    Everything,
    /// The steps alone: enough to run the real bodies along them.
    Steps,
}

/// A step with what the renderings do not need, but a rerun of the real bodies does.
pub struct Performed {
    /// What happened.
    pub what: What,
    /// Threads that this step showed all stores to, on a weak machine.
    pub caught_up: Vec<Caller>,
}

/// What happens in a step.
pub enum What {
    /// A thread performed an operation.
    Operation {
        /// Which thread.
        thread: usize,
        /// What it performed.
        op: Op<Value>,
    },
    /// A mortal process died, or its server was started again.
    Fate {
        /// Which process.
        mortal: usize,
    },
}

impl World<'_> {
    /// Tells the execution that went through `states` along `schedule`.
    pub fn record(
        &mut self,
        states: &[State],
        schedule: &Schedule,
        violation: Option<Violation>,
        detail: Detail,
    ) -> Result<(Recording, Vec<Performed>), TraceError> {
        let mut recording = Recording {
            schedule: schedule.to_string(),
            violation: violation.map(Into::into),
            ..Recording::default()
        };
        let mut performed = Vec::new();
        let mut previous = None;
        for (n, &choice) in schedule.0.iter().enumerate() {
            let (before, after) = (&states[n], &states[n + 1]);
            let (mut step, what) = match self.actor(choice) {
                Actor::Thread(thread) => self.record_operation(before, thread, choice)?,
                Actor::Process(mortal) => self.record_fate(before, after, mortal, choice),
            };
            step.preempts = self.preempts(before, previous, choice)?;
            recording.steps.push(step);
            performed.push(Performed {
                what,
                caught_up: self.caught_up_by(before, choice)?,
            });
            if !choice.is_fault() {
                previous = Some(choice);
            }
        }
        if detail == Detail::Everything {
            self.show(&mut recording, &states[..=schedule.0.len()]);
            self.blame(&mut recording, performed.last());
        }
        Ok((recording, performed))
    }

    /// Adds what the system is, and what it looks like in each state.
    fn show(&self, recording: &mut Recording, states: &[State]) {
        self.describe_system(recording, states);
        let mut pages = Pages::default();
        recording.before = self.snapshot(&states[0], &mut pages);
        for (step, after) in recording.steps.iter_mut().zip(&states[1..]) {
            step.after = self.snapshot(after, &mut pages);
        }
    }

    /// Says who cut the connection that the last step used, where that violates something.
    fn blame(&self, recording: &mut Recording, last: Option<&Performed>) {
        let used = last.and_then(|last| match &last.what {
            What::Operation { op, .. } => culprit::used_by(op),
            What::Fate { .. } => None,
        });
        if let Some(connection) = used {
            culprit::name_culprit(recording, &self.program.environment, connection);
        }
    }

    /// Threads that a step shows all stores to.
    fn caught_up_by(&mut self, state: &State, choice: Choice) -> Result<Vec<Caller>, TraceError> {
        if self.c11.is_none() {
            return Ok(Vec::new());
        }
        self.apply(&mut state.clone(), choice)?;
        Ok(self.caught_up().to_vec())
    }

    fn record_operation(
        &mut self,
        before: &State,
        thread: usize,
        choice: Choice,
    ) -> Result<(Step, What), TraceError> {
        let (op, source) = self
            .operation(before, thread)
            .expect("a scheduled thread is at an operation");
        let (op, source) = (op, Source::parse(source));
        let name = self.thread_name(before, thread);
        let operation = describe::op(&self.program, self.view(before).machine, &op);
        let result = self.result(before, thread, choice, &op)?;
        let step = Step {
            source,
            acts_on: describe::acted_on(&self.program, &op),
            ..Step::new(choice, &name, &operation, &result)
        };
        Ok((step, What::Operation { thread, op }))
    }

    fn record_fate(
        &self,
        before: &State,
        after: &State,
        mortal: usize,
        choice: Choice,
    ) -> (Step, What) {
        let (operation, result) = match choice.is_fault() {
            true => ("dies", self.killed(before, after)),
            false => ("starts again", "Ok".into()),
        };
        let name = &self.program.environment.mortals[mortal].name;
        let step = Step {
            acts_on: Some(KERNEL.into()),
            ..Step::new(choice, name, operation, &result)
        };
        (step, What::Fate { mortal })
    }

    /// The threads that a death ended before their own end.
    fn killed(&self, before: &State, after: &State) -> String {
        let runs = |at| !matches!(at, At::Ended | At::Raised | At::Killed);
        let dies = |&thread: &usize| {
            runs(self.local(before, thread).at) && self.local(after, thread).at == At::Killed
        };
        let killed = (0..self.thread_count(before)).filter(dies);
        let names: Vec<String> = killed
            .map(|thread| self.thread_name(before, thread))
            .collect();
        match names.is_empty() {
            true => "ends".into(),
            false => format!("ends {}", names.join(", ")),
        }
    }

    /// What the thread gets, and who else's operation is completed by it.
    fn result(
        &mut self,
        state: &State,
        thread: usize,
        choice: Choice,
        op: &Op<Value>,
    ) -> Result<String, TraceError> {
        if let (Op::Atomic(..), true) = (op, self.c11.is_some()) {
            return Ok(self.result_c11(state, thread, choice.pick, op));
        }
        let performer = self.performer(state, thread);
        let number = match op.object() {
            Some(id) => state.0[self.layout.object(usize::from(id.0))],
            None => u32::from(choice.pick),
        };
        let effect = match self.perform(performer, op, number) {
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
        Ok(choice.preempts(previous, &enabled))
    }
}
