//! A map of few entries in one sorted vector: small to keep, quick to copy, and equal when its entries are.

/// Entries in the order of their keys, which are distinct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> SortedMap<K, V> {
        SortedMap(Vec::new())
    }
}

impl<K: Ord + Copy, V> SortedMap<K, V> {
    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.position(key).ok().map(|position| &self.0[position].1)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.position(key)
            .ok()
            .map(|position| &mut self.0[position].1)
    }

    pub(crate) fn contains(&self, key: K) -> bool {
        self.position(key).is_ok()
    }

    /// Inserts, or replaces.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.position(key) {
            Ok(position) => self.0[position].1 = value,
            Err(position) => self.0.insert(position, (key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        self.position(key)
            .ok()
            .map(|position| self.0.remove(position).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    fn position(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |(key, _)| *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_and_kept_in_order() {
        let mut map = SortedMap::default();
        for (key, value) in [(3, 'c'), (1, 'a'), (2, 'x'), (2, 'b')] {
            map.insert(key, value);
        }
        assert_eq!(
            map.iter().map(|(_, value)| *value).collect::<String>(),
            "abc"
        );
        assert_eq!((map.remove(2), map.remove(2)), (Some('b'), None));
        assert_eq!(
            (map.get(1), map.get(2), map.contains(3)),
            (Some(&'a'), None, true)
        );
    }
}
