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

use super::persistent::Persistent;
use super::search::{Search, Successor};
use super::team::Team;
use crate::fingerprints::FingerprintSet;
use crate::report::Counterexample;
use crate::visited::{Arrival, StateNumber, set_of};
use std::sync::Arc;
use xous_sim_step::{Choice, Known, Model, Violation, Violations};

/// States of a block for each thread.
pub const PER_THREAD: usize = 1 << 12;
/// States of a share.
const SHARE: usize = 1 << 9;
/// Look-ups that wait for memory together.
const BATCH: usize = 64;
/// Successors after which a share is cut short, so that its memory is bounded.
const MOST: usize = 1 << 16;

/// A successor.
struct Reached<T> {
    fingerprint: u128,
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

/// A share, and what is reached from it by steps of this kind.
struct Share<'b, S, T> {
    states: &'b [S],
    /// How many of its states were looked at.
    done: usize,
    reached: Vec<Reached<T>>,
    /// For each set, what is to be looked up there.
    dealt: Vec<Vec<u32>>,
    /// States that only the model itself can expand.
    unknown: Vec<u32>,
    /// What those lead to.
    late: Vec<S>,
    pruned: bool,
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
        let known = self.model.known().expect("the model is made for it");
        let slices = block.iter().flat_map(|chunk| chunk.chunks(SHARE));
        let (reduction, told) = (self.plan.reduction, &self.counterexamples[..]);
        let sets = self.visited.sets().len();
        let ahead = |states| look_ahead(&known, states, sets, reduction, told);
        let mut shares = team.map(slices.collect(), ahead);
        drop(known);
        let cut = shares
            .iter()
            .position(|share| share.done < share.states.len());
        shares.truncate(cut.map_or(shares.len(), |cut| cut + 1));
        for share in &shares {
            self.pruned |= share.pruned;
        }
        let stopped = self.expand_late(first, &mut shares)?;
        let early = |share: &ShareOf<'_, M>| share.reached.len() - share.late.len();
        self.transitions += shares.iter().map(early).sum::<usize>() as u64;
        let states = shares.iter().map(|share| share.done).sum();
        self.store_shares(first, shares, team);
        Ok(Expanded { states, stopped })
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
            let share = &mut shares[n];
            let unknown = std::mem::take(&mut share.unknown);
            for &place in &unknown {
                let stopped = self.expand(before + place, &share.states[place as usize])?;
                share.add_late(place, self.batch.drain(..));
                if stopped || share.late.len() > MOST {
                    share.cut_behind(place);
                    shares.truncate(n + 1);
                    return Ok(stopped);
                }
            }
            if !unknown.is_empty() {
                share.put_in_order();
            }
            before += share.states.len() as StateNumber;
        }
        Ok(false)
    }

    /// Looks up what was reached, and keeps what is new.
    fn store_shares(&mut self, first: StateNumber, shares: Vec<ShareOf<'_, M>>, team: &Team) {
        let mut new = self.look_up_shares(&shares, team);
        if new.iter().map(Vec::len).sum::<usize>() >= self.room() {
            self.keep_within_limit(first, &shares, &mut new);
        }
        let starts = shares.iter().scan(first, |next, share| {
            let start = *next;
            *next += share.states.len() as StateNumber;
            Some(start)
        });
        let known = self.model.known().expect("it was known before");
        let work: Vec<_> = shares.iter().zip(starts).zip(new).collect();
        let kept = team.map(work, |((share, start), mut new)| {
            in_order(&mut new);
            (share.arrivals(start, &new), share.reach_again(&known, &new))
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
            let new = |share: &ShareOf<'_, M>| share.look_up(n, set);
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
        for (share, new) in shares.iter().zip(new) {
            in_order(new);
            if new.len() >= room {
                let behind = room.checked_sub(1).map_or(0, |last| new[last] as usize + 1);
                let lost = share.reached.get(behind);
                self.lost_from = self.lost_from.or(lost.map(|lost| start + lost.parent));
                new.truncate(room);
            }
            room -= new.len();
            start += share.states.len() as StateNumber;
        }
    }
}

/// Sorts what one set after the other found. That is in order as far as it comes from one set, which this sort makes use of.
fn in_order(new: &mut [u32]) {
    if !new.is_sorted() {
        new.sort();
    }
}

impl<S: Clone, T: Copy> Share<'_, S, T> {
    /// Deals what was reached out to so many sets.
    fn deal(&mut self, sets: usize) {
        let all = 0..self.reached.len() as u32;
        if sets == 1 {
            self.dealt = vec![all.collect()];
            return;
        }
        self.dealt = vec![Vec::with_capacity(self.reached.len()); sets];
        for place in all {
            let fingerprint = self.reached[place as usize].fingerprint;
            self.dealt[set_of(fingerprint, sets)].push(place);
        }
    }

    /// Adds the fingerprints that were dealt to the set with this number; the places of those that it had not, in order.
    fn look_up(&self, number: usize, set: &mut FingerprintSet) -> Vec<u32> {
        let fingerprint = |&place: &u32| self.reached[place as usize].fingerprint;
        let mut new = Vec::with_capacity(self.dealt[number].len());
        for batch in self.dealt[number].chunks(BATCH) {
            set.touch(batch.iter().map(fingerprint));
            new.extend(batch.iter().filter(|place| set.insert(fingerprint(place))));
        }
        new
    }

    /// Adds the successors of a state that was expanded late.
    fn add_late(&mut self, parent: u32, successors: impl Iterator<Item = Successor<S>>) {
        for successor in successors {
            self.reached.push(Reached {
                fingerprint: successor.fingerprint,
                parent,
                choice: successor.choice,
                how: How::Late(self.late.len() as u32),
            });
            self.late.push(successor.state);
        }
    }

    /// Puts what was reached late where it belongs.
    fn put_in_order(&mut self) {
        self.reached.sort_by_key(|reached| reached.parent);
        self.deal(self.dealt.len());
    }

    /// Leaves out what was reached from states behind one of them.
    fn cut_behind(&mut self, place: u32) {
        self.done = place as usize + 1;
        self.reached.retain(|reached| reached.parent <= place);
        self.put_in_order();
    }

    /// How some of the successors were reached, where the first state of the share has the number `start`.
    fn arrivals(&self, start: StateNumber, new: &[u32]) -> Vec<Arrival> {
        let arrival = |&place: &u32| {
            let reached = &self.reached[place as usize];
            Arrival {
                parent: start + reached.parent,
                choice: reached.choice,
            }
        };
        new.iter().map(arrival).collect()
    }

    /// Some of the successors.
    fn reach_again(&self, known: &impl Known<S, T>, new: &[u32]) -> Vec<S> {
        let again = |&place: &u32| {
            let reached = &self.reached[place as usize];
            match reached.how {
                How::Late(place) => Some(self.late[place as usize].clone()),
                How::Step(step) => {
                    let mut state = self.states[reached.parent as usize].clone();
                    known.apply(&mut state, reached.choice, step)?;
                    known.canonicalize(&mut state)?;
                    Some(state)
                }
            }
        };
        let states = new.iter().map(again);
        states
            .map(|state| state.expect("what was known stays known"))
            .collect()
    }
}

/// Whether all of these are told already. A search that stops at the first violation has told none.
fn are_told(violations: &Violations, told: &[Counterexample]) -> bool {
    let is_told = |violation: &Arc<Violation>| told.iter().any(|c| c.violation.is_like(violation));
    violations.iter().all(is_told)
}

/// Reaches the successors of a share.
fn look_ahead<'b, S: Clone, T: Copy>(
    known: &impl Known<S, T>,
    states: &'b [S],
    sets: usize,
    reduction: bool,
    told: &[Counterexample],
) -> Share<'b, S, T> {
    let mut share = Share {
        states,
        done: 0,
        reached: Vec::with_capacity(states.len() * 4),
        dealt: Vec::new(),
        unknown: Vec::new(),
        late: Vec::new(),
        pruned: false,
    };
    let mut persistent = Persistent::default();
    let mut choices = Vec::new();
    for (place, state) in states.iter().enumerate() {
        if share.reached.len() > MOST {
            break;
        }
        let begin = share.reached.len();
        choices.clear();
        let persistent = reduction.then_some(&mut persistent);
        let pruned = choose(known, state, &mut choices, persistent);
        let taken = pruned.and_then(|pruned| {
            share.pruned |= pruned;
            let reached = &mut share.reached;
            take_all(known, state, place as u32, &choices, told, reached)
        });
        if taken.is_none() {
            share.reached.truncate(begin);
            share.unknown.push(place as u32);
        }
        share.done = place + 1;
    }
    share.deal(sets);
    share
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

#[inline]
fn take_all<S: Clone, T: Copy>(
    known: &impl Known<S, T>,
    state: &S,
    parent: u32,
    choices: &[(Choice, Option<T>)],
    told: &[Counterexample],
    found: &mut Vec<Reached<T>>,
) -> Option<()> {
    for &(choice, step) in choices {
        let step = match step {
            Some(step) => step,
            None => known.step(state, choice)?,
        };
        let mut state = state.clone();
        let violations = known.apply(&mut state, choice, step)?;
        if !violations.is_empty() && !are_told(&violations, told) {
            return None;
        }
        known.canonicalize(&mut state)?;
        found.push(Reached {
            fingerprint: known.fingerprint(&state),
            parent,
            choice,
            how: How::Step(step),
        });
    }
    Some(())
}
