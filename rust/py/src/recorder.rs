//! Recording an execution that real bodies go through, step by step.

use crate::convert::{Words, known_op, value_from_python};
use crate::live::Live;
use crate::machine::Machine;
use crate::parts::violation_from_python;
use crate::recording::Recorded;
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard};
use xous_sim_step::{Choice, Schedule};
use xous_sim_trace::{KERNEL, Recording, Snapshot, Source, Step};
use xous_sim_userland::value::{Connection, Value};
use xous_sim_userland::{Pages, Threads, describe, name_culprit, snapshot, system, used_by};

/// A step in words: thread, operation, result, source.
type Told = (String, String, String, String);

/// Results that are held, as Python has them, each behind the name of who holds it.
type Held<'py> = Vec<(String, Bound<'py, PyAny>)>;

/// An execution that is being recorded.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct ExecutionRecorder(Mutex<Begun>);

struct Begun {
    recording: Recording,
    machines: Vec<xous_sim_userland::machine::Machine>,
    pages: Pages,
    /// The connection that the last step used.
    used: Option<Connection>,
}

#[pymethods]
impl ExecutionRecorder {
    #[new]
    fn new(machine: &Machine, held: Held<'_>) -> PyResult<Self> {
        let mut begun = Begun {
            recording: Recording::default(),
            machines: Vec::new(),
            pages: Pages::default(),
            used: None,
        };
        begun.recording.before = begun.look(machine, &held)?;
        Ok(Self(Mutex::new(begun)))
    }

    /// A step that was carried out where `enabled` was possible; without an operation it is the death or the return of a
    /// process.
    fn step(
        &self,
        choice: (u16, u16),
        told: Told,
        op: Option<Bound<'_, PyAny>>,
        enabled: Vec<(u16, u16)>,
        machine: &Machine,
        held: Held<'_>,
    ) -> PyResult<()> {
        let choice = choice_of(choice);
        let enabled: Vec<Choice> = enabled.into_iter().map(choice_of).collect();
        let (thread, operation, result, source) = told;
        let mut begun = self.lock();
        let after = begun.look(machine, &held)?;
        let op = op.map(|op| known_op(&op)).transpose()?;
        begun.used = op.as_ref().and_then(used_by);
        let acts_on = match op {
            Some(op) => machine.with_live(|live| describe::acted_on(&live.program, &op)),
            None => Some(KERNEL.into()),
        };
        let preempts = choice.preempts(begun.last_step(), &enabled);
        begun.recording.steps.push(Step {
            source: Source::parse(&source),
            acts_on,
            preempts,
            after,
            ..Step::new(choice, &thread, &operation, &result)
        });
        Ok(())
    }

    /// What was recorded.
    fn finish(&self, machine: &Machine, violation: Option<Words>) -> PyResult<Recorded> {
        let mut begun = self.lock();
        let mut recording = std::mem::take(&mut begun.recording);
        let choices = recording.steps.iter().map(|step| step.choice);
        recording.schedule = Schedule(choices.collect()).to_string();
        recording.violation = violation.map(|words| violation_from_python(words).into());
        machine.with_live(|live| {
            let machines = begun.machines.iter();
            system::describe(&mut recording, &live.program, machines, "sc");
            if let Some(used) = begun.used {
                name_culprit(&mut recording, &live.program.environment, used);
            }
        });
        Ok(Recorded(recording))
    }
}

impl ExecutionRecorder {
    fn lock(&self) -> MutexGuard<'_, Begun> {
        self.0.lock().expect("nothing panics while it records")
    }
}

fn choice_of((agent, pick): (u16, u16)) -> Choice {
    Choice { agent, pick }
}

impl Begun {
    /// The last choice that is no fault.
    fn last_step(&self) -> Option<Choice> {
        let mut choices = self.recording.steps.iter().map(|step| step.choice);
        choices.rfind(|choice| !choice.is_fault())
    }

    fn look(&mut self, machine: &Machine, held: &Held<'_>) -> PyResult<Snapshot> {
        let results = held.iter().map(result).collect::<PyResult<_>>()?;
        Ok(machine.with_live(|live| self.look_at(live, results)))
    }

    fn look_at(&mut self, live: &Live, results: Vec<(String, Value)>) -> Snapshot {
        let program = &live.program;
        if self.machines.last() != Some(&program.machine) {
            self.machines.push(program.machine.clone());
        }
        let objects = program.objects.iter().map(|named| &named.object);
        let objects: Vec<_> = objects.collect();
        let pages = &mut self.pages;
        let names = live.thread_names();
        let threads = Threads { names, results };
        snapshot(program, &program.machine, &objects, &threads, pages)
    }
}

fn result((holder, held): &(String, Bound<'_, PyAny>)) -> PyResult<(String, Value)> {
    Ok((holder.clone(), value_from_python(held)?))
}
