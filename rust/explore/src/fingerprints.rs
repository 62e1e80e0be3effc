//! A set of 128-bit fingerprints: all that a search remembers of most states.
//!
//! Open addressing with linear probing in one array that is kept in order (O. Amble and D. Knuth, "Ordered hash tables",
//! The Computer Journal 17, 1974): whoever looks for a fingerprint stops at the first larger one. A fingerprint's home is
//! its upper half scaled to the number of homes (D. Lemire, "Fast Random Integer Generation in an Interval", 2019), so
//! homes have the order of fingerprints, and growing, by whatever factor, is a walk through the array. A small set doubles,
//! because that costs more than room; a large one grows by a quarter. It grows in place: a new array would be new memory,
//! which the system hands out slowly. Searches spend most of their time waiting for memory here, so
//! [`FingerprintSet::touch`] lets them ask for several places at once.

/// What is in a free place. What stands for a fingerprint is its complement, so free places come last in the order, and
/// memory that the system hands out, which is zero, is free. A state whose complement this is is filed under its neighbour.
const FREE: u128 = 0;
const INITIAL: usize = 1 << 10;
/// From so many homes on (one megabyte) the room that a set leaves free matters.
const LARGE: usize = 1 << 16;
/// Places behind the last home, for those whose homes are taken.
const SPILL: usize = 64;

/// A set of fingerprints, alone in two lines of the processor's cache, which it loads in pairs: a neighbour that is changed by
/// another thread slows it down.
#[repr(align(128))]
pub struct FingerprintSet {
    /// In order, but for the free places between them. The last one is free.
    places: Vec<u128>,
    /// Places where a fingerprint can be at home.
    homes: usize,
    len: usize,
    /// Whether there was no memory to grow. It takes more all the same, but slowly.
    pub is_cramped: bool,
}

impl Default for FingerprintSet {
    fn default() -> Self {
        Self::with_homes(INITIAL)
    }
}

impl FingerprintSet {
    fn with_homes(homes: usize) -> Self {
        Self {
            places: vec![FREE; homes + SPILL],
            homes,
            len: 0,
            is_cramped: false,
        }
    }

    /// Bytes that it needs at once to grow, if it is about to.
    pub fn growth(&self) -> usize {
        match self.len * 20 > self.homes * 15 {
            true => self.more() * size_of::<u128>(),
            false => 0,
        }
    }

    /// How many homes it grows by.
    fn more(&self) -> usize {
        match self.homes < LARGE {
            true => self.homes,
            false => self.homes / 4,
        }
    }

    /// Bytes that the set takes.
    pub fn allocated(&self) -> usize {
        self.places.capacity() * size_of::<u128>()
    }

    /// Loads the places where `fingerprints` will be looked for, and those a line of the processor's cache behind, where many
    /// are found. The loads do not depend on each other, so the processor waits for all of them at once.
    pub fn touch(&self, fingerprints: impl Iterator<Item = u128>) {
        const LINE: usize = 64 / size_of::<u128>();
        let homes = fingerprints.map(|fingerprint| self.home(fingerprint));
        let places = homes.flat_map(|home| [self.places[home], self.places[home + LINE]]);
        std::hint::black_box(places.fold(0, |sum, place| sum ^ place as u64));
    }

    /// Adds a fingerprint; whether it is new.
    pub fn insert(&mut self, fingerprint: u128) -> bool {
        let wanted = (!fingerprint).max(FREE + 1);
        let mut place = self.home(!wanted);
        while self.places[place] > wanted {
            place += 1;
        }
        if self.places[place] == wanted {
            return false;
        }
        self.put(place, wanted);
        if self.len * 20 > self.homes * 17 {
            self.grow();
        }
        true
    }

    /// Where a fingerprint is first looked for.
    fn home(&self, fingerprint: u128) -> usize {
        (((fingerprint >> 64) * self.homes as u128) >> 64) as usize
    }

    /// Puts what stands for a new fingerprint at its place in the order; those behind it move up to the next free place.
    fn put(&mut self, mut place: usize, mut moved: u128) {
        while moved != FREE {
            std::mem::swap(&mut self.places[place], &mut moved);
            place += 1;
        }
        self.keep_last_free(place - 1);
        self.len += 1;
    }

    /// Adds places if the last one is about to be taken.
    #[inline]
    fn keep_last_free(&mut self, taken: usize) {
        if taken + 1 == self.places.len() {
            self.add_places();
        }
    }

    #[cold]
    fn add_places(&mut self) {
        self.places.reserve_exact(SPILL);
        self.places.resize(self.places.len() + SPILL, FREE);
    }

    /// Makes room, in place: everything moves to the end and from there to its new place, in order. No place is behind where
    /// its fingerprint comes from, because with more homes nobody's home is closer to the end than before.
    fn grow(&mut self) {
        let more = self.more();
        self.is_cramped = self.places.try_reserve_exact(more).is_err();
        if self.is_cramped {
            return;
        }
        let before = self.places.len();
        self.homes += more;
        self.places.resize(before + more, FREE);
        let mut end = self.places.len();
        for place in (0..before).rev() {
            let taken = std::mem::replace(&mut self.places[place], FREE);
            self.places[end - 1] = taken;
            end -= usize::from(taken != FREE);
        }
        let mut next = 0;
        for place in end..self.places.len() {
            let taken = std::mem::replace(&mut self.places[place], FREE);
            next = self.home(!taken).max(next);
            self.places[next] = taken;
            next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(
            fingerprints in prop::collection::vec(
                prop_oneof![any::<u128>(), 0..50u128, (0..50u128).prop_map(|n| n << 64), u128::MAX - 50..],
                0..2_000,
            )
        ) {
            let mut set = FingerprintSet::default();
            let mut model = BTreeSet::new();
            for fingerprint in fingerprints {
                let new = model.insert(fingerprint.min(u128::MAX - 1));
                prop_assert_eq!(set.insert(fingerprint), new);
            }
            let stored = set.places.iter().filter(|&&place| place != FREE).map(|&taken| !taken);
            prop_assert_eq!(stored.collect::<Vec<_>>(), model.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(set.places.last(), Some(&FREE));
        }
    }
}
