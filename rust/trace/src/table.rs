//! A recording as a table: a line a step, with the connections that hold after it, or what is in the places of a system
//! without connections.
//!
//! `>` marks a preemption: the thread of the line above could have gone on. `*` marks what a step changed there.
//! Steps that repeat for ever stand between two lines that say so.

use crate::recording::{Recording, Step};
use crate::snapshot::{Place, Slot, Snapshot};
use std::fmt;

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Shown::of(self);
        let last = match shown {
            Shown::Connections => "connections after it",
            Shown::Places => "state after it",
        };
        let heads = ["step", "thread", "operation", "result", last];
        let mut rows = vec![heads.map(String::from)];
        let steps = self.steps.iter().enumerate();
        rows.extend(steps.map(|(n, step)| row(shown, n, step, self.before(n))));
        let widths: [usize; 5] = std::array::from_fn(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        });
        for (line, row) in rows.iter().enumerate() {
            if self.repeats_from.is_some_and(|from| line == from + 1) {
                writeln!(f, "      these steps repeat for ever:")?;
            }
            let cells = row.iter().zip(widths);
            let line: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            writeln!(f, "{}", line.join("  ").trim_end())?;
        }
        if let Some(from) = self.repeats_from {
            writeln!(f, "      and so on, from step {} again", from + 1)?;
        }
        match &self.violation {
            Some(violation) => write!(f, "=> {}: {}", violation.property, violation.message),
            None => Ok(()),
        }
    }
}

/// What the last column shows.
#[derive(Clone, Copy)]
enum Shown {
    Connections,
    Places,
}

impl Shown {
    /// Connections where processes have any; a Xous kernel has places too, its queues, but no room for them here.
    fn of(recording: &Recording) -> Self {
        let has_map = recording.processes.iter().any(|process| process.slots > 0);
        match has_map || recording.before.places.is_empty() {
            true => Self::Connections,
            false => Self::Places,
        }
    }

    /// What a line says of a state.
    fn state(self, snapshot: &Snapshot) -> String {
        match self {
            Self::Connections => connections(snapshot.used()),
            Self::Places => places(&snapshot.places),
        }
    }
}

fn row(shown: Shown, n: usize, step: &Step, before: &Snapshot) -> [String; 5] {
    let mark = if step.preempts { ">" } else { " " };
    let after = shown.state(&step.after);
    let changed = if after == shown.state(before) {
        ""
    } else {
        " *"
    };
    [
        format!("{mark}{:>3}", n + 1),
        step.thread.clone(),
        step.operation.clone(),
        step.result.clone(),
        format!("{after}{changed}"),
    ]
}

/// Places that are not empty.
fn places(places: &[Place]) -> String {
    let full = places.iter().filter(|place| !place.lines.is_empty());
    let list: Vec<String> = full
        .map(|place| format!("{}: {}", place.name, place.lines.join(", ")))
        .collect();
    match list.is_empty() {
        true => "all empty".into(),
        false => list.join("; "),
    }
}

/// Slots in use; the process is named where there are several.
fn connections<'a>(slots: impl Iterator<Item = &'a Slot>) -> String {
    let slots: Vec<&Slot> = slots.collect();
    let several = slots.iter().any(|slot| slot.process != slots[0].process);
    let one = |slot: &&Slot| {
        let server = slot.server.as_deref().unwrap_or("tombstone");
        let process = if several {
            format!("{} ", slot.process)
        } else {
            String::new()
        };
        format!("{process}{}:{server}", slot.cid)
    };
    match slots.is_empty() {
        true => "none".into(),
        false => slots.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xous_sim_step::Choice;

    #[test]
    fn queues_of_a_kernel_do_not_hide_its_connections() {
        let mut recording = crate::example::race();
        recording.before.places.push(Place {
            name: "queue of log".into(),
            lines: vec!["1 queued".into()],
        });
        assert!(recording.to_string().contains("2:log *"));
    }

    #[test]
    fn a_line_shows_preemption_and_change() {
        let log = Slot::new("app", 2, Some("log"));
        let step = |thread: &str, preempts| {
            let mut step = Step::new(Choice::of(0), thread, "connect", "CID 2");
            step.preempts = preempts;
            step.after.connections.push(log.clone());
            step
        };
        let recording = Recording {
            steps: vec![step("a", false), step("b", true)],
            ..Recording::default()
        };
        let text = recording.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "   1  a       connect    CID 2   2:log *");
        assert_eq!(lines[2], ">  2  b       connect    CID 2   2:log");
        let looping = Recording {
            repeats_from: Some(1),
            ..recording
        };
        let text = looping.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "      these steps repeat for ever:");
        assert_eq!(lines[4], "      and so on, from step 2 again");
    }

    #[test]
    fn a_system_without_connections_shows_its_places() {
        let link = |messages: &[&str]| Snapshot {
            places: vec![Place {
                name: "A>B".into(),
                lines: messages.iter().map(|&message| message.into()).collect(),
            }],
            ..Snapshot::default()
        };
        let mut step = Step::new(Choice::of(0), "stream", "sends Call 0", "");
        step.after = link(&["Call 0"]);
        let recording = Recording {
            before: link(&[]),
            steps: vec![step],
            ..Recording::default()
        };
        let text = recording.to_string();
        assert!(text.contains("state after it") && text.ends_with("A>B: Call 0 *\n"));
    }
}
