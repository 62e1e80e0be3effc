//! Relations between at most 32 events, as rows of bits.

/// `self.0[a]` has bit `b` if `a` is related to `b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation(Vec<u32>);

impl Relation {
    pub fn empty(events: usize) -> Self {
        assert!(events <= 32, "rows have 32 bits");
        Self(vec![0; events])
    }

    /// The pairs that satisfy a condition.
    pub fn of(events: usize, related: impl Fn(usize, usize) -> bool) -> Self {
        let mut relation = Self::empty(events);
        for a in 0..events {
            for b in 0..events {
                if related(a, b) {
                    relation.add(a, b);
                }
            }
        }
        relation
    }

    pub fn identity(events: usize) -> Self {
        Self::of(events, |a, b| a == b)
    }

    pub fn add(&mut self, a: usize, b: usize) {
        self.0[a] |= 1 << b;
    }

    pub fn has(&self, a: usize, b: usize) -> bool {
        self.0[a] & 1 << b != 0
    }

    pub fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    pub fn maybe(&self) -> Self {
        self.or(&Self::identity(self.0.len()))
    }

    pub fn then(&self, other: &Self) -> Self {
        let row = |&row: &u32| {
            let targets = (0..other.0.len()).filter(|b| row & 1 << b != 0);
            targets.fold(0, |all, b| all | other.0[b])
        };
        Self(self.0.iter().map(row).collect())
    }

    pub fn inverse(&self) -> Self {
        Self::of(self.0.len(), |a, b| self.has(b, a))
    }

    pub fn only(&self, keep: impl Fn(usize, usize) -> bool) -> Self {
        Self::of(self.0.len(), |a, b| self.has(a, b) && keep(a, b))
    }

    pub fn closure(&self) -> Self {
        let mut closure = self.clone();
        loop {
            let longer = closure.or(&closure.then(&closure));
            if longer == closure {
                return closure;
            }
            closure = longer;
        }
    }

    pub fn is_irreflexive(&self) -> bool {
        (0..self.0.len()).all(|a| !self.has(a, a))
    }

    pub fn is_acyclic(&self) -> bool {
        self.closure().is_irreflexive()
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&row| row == 0)
    }
}
