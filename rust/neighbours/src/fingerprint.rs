//! Fingerprints of states that are ordinary values: the XXH3 hash of what `derive(Hash)` feeds it.

use std::hash::Hash;
use xxhash_rust::xxh3::Xxh3Default;

/// The fingerprint of a state.
pub fn fingerprint(state: &impl Hash) -> u128 {
    let mut hasher = Xxh3Default::new();
    state.hash(&mut hasher);
    hasher.digest128()
}
