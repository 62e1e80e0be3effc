//! A set of 128-bit fingerprints: all that a search remembers of most states.
//!
//! Open addressing with linear probing (D. Knuth, TAOCP vol. 3, section 6.4) in one array of fingerprints. A fingerprint's
//! home is its upper half scaled to the array's length (D. Lemire, "Fast Random Integer Generation in an Interval",
//! 2019), so homes are in the order of fingerprints: growing by half walks both arrays from front to back. Searches spend
//! most of their time waiting for memory here, so [`FingerprintSet::touch`] lets them ask for several places at once.

/// The fingerprint that marks a free place; a state with this fingerprint is filed under the next one.
const FREE: u128 = 0;
const INITIAL: usize = 1 << 10;

/// A set of fingerprints.
pub struct FingerprintSet {
    places: Vec<u128>,
    len: usize,
}

impl Default for FingerprintSet {
    fn default() -> Self {
        Self {
            places: vec![FREE; INITIAL],
            len: 0,
        }
    }
}

impl FingerprintSet {
    /// Bytes that the set takes.
    pub fn allocated(&self) -> usize {
        self.places.capacity() * size_of::<u128>()
    }

    /// Loads the places where `fingerprints` will be looked for. The loads do not depend on each other, so the processor
    /// waits for all of them at once.
    pub fn touch(&self, fingerprints: impl Iterator<Item = u128>) {
        let places = fingerprints.map(|f| self.places[home(f, self.places.len())] as u64);
        std::hint::black_box(places.fold(0, u64::wrapping_add));
    }

    /// Adds a fingerprint; whether it is new.
    pub fn insert(&mut self, fingerprint: u128) -> bool {
        let fingerprint = fingerprint.max(FREE + 1);
        let new = put(&mut self.places, fingerprint);
        self.len += usize::from(new);
        if self.len * 5 > self.places.len() * 4 {
            self.grow();
        }
        new
    }

    fn grow(&mut self) {
        let mut larger = vec![FREE; self.places.len() + self.places.len() / 2];
        for &fingerprint in self.places.iter().filter(|&&f| f != FREE) {
            put(&mut larger, fingerprint);
        }
        self.places = larger;
    }
}

/// Where a fingerprint is first looked for.
fn home(fingerprint: u128, places: usize) -> usize {
    (((fingerprint >> 64) * places as u128) >> 64) as usize
}

/// Puts a fingerprint into the first free place from its home on, unless it is met on the way.
fn put(places: &mut [u128], fingerprint: u128) -> bool {
    let mut place = home(fingerprint, places.len());
    loop {
        let found = places[place];
        if found == FREE {
            places[place] = fingerprint;
            return true;
        }
        if found == fingerprint {
            return false;
        }
        place += 1;
        if place == places.len() {
            place = 0;
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
                let new = model.insert(fingerprint.max(1));
                prop_assert_eq!(set.insert(fingerprint), new);
            }
        }
    }
}
