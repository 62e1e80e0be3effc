//! Views: how much of the memory somebody knows.

use crate::race::PlainAccess;
use std::collections::BTreeSet;

/// A place in the modification order of a location, counted from the oldest store that is kept.
pub(crate) type Timestamp = u32;

/// For each location a place in its modification order: nothing older may be read, nothing be stored before it.
pub(crate) type Horizon = Vec<Timestamp>;

/// What happened before some point of an execution, as far as anybody may still have to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct View {
    /// The last store to each location that was seen.
    pub seen: Horizon,
    /// The accesses to plain variables that happened before. Only those that somebody does not know are listed.
    pub known: BTreeSet<PlainAccess>,
}

impl View {
    /// Nothing is known.
    pub fn bottom(locations: usize) -> Self {
        Self {
            seen: vec![0; locations],
            known: BTreeSet::new(),
        }
    }

    /// Takes in what another view knows.
    pub fn join(&mut self, other: &Self) {
        advance(&mut self.seen, &other.seen);
        self.known.extend(&other.known);
    }

    /// Whether there is nothing in it that is not true everywhere.
    pub fn is_bottom(&self) -> bool {
        self.known.is_empty() && self.seen.iter().all(|&at| at == 0)
    }
}

/// Moves a horizon to wherever another one is further.
pub(crate) fn advance(horizon: &mut Horizon, other: &Horizon) {
    for (at, &further) in horizon.iter_mut().zip(other) {
        *at = (*at).max(further);
    }
}
