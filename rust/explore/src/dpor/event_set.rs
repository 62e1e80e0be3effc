//! Sets of events of one execution: what happened before an event, or what touched a place.

/// A set of events by their places in the execution. Few executions are longer than there are bits in a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSet {
    first: u128,
    /// Those of later events; empty as long as there is none.
    more: Box<[u128]>,
}

const BITS: usize = u128::BITS as usize;

/// Those of `bits` that are below `end`.
fn below(bits: u128, end: usize) -> u128 {
    match end < BITS {
        true => bits & !(u128::MAX << end),
        false => bits,
    }
}

impl EventSet {
    /// Whether `event` is in the set.
    #[inline]
    pub fn contains(&self, event: usize) -> bool {
        let bits = match event < BITS {
            true => self.first,
            false => self.more.get(event / BITS - 1).copied().unwrap_or(0),
        };
        bits >> (event % BITS) & 1 == 1
    }

    /// Adds an event.
    #[inline]
    pub fn add(&mut self, event: usize) {
        let bit = 1 << (event % BITS);
        match event < BITS {
            true => self.first |= bit,
            false => {
                let place = event / BITS - 1;
                self.make_room(place + 1);
                self.more[place] |= bit;
            }
        }
    }

    /// Makes `more` at least so long.
    #[cold]
    fn make_room(&mut self, length: usize) {
        if length > self.more.len() {
            let mut more = std::mem::take(&mut self.more).into_vec();
            more.resize(length, 0);
            self.more = more.into_boxed_slice();
        }
    }

    /// Adds all events of another set.
    #[inline]
    pub fn add_all(&mut self, others: &Self) {
        self.first |= others.first;
        if !others.more.is_empty() {
            self.make_room(others.more.len());
            let more = self.more.iter_mut().zip(&others.more);
            more.for_each(|(bits, others)| *bits |= others);
        }
    }

    /// Removes an event.
    #[inline]
    pub fn remove(&mut self, event: usize) {
        let bit = 1 << (event % BITS);
        match event < BITS {
            true => self.first &= !bit,
            false => {
                let bits = self.more.get_mut(event / BITS - 1);
                bits.into_iter().for_each(|bits| *bits &= !bit);
            }
        }
    }

    /// Removes all events of another set.
    #[inline]
    pub fn remove_all(&mut self, others: &Self) {
        self.first &= !others.first;
        let more = self.more.iter_mut().zip(&others.more);
        more.for_each(|(bits, others)| *bits &= !others);
    }

    /// The last event before `end`.
    #[inline]
    pub fn last_before(&self, end: usize) -> Option<usize> {
        for (n, &bits) in self.more.iter().enumerate().rev() {
            let begin = (n + 1) * BITS;
            let bits = below(bits, end.saturating_sub(begin));
            if bits != 0 {
                return Some(begin + bits.ilog2() as usize);
            }
        }
        let bits = below(self.first, end);
        (bits != 0).then(|| bits.ilog2() as usize)
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
