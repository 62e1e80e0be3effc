//! A recording as plain text: a line a step, with the connections that hold after it.
//!
//! `>` marks a preemption: the thread of the line above could have gone on. `*` marks connections that a step changed.
//! Steps that repeat for ever stand between two lines that say so.

use crate::recording::{Connected, Recording, Step};
use std::fmt;

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = [
            "step",
            "thread",
            "operation",
            "result",
            "connections after it",
        ];
        let mut rows = vec![heads.map(String::from)];
        let steps = self.steps.iter().enumerate();
        rows.extend(steps.map(|(n, step)| row(n, step, self.before(n))));
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

fn row(n: usize, step: &Step, before: &[Connected]) -> [String; 5] {
    let mark = if step.preempts { ">" } else { " " };
    let changed = if step.connections == before { "" } else { " *" };
    [
        format!("{mark}{:>3}", n + 1),
        step.thread.clone(),
        step.operation.clone(),
        step.result.clone(),
        format!("{}{changed}", connections(&step.connections)),
    ]
}

fn connections(list: &[Connected]) -> String {
    if list.is_empty() {
        return "none".into();
    }
    let processes = list.iter().map(|c| &c.process);
    let several = processes
        .clone()
        .any(|name| Some(name) != list.first().map(|c| &c.process));
    let one = |c: &Connected| {
        let server = c.server.as_deref().unwrap_or("tombstone");
        let process = if several {
            format!("{} ", c.process)
        } else {
            String::new()
        };
        format!("{process}{}:{server}", c.cid)
    };
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use xous_sim_step::Choice;

    #[test]
    fn a_line_shows_preemption_and_change() {
        let step = |thread: &str, preempts, connections: &[Connected]| Step {
            choice: Choice::of(0),
            thread: thread.into(),
            operation: "connect".into(),
            result: "CID 2".into(),
            source: String::new(),
            preempts,
            connections: connections.to_vec(),
        };
        let log = Connected {
            process: "app".into(),
            cid: 2,
            server: Some("log".into()),
        };
        let recording = Recording {
            before: vec![],
            steps: vec![
                step("a", false, std::slice::from_ref(&log)),
                step("b", true, std::slice::from_ref(&log)),
            ],
            violation: None,
            repeats_from: None,
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
}
