//! Expanding many states at once, by one thread or several.
//!
//! The states of a block are dealt out in shares, and three times everybody works on them, each time with nothing to wait
//! for but the end of the others' work. First the successors of each share are reached, with what the model knows already;
//! all that is kept of one is its fingerprint and how it was reached. States that need more, or violate what has not been
//! told yet, are then expanded by the model itself. Second, the fingerprints are looked up, by each thread in a set of its
//! own: they are dealt out by their lower bits, so no two threads look for the same one. Third, the states that were not
//! known are reached once more, this time to stay. Shares, and what is in them, stay in the order in which one thread would
//! have come to it, so the answer does not depend on how many there were.
//!
//! Reaching a state twice is cheaper than carrying it about until it is known to be new, because few are.

use super::found::Found;
use super::persistent::Persistent;
use super::search::Search;
use super::team::Team;
use crate::report::Counterexample;
use crate::visited::StateNumber;
use fixedbitset::FixedBitSet;
use xous_sim_step::{Choice, Known, Model};

/// States of a block for each thread.
pub const PER_THREAD: usize = 1 << 12;
/// States of a share, at most.
const SHARE: usize = 1 << 9;
/// Shares for each thread at least, so that all are busy until the end, unless they become small.
const SHARES: usize = 8;
/// States of a share that are worth the effort.
const SMALL: usize = 1 << 6;
/// Successors after which a share is cut short, so that its memory is bounded.
const MOST: usize = 1 << 16;

/// A share, and what is reached from it.
struct Share<'b, S, T, const W: usize> {
    states: &'b [S],
    found: Found<S, T, W>,
}

type ShareOf<'b, M, const W: usize> = Share<'b, <M as Model>::State, <M as Model>::Step, W>;

/// How the expansion of a block went.
pub struct Expanded {
    /// States that were expanded, from the first on.
    pub states: usize,
    /// Whether the search is to stop.
    pub stopped: bool,
}

impl<M: Model, const W: usize> Search<'_, M, W> {
    /// Expands a block, whose first state has the number `first`, as far as can be; for a model of which something is known.
    pub(super) fn expand_block(
        &mut self,
        first: StateNumber,
        block: &[Vec<M::State>],
        team: &Team,
    ) -> Result<Expanded, M::Error> {
        let mut shares = self.look_ahead(block, team);
        let is_cut = |share: &ShareOf<'_, M, W>| share.found.done < share.states.len();
        let cut = shares.iter().position(is_cut);
        shares.truncate(cut.map_or(shares.len(), |cut| cut + 1));
        for share in &shares {
            self.pruned |= share.found.pruned;
        }
        let stopped = self.expand_late(first, &mut shares)?;
        let early = shares.iter().map(|share| share.found.early_count());
        self.transitions += early.sum::<usize>() as u64;
        let states = shares.iter().map(|share| share.found.done).sum();
        self.store_shares(first, &mut shares, team);
        let used = shares.into_iter().map(|share| share.found);
        self.spare.splice(..0, used);
        Ok(Expanded { states, stopped })
    }

    /// Reaches the successors of all states, as far as they are known.
    fn look_ahead<'b>(
        &mut self,
        block: &'b [Vec<M::State>],
        team: &Team,
    ) -> Vec<ShareOf<'b, M, W>> {
        let states: usize = block.iter().map(Vec::len).sum();
        let each = match team.size() {
            1 => SHARE,
            threads => (states / (threads * SHARES)).clamp(SMALL, SHARE),
        };
        let slices: Vec<_> = block.iter().flat_map(|chunk| chunk.chunks(each)).collect();
        let enough = self.spare.len().max(slices.len());
        self.spare.resize_with(enough, Found::default);
        let spare = self.spare.drain(..slices.len());
        let work: Vec<_> = slices.into_iter().zip(spare).collect();
        let known = self.model.known().expect("the model is made for it");
        let (reduction, told) = (self.plan.reduction, &self.counterexamples[..]);
        let sets = self.visited.sets().len();
        team.map(work, |(states, mut found)| {
            found.clear();
            let mut share = Share { states, found };
            share.look_ahead(&known, reduction, told);
            share.found.deal(sets);
            share
        })
    }

    /// Expands the states that only the model can. True if the search is to stop. That leaves the rest out, and so do very
    /// many successors, until the next block.
    fn expand_late(
        &mut self,
        first: StateNumber,
        shares: &mut Vec<ShareOf<'_, M, W>>,
    ) -> Result<bool, M::Error> {
        let mut before = first;
        for n in 0..shares.len() {
            let share = &mut shares[n];
            if !share.found.unknown.is_empty() {
                let cut = self.expand_late_of(before, share)?;
                share.found.deal_in_order(self.visited.sets().len());
                if let Some(stopped) = cut {
                    shares.truncate(n + 1);
                    return Ok(stopped);
                }
            }
            before += shares[n].states.len() as StateNumber;
        }
        Ok(false)
    }

    /// The same for a share, whose first state has the number `first`. If states of the share are left out, whether the search
    /// is to stop.
    fn expand_late_of(
        &mut self,
        first: StateNumber,
        share: &mut ShareOf<'_, M, W>,
    ) -> Result<Option<bool>, M::Error> {
        let Share { states, found } = share;
        for place in std::mem::take(&mut found.unknown) {
            let stopped = self.expand(first + place, &states[place as usize])?;
            found.add_late(place, self.batch.drain(..));
            if stopped || found.late_count() > MOST || self.plan.limits.is_late() {
                found.done = place as usize + 1;
                return Ok(Some(stopped));
            }
        }
        Ok(None)
    }

    /// Looks up what was reached, and keeps what is new.
    fn store_shares(&mut self, first: StateNumber, shares: &mut [ShareOf<'_, M, W>], team: &Team) {
        let mut new = self.look_up_shares(shares, team);
        let count = |new: &FixedBitSet| new.count_ones(..);
        if new[0][..shares.len()].iter().map(count).sum::<usize>() >= self.room() {
            self.keep_within_limit(first, shares, &mut new[0]);
        }
        let starts = shares.iter().scan(first, |next, share| {
            let start = *next;
            *next += share.states.len() as StateNumber;
            Some(start)
        });
        let starts: Vec<_> = starts.collect();
        let known = self.model.known().expect("it was known before");
        let places = shares.iter_mut().zip(starts).zip(&new[0]);
        let work: Vec<_> = places.zip(self.frontier.lists()).collect();
        let kept = team.map(work, |(((share, start), new), mut states)| {
            let parents = (start, share.states);
            share.found.keep(&known, parents, new, &mut states);
            states
        });
        drop(known);
        for (share, states) in shares.iter().zip(kept) {
            self.visited.arrive_all(&share.found.arrivals);
            self.frontier.append(states);
        }
        self.spare_places = new;
    }

    /// The places of the successors of each share that were not known: those that each set found, and before them all.
    fn look_up_shares(
        &mut self,
        shares: &[ShareOf<'_, M, W>],
        team: &Team,
    ) -> Vec<Vec<FixedBitSet>> {
        let mut spare = std::mem::take(&mut self.spare_places);
        spare.resize_with(self.visited.sets().len(), Vec::new);
        let sets = self.visited.sets().iter_mut().zip(spare).enumerate();
        let mut new = team.map(sets.collect(), |(n, (set, mut new))| {
            new.resize_with(new.len().max(shares.len()), FixedBitSet::new);
            for (share, new) in shares.iter().zip(&mut new) {
                share.found.look_up(n, set, new);
            }
            new
        });
        let (all, others) = new.split_first_mut().expect("there is a set");
        for more in others {
            let shares = all.iter_mut().zip(more).take(shares.len());
            shares.for_each(|(all, more)| all.union_with(more));
        }
        new
    }

    /// Leaves out what the limit has no room for, but for the first state beyond it; noted is whose successors that were.
    fn keep_within_limit(
        &mut self,
        first: StateNumber,
        shares: &[ShareOf<'_, M, W>],
        new: &mut [FixedBitSet],
    ) {
        self.overflown = true;
        let mut room = self.room();
        let mut start = first;
        for (Share { states, found }, new) in shares.iter().zip(new) {
            let places = found.in_order(new.ones().map(|place| place as u32));
            if places.len() >= room {
                let last = room.checked_sub(1).map(|last| places[last]);
                let lost = found.first_behind(last);
                self.lost_from = self.lost_from.or(lost.map(|parent| start + parent));
                places[room..]
                    .iter()
                    .for_each(|&place| new.remove(place as usize));
            }
            room -= places.len().min(room);
            start += states.len() as StateNumber;
        }
    }
}

impl<S: Clone, T: Copy, const W: usize> Share<'_, S, T, W> {
    /// Reaches the successors, as far as they are known.
    fn look_ahead(&mut self, known: &impl Known<S, T>, reduction: bool, told: &[Counterexample]) {
        let Self { states, found } = self;
        let mut choices = std::mem::take(&mut found.choices);
        let mut persistent = std::mem::take(&mut found.persistent);
        for (place, state) in states.iter().enumerate() {
            if found.count() > MOST {
                break;
            }
            let begin = found.count();
            choices.clear();
            let persistent = reduction.then_some(&mut persistent);
            let pruned = choose(known, state, &mut choices, persistent);
            let taken = pruned.and_then(|pruned| {
                found.pruned |= pruned;
                found.take_all(known, state, place as u32, &choices, told)
            });
            if taken.is_none() {
                found.truncate(begin);
                found.unknown.push(place as u32);
            }
            found.done = place + 1;
        }
        (found.choices, found.persistent) = (choices, persistent);
    }
}

/// The choices that are to be taken from a state that violates nothing; whether any were left out.
#[inline]
fn choose<S, T, const W: usize>(
    known: &impl Known<S, T>,
    state: &S,
    choices: &mut Vec<(Choice, Option<T>)>,
    persistent: Option<&mut Persistent<W>>,
) -> Option<bool> {
    known.enabled(state, choices)?;
    let quiet = choices.iter().all(|(choice, _)| choice.is_fault());
    known.check(state, quiet)?;
    let Some(persistent) = persistent else {
        return Some(false);
    };
    let future = |agent| known.future(state, agent);
    persistent.reduce(known.agents(state), future, choices, |(c, _)| c.agent)
}
