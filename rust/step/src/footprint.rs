//! Footprints: what a step reads and writes, so that searches can tell which steps commute.
//!
//! Two steps of different agents are independent if neither writes what the other reads or writes: then they lead to
//! the same state in either order, and neither enables, disables or changes the other (A. Mazurkiewicz, "Trace Theory",
//! 1987; P. Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter 3). A footprint
//! is two sets of places, a bit each. Two places that share a bit only make steps look dependent that are not, which costs
//! time and loses nothing. A footprint of one word tells 63 places apart, which is enough for most systems; a search of
//! one with more of them uses wider ones ([`WIDE`]).

/// What a step reads and writes, in so many words of 64 bits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Footprint<const W: usize = 1> {
    reads: [u64; W],
    writes: [u64; W],
}

/// Words of footprints for systems with many places.
pub const WIDE: usize = 8;

const BITS: usize = u64::BITS as usize;

impl<const W: usize> Default for Footprint<W> {
    fn default() -> Self {
        Self::NOTHING
    }
}

impl<const W: usize> Footprint<W> {
    /// Places that have a bit of their own; further ones share these. The last bit is that of everything that an observer
    /// sees of a state as a whole.
    pub const PLACES: usize = BITS * W - 1;
    /// Touches nothing.
    pub const NOTHING: Self = Self {
        reads: [0; W],
        writes: [0; W],
    };
    /// Conflicts with every step that touches anything.
    pub const EVERYTHING: Self = Self {
        reads: [u64::MAX; W],
        writes: [u64::MAX; W],
    };

    /// Adds a place that the step reads.
    #[must_use]
    #[inline]
    pub const fn reading(mut self, place: usize) -> Self {
        let place = place % Self::PLACES;
        self.reads[place / BITS] |= 1 << (place % BITS);
        self
    }

    /// Adds a place that the step writes.
    #[must_use]
    #[inline]
    pub const fn writing(mut self, place: usize) -> Self {
        let place = place % Self::PLACES;
        self.writes[place / BITS] |= 1 << (place % BITS);
        self
    }

    /// Adds what an observer of whole states sees: such steps never commute.
    #[must_use]
    pub const fn visible(mut self) -> Self {
        self.writes[W - 1] |= 1 << (BITS - 1);
        self
    }

    /// Everything is read: no step that writes commutes with this one.
    #[must_use]
    pub const fn reading_everything(self) -> Self {
        Self {
            reads: [u64::MAX; W],
            ..self
        }
    }

    /// What either of two steps touches.
    #[must_use]
    #[inline]
    pub fn union(mut self, other: Self) -> Self {
        for word in 0..W {
            self.reads[word] |= other.reads[word];
            self.writes[word] |= other.writes[word];
        }
        self
    }

    /// What is left without what another step writes.
    #[must_use]
    #[inline]
    pub fn outside_writes_of(mut self, other: Self) -> Self {
        for word in 0..W {
            self.reads[word] &= !other.writes[word];
            self.writes[word] &= !other.writes[word];
        }
        self
    }

    /// The places that are read, a bit each.
    #[must_use]
    pub const fn reads(self) -> [u64; W] {
        self.reads
    }

    /// The places that are written, likewise.
    #[must_use]
    pub const fn writes(self) -> [u64; W] {
        self.writes
    }

    /// Whether two steps of different agents may fail to commute.
    #[must_use]
    #[inline]
    pub fn conflicts(self, other: Self) -> bool {
        let conflict = |word: usize| {
            let (reads, writes) = (other.reads[word], other.writes[word]);
            self.writes[word] & (reads | writes) != 0 || self.reads[word] & writes != 0
        };
        (0..W).any(conflict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer<const W: usize>(place: usize) -> Footprint<W> {
        Footprint::NOTHING.writing(place)
    }

    fn reader<const W: usize>(place: usize) -> Footprint<W> {
        Footprint::NOTHING.reading(place)
    }

    #[test]
    fn readers_commute_and_a_writer_does_not() {
        let (reads, writes) = (reader::<1>(3), writer(3));
        assert!(!reads.conflicts(reads));
        assert!(reads.conflicts(writes) && writes.conflicts(reads) && writes.conflicts(writes));
        assert!(!writes.conflicts(writer(4)));
    }

    #[test]
    fn visible_steps_never_commute() {
        fn check<const W: usize>() {
            let a = writer::<W>(0).visible();
            let b = writer::<W>(1).visible();
            assert!(a.conflicts(b));
            assert!(!a.conflicts(writer(1)));
        }
        check::<1>();
        check::<WIDE>();
    }

    #[test]
    fn places_that_share_a_bit_conflict_and_wide_footprints_have_bits_for_more() {
        assert!(writer::<1>(Footprint::<1>::PLACES + 3).conflicts(reader(3)));
        let places = Footprint::<WIDE>::PLACES;
        for far in [Footprint::<1>::PLACES + 3, places - 1] {
            assert!(!writer::<WIDE>(far).conflicts(reader(3)));
            assert!(writer::<WIDE>(far).conflicts(reader(far)));
            assert!(writer::<WIDE>(far).conflicts(Footprint::EVERYTHING));
            assert_eq!(
                writer::<WIDE>(far).outside_writes_of(writer(far)),
                Footprint::NOTHING
            );
        }
        assert!(writer::<WIDE>(places + 3).conflicts(reader(3)));
    }
}
