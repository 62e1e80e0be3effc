//! What is reached from a share of a block: successors by their fingerprints, and how each can be reached again.

use super::search::Successor;
use crate::fingerprints::FingerprintSet;
use crate::report::Counterexample;
use crate::visited::{Arrival, StateNumber, set_of};
use xous_sim_step::{Choice, Known, Violation};

/// Look-ups that wait for memory together.
const BATCH: usize = 64;

/// A successor.
struct Reached<T> {
    /// Its parent, in the share.
    parent: u32,
    choice: Choice,
    how: How<T>,
}

/// How a successor can be reached again.
enum How<T> {
    /// By this step.
    Step(T),
    /// It need not be: it was kept, at this place among those that were reached late.
    Late(u32),
}

/// What is to be looked up in one set: fingerprints, and the places of those who have them.
#[derive(Default)]
struct Dealt {
    fingerprints: Vec<u128>,
    places: Vec<u32>,
}

/// What is reached from the states of a share, by steps of this kind. It is used again for other shares, because new memory
/// is slow.
pub struct Found<S, T> {
    reached: Vec<Reached<T>>,
    /// Whose fingerprints are to be looked up, for each set.
    dealt: Vec<Dealt>,
    /// What those lead to that only the model itself could expand.
    late: Vec<S>,
    /// States that only the model itself can expand, in order.
    pub unknown: Vec<u32>,
    /// How many states of the share were looked at.
    pub done: usize,
    /// Whether any choice was left out.
    pub pruned: bool,
}

impl Dealt {
    /// Adds the fingerprints to the set; the places of those that it had not, in order.
    fn look_up(&self, set: &mut FingerprintSet) -> Vec<u32> {
        let mut new = Vec::with_capacity(self.places.len());
        let batches = self
            .fingerprints
            .chunks(BATCH)
            .zip(self.places.chunks(BATCH));
        for (fingerprints, places) in batches {
            set.touch(fingerprints.iter().copied());
            let is_new = |(&fingerprint, &place)| set.insert(fingerprint).then_some(place);
            new.extend(fingerprints.iter().zip(places).filter_map(is_new));
        }
        new
    }

    /// Leaves out those at `place` and behind it; they came last.
    fn truncate(&mut self, place: u32) {
        let stay = self.places.partition_point(|&other| other < place);
        self.places.truncate(stay);
        self.fingerprints.truncate(stay);
    }

    /// Leaves out some.
    fn retain(&mut self, stays: impl Fn(u32) -> bool) {
        let mut places = self.places.iter();
        self.fingerprints
            .retain(|_| places.next().is_some_and(|&place| stays(place)));
        self.places.retain(|&place| stays(place));
    }
}

/// Where a successor stands among all: by its parent first, because those that were reached late come last.
fn rank<T>(reached: &[Reached<T>], place: u32) -> (u32, u32) {
    (reached[place as usize].parent, place)
}

impl<S, T> Default for Found<S, T> {
    fn default() -> Self {
        Self {
            reached: Vec::new(),
            dealt: Vec::new(),
            late: Vec::new(),
            unknown: Vec::new(),
            done: 0,
            pruned: false,
        }
    }
}

impl<S, T> Found<S, T> {
    /// Forgets everything; what is found will be looked up in so many sets.
    pub fn clear(&mut self, sets: usize) {
        self.reached.clear();
        self.dealt.resize_with(sets, Dealt::default);
        for dealt in &mut self.dealt {
            dealt.truncate(0);
        }
        self.late.clear();
        self.unknown.clear();
        self.done = 0;
        self.pruned = false;
    }

    /// Adds a successor.
    #[inline]
    fn add(&mut self, reached: Reached<T>, fingerprint: u128) {
        let dealt = match &mut self.dealt[..] {
            [only] => only,
            several => &mut several[set_of(fingerprint, several.len())],
        };
        dealt.fingerprints.push(fingerprint);
        dealt.places.push(self.reached.len() as u32);
        self.reached.push(reached);
    }

    /// Leaves out all successors but the first ones.
    pub fn truncate(&mut self, count: usize) {
        self.reached.truncate(count);
        for dealt in &mut self.dealt {
            dealt.truncate(count as u32);
        }
    }

    /// Adds the successors of a state that was expanded late: behind all others, though their place is among them.
    pub fn add_late(&mut self, parent: u32, successors: impl Iterator<Item = Successor<S>>) {
        for successor in successors {
            let reached = Reached {
                parent,
                choice: successor.choice,
                how: How::Late(self.late.len() as u32),
            };
            self.add(reached, successor.fingerprint);
            self.late.push(successor.state);
        }
    }

    /// Leaves out what was reached from states behind one of them.
    pub fn cut_behind(&mut self, place: u32) {
        self.done = place as usize + 1;
        let reached = &self.reached;
        for dealt in &mut self.dealt {
            dealt.retain(|successor| reached[successor as usize].parent <= place);
        }
    }

    /// Lets everything be looked up in order: of equal states the first one is kept.
    pub fn put_late_in_order(&mut self) {
        if self.late.is_empty() {
            return;
        }
        let reached = &self.reached;
        for Dealt {
            fingerprints,
            places,
        } in &mut self.dealt
        {
            let mut both: Vec<_> = places.drain(..).zip(fingerprints.drain(..)).collect();
            both.sort_by_key(|&(place, _)| rank(reached, place));
            (*places, *fingerprints) = both.into_iter().unzip();
        }
    }

    /// How many successors were reached.
    pub fn count(&self) -> usize {
        self.reached.len()
    }

    /// How many of them by the model itself.
    pub fn late_count(&self) -> usize {
        self.late.len()
    }

    /// How many were reached by what is known, and are not left out.
    pub fn early_count(&self) -> usize {
        let dealt = self.dealt.iter().map(|dealt| dealt.places.len());
        dealt.sum::<usize>() - self.late.len()
    }

    /// Adds the fingerprints that were dealt to the set with this number; the places of those that it had not, in order.
    pub fn look_up(&self, number: usize, set: &mut FingerprintSet) -> Vec<u32> {
        self.dealt[number].look_up(set)
    }

    /// Sorts what one set after the other found. That is in order as far as it comes from one set, which this sort makes use
    /// of.
    pub fn put_in_order(&self, new: &mut [u32]) {
        let rank = |&place: &u32| rank(&self.reached, place);
        if !new.is_sorted_by_key(rank) {
            new.sort_by_key(rank);
        }
    }

    /// The parent of the first successor that comes behind the one at this place, or of the first one of all.
    pub fn first_behind(&self, place: Option<u32>) -> Option<u32> {
        let rank = |place| rank(&self.reached, place);
        let begin = place.map(rank);
        let places = self.dealt.iter().flat_map(|dealt| &dealt.places);
        let ranks = places.map(|&place| rank(place));
        let first = ranks
            .filter(|rank| begin.is_none_or(|begin| *rank > begin))
            .min();
        first.map(|(parent, _)| parent)
    }

    /// How some of the successors were reached, where the first state of the share has the number `start`.
    pub fn arrivals(&self, start: StateNumber, new: &[u32]) -> Vec<Arrival> {
        let arrival = |&place: &u32| {
            let reached = &self.reached[place as usize];
            Arrival {
                parent: start + reached.parent,
                choice: reached.choice,
            }
        };
        new.iter().map(arrival).collect()
    }
}

impl<S: Clone, T: Copy> Found<S, T> {
    /// Takes these choices of the state `parent`. A violation has to be told already; a search that stops at the first one has
    /// told none.
    #[inline]
    pub fn take_all(
        &mut self,
        known: &impl Known<S, T>,
        state: &S,
        parent: u32,
        choices: &[(Choice, Option<T>)],
        told: &[Counterexample],
    ) -> Option<()> {
        let is_told = |violation: &Violation| told.iter().any(|c| c.violation.is_like(violation));
        for &(choice, step) in choices {
            let step = match step {
                Some(step) => step,
                None => known.step(state, choice)?,
            };
            let mut state = state.clone();
            known.apply(&mut state, choice, step, &is_told)?;
            known.canonicalize(&mut state)?;
            let reached = Reached {
                parent,
                choice,
                how: How::Step(step),
            };
            self.add(reached, known.fingerprint(&state));
        }
        Some(())
    }

    /// Adds some of the successors of the share's `states` to `again`.
    pub fn reach_again(
        &self,
        known: &impl Known<S, T>,
        states: &[S],
        new: &[u32],
        again: &mut Vec<S>,
    ) {
        let reach = |&place: &u32| {
            let reached = &self.reached[place as usize];
            match reached.how {
                How::Late(place) => Some(self.late[place as usize].clone()),
                How::Step(step) => {
                    let mut state = states[reached.parent as usize].clone();
                    known.apply(&mut state, reached.choice, step, &|_| true)?;
                    known.canonicalize(&mut state)?;
                    Some(state)
                }
            }
        };
        let reached = new.iter().map(reach);
        again.extend(reached.map(|state| state.expect("what was known stays known")));
    }
}
