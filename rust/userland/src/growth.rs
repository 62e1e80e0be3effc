//! Bytes that a table needs at once when it doubles. A search that asks before it goes on ends before they lack.

use hashbrown::{HashMap, HashTable};

/// A table that grows by doubling.
pub(crate) trait Grows {
    /// Bytes that it needs at once to grow, if it is about to.
    fn growth(&self) -> u64;
}

impl<T> Grows for Vec<T> {
    fn growth(&self) -> u64 {
        doubling(self.len(), self.capacity(), size_of::<T>())
    }
}

impl<T> Grows for HashTable<T> {
    fn growth(&self) -> u64 {
        doubling(self.len(), self.capacity(), size_of::<T>())
    }
}

impl<K, V, S> Grows for HashMap<K, V, S> {
    fn growth(&self) -> u64 {
        doubling(self.len(), self.capacity(), size_of::<(K, V)>())
    }
}

/// A hash table has an eighth more places than it says it has room for, and a byte for each.
fn doubling(len: usize, capacity: usize, size: usize) -> u64 {
    match len * 10 > capacity * 9 {
        true => (capacity * 2 * (size + 1)) as u64 / 7 * 8,
        false => 0,
    }
}
