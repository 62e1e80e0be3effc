//! Text for renderings: breaking lines, and saying what is in a slot or what has changed.

use crate::recording::Recording;
use crate::snapshot::{ObjectState, Place, Slot, SlotState, Snapshot};

/// Breaks text into lines of so many characters at most, between words where it can; lines that fit stay as they are.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let lines = text
        .lines()
        .flat_map(|line| match line.chars().count() <= width {
            true => vec![line.into()],
            false => wrap_line(line, width),
        });
    let lines: Vec<String> = lines.collect();
    match lines.is_empty() {
        true => vec![String::new()],
        false => lines,
    }
}

fn wrap_line(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        let (used, more) = (line.chars().count(), word.chars().count());
        match used {
            0 => line.push_str(word),
            _ if used + 1 + more <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines.iter().flat_map(|line| cut(line, width)).collect()
}

/// Cuts a word that is too long, behind its last punctuation mark that fits.
fn cut(word: &str, width: usize) -> Vec<String> {
    let mut rest: Vec<char> = word.chars().collect();
    let mut pieces = Vec::new();
    while rest.len() > width.max(1) {
        let head = &rest[..width.max(1)];
        let mark = head.iter().rposition(|c| "/.,_-:(#".contains(*c));
        let end = mark.map_or(head.len(), |at| at + 1);
        pieces.push(rest.drain(..end).collect());
    }
    pieces.push(rest.into_iter().collect());
    pieces
}

/// What is in a slot, in words.
pub fn slot(slot: &Slot) -> String {
    let mut words = match (&slot.server, slot.state) {
        (Some(server), _) => server.clone(),
        (None, SlotState::Tombstone) => "tombstone".into(),
        (None, _) => "free".into(),
    };
    if slot.persistent {
        words += match slot.state {
            SlotState::Server => ", persistent",
            _ => ", was meant to stay",
        };
    }
    if !slot.holders.is_empty() {
        words += &format!(", held by {}", slot.holders.join(" and "));
    }
    if !slot.stale.is_empty() {
        words += &format!(", stale in {}", slot.stale.join(" and "));
    }
    words
}

/// Whether a slot was otherwise before.
pub fn slot_changed(before: &Snapshot, slot: &Slot) -> bool {
    !before.connections.contains(slot)
}

/// The slots that are free now and were not mentioned as such: process and CID.
pub fn freed<'a>(before: &'a Snapshot, after: &'a Snapshot) -> impl Iterator<Item = &'a Slot> {
    let same = |a: &Slot, b: &Slot| (&a.process, a.cid) == (&b.process, b.cid);
    let gone = move |slot: &&Slot| !after.connections.iter().any(|now| same(now, slot));
    before.connections.iter().filter(gone)
}

/// Whether an object held something else before, or was not there.
pub fn object_changed(before: &Snapshot, object: &ObjectState) -> bool {
    !before.objects.contains(object)
}

/// Whether something else was in a place before.
pub fn place_changed(before: &Snapshot, place: &Place) -> bool {
    !before.places.contains(place)
}

/// What comes of the execution, in a sentence.
pub fn ending(recording: &Recording) -> String {
    match &recording.violation {
        Some(violation) => format!("{}: {}", violation.property, violation.message),
        None => "no property is violated".into(),
    }
}

/// How long it is, and how it ran.
pub fn summary(recording: &Recording) -> String {
    let count = |n: usize, what: &str| match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    };
    let mut parts = vec![
        count(recording.steps.len(), "step"),
        count(recording.preemptions(), "preemption"),
    ];
    if let Some(kernel) = &recording.kernel {
        let (profile, slots, connect) = (&kernel.profile, kernel.slots, &kernel.connect);
        parts.push(format!(
            "{profile} kernel, {slots} slots, connect: {connect}"
        ));
        parts.push(format!("memory: {}", kernel.memory));
    }
    parts.join(", ")
}

/// Text in XML: `<`, `>`, `&` and quotes as entities; characters that XML cannot have are left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            '\u{FFFE}' | '\u{FFFF}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_word_is_lost(text in "[ a-z_.\n]{0,80}", width in 1_usize..30) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            let letters = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn escaped_text_has_no_markup(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        }
    }
}
