//! The store of visited states: a 128-bit fingerprint each, and how the search came there.
//!
//! How a state was reached is kept apart from the fingerprints, in chunks that growing never copies. Two different
//! states with one fingerprint would be taken for one; with `n` states the chance of any such pair is below
//! `n * n / 2^129`, 10^-24 for ten million.

use crate::fingerprints::FingerprintSet;
use xous_sim_step::{Choice, Schedule};

/// The number of a visited state, in the order of discovery.
pub type StateNumber = u32;

/// How a state was first reached.
#[derive(Clone, Copy)]
struct Arrival {
    parent: StateNumber,
    choice: Choice,
}

const CHUNK: usize = 1 << 14;

/// Visited states and the tree of first discoveries.
#[derive(Default)]
pub struct Visited {
    fingerprints: FingerprintSet,
    arrivals: Vec<Vec<Arrival>>,
    len: u32,
}

impl Visited {
    /// How many states are stored.
    pub fn len(&self) -> u64 {
        self.len.into()
    }

    /// Whether no further state can be numbered.
    pub fn is_full(&self) -> bool {
        self.len == StateNumber::MAX
    }

    /// Bytes held by the fingerprints and by the arrivals.
    pub fn stored_bytes(&self) -> u64 {
        let arrivals = self.arrivals.len() * CHUNK * size_of::<Arrival>();
        (arrivals + self.fingerprints.allocated()) as u64
    }

    /// Loads what storing states with these fingerprints will need.
    pub fn touch(&self, fingerprints: impl Iterator<Item = u128>) {
        self.fingerprints.touch(fingerprints);
    }

    /// Stores a state that is not stored yet and returns its number; `None` if it is known.
    pub fn insert(
        &mut self,
        fingerprint: u128,
        parent: StateNumber,
        choice: Choice,
    ) -> Option<StateNumber> {
        if !self.fingerprints.insert(fingerprint) {
            return None;
        }
        let number = self.len;
        self.len += 1;
        self.push(Arrival { parent, choice });
        Some(number)
    }

    fn push(&mut self, arrival: Arrival) {
        match self.arrivals.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(arrival),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(arrival);
                self.arrivals.push(chunk);
            }
        }
    }

    /// The choices along which `state` was first reached. State 0 is the initial one.
    pub fn schedule_to(&self, mut state: StateNumber) -> Schedule {
        let mut choices = Vec::new();
        while state != 0 {
            let arrival = self.arrivals[state as usize / CHUNK][state as usize % CHUNK];
            choices.push(arrival.choice);
            state = arrival.parent;
        }
        choices.reverse();
        Schedule(choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_stored_once_and_remembers_how_it_was_first_reached() {
        let mut visited = Visited::default();
        assert_eq!(visited.insert(10, 0, Choice::of(0)), Some(0));
        assert_eq!(visited.insert(11, 0, Choice::of(3)), Some(1));
        assert_eq!(visited.insert(12, 1, Choice::of(4)), Some(2));
        assert_eq!(visited.insert(12, 0, Choice::of(9)), None);
        assert_eq!(visited.schedule_to(2).to_string(), "x1:3.4");
    }

    #[test]
    fn fingerprints_that_share_a_half_are_different_states() {
        let mut visited = Visited::default();
        visited.insert(1, 0, Choice::of(0));
        assert!(visited.insert(1 | 1 << 64, 0, Choice::of(0)).is_some());
    }
}
