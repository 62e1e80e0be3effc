//! The steps that were taken before: what the inner loop of every search looks up.
//!
//! Local states and objects are numbered in the order in which they are met, so almost all look-ups are of small numbers.
//! Those are kept in rows, one for each local state, with an outcome for each object: finding one is two loads. Rows are
//! wasteful where most local states never meet most objects. So there are only so many, and what has no place in them
//! is in a hash table.

use crate::growth::Grows;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

/// What a look-up of a step yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The object's number after the step, or [`DISABLED`].
    pub object: u32,
    /// The thread's number after the step.
    pub local: u32,
    /// Number of the further effects, 0 for none.
    pub effects: u32,
}

/// The operation cannot happen in this state of its object.
pub(crate) const DISABLED: u32 = u32::MAX;

/// What a step depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StepKey {
    /// The thread's local state.
    pub local: u32,
    /// Its object, or what is picked.
    pub object: u32,
    /// Who performs it, where that matters.
    pub who: Who,
}

/// A thread, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who(usize);

impl Who {
    /// It does not matter who.
    pub const ANYBODY: Self = Self(0);

    /// A thread, by its number.
    pub fn thread(n: usize) -> Self {
        Self(n + 1)
    }
}

/// Outcomes that there are places for in rows, at most: twelve megabytes.
const ROOM: usize = 1 << 20;
/// Local states that have a row, at most.
const ROWS: usize = 1 << 16;
/// A place in a row of which nothing is known.
const EMPTY: Outcome = Outcome {
    object: u32::MAX,
    local: u32::MAX,
    effects: u32::MAX,
};

/// The outcomes of steps: a table for each [`Who`].
pub(crate) struct Memo {
    tables: Vec<Table>,
    /// Outcomes for which there may yet be places in rows.
    room: usize,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            tables: Vec::new(),
            room: ROOM,
        }
    }
}

#[derive(Default)]
struct Table {
    /// By local state, then by object.
    rows: Vec<Vec<Outcome>>,
    /// What has no place there. Local state and object are one number, because comparing one is quicker.
    others: HashMap<u64, Outcome, FxBuildHasher>,
}

impl Grows for Memo {
    fn growth(&self) -> u64 {
        self.tables.iter().map(|table| table.others.growth()).sum()
    }
}

impl Memo {
    /// The outcome of a step, if it was taken before.
    #[inline(always)]
    pub fn get(&self, key: StepKey) -> Option<&Outcome> {
        let table = self.tables.get(key.who.0)?;
        let row = table.rows.get(key.local as usize);
        match row.and_then(|row| row.get(key.object as usize)) {
            Some(outcome) if outcome.local != EMPTY.local => Some(outcome),
            _ => table.find(key),
        }
    }

    /// Remembers a step.
    pub fn insert(&mut self, key: StepKey, outcome: Outcome) {
        let Who(who) = key.who;
        if who >= self.tables.len() {
            self.tables.resize_with(who + 1, Table::default);
        }
        let (local, object) = (key.local as usize, key.object as usize);
        let table = &mut self.tables[who];
        let row = table.rows.get(local).map_or(0, Vec::len);
        let more = (object + 1).saturating_sub(row);
        if more > self.room || local >= ROWS {
            table.others.insert(pair(key), outcome);
            return;
        }
        self.room -= more;
        if local >= table.rows.len() {
            table.rows.resize_with(local + 1, Vec::new);
        }
        let row = &mut table.rows[local];
        row.resize(row.len() + more, EMPTY);
        row[object] = outcome;
    }

    /// Forgets all steps.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Table {
    #[cold]
    fn find(&self, key: StepKey) -> Option<&Outcome> {
        self.others.get(&pair(key))
    }
}

fn pair(key: StepKey) -> u64 {
    u64::from(key.local) << 32 | u64::from(key.object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Draws numbers that are mostly small (a linear congruential generator, with D. Knuth's constants).
    fn draws() -> impl FnMut() -> u32 {
        let mut state = 482_u64;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005);
            state = state.wrapping_add(1_442_695_040_888_963_407);
            let drawn = (state >> 33) as u32;
            match drawn % 16 {
                0 => drawn,
                _ => drawn % 24,
            }
        }
    }

    #[test]
    fn it_is_a_map_however_little_room_there_is() {
        for room in [0, 10, 200, ROOM] {
            let mut memo = Memo {
                room,
                ..Memo::default()
            };
            let (mut model, mut draw) = (BTreeMap::new(), draws());
            for _ in 0..5_000 {
                let (who, local, object) = (draw() as usize % 4, draw(), draw());
                let key = StepKey {
                    local,
                    object,
                    who: Who(who),
                };
                let known = model.get(&(who, local, object)).copied();
                assert_eq!(memo.get(key).copied(), known, "{key:?}");
                let outcome = Outcome {
                    object: draw(),
                    local: draw(),
                    effects: draw(),
                };
                model.insert((who, local, object), known.unwrap_or(outcome));
                memo.insert(key, known.unwrap_or(outcome));
            }
        }
    }
}
