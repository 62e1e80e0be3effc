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
struct Share<'b, S, T> {
    states: &'b [S],
    found: Found<S, T>,
}

type ShareOf<'b, M> = Share<'b, <M as Model>::State, <M as Model>::Step>;

/// How the expansion of a block went.
pub struct Expanded {
    /// States that were expanded, from the first on.
    pub states: usize,
    /// Whether the search is to stop.
    pub stopped: bool,
}

impl<M: Model> Search<'_, M> {
    /// Expands a block, whose first state has the number `first`, as far as can be; for a model of which something is known.
    pub(super) fn expand_block(
        &mut self,
        first: StateNumber,
        block: &[Vec<M::State>],
        team: &Team,
    ) -> Result<Expanded, M::Error> {
        let mut shares = self.look_ahead(block, team);
        let is_cut = |share: &ShareOf<'_, M>| share.found.done < share.states.len();
        let cut = shares.iter().position(is_cut);
        shares.truncate(cut.map_or(shares.len(), |cut| cut + 1));
        for share in &shares {
            self.pruned |= share.found.pruned;
        }
        let stopped = self.expand_late(first, &mut shares)?;
        let early = shares.iter().map(|share| share.found.early_count());
        self.transitions += early.sum::<usize>() as u64;
        let states = shares.iter().map(|share| share.found.done).sum();
        self.store_shares(first, &shares, team);
        self.spare = shares.into_iter().map(|share| share.found).collect();
        Ok(Expanded { states, stopped })
    }

    /// Reaches the successors of all states, as far as they are known.
    fn look_ahead<'b>(&mut self, block: &'b [Vec<M::State>], team: &Team) -> Vec<ShareOf<'b, M>> {
        let states: usize = block.iter().map(Vec::len).sum();
        let each = match team.size() {
            1 => SHARE,
            threads => (states / (threads * SHARES)).clamp(SMALL, SHARE),
        };
        let slices = block.iter().flat_map(|chunk| chunk.chunks(each));
        let spare = std::mem::take(&mut self.spare);
        let spare = spare
            .into_iter()
            .chain(std::iter::repeat_with(Found::default));
        let work: Vec<_> = slices.zip(spare).collect();
        let known = self.model.known().expect("the model is made for it");
        let (reduction, told) = (self.plan.reduction, &self.counterexamples[..]);
        let sets = self.visited.sets().len();
        team.map(work, |(states, mut found)| {
            found.clear(sets);
            let mut share = Share { states, found };
            share.look_ahead(&known, reduction, told);
            share
        })
    }

    /// Expands the states that only the model can. True if the search is to stop. That leaves the rest out, and so do very
    /// many successors, until the next block.
    fn expand_late(
        &mut self,
        first: StateNumber,
        shares: &mut Vec<ShareOf<'_, M>>,
    ) -> Result<bool, M::Error> {
        let mut before = first;
        for n in 0..shares.len() {
            let Share { states, found } = &mut shares[n];
            for place in std::mem::take(&mut found.unknown) {
                let stopped = self.expand(before + place, &states[place as usize])?;
                found.add_late(place, self.batch.drain(..));
                if stopped || found.late_count() > MOST {
                    found.cut_behind(place);
                    found.put_late_in_order();
                    shares.truncate(n + 1);
                    return Ok(stopped);
                }
            }
            found.put_late_in_order();
            before += states.len() as StateNumber;
        }
        Ok(false)
    }

    /// Looks up what was reached, and keeps what is new.
    fn store_shares(&mut self, first: StateNumber, shares: &[ShareOf<'_, M>], team: &Team) {
        let mut new = self.look_up_shares(shares, team);
        if new.iter().map(Vec::len).sum::<usize>() >= self.room() {
            self.keep_within_limit(first, shares, &mut new);
        }
        let starts = shares.iter().scan(first, |next, share| {
            let start = *next;
            *next += share.states.len() as StateNumber;
            Some(start)
        });
        let known = self.model.known().expect("it was known before");
        let places = shares.iter().zip(starts).zip(new);
        let work: Vec<_> = places.zip(self.frontier.lists()).collect();
        let kept = team.map(work, |(((share, start), mut new), mut states)| {
            share.found.put_in_order(&mut new);
            let parents = share.states;
            share.found.reach_again(&known, parents, &new, &mut states);
            (share.found.arrivals(start, &new), states)
        });
        drop(known);
        for (arrivals, states) in kept {
            self.visited.arrive_all(&arrivals);
            self.frontier.append(states);
        }
    }

    /// Which successors of each share were not known, as each set found them.
    fn look_up_shares(&mut self, shares: &[ShareOf<'_, M>], team: &Team) -> Vec<Vec<u32>> {
        let sets = self.visited.sets().iter_mut().enumerate().collect();
        let by_set = team.map(sets, |(n, set)| {
            let new = |share: &ShareOf<'_, M>| share.found.look_up(n, set);
            shares.iter().map(new).collect::<Vec<_>>()
        });
        let mut by_set = by_set.into_iter();
        let mut new = by_set.next().expect("there is a set");
        for more in by_set {
            for (share, mut more) in new.iter_mut().zip(more) {
                share.append(&mut more);
            }
        }
        new
    }

    /// Leaves out what the limit has no room for, but for the first state beyond it; noted is whose successors that were.
    fn keep_within_limit(
        &mut self,
        first: StateNumber,
        shares: &[ShareOf<'_, M>],
        new: &mut [Vec<u32>],
    ) {
        self.overflown = true;
        let mut room = self.room();
        let mut start = first;
        for (Share { states, found }, new) in shares.iter().zip(new) {
            found.put_in_order(new);
            if new.len() >= room {
                let last = room.checked_sub(1).map(|last| new[last]);
                let lost = found.first_behind(last);
                self.lost_from = self.lost_from.or(lost.map(|parent| start + parent));
                new.truncate(room);
            }
            room -= new.len();
            start += states.len() as StateNumber;
        }
    }
}

impl<S: Clone, T: Copy> Share<'_, S, T> {
    /// Reaches the successors, as far as they are known.
    fn look_ahead(&mut self, known: &impl Known<S, T>, reduction: bool, told: &[Counterexample]) {
        let Self { states, found } = self;
        let mut persistent = Persistent::default();
        let mut choices = Vec::new();
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
    }
}

/// The choices that are to be taken from a state that violates nothing; whether any were left out.
#[inline]
fn choose<S, T>(
    known: &impl Known<S, T>,
    state: &S,
    choices: &mut Vec<(Choice, Option<T>)>,
    persistent: Option<&mut Persistent>,
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
