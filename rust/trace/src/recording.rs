//! What is recorded of an execution: who did what, what came of it, and what the system looked like after each step.

use crate::snapshot::{Slot, Snapshot};
use crate::system::{Kernel, PageLayout, Process, Server, Thread};
use serde::{Deserialize, Serialize};
use xous_sim_step::Choice;

/// What steps act on that are system calls.
pub const KERNEL: &str = "kernel";

/// A line of source code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file.
    pub file: String,
    /// The line's number, from 1 on.
    pub line: u32,
    /// What stands there, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Source {
    /// From `file:line`; `None` for anything else.
    #[must_use]
    pub fn parse(place: &str) -> Option<Self> {
        let (file, line) = place.rsplit_once(':')?;
        Some(Self {
            file: file.into(),
            line: line.parse().ok()?,
            text: None,
        })
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The choice of the schedule.
    #[serde(with = "choice_text")]
    pub choice: Choice,
    /// The thread, by name.
    pub thread: String,
    /// What it did.
    pub operation: String,
    /// What it got.
    pub result: String,
    /// What it acted on: `kernel`, a shared object or a place, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_on: Option<String>,
    /// Where its code asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whether another thread was stopped for it that could have gone on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preempts: bool,
    /// The state after it.
    #[serde(default)]
    pub after: Snapshot,
}

impl Step {
    /// A step after which there is nothing to see.
    #[must_use]
    pub fn new(choice: Choice, thread: &str, operation: &str, result: &str) -> Self {
        Self {
            choice,
            thread: thread.into(),
            operation: operation.into(),
            result: result.into(),
            acts_on: None,
            source: None,
            preempts: false,
            after: Snapshot::default(),
        }
    }

    /// Whether nobody decided it: a process that died, for instance.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.choice.is_fault()
    }
}

/// What an execution violates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// The property, by its stable name.
    pub property: String,
    /// What it concerns; may be empty.
    #[serde(default)]
    pub subject: String,
    /// The sentence for a reader.
    pub message: String,
}

impl From<xous_sim_step::Violation> for Violation {
    fn from(violation: xous_sim_step::Violation) -> Self {
        Self {
            property: violation.property.to_string(),
            subject: violation.subject,
            message: violation.message,
        }
    }
}

/// An execution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// The name of what ran.
    pub scenario: String,
    /// The line that replays it; may be empty.
    pub schedule: String,
    /// Which Xous it ran on, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Kernel>,
    /// The processes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// The servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<Server>,
    /// Whoever takes steps, in the order in which they are shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<Thread>,
    /// What the bytes of process pages mean, where there are pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_layout: Option<PageLayout>,
    /// The state before the first step.
    pub before: Snapshot,
    /// The steps.
    pub steps: Vec<Step>,
    /// What the execution violates, at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<Violation>,
    /// The step, counted from 0, from which on the execution repeats for ever, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats_from: Option<usize>,
}

impl Recording {
    /// The state before step `n`.
    #[must_use]
    pub fn before(&self, n: usize) -> &Snapshot {
        match n.checked_sub(1) {
            Some(previous) => &self.steps[previous].after,
            None => &self.before,
        }
    }

    /// How often a thread was stopped that could have gone on.
    #[must_use]
    pub fn preemptions(&self) -> usize {
        self.steps.iter().filter(|step| step.preempts).count()
    }

    /// The names of those who take steps: the threads that are listed, then whoever else there is.
    #[must_use]
    pub fn actors(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.threads.iter().map(|thread| &*thread.name).collect();
        for step in &self.steps {
            if !names.contains(&&*step.thread) {
                names.push(&step.thread);
            }
        }
        names
    }
}

impl Snapshot {
    /// The slots that the connection maps have something in.
    pub fn used(&self) -> impl Iterator<Item = &Slot> {
        self.connections.iter().filter(|slot| slot.is_used())
    }
}

/// A choice as it stands in a schedule.
mod choice_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use xous_sim_step::{Choice, Schedule};

    pub fn serialize<S: Serializer>(choice: &Choice, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(choice)
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Choice, D::Error> {
        let text = String::deserialize(deserializer)?;
        let schedule = format!("x1:{text}").parse::<Schedule>();
        match schedule.as_ref().map(|schedule| &schedule.0[..]) {
            Ok(&[choice]) => Ok(choice),
            _ => Err(D::Error::custom(format!(
                "{text:?} is no choice: a choice looks like \"0\", \"0=2\" or \"!3\""
            ))),
        }
    }
}
