//! A recording as a Mermaid sequence diagram, for books and for issues.
//!
//! Participants are threads, the kernel and the shared objects that steps act on; a step is a call and its answer.
//! Notes mark preemptions, changes of the connection map and the violation. Left out: pages and source lines.

use crate::recording::{Recording, Step};
use crate::snapshot::Snapshot;
use crate::words;
use std::fmt::Write;

/// The diagram's text.
#[must_use]
pub fn mermaid(recording: &Recording) -> String {
    let participants = Participants::of(recording);
    let mut text = String::from("sequenceDiagram\n");
    participants.declare(&mut text);
    for (number, step) in recording.steps.iter().enumerate() {
        if recording.repeats_from == Some(number) {
            text.push_str("    loop for ever\n");
        }
        participants.step(&mut text, step, recording.before(number));
    }
    if recording.repeats_from.is_some() {
        text.push_str("    end\n");
    }
    participants.note_over_all(&mut text, &words::ending(recording));
    text
}

/// Threads, then what they act on.
struct Participants<'a> {
    threads: Vec<&'a str>,
    targets: Vec<&'a str>,
}

impl<'a> Participants<'a> {
    fn of(recording: &'a Recording) -> Self {
        let mut targets: Vec<&str> = Vec::new();
        for target in recording
            .steps
            .iter()
            .filter_map(|step| step.acts_on.as_deref())
        {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        Self {
            threads: recording.actors(),
            targets,
        }
    }

    fn declare(&self, text: &mut String) {
        for (number, name) in self.threads.iter().enumerate() {
            let _ = writeln!(text, "    participant T{number} as {}", escape(name));
        }
        for (number, name) in self.targets.iter().enumerate() {
            let _ = writeln!(text, "    participant O{number} as {}", escape(name));
        }
    }

    fn thread(&self, name: &str) -> String {
        let place = self.threads.iter().position(|thread| *thread == name);
        format!("T{}", place.unwrap_or(0))
    }

    fn target(&self, step: &Step) -> Option<String> {
        let wanted = step.acts_on.as_deref()?;
        let place = self.targets.iter().position(|target| *target == wanted);
        place.map(|number| format!("O{number}"))
    }

    fn step(&self, text: &mut String, step: &Step, before: &Snapshot) {
        let thread = self.thread(&step.thread);
        if step.preempts {
            let _ = writeln!(text, "    Note over {thread}: preempts");
        }
        let (operation, result) = (escape(&step.operation), escape(&step.result));
        match self.target(step) {
            Some(target) => {
                let _ = writeln!(text, "    {thread}->>{target}: {operation}");
                let _ = writeln!(text, "    {target}-->>{thread}: {result}");
            }
            None => {
                let _ = writeln!(text, "    Note over {thread}: {operation}<br/>{result}");
            }
        }
        if let (Some(target), Some(map)) = (self.target(step), new_map(before, &step.after)) {
            let _ = writeln!(text, "    Note over {target}: {}", escape(&map));
        }
    }

    fn note_over_all(&self, text: &mut String, note: &str) {
        let last = match (self.threads.len(), self.targets.len()) {
            (0, _) => return,
            (threads, 0) => format!("T{}", threads - 1),
            (_, targets) => format!("O{}", targets - 1),
        };
        let over = if last == "T0" {
            last
        } else {
            format!("T0,{last}")
        };
        let _ = writeln!(text, "    Note over {over}: {}", escape(note));
    }
}

/// The connection map after a step that has changed it.
fn new_map(before: &Snapshot, after: &Snapshot) -> Option<String> {
    let list = |state: &Snapshot| {
        let slots = state.used();
        let server = |slot: &crate::Slot| slot.server.clone().unwrap_or_else(|| "tombstone".into());
        let slots: Vec<String> = slots
            .map(|slot| format!("{} CID {} is {}", slot.process, slot.cid, server(slot)))
            .collect();
        match slots.is_empty() {
            true => "no connection".into(),
            false => slots.join(", "),
        }
    };
    Some(list(after)).filter(|now| *now != list(before))
}

/// Characters that mean something to Mermaid as entities.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.trim().chars() {
        match character {
            '#' | ';' | '<' | '>' | '&' | '"' | '{' | '}' | '%' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            c if c.is_whitespace() || c.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    match escaped.is_empty() {
        true => "-".into(),
        false => escaped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::race;
    use crate::recording::KERNEL;

    #[test]
    fn a_step_is_a_call_and_its_answer() {
        let text = mermaid(&race());
        let expected = [
            "    participant T0 as app/a",
            "    participant O1 as kernel",
            "    T0->>O1: connect to log",
            "    O1-->>T0: CID 2",
            "    Note over O1: app CID 2 is log",
            "    Note over T1: preempts",
        ];
        for line in expected {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        assert!(text.ends_with(
            "severed: a send to log gets ServerNotFound (9) although the server lives\n"
        ));
        assert!(text.contains(&format!(" as {KERNEL}\n")));
    }

    #[test]
    fn no_name_can_end_a_line_or_begin_markup() {
        assert_eq!(escape(" a;b\n#<c> "), "a#59;b #35;#60;c#62;");
        assert_eq!(escape(""), "-");
    }
}
