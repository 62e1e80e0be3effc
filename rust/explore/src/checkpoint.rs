//! Checkpoints: a breadth-first search that was interrupted, in a form that can be kept and taken up again.
//!
//! Kept is how each state was first reached, not the states: eight bytes for each. They are rebuilt by taking the same
//! choices again, one step a state, which is several times faster than searching. So a checkpoint does not depend on how
//! states are stored, and one that belongs to another model is noticed.

use crate::report::Counterexample;
use crate::visited::{Arrival, StateNumber};
use std::io::{self, Write};
use xous_sim_step::{Choice, Schedule};

/// An interrupted search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// How each state but the first was reached, in the order of discovery.
    pub arrivals: Vec<Arrival>,
    /// States that were expanded.
    pub expanded: u32,
    /// The last state of the level that was being expanded.
    pub level_end: StateNumber,
    /// Levels before it.
    pub depth: u64,
    /// Steps taken.
    pub transitions: u64,
    /// Whether reduction had left anything out.
    pub pruned: bool,
    /// Whether it may have relied on less than the model knew in the end, or knows when the search is taken up again.
    pub unsettled: bool,
    /// The counterexamples: schedule, property and subject.
    pub found: Vec<(String, String, String)>,
}

/// Where a long search is kept.
pub trait Keeper<E> {
    /// The checkpoint to go on from, if there is one.
    fn load(&mut self) -> Result<Option<Checkpoint>, E>;
    /// Whether it is time to keep the search.
    fn is_due(&self) -> bool;
    /// Keeps the search.
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), E>;
    /// The search is complete: nothing needs to be kept any more.
    fn finish(&mut self) -> Result<(), E>;
    /// What to fail with if the checkpoint does not belong to the model as it is known now; `None` to begin anew.
    fn refuse(&self) -> Option<E>;
}

/// What every checkpoint begins with.
const HEADER: &[u8] = b"xous_sim checkpoint 2\n";

impl Checkpoint {
    /// The checkpoint as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_to(&mut bytes).expect("a list takes all bytes");
        bytes
    }

    /// Writes these bytes, piece by piece: all at once they might not fit into memory.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(HEADER)?;
        let numbers = [
            self.expanded.into(),
            self.level_end.into(),
            self.depth,
            self.transitions,
            self.pruned.into(),
            self.unsettled.into(),
            self.found.len() as u64,
            self.arrivals.len() as u64,
        ];
        for number in numbers {
            out.write_all(&number.to_le_bytes())?;
        }
        for (schedule, property, subject) in &self.found {
            for text in [schedule, property, subject] {
                out.write_all(&(text.len() as u64).to_le_bytes())?;
                out.write_all(text.as_bytes())?;
            }
        }
        for arrival in &self.arrivals {
            out.write_all(&arrival.parent.to_le_bytes())?;
            out.write_all(&arrival.choice.agent.to_le_bytes())?;
            out.write_all(&arrival.choice.pick.to_le_bytes())?;
        }
        Ok(())
    }

    /// The checkpoint that these bytes are; `None` if they are none, or not all of one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes.strip_prefix(HEADER)?);
        let mut checkpoint = Self {
            expanded: rest.number()?.try_into().ok()?,
            level_end: rest.number()?.try_into().ok()?,
            depth: rest.number()?,
            transitions: rest.number()?,
            pruned: rest.number()? != 0,
            unsettled: rest.number()? != 0,
            ..Self::default()
        };
        let (found, arrivals) = (rest.number()?, rest.number()?);
        for _ in 0..found {
            let texts = (rest.text()?, rest.text()?, rest.text()?);
            checkpoint.found.push(texts);
        }
        for _ in 0..arrivals {
            checkpoint.arrivals.push(rest.arrival()?);
        }
        (rest.0.is_empty() && checkpoint.is_a_tree()).then_some(checkpoint)
    }

    /// Whether states were discovered breadth-first, each from one that was known.
    fn is_a_tree(&self) -> bool {
        let states = self.arrivals.len() as u64 + 1;
        let known = |(n, arrival): (usize, &Arrival)| arrival.parent as usize <= n;
        let in_order = self.arrivals.is_sorted_by_key(|arrival| arrival.parent);
        in_order
            && self.arrivals.iter().enumerate().all(known)
            && u64::from(self.expanded) <= states
            && u64::from(self.level_end) < states
            && self
                .arrivals
                .last()
                .is_none_or(|last| last.parent <= self.expanded)
    }

    /// Notes a counterexample.
    pub fn note(&mut self, counterexample: &Counterexample) {
        let violation = &counterexample.violation;
        self.found.push((
            counterexample.schedule.to_string(),
            violation.property.to_string(),
            violation.subject.clone(),
        ));
    }

    /// The schedules of the counterexamples, each with its property and subject; `None` if one is no schedule.
    #[must_use]
    pub fn schedules(&self) -> Option<Vec<(Schedule, &str, &str)>> {
        let mut schedules = Vec::new();
        for (line, property, subject) in &self.found {
            schedules.push((line.parse().ok()?, property.as_str(), subject.as_str()));
        }
        Some(schedules)
    }
}

/// The bytes that are not read yet.
struct Rest<'b>(&'b [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn arrival(&mut self) -> Option<Arrival> {
        Some(Arrival {
            parent: u32::from_le_bytes(self.take()?),
            choice: Choice {
                agent: u16::from_le_bytes(self.take()?),
                pick: u16::from_le_bytes(self.take()?),
            },
        })
    }
}
