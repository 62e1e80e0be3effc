//! Sets of events of one execution: what happened before an event, or what touched a place.

/// A set of events by their places in the execution, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSet {
    /// Few executions are longer than this.
    first: [u64; FIRST],
    /// Those of later events; empty as long as there is none.
    more: Box<[u64]>,
}

const FIRST: usize = 2;
const BITS: usize = u64::BITS as usize;

/// The last one of `bits` before `end`, which stand for events from `begin` on.
#[inline]
fn last_of(bits: u64, begin: usize, end: usize) -> Option<usize> {
    let bits = match end.saturating_sub(begin) {
        end if end < BITS => bits & ((1 << end) - 1),
        _ => bits,
    };
    (bits != 0).then(|| begin + bits.ilog2() as usize)
}

impl EventSet {
    /// Whether `event` is in the set.
    #[inline]
    pub fn contains(&self, event: usize) -> bool {
        let word = event / BITS;
        let bits = match self.first.get(word) {
            Some(&bits) => bits,
            None => self.more.get(word - FIRST).copied().unwrap_or(0),
        };
        bits >> (event % BITS) & 1 == 1
    }

    /// Adds an event.
    #[inline]
    pub fn add(&mut self, event: usize) {
        let word = event / BITS;
        let bits = match self.first.get_mut(word) {
            Some(bits) => bits,
            None => self.make_room(word - FIRST),
        };
        *bits |= 1 << (event % BITS);
    }

    /// The word of `more` with this number, which has a place from then on.
    #[cold]
    fn make_room(&mut self, word: usize) -> &mut u64 {
        if word >= self.more.len() {
            let mut more = std::mem::take(&mut self.more).into_vec();
            more.resize(word + 1, 0);
            self.more = more.into_boxed_slice();
        }
        &mut self.more[word]
    }

    /// Adds all events of another set.
    #[inline]
    pub fn add_all(&mut self, others: &Self) {
        let first = self.first.iter_mut().zip(&others.first);
        first.for_each(|(bits, others)| *bits |= others);
        if let Some(last) = others.more.len().checked_sub(1) {
            self.make_room(last);
            let more = self.more.iter_mut().zip(&others.more);
            more.for_each(|(bits, others)| *bits |= others);
        }
    }

    /// Removes an event.
    #[inline]
    pub fn remove(&mut self, event: usize) {
        let word = event / BITS;
        let bits = match self.first.get_mut(word) {
            Some(bits) => Some(bits),
            None => self.more.get_mut(word - FIRST),
        };
        bits.into_iter()
            .for_each(|bits| *bits &= !(1 << (event % BITS)));
    }

    /// Removes all events of another set.
    #[inline]
    pub fn remove_all(&mut self, others: &Self) {
        let first = self.first.iter_mut().zip(&others.first);
        let all = first.chain(self.more.iter_mut().zip(&others.more));
        all.for_each(|(bits, others)| *bits &= !others);
    }

    /// The last event before `end`.
    #[inline]
    pub fn last_before(&self, end: usize) -> Option<usize> {
        let last_in = |(word, &bits): (usize, &u64)| last_of(bits, word * BITS, end);
        let more = self.more.iter().enumerate().rev();
        let more = more.map(|(n, bits)| (n + FIRST, bits));
        let first = self.first.iter().enumerate().rev();
        more.chain(first).find_map(last_in)
    }

    /// The events before `end`, the last one first.
    #[inline]
    pub fn before(&self, end: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.last_before(end), |&event| self.last_before(event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set(events: &BTreeSet<usize>) -> EventSet {
        let mut set = EventSet::default();
        events.iter().for_each(|&event| set.add(event));
        set
    }

    proptest! {
        #[test]
        fn they_are_sets(
            some in prop::collection::btree_set(0..400usize, 0..40),
            others in prop::collection::btree_set(0..400usize, 0..40),
            event in 0..400usize,
            end in 0..500usize,
        ) {
            let (mut all, mut rest, mut less) = (set(&some), set(&some), set(&some));
            all.add_all(&set(&others));
            rest.remove_all(&set(&others));
            less.remove(event);
            for n in 0..500 {
                prop_assert_eq!(all.contains(n), some.contains(&n) || others.contains(&n));
                prop_assert_eq!(rest.contains(n), some.contains(&n) && !others.contains(&n));
                prop_assert_eq!(less.contains(n), some.contains(&n) && n != event);
            }
            prop_assert!(set(&some).before(end).eq(some.range(..end).rev().copied()));
        }
    }
}
