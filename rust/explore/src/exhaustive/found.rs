//! What is reached from a share of a block: successors by their fingerprints, and how each can be reached again.

use super::persistent::Persistent;
use super::search::Successor;
use crate::fingerprints::FingerprintSet;
use crate::report::Counterexample;
use crate::visited::{Arrival, StateNumber, set_of};
use fixedbitset::FixedBitSet;
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

/// What is reached from the states of a share, by steps of this kind. It is used again for other shares: new memory is slow,
/// and threads that ask for some wait for each other.
pub struct Found<S, T, const W: usize> {
    reached: Vec<Reached<T>>,
    /// Theirs.
    fingerprints: Vec<u128>,
    /// The same for each of several sets, or where the order is another one; nothing if all are to be looked up in one set
    /// and as they come.
    dealt: Vec<Dealt>,
    /// What those lead to that only the model itself could expand.
    late: Vec<S>,
    /// How those were reached that were not known.
    pub arrivals: Vec<Arrival>,
    /// States that only the model itself can expand, in order.
    pub unknown: Vec<u32>,
    /// How many states of the share were looked at.
    pub done: usize,
    /// Whether any choice was left out.
    pub pruned: bool,
    /// Scratch space.
    pub choices: Vec<(Choice, Option<T>)>,
    /// Scratch space.
    pub persistent: Persistent<W>,
}

/// Adds fingerprints to a set. The places of those that it had not are added to `new`; they are told by the numbers of the
/// fingerprints in the list.
fn look_up(
    fingerprints: &[u128],
    place: impl Fn(usize) -> u32,
    set: &mut FingerprintSet,
    new: &mut FixedBitSet,
) {
    for (n, batch) in fingerprints.chunks(BATCH).enumerate() {
        set.touch(batch.iter().copied());
        for (m, &fingerprint) in batch.iter().enumerate() {
            if set.insert(fingerprint) {
                new.insert(place(n * BATCH + m) as usize);
            }
        }
    }
}

/// Where a successor stands among all: by its parent first, because those that were reached late come last.
fn rank<T>(reached: &[Reached<T>], place: u32) -> (u32, u32) {
    (reached[place as usize].parent, place)
}

impl<S, T, const W: usize> Default for Found<S, T, W> {
    fn default() -> Self {
        Self {
            reached: Vec::new(),
            fingerprints: Vec::new(),
            dealt: Vec::new(),
            late: Vec::new(),
            arrivals: Vec::new(),
            unknown: Vec::new(),
            done: 0,
            pruned: false,
            choices: Vec::new(),
            persistent: Persistent::default(),
        }
    }
}

impl<S, T, const W: usize> Found<S, T, W> {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.truncate(0);
        self.clear_dealt();
        self.late.clear();
        self.unknown.clear();
        self.done = 0;
        self.pruned = false;
    }

    fn clear_dealt(&mut self) {
        for dealt in &mut self.dealt {
            dealt.fingerprints.clear();
            dealt.places.clear();
        }
    }

    /// Adds a successor.
    #[inline]
    fn add(&mut self, reached: Reached<T>, fingerprint: u128) {
        self.fingerprints.push(fingerprint);
        self.reached.push(reached);
    }

    /// Leaves out all successors but the first ones.
    pub fn truncate(&mut self, count: usize) {
        self.reached.truncate(count);
        self.fingerprints.truncate(count);
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

    /// Deals out to so many sets what is to be looked up in which. That is done at once, not successor by successor, because a
    /// processor must know where it writes before it can read on.
    pub fn deal(&mut self, sets: usize) {
        match sets {
            1 => self.dealt.clear(),
            _ => self.deal_out(0..self.reached.len() as u32, sets),
        }
    }

    /// The same if some successors were reached late or states at the end are left out: of equal states the first one is kept,
    /// so they are to be looked up in order.
    pub fn deal_in_order(&mut self, sets: usize) {
        let places = self.in_order(self.places());
        self.clear_dealt();
        self.deal_out(places.into_iter(), sets);
    }

    fn deal_out(&mut self, places: impl Iterator<Item = u32>, sets: usize) {
        self.dealt.resize_with(sets, Dealt::default);
        for place in places {
            let fingerprint = self.fingerprints[place as usize];
            let dealt = &mut self.dealt[set_of(fingerprint, sets)];
            dealt.fingerprints.push(fingerprint);
            dealt.places.push(place);
        }
    }

    /// The places of all successors of states that were expanded.
    fn places(&self) -> impl Iterator<Item = u32> {
        let places = 0..self.reached.len() as u32;
        places.filter(|&place| (self.reached[place as usize].parent as usize) < self.done)
    }

    /// How many successors were reached.
    pub fn count(&self) -> usize {
        self.reached.len()
    }

    /// How many of them by the model itself.
    pub fn late_count(&self) -> usize {
        self.late.len()
    }

    /// How many were reached by what is known, from states that were expanded.
    pub fn early_count(&self) -> usize {
        let early = &self.reached[..self.reached.len() - self.late.len()];
        early.partition_point(|reached| (reached.parent as usize) < self.done)
    }

    /// Adds the fingerprints that are for it to the set with this number; `new` becomes the places of those that it had not.
    pub fn look_up(&self, number: usize, set: &mut FingerprintSet, new: &mut FixedBitSet) {
        new.clear();
        new.grow(self.reached.len());
        match self.dealt.get(number) {
            Some(dealt) => look_up(&dealt.fingerprints, |n| dealt.places[n], set, new),
            None => look_up(&self.fingerprints, |n| n as u32, set, new),
        }
    }

    /// Some places in the order of the successors.
    pub fn in_order(&self, places: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut places: Vec<u32> = places.collect();
        places.sort_by_key(|&place| rank(&self.reached, place));
        places
    }

    /// The parent of the first successor that comes behind the one at this place, or of the first one of all.
    pub fn first_behind(&self, place: Option<u32>) -> Option<u32> {
        let rank = |place| rank(&self.reached, place);
        let begin = place.map(rank);
        let ranks = self.places().map(rank);
        let first = ranks
            .filter(|rank| begin.is_none_or(|begin| *rank > begin))
            .min();
        first.map(|(parent, _)| parent)
    }
}

impl<S: Clone, T: Copy, const W: usize> Found<S, T, W> {
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

    /// Reaches the `new` successors of the share's `states`, of which the first one has the number `start`, once more: to be
    /// kept in `again`.
    pub fn keep(
        &mut self,
        known: &impl Known<S, T>,
        (start, states): (StateNumber, &[S]),
        new: &FixedBitSet,
        again: &mut Vec<S>,
    ) {
        let count = new.count_ones(..);
        again.reserve(count);
        self.arrivals.clear();
        self.arrivals.reserve(count);
        let parents = (start, states);
        let places = new.ones().map(|place| place as u32);
        if self.late.is_empty() {
            self.keep_each(known, parents, places, again);
        } else {
            let places = self.in_order(places);
            self.keep_each(known, parents, places.into_iter(), again);
        }
    }

    fn keep_each(
        &mut self,
        known: &impl Known<S, T>,
        (start, states): (StateNumber, &[S]),
        places: impl Iterator<Item = u32>,
        again: &mut Vec<S>,
    ) {
        for place in places {
            let reached = &self.reached[place as usize];
            again.push(match reached.how {
                How::Late(place) => self.late[place as usize].clone(),
                How::Step(step) => {
                    let mut state = states[reached.parent as usize].clone();
                    let applied = known.apply(&mut state, reached.choice, step, &|_| true);
                    let kept = applied.and_then(|()| known.canonicalize(&mut state));
                    kept.expect("what was known stays known");
                    state
                }
            });
            self.arrivals.push(Arrival {
                parent: start + reached.parent,
                choice: reached.choice,
            });
        }
    }
}
