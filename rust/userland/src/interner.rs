//! Numbers for values that are compared and copied often: equal values get the same number.

use crate::growth::Grows;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::{BuildHasher, Hash};
use std::ops::Index;

/// A set of values, each known by the number of its first appearance.
pub struct Interner<T> {
    values: Vec<T>,
    table: HashTable<u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            table: HashTable::new(),
        }
    }
}

impl<T> Grows for Interner<T> {
    fn growth(&self) -> u64 {
        self.values.growth() + self.table.growth()
    }
}

impl<T: Eq + Hash> Interner<T> {
    /// The number of `value`, if it has one.
    pub fn find(&self, value: &T) -> Option<u32> {
        let same = |&n: &u32| self.values[n as usize] == *value;
        self.table
            .find(FxBuildHasher.hash_one(value), same)
            .copied()
    }

    /// The number of `value`.
    pub fn intern(&mut self, value: T) -> u32 {
        let hash = |v: &T| FxBuildHasher.hash_one(v);
        let values = &self.values;
        let same = |&n: &u32| values[n as usize] == value;
        if let Some(&number) = self.table.find(hash(&value), same) {
            return number;
        }
        let number = u32::try_from(values.len()).expect("memory ends before 2^32 values do");
        let rehash = |&n: &u32| hash(&values[n as usize]);
        self.table.insert_unique(hash(&value), number, rehash);
        self.values.push(value);
        number
    }
}

impl<T> Index<u32> for Interner<T> {
    type Output = T;

    fn index(&self, number: u32) -> &T {
        &self.values[number as usize]
    }
}
