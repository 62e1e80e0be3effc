//! A recording as a picture: time runs down, with a lane for each thread, one for the kernel, and the state beside them.
//!
//! Light or dark as the reader's system asks for. A system call reaches over to the kernel's lane; a dashed line is a
//! preemption. Left out: process pages and source lines.

mod canvas;

use crate::recording::{KERNEL, Recording, Step};
use crate::snapshot::{Slot, Snapshot};
use crate::words::{self, wrap};
use canvas::Canvas;

/// Pixels that the letters of a line of text take, and from one line to the next.
const LETTER: f64 = 7.25;
const LINE: usize = 16;
/// Pixels of the column of numbers, a thread's lane, the kernel's lane and the column of states.
const NUMBERS: usize = 46;
const LANE: usize = 250;
const KERNEL_LANE: usize = 90;
const STATE: usize = 390;
/// Pixels around what stands in a lane, and between two steps.
const PADDING: usize = 8;
const GAP: usize = 12;
/// Pixels of the line that says that a step preempts.
const PREEMPTS: usize = 22;
/// Pixels above the first step.
const HEAD: usize = 92;

/// The picture's text.
#[must_use]
pub fn svg(recording: &Recording) -> String {
    let mut picture = Picture::new(recording);
    let rows: Vec<Row> = (0..recording.steps.len())
        .map(|number| Row::new(recording, number))
        .collect();
    let heights: usize = rows.iter().map(Row::height).sum();
    picture.lanes(HEAD + heights + recording.preemptions() * PREEMPTS);
    for row in &rows {
        picture.row(row);
    }
    picture.finish()
}

/// What is drawn of a step.
struct Row<'a> {
    number: usize,
    step: &'a Step,
    did: Vec<String>,
    got: Vec<String>,
    /// Lines of the state, each with its class.
    state: Vec<(&'static str, String)>,
    /// Whether the violation is here.
    is_last: bool,
}

fn letters(pixels: usize) -> usize {
    (pixels as f64 / LETTER) as usize
}

impl<'a> Row<'a> {
    fn new(recording: &'a Recording, number: usize) -> Self {
        let step = &recording.steps[number];
        let room = letters(LANE - 4 * PADDING);
        Self {
            number,
            step,
            did: wrap(&step.operation, room),
            got: wrap(&format!("\u{2192} {}", step.result), room),
            state: state(recording.before(number), &step.after),
            is_last: recording.violation.is_some() && number + 1 == recording.steps.len(),
        }
    }

    fn box_height(&self) -> usize {
        (self.did.len() + self.got.len()) * LINE + PADDING
    }

    fn height(&self) -> usize {
        let state = self.state.len() * LINE;
        self.box_height().max(state) + GAP
    }
}

/// The lines of a state.
fn state(before: &Snapshot, after: &Snapshot) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let mut add = |class: &'static str, text: String| {
        let pieces = wrap(&text, letters(STATE - 2 * PADDING));
        lines.extend(pieces.into_iter().map(|piece| (class, piece)));
    };
    for slot in &after.connections {
        let mark = if words::slot_changed(before, slot) {
            " *"
        } else {
            ""
        };
        let text = format!(
            "{} CID {}: {}{mark}",
            slot.process,
            slot.cid,
            words::slot(slot)
        );
        add(class(slot), text);
    }
    for slot in words::freed(before, after) {
        add(
            "faint",
            format!("{} CID {}: free *", slot.process, slot.cid),
        );
    }
    for object in &after.objects {
        let changed = words::object_changed(before, object);
        let (class, mark) = if changed {
            ("changed", " *")
        } else {
            ("faint", "")
        };
        add(class, format!("{} = {}{mark}", object.name, object.value));
    }
    for place in &after.places {
        let changed = words::place_changed(before, place);
        let (class, mark) = if changed {
            ("changed", " *")
        } else {
            ("faint", "")
        };
        add(
            class,
            format!("{}: {}{mark}", place.name, place.lines.join("; ")),
        );
    }
    lines
}

fn class(slot: &Slot) -> &'static str {
    match (slot.stale.is_empty(), &slot.server) {
        (false, _) => "bad",
        (true, Some(_)) => "good",
        (true, None) => "warn",
    }
}

/// The picture as far as it is drawn.
struct Picture<'a> {
    recording: &'a Recording,
    actors: Vec<&'a str>,
    has_kernel: bool,
    canvas: Canvas,
    y: usize,
}

impl<'a> Picture<'a> {
    fn new(recording: &'a Recording) -> Self {
        let calls = |step: &Step| step.acts_on.as_deref() == Some(KERNEL);
        Self {
            recording,
            actors: recording.actors(),
            has_kernel: recording.steps.iter().any(calls),
            canvas: Canvas::default(),
            y: HEAD,
        }
    }

    fn lane(&self, number: usize) -> usize {
        NUMBERS + number * LANE
    }

    fn kernel_lane(&self) -> usize {
        self.lane(self.actors.len()) + KERNEL_LANE / 2
    }

    fn state_column(&self) -> usize {
        self.lane(self.actors.len()) + if self.has_kernel { KERNEL_LANE } else { 0 }
    }

    fn width(&self) -> usize {
        self.state_column() + STATE
    }

    /// Names, and the lines that the steps stand on.
    fn lanes(&mut self, bottom: usize) {
        let name = match self.recording.scenario.as_str() {
            "" => "trace",
            name => name,
        };
        self.canvas.text("title", (PADDING, 24), name);
        self.canvas
            .text("faint", (PADDING, 44), &words::summary(self.recording));
        for number in 0..self.actors.len() {
            let (x, name) = (self.lane(number), self.actors[number]);
            self.canvas.text("name", (x + PADDING, HEAD - 18), name);
            self.canvas
                .line("lane", (x + LANE / 2, HEAD - 8), (x + LANE / 2, bottom));
        }
        if self.has_kernel {
            let x = self.kernel_lane();
            self.canvas.text("name", (x - 24, HEAD - 18), KERNEL);
            self.canvas.line("lane", (x, HEAD - 8), (x, bottom));
        }
        self.canvas.text(
            "name",
            (self.state_column() + PADDING, HEAD - 18),
            "state after the step",
        );
    }

    fn row(&mut self, row: &Row<'_>) {
        if self.recording.repeats_from == Some(row.number) {
            self.canvas.text("warn", (0, self.y + 4), "repeats");
        }
        if row.step.preempts {
            self.preemption();
        }
        let base = self.y + LINE - 2;
        let number = (row.number + 1).to_string();
        self.canvas.text("faint", (PADDING, base), &number);
        self.step(row);
        for (line, (class, text)) in row.state.iter().enumerate() {
            let at = (self.state_column() + PADDING, base + line * LINE);
            self.canvas.text(class, at, text);
        }
        self.y += row.height();
    }

    /// A line across all lanes.
    fn preemption(&mut self) {
        let (y, right) = (self.y + 4, self.state_column());
        self.canvas.line("preempts", (NUMBERS, y), (right, y));
        self.canvas.text("warn", (NUMBERS + 2, y + 12), "preempts");
        self.y += PREEMPTS;
    }

    fn step(&mut self, row: &Row<'_>) {
        let actor = self.actors.iter().position(|name| *name == row.step.thread);
        let left = self.lane(actor.unwrap_or(0)) + PADDING;
        let (right, middle) = (left + LANE - 2 * PADDING, self.y + row.box_height() / 2);
        if row.step.acts_on.as_deref() == Some(KERNEL) {
            self.canvas
                .line("call", (right, middle), (self.kernel_lane(), middle));
            self.canvas.dot((self.kernel_lane(), middle));
        }
        let class = match (row.is_last, row.step.is_fault()) {
            (true, _) => "step last",
            (false, true) => "step fault",
            (false, false) => "step",
        };
        self.canvas
            .rounded(class, (left, self.y), (right - left, row.box_height()));
        let lines = row.did.iter().map(|text| ("", text));
        let lines = lines.chain(row.got.iter().map(|text| ("result", text)));
        for (line, (class, text)) in lines.enumerate() {
            let at = (left + PADDING, self.y + LINE - 2 + line * LINE);
            self.canvas.text(class, at, text);
        }
    }

    fn finish(mut self) -> String {
        let ending = words::ending(self.recording);
        let class = if self.recording.violation.is_some() {
            "bad name"
        } else {
            "good name"
        };
        let mut y = self.y + LINE;
        for line in wrap(&ending, letters(self.width() - 2 * PADDING)) {
            self.canvas.text(class, (PADDING, y), &line);
            y += LINE;
        }
        let size = (self.width(), y + PADDING);
        self.canvas.finish(
            size,
            &self.recording.scenario,
            &format!("{}; {ending}", words::summary(self.recording)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::race;

    #[test]
    fn every_step_is_a_box_and_every_system_call_reaches_the_kernel() {
        let text = svg(&race());
        assert_eq!(text.matches(r#"<rect class="step"#).count(), 7);
        assert_eq!(text.matches(r#"<line class="call""#).count(), 4);
        assert_eq!(text.matches(r#"<line class="preempts""#).count(), 2);
        assert_eq!(text.matches(r#"class="step last""#).count(), 1);
        assert!(text.contains("CID 2: free, stale in app/b *"));
    }

    #[test]
    fn names_cannot_become_markup() {
        let mut recording = race();
        recording.scenario = "<script>".into();
        recording.steps[0].operation = "</text><script>".into();
        assert!(!svg(&recording).contains("<script"));
    }

    #[test]
    fn an_empty_recording_is_a_picture_too() {
        assert!(svg(&Recording::default()).ends_with("</svg>\n"));
    }
}
