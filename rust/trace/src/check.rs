//! Whether the parts of a recording that was read fit together: names that are used exist, numbers are in range.
//!
//! Left out: whether the steps could have led from one state to the next; only the system that was recorded knows.

use crate::recording::Recording;
use crate::snapshot::{PageBytes, Slot, SlotState, Snapshot};
use std::collections::BTreeSet;

/// Why a text is no document of recordings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It cannot be read.
    #[error("this is no JSON that holds a trace: {what}")]
    Json {
        /// What JSON's reader says.
        what: String,
    },
    /// It is something else.
    #[error("this is no trace: its \"format\" is {found:?}, not \"xous_sim.trace\"")]
    Format {
        /// What it says that it is.
        found: String,
    },
    /// It is of another version.
    #[error("this is a trace of version {found}; version 1 is the one that can be read")]
    Version {
        /// Which one.
        found: u32,
    },
    /// Its parts do not fit together.
    #[error("trace {trace} does not fit together: {what}")]
    Unfitting {
        /// Which of them, from 1 on.
        trace: usize,
        /// What does not fit.
        what: String,
    },
    /// It holds another number of recordings than one.
    #[error("one trace is wanted, and there are {found}")]
    Count {
        /// How many there are.
        found: usize,
    },
}

impl From<serde_json::Error> for FormatError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json {
            what: error.to_string(),
        }
    }
}

/// What does not fit in a recording.
pub fn check(recording: &Recording) -> Result<(), String> {
    unique(
        "thread",
        recording.threads.iter().map(|thread| &thread.name),
    )?;
    unique(
        "process",
        recording.processes.iter().map(|process| &process.name),
    )?;
    threads(recording)?;
    loop_begins_inside(recording)?;
    snapshot(recording, &recording.before).map_err(|what| format!("before step 1, {what}"))?;
    for (number, step) in recording.steps.iter().enumerate() {
        let at = |what| format!("after step {}, {what}", number + 1);
        snapshot(recording, &step.after).map_err(at)?;
    }
    Ok(())
}

fn unique<'a>(kind: &str, mut names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(twice) => Err(format!("there are two of the name {kind} {twice:?}")),
        None => Ok(()),
    }
}

/// Where threads are listed, the steps are theirs.
fn threads(recording: &Recording) -> Result<(), String> {
    let listed = |name: &String| recording.threads.iter().any(|thread| thread.name == *name);
    let mut steps = recording.steps.iter().enumerate();
    match steps.find(|(_, step)| !recording.threads.is_empty() && !listed(&step.thread)) {
        Some((number, step)) => Err(format!(
            "step {} is of thread {:?}, which \"threads\" does not list",
            number + 1,
            step.thread
        )),
        None => Ok(()),
    }
}

fn loop_begins_inside(recording: &Recording) -> Result<(), String> {
    let steps = recording.steps.len();
    match recording.repeats_from {
        Some(from) if from >= steps => Err(format!(
            "it repeats from step {from} (counted from 0), and has {steps}"
        )),
        _ => Ok(()),
    }
}

fn snapshot(recording: &Recording, snapshot: &Snapshot) -> Result<(), String> {
    snapshot
        .connections
        .iter()
        .try_for_each(|one| slot(recording, one))?;
    snapshot
        .pages
        .iter()
        .try_for_each(|one| page(recording, one))?;
    snapshot
        .dead
        .iter()
        .try_for_each(|name| slots_of(recording, name).map(drop))
}

fn slots_of(recording: &Recording, process: &str) -> Result<u32, String> {
    let mut processes = recording.processes.iter();
    let found = processes.find(|listed| listed.name == process);
    found
        .map(|process| process.slots)
        .ok_or_else(|| format!("process {process:?} is none that \"processes\" lists"))
}

fn slot(recording: &Recording, slot: &Slot) -> Result<(), String> {
    let slots = slots_of(recording, &slot.process)?;
    if !(2..u64::from(slots) + 2).contains(&u64::from(slot.cid)) {
        return Err(format!(
            "CID {} is none of the {slots} slots of {:?}, which begin at CID 2",
            slot.cid, slot.process
        ));
    }
    if slot.server.is_some() != (slot.state == SlotState::Server) {
        return Err(format!(
            "CID {} of {:?} has a server if its state is \"server\", and none otherwise",
            slot.cid, slot.process
        ));
    }
    Ok(())
}

fn page(recording: &Recording, page: &PageBytes) -> Result<(), String> {
    slots_of(recording, &page.process)?;
    let size = recording
        .page_layout
        .as_ref()
        .map_or(0, |layout| layout.size);
    let fits = |end: Option<usize>| end.is_some_and(|end| end <= size);
    let mut changes = page.changes.iter();
    match changes.find(|range| !fits(range.offset.checked_add(range.bytes.len()))) {
        Some(range) => Err(format!(
            "bytes of the page of {:?} at offset {} are beyond its {size} bytes",
            page.process, range.offset
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::race;
    use crate::snapshot::ByteRange;

    type Spoil = fn(&mut Recording);

    #[test]
    fn the_example_fits_together() {
        assert_eq!(check(&race()), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_step() {
        let spoil: [(Spoil, &str); 8] = [
            (|r| r.threads[1].name = r.threads[0].name.clone(), "two"),
            (
                |r| r.steps[0].thread = "nobody".into(),
                "step 1 is of thread",
            ),
            (|r| r.repeats_from = Some(99), "repeats from step 99"),
            (
                |r| r.steps[1].after.connections[0].cid = 34,
                "after step 2, CID 34",
            ),
            (|r| r.steps[1].after.connections[0].cid = 1, "CID 1 is none"),
            (
                |r| r.steps[1].after.connections[0].process = "x".into(),
                "process \"x\"",
            ),
            (
                |r| r.steps[1].after.connections[0].server = None,
                "has a server if",
            ),
            (
                |r| {
                    r.before.pages[0].changes[0] = ByteRange {
                        offset: usize::MAX,
                        bytes: vec![1],
                    };
                },
                "before step 1, bytes",
            ),
        ];
        for (spoil, reason) in spoil {
            let mut recording = race();
            spoil(&mut recording);
            let error = check(&recording).expect_err(reason);
            assert!(error.contains(reason), "{error}");
        }
    }
}
