//! Sets of events of one execution: what happened before an event.

use smallvec::SmallVec;

/// A set of events by their places in the execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past(SmallVec<[u64; 2]>);

const BITS: usize = u64::BITS as usize;

impl Past {
    /// Whether `event` is in the set.
    pub fn contains(&self, event: usize) -> bool {
        let word = self.0.get(event / BITS);
        word.is_some_and(|word| word >> (event % BITS) & 1 == 1)
    }

    /// The latest event before `end` that is not in the set.
    pub fn last_missing(&self, end: usize) -> Option<usize> {
        let mut end = end;
        while end > 0 {
            let (word, bits) = ((end - 1) / BITS, (end - 1) % BITS + 1);
            let missing = !self.0.get(word).copied().unwrap_or(0) & (u64::MAX >> (BITS - bits));
            if missing != 0 {
                return Some(word * BITS + missing.ilog2() as usize);
            }
            end = word * BITS;
        }
        None
    }

    /// Adds `event` and everything that happened before it.
    pub fn add(&mut self, event: usize, before: &Self) {
        let words = before.0.len().max(event / BITS + 1);
        if self.0.len() < words {
            self.0.resize(words, 0);
        }
        for (word, other) in self.0.iter_mut().zip(&before.0) {
            *word |= other;
        }
        self.0[event / BITS] |= 1 << (event % BITS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_event_that_is_missing_is_the_latest_that_is_not_contained() {
        let mut past = Past::default();
        for event in [0, 1, 2, 62, 63, 64, 65, 127, 128, 130] {
            past.add(event, &Past::default());
        }
        for end in 0..300 {
            let expected = (0..end).rev().find(|&event| !past.contains(event));
            assert_eq!(past.last_missing(end), expected, "before {end}");
        }
    }

    #[test]
    fn what_happened_before_an_event_happened_before_its_successors() {
        let nothing = Past::default();
        let mut first = Past::default();
        first.add(3, &nothing);
        let mut second = Past::default();
        second.add(100, &first);
        assert!(second.contains(3) && second.contains(100));
        assert!(!second.contains(4) && !first.contains(100));
    }
}
