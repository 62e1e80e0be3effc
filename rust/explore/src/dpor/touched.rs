//! Which events of an execution touched which place, so that those in conflict with a step are found without looking at all.

use super::event_set::EventSet;
use xous_sim_step::Footprint;

/// Places as footprints tell them apart.
const PLACES: usize = u64::BITS as usize;

/// The events that wrote each place, and those that only read it.
pub struct Touched {
    readers: [EventSet; PLACES],
    writers: [EventSet; PLACES],
}

impl Default for Touched {
    fn default() -> Self {
        Self {
            readers: std::array::from_fn(|_| EventSet::default()),
            writers: std::array::from_fn(|_| EventSet::default()),
        }
    }
}

/// The places whose bits are set.
fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(place)
    })
}

impl Touched {
    /// Notes what an event touches.
    pub fn add(&mut self, event: usize, footprint: Footprint) {
        let writes = footprint.writes();
        places(footprint.reads() & !writes).for_each(|place| self.readers[place].add(event));
        places(writes).for_each(|place| self.writers[place].add(event));
    }

    /// Forgets it.
    pub fn remove(&mut self, event: usize, footprint: Footprint) {
        let writes = footprint.writes();
        places(footprint.reads() & !writes).for_each(|place| self.readers[place].remove(event));
        places(writes).for_each(|place| self.writers[place].remove(event));
    }

    /// All events in [conflict](Footprint::conflicts) with a step.
    pub fn conflicting(&self, footprint: Footprint) -> EventSet {
        let mut events = EventSet::default();
        for place in places(footprint.reads() | footprint.writes()) {
            events.add_all(&self.writers[place]);
        }
        for place in places(footprint.writes()) {
            events.add_all(&self.readers[place]);
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn footprint((reads, writes): (Vec<usize>, Vec<usize>)) -> Footprint {
        let read = |footprint: Footprint, place| footprint.reading(place);
        let written = |footprint: Footprint, place| footprint.writing(place);
        let footprint = reads.into_iter().fold(Footprint::NOTHING, read);
        writes.into_iter().fold(footprint, written)
    }

    fn footprints() -> impl Strategy<Value = Footprint> {
        let places = || prop::collection::vec(0..6usize, 0..3);
        prop_oneof![
            9 => (places(), places()).prop_map(footprint),
            1 => Just(Footprint::EVERYTHING),
        ]
    }

    proptest! {
        #[test]
        fn those_in_conflict_are_those_whose_footprints_are(
            events in prop::collection::vec(footprints(), 0..100),
            stay in 0..100usize,
            step in footprints(),
        ) {
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
        }
    }
}
