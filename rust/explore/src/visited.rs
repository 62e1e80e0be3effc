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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// From which state.
    pub parent: StateNumber,
    /// By which choice.
    pub choice: Choice,
}

const CHUNK: usize = 1 << 14;

/// Visited states and the tree of first discoveries.
pub struct Visited {
    /// Dealt out by the lower bits of fingerprints, so that several threads can work on them; a power of two.
    sets: Vec<FingerprintSet>,
    arrivals: Vec<Vec<Arrival>>,
    len: u32,
}

impl Visited {
    /// Nothing is visited; so many threads at most will store states.
    pub fn new(workers: usize) -> Self {
        let sets = (0..workers.next_power_of_two()).map(|_| FingerprintSet::default());
        Self {
            sets: sets.collect(),
            arrivals: Vec::new(),
            len: 0,
        }
    }

    /// How many states are stored.
    pub fn len(&self) -> u64 {
        self.len.into()
    }

    /// Bytes held by the fingerprints and by the arrivals.
    pub fn stored_bytes(&self) -> u64 {
        let arrivals = self.arrivals.len() * CHUNK * size_of::<Arrival>();
        let fingerprints: usize = self.sets.iter().map(FingerprintSet::allocated).sum();
        (arrivals + fingerprints) as u64
    }

    /// Bytes that growing may need at once, soon; more than there are if there was no memory to grow.
    pub fn growth(&self) -> u64 {
        match self.sets.iter().any(|set| set.is_cramped) {
            true => u64::MAX,
            false => self.sets.iter().map(|set| set.growth() as u64).sum(),
        }
    }

    /// Forgets which states were visited, but not how they were reached: the search is over, and needs the memory.
    pub fn forget_fingerprints(&mut self) {
        self.sets.fill_with(FingerprintSet::default);
    }

    /// Loads what storing states with these fingerprints will need.
    pub fn touch(&self, fingerprints: impl Iterator<Item = u128>) {
        match &self.sets[..] {
            [only] => only.touch(fingerprints),
            sets => fingerprints.for_each(|f| sets[set_of(f, sets.len())].touch([f].into_iter())),
        }
    }

    /// Notes a state; whether it was not known. If so, it is to [arrive](Self::arrive) next.
    pub fn insert(&mut self, fingerprint: u128) -> bool {
        let set = set_of(fingerprint, self.sets.len());
        self.sets[set].insert(fingerprint)
    }

    /// The sets of fingerprints, on which several threads can work at once. What is added to them is to
    /// [arrive](Self::arrive_all).
    pub fn sets(&mut self) -> &mut [FingerprintSet] {
        &mut self.sets
    }

    /// Gives the state that was noted a number, and remembers how it was reached.
    pub fn arrive(&mut self, parent: StateNumber, choice: Choice) -> StateNumber {
        let number = self.len;
        self.len += 1;
        self.chunk_with_room().push(Arrival { parent, choice });
        number
    }

    /// The same for many.
    pub fn arrive_all(&mut self, mut arrivals: &[Arrival]) {
        self.len += arrivals.len() as u32;
        while !arrivals.is_empty() {
            let chunk = self.chunk_with_room();
            let (fitting, others) = arrivals.split_at(arrivals.len().min(CHUNK - chunk.len()));
            chunk.extend_from_slice(fitting);
            arrivals = others;
        }
    }

    /// How the states but the first were reached, in the order of their numbers.
    pub fn arrivals(&self) -> impl Iterator<Item = Arrival> + '_ {
        self.arrivals.iter().flatten().copied().skip(1)
    }

    fn chunk_with_room(&mut self) -> &mut Vec<Arrival> {
        if self
            .arrivals
            .last()
            .is_none_or(|chunk| chunk.len() == CHUNK)
        {
            self.arrivals.push(Vec::with_capacity(CHUNK));
        }
        self.arrivals.last_mut().expect("there is a chunk")
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

/// Which of so many sets, a power of two, a fingerprint belongs to.
pub fn set_of(fingerprint: u128, sets: usize) -> usize {
    fingerprint as usize & (sets - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_stored_once_and_remembers_how_it_was_first_reached() {
        let mut visited = Visited::new(1);
        assert!(visited.insert(10));
        assert_eq!(visited.arrive(0, Choice::of(0)), 0);
        assert!(visited.insert(11));
        assert_eq!(visited.arrive(0, Choice::of(3)), 1);
        assert!(visited.insert(12));
        assert_eq!(visited.arrive(1, Choice::of(4)), 2);
        assert!(!visited.insert(12));
        assert_eq!(visited.schedule_to(2).to_string(), "x1:3.4");
    }

    #[test]
    fn fingerprints_that_share_a_half_are_different_states() {
        let mut visited = Visited::new(1);
        visited.insert(1);
        assert!(visited.insert(1 | 1 << 64));
    }
}
