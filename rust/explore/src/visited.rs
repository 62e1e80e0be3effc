//! The store of visited states: a 128-bit fingerprint each, and how the search came there.
//!
//! How a state was reached is kept apart from the fingerprints, in chunks that growing never copies. Two different
//! states with one fingerprint would be taken for one; with `n` states the chance of any such pair is below
//! `n * n / 2^129`, 10^-24 for ten million.

use crate::fingerprints::FingerprintSet;
use rayon::prelude::*;
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
    shards: Vec<FingerprintSet>,
    arrivals: Vec<Vec<Arrival>>,
    len: u32,
}

impl Visited {
    /// Nothing is visited; so many threads at most will store states.
    pub fn new(workers: usize) -> Self {
        let shards = (0..workers.next_power_of_two()).map(|_| FingerprintSet::default());
        Self {
            shards: shards.collect(),
            arrivals: Vec::new(),
            len: 0,
        }
    }

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
        let fingerprints: usize = self.shards.iter().map(FingerprintSet::allocated).sum();
        (arrivals + fingerprints) as u64
    }

    fn shard(&self, fingerprint: u128) -> usize {
        fingerprint as usize & (self.shards.len() - 1)
    }

    /// Loads what storing states with these fingerprints will need.
    pub fn touch(&self, fingerprints: impl Iterator<Item = u128>) {
        match &self.shards[..] {
            [only] => only.touch(fingerprints),
            shards => fingerprints.for_each(|f| shards[self.shard(f)].touch([f].into_iter())),
        }
    }

    /// Notes a state; whether it was not known. If so, it is to [arrive](Self::arrive) next.
    pub fn insert(&mut self, fingerprint: u128) -> bool {
        let shard = self.shard(fingerprint);
        self.shards[shard].insert(fingerprint)
    }

    /// Notes many states, by the threads of the pool that runs this: the places of those that were not known, in order.
    /// Each is to [arrive](Self::arrive).
    pub fn insert_all(&mut self, fingerprints: &[u128]) -> Vec<usize> {
        let mask = self.shards.len() - 1;
        let shards = self.shards.par_iter_mut().enumerate();
        let new: Vec<Vec<usize>> = shards
            .map(|(number, shard)| {
                let own = |&place: &usize| fingerprints[place] as usize & mask == number;
                let places: Vec<usize> = (0..fingerprints.len()).filter(own).collect();
                insert_places(shard, fingerprints, &places)
            })
            .collect();
        let mut new = new.concat();
        new.sort_unstable();
        new
    }

    /// Gives the state that was noted a number, and remembers how it was reached.
    pub fn arrive(&mut self, parent: StateNumber, choice: Choice) -> StateNumber {
        let number = self.len;
        self.len += 1;
        self.push(Arrival { parent, choice });
        number
    }

    /// How the states but the first were reached, in the order of their numbers.
    pub fn arrivals(&self) -> impl Iterator<Item = Arrival> + '_ {
        self.arrivals.iter().flatten().copied().skip(1)
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

/// Look-ups that wait for memory together.
const BATCH: usize = 64;

/// Notes some of the states in a shard; the places of those that were not known.
fn insert_places(
    shard: &mut FingerprintSet,
    fingerprints: &[u128],
    places: &[usize],
) -> Vec<usize> {
    let mut new = Vec::with_capacity(places.len());
    for batch in places.chunks(BATCH) {
        shard.touch(batch.iter().map(|&place| fingerprints[place]));
        new.extend(
            batch
                .iter()
                .filter(|&&place| shard.insert(fingerprints[place])),
        );
    }
    new
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

    #[test]
    fn many_states_are_noted_as_one_after_the_other() {
        let fingerprints: Vec<u128> = (0..1_000).map(|n| n * n % 701 + 1).collect();
        let mut one = Visited::new(1);
        let expected = (0..fingerprints.len()).filter(|&n| one.insert(fingerprints[n]));
        let expected: Vec<usize> = expected.collect();
        for workers in 1..5 {
            assert_eq!(Visited::new(workers).insert_all(&fingerprints), expected);
        }
    }
}
