//! A recording as text with a column for each thread: who does what beside whom, and below each step what it left.
//!
//! `>` marks a preemption, `!` a fault, `*` what a step has changed. Below a step stand the whole connection map, and of
//! everything else what has changed. Left out: process pages, for which the HTML rendering has room.

use crate::recording::{Recording, Step};
use crate::snapshot::Snapshot;
use crate::words;
use std::fmt::Write;

/// Columns before those of the threads: the mark and the step's number.
const MARGIN: usize = 6;
/// No thread's column is narrower.
const NARROWEST: usize = 12;

/// The text, in lines of about so many characters; many threads need more.
#[must_use]
pub fn columns(recording: &Recording, width: usize) -> String {
    let actors = recording.actors();
    let each = width.saturating_sub(MARGIN) / actors.len().max(1);
    let table = Table {
        actors: &actors,
        column: each.saturating_sub(2).max(NARROWEST),
        width: width.max(MARGIN + NARROWEST),
    };
    let mut text = heading(recording, width);
    table.names(&mut text);
    for (number, step) in recording.steps.iter().enumerate() {
        if recording.repeats_from == Some(number) {
            text.push_str("      these steps repeat for ever:\n");
        }
        table.step(&mut text, number, step, recording.before(number));
    }
    if let Some(from) = recording.repeats_from {
        let _ = writeln!(text, "      and so on, from step {} again", from + 1);
    }
    let ending = format!("=> {}", words::ending(recording));
    for line in words::wrap(&ending, width) {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn heading(recording: &Recording, width: usize) -> String {
    let mut text = String::new();
    if !recording.scenario.is_empty() {
        let summary = format!("{}: {}", recording.scenario, words::summary(recording));
        text += &(words::wrap(&summary, width).join("\n") + "\n");
    }
    if !recording.schedule.is_empty() {
        let _ = writeln!(text, "schedule {}", recording.schedule);
    }
    text.push('\n');
    text
}

/// How wide the columns are.
struct Table<'a> {
    actors: &'a [&'a str],
    column: usize,
    width: usize,
}

impl Table<'_> {
    fn names(&self, text: &mut String) {
        let names: Vec<Vec<String>> = self.actors.iter().map(|name| self.cell(name)).collect();
        self.rows(text, "  step", &names);
    }

    fn cell(&self, content: &str) -> Vec<String> {
        words::wrap(content, self.column)
    }

    fn step(&self, text: &mut String, number: usize, step: &Step, before: &Snapshot) {
        let mark = match (step.is_fault(), step.preempts) {
            (true, _) => '!',
            (false, true) => '>',
            (false, false) => ' ',
        };
        let did = |name: &&str| match *name == step.thread {
            true => self.cell(&format!("{} -> {}", step.operation, step.result)),
            false => Vec::new(),
        };
        let cells: Vec<Vec<String>> = self.actors.iter().map(did).collect();
        self.rows(text, &format!("{mark} {:>4}", number + 1), &cells);
        for line in left(step, before) {
            self.below(text, &line);
        }
    }

    /// Cells side by side, as many lines as the longest has.
    fn rows(&self, text: &mut String, margin: &str, cells: &[Vec<String>]) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..height {
            let mut line = format!("{:MARGIN$}", if row == 0 { margin } else { "" });
            for cell in cells {
                let content = cell.get(row).map_or("", String::as_str);
                let _ = write!(line, "  {content:0$}", self.column);
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }

    fn below(&self, text: &mut String, line: &str) {
        let room = self.width - MARGIN - 4;
        for (row, piece) in words::wrap(line, room).iter().enumerate() {
            let bar = if row == 0 { "| " } else { "|   " };
            let _ = writeln!(text, "{:MARGIN$}{bar}{piece}", "");
        }
    }
}

/// What there is to say of the state after a step.
fn left(step: &Step, before: &Snapshot) -> Vec<String> {
    let after = &step.after;
    let mark = |changed: bool| if changed { " *" } else { "" };
    let mut lines = Vec::new();
    if let Some(source) = &step.source {
        let text = source.text.as_deref().unwrap_or_default();
        lines.push(format!("{}:{} {text}", source.file, source.line));
    }
    for slot in &after.connections {
        let changed = mark(words::slot_changed(before, slot));
        lines.push(format!(
            "{} CID {}: {}{changed}",
            slot.process,
            slot.cid,
            words::slot(slot)
        ));
    }
    for slot in words::freed(before, after) {
        lines.push(format!("{} CID {}: free *", slot.process, slot.cid));
    }
    let objects = after.objects.iter();
    let changed = objects.filter(|object| words::object_changed(before, object));
    lines.extend(changed.map(|object| format!("{} = {} *", object.name, object.value)));
    let places = after.places.iter();
    let changed = places.filter(|place| words::place_changed(before, place));
    lines.extend(changed.map(|place| format!("{}: {} *", place.name, place.lines.join("; "))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::race;

    #[test]
    fn each_thread_has_its_column_and_the_map_stands_below() {
        let text = columns(&race(), 100);
        let lines: Vec<&str> = text.lines().collect();
        let at = |wanted: &str| {
            lines
                .iter()
                .position(|line| line.starts_with(wanted))
                .expect(wanted)
        };
        assert_eq!(
            lines[3],
            "  step  app/a                                          app/b"
        );
        assert_eq!(lines[at("     2")], "     2  connect to log -> CID 2");
        assert_eq!(
            lines[at("     2") + 2],
            "      | app CID 2: log, held by app/a *"
        );
        assert_eq!(lines[at(">    4")].find("REFCOUNT"), Some(55));
        assert_eq!(
            lines[at(">    6") + 2],
            "      | app CID 2: free, stale in app/b *"
        );
        assert!(text.ends_with(
            "=> severed: a send to log gets ServerNotFound (9) although the server lives\n"
        ));
    }

    #[test]
    fn a_narrow_terminal_breaks_lines_and_loses_nothing() {
        let text = columns(&race(), 40);
        assert!(text.contains("ServerNotFound"), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 40),
            "{text}"
        );
    }

    #[test]
    fn a_recording_without_anything_is_told_too() {
        assert_eq!(
            columns(&Recording::default(), 80),
            "\n=> no property is violated\n"
        );
    }
}
