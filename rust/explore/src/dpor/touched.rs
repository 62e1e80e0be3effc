//! Which events of an execution touched which place, so that those in conflict with a step are found without looking at all.

use super::event_set::EventSet;
use xous_sim_step::Footprint;

const BITS: usize = u64::BITS as usize;

/// A set of events for each place, in words as footprints have them.
type ByPlace<const W: usize> = [[EventSet; BITS]; W];

/// The events that wrote each place, and those that only read it.
pub struct Touched<const W: usize> {
    readers: ByPlace<W>,
    writers: ByPlace<W>,
}

fn nothing<const W: usize>() -> ByPlace<W> {
    std::array::from_fn(|_| std::array::from_fn(|_| EventSet::default()))
}

impl<const W: usize> Default for Touched<W> {
    fn default() -> Self {
        Self {
            readers: nothing(),
            writers: nothing(),
        }
    }
}

/// The bits that are set in each word: the word and the bit.
#[inline]
fn places<const W: usize>(words: [u64; W]) -> impl Iterator<Item = (usize, usize)> {
    (0..W).flat_map(move |word| bits(words[word]).map(move |bit| (word, bit)))
}

#[inline]
fn bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(bit)
    })
}

/// The places that a step reads and does not write.
#[inline]
fn only_read<const W: usize>(footprint: Footprint<W>) -> [u64; W] {
    let (reads, writes) = (footprint.reads(), footprint.writes());
    std::array::from_fn(|word| reads[word] & !writes[word])
}

/// The places that a step touches.
#[inline]
fn touched<const W: usize>(footprint: Footprint<W>) -> [u64; W] {
    let (reads, writes) = (footprint.reads(), footprint.writes());
    std::array::from_fn(|word| reads[word] | writes[word])
}

impl<const W: usize> Touched<W> {
    /// Notes what an event touches.
    pub fn add(&mut self, event: usize, footprint: Footprint<W>) {
        places(only_read(footprint)).for_each(|(word, bit)| self.readers[word][bit].add(event));
        places(footprint.writes()).for_each(|(word, bit)| self.writers[word][bit].add(event));
    }

    /// Forgets it.
    pub fn remove(&mut self, event: usize, footprint: Footprint<W>) {
        places(only_read(footprint)).for_each(|(word, bit)| self.readers[word][bit].remove(event));
        places(footprint.writes()).for_each(|(word, bit)| self.writers[word][bit].remove(event));
    }

    /// All events in [conflict](Footprint::conflicts) with a step.
    pub fn conflicting(&self, footprint: Footprint<W>) -> EventSet {
        let mut events = EventSet::default();
        for (word, bit) in places(touched(footprint)) {
            events.add_all(&self.writers[word][bit]);
        }
        for (word, bit) in places(footprint.writes()) {
            events.add_all(&self.readers[word][bit]);
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xous_sim_step::WIDE;

    fn footprint<const W: usize>((reads, writes): (Vec<usize>, Vec<usize>)) -> Footprint<W> {
        let read = |footprint: Footprint<W>, place| footprint.reading(place);
        let written = |footprint: Footprint<W>, place| footprint.writing(place);
        let footprint = reads.into_iter().fold(Footprint::NOTHING, read);
        writes.into_iter().fold(footprint, written)
    }

    fn footprints<const W: usize>() -> impl Strategy<Value = Footprint<W>> {
        let places = || prop::collection::vec((0..6usize).prop_map(|place| place * 70), 0..3);
        prop_oneof![
            9 => (places(), places()).prop_map(footprint),
            1 => Just(Footprint::EVERYTHING),
        ]
    }

    fn check<const W: usize>(
        events: &[Footprint<W>],
        stay: usize,
        step: Footprint<W>,
    ) -> Result<(), TestCaseError> {
        let mut touched = Touched::default();
        for (event, &footprint) in events.iter().enumerate() {
            touched.add(event, footprint);
        }
        for event in (stay..events.len()).rev() {
            touched.remove(event, events[event]);
        }
        let found = touched.conflicting(step);
        for (event, footprint) in events.iter().enumerate() {
            let expected = event < stay && footprint.conflicts(step);
            prop_assert_eq!(found.contains(event), expected, "{}", event);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn those_in_conflict_are_those_whose_footprints_are(
            narrow in prop::collection::vec(footprints::<1>(), 0..100),
            wide in prop::collection::vec(footprints::<WIDE>(), 0..100),
            stay in 0..100usize,
            step in footprints(),
            wide_step in footprints(),
        ) {
            check(&narrow, stay, step)?;
            check(&wide, stay, wide_step)?;
        }
    }
}
