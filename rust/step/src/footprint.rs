//! Footprints: what a step reads and writes, so that searches can tell which steps commute.
//!
//! Two steps of different agents are independent if neither writes what the other reads or writes: then they lead to
//! the same state in either order, and neither enables, disables or changes the other (A. Mazurkiewicz, "Trace Theory",
//! 1987; P. Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter 3). A footprint
//! is two sets of places. They are kept as 64-bit masks: two places that share a bit only make steps look dependent
//! that are not, which costs time and loses nothing.

/// What a step reads and writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Footprint {
    reads: u64,
    writes: u64,
}

/// Places that have a bit of their own; further ones share these.
const PLACES: usize = 63;
/// The bit of everything that an observer sees of a state as a whole.
const VISIBLE: u64 = 1 << PLACES;

impl Footprint {
    /// Touches nothing.
    pub const NOTHING: Self = Self {
        reads: 0,
        writes: 0,
    };
    /// Conflicts with every step that touches anything.
    pub const EVERYTHING: Self = Self {
        reads: u64::MAX,
        writes: u64::MAX,
    };

    /// Adds a place that the step reads.
    #[must_use]
    pub const fn reading(self, place: usize) -> Self {
        Self {
            reads: self.reads | 1 << (place % PLACES),
            ..self
        }
    }

    /// Adds a place that the step writes.
    #[must_use]
    pub const fn writing(self, place: usize) -> Self {
        Self {
            writes: self.writes | 1 << (place % PLACES),
            ..self
        }
    }

    /// Adds what an observer of whole states sees: such steps never commute.
    #[must_use]
    pub const fn visible(self) -> Self {
        Self {
            writes: self.writes | VISIBLE,
            ..self
        }
    }

    /// Everything is read: no step that writes commutes with this one.
    #[must_use]
    pub const fn reading_everything(self) -> Self {
        Self {
            reads: u64::MAX,
            ..self
        }
    }

    /// What either of two steps touches.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self {
            reads: self.reads | other.reads,
            writes: self.writes | other.writes,
        }
    }

    /// What is left without these places, a bit each.
    #[must_use]
    pub const fn outside(self, places: u64) -> Self {
        Self {
            reads: self.reads & !places,
            writes: self.writes & !places,
        }
    }

    /// The places that are read, a bit each.
    #[must_use]
    pub const fn reads(self) -> u64 {
        self.reads
    }

    /// The places that are written, likewise.
    #[must_use]
    pub const fn writes(self) -> u64 {
        self.writes
    }

    /// Whether two steps of different agents may fail to commute.
    #[must_use]
    pub const fn conflicts(self, other: Self) -> bool {
        self.writes & (other.reads | other.writes) != 0 || self.reads & other.writes != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_commute_and_a_writer_does_not() {
        let reader = Footprint::NOTHING.reading(3);
        let writer = Footprint::NOTHING.writing(3);
        assert!(!reader.conflicts(reader));
        assert!(reader.conflicts(writer) && writer.conflicts(reader) && writer.conflicts(writer));
        assert!(!writer.conflicts(Footprint::NOTHING.writing(4)));
    }

    #[test]
    fn visible_steps_never_commute() {
        let a = Footprint::NOTHING.writing(0).visible();
        let b = Footprint::NOTHING.writing(1).visible();
        assert!(a.conflicts(b));
        assert!(!a.conflicts(Footprint::NOTHING.writing(1)));
    }

    #[test]
    fn places_that_share_a_bit_conflict() {
        let far = Footprint::NOTHING.writing(PLACES + 3);
        assert!(far.conflicts(Footprint::NOTHING.reading(3)));
    }
}
