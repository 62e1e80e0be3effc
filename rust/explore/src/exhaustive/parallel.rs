//! Expanding many states at once, by several threads.
//!
//! A block of the frontier is split among the threads, each of which works with what the model knows already; states
//! that need more, or violate what has not been told yet, are expanded afterwards, by the model itself. Then the threads
//! look the successors up, each in a set of its own: fingerprints are dealt out by their lower bits, so no two threads
//! look for the same one. Everything is put back into the order in which one thread would have come to it, so the answer
//! does not depend on how many there were.

use super::persistent::Persistent;
use super::search::{Search, Successor};
use crate::report::Counterexample;
use crate::visited::StateNumber;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::Arc;
use xous_sim_step::{Choice, Known, Model, Violation, Violations};

/// States of a block for each thread.
pub const SHARE: usize = 1 << 12;
/// Fewer states are not worth waking threads for.
pub const LEAST: usize = 1 << 9;

/// What became of a thread's share of a block.
struct Expanded<S> {
    successors: Vec<Successor<S>>,
    /// States that only the model itself can expand.
    unknown: Vec<usize>,
    pruned: bool,
}

/// A state of the frontier.
type Waiting<S> = (StateNumber, S);

impl<M: Model> Search<'_, M> {
    /// Expands a block; `None` if the model is not made for it.
    pub(super) fn expand_block(
        &mut self,
        block: &[Waiting<M::State>],
        pool: &ThreadPool,
    ) -> Result<Option<bool>, M::Error> {
        let Some(known) = self.model.known() else {
            return Ok(None);
        };
        let reduction = self.plan.reduction;
        let share = block.len().div_ceil(pool.current_num_threads());
        let told = &self.counterexamples;
        let expand = |(n, states)| expand_share(&*known, states, n * share, reduction, told);
        let shares = block.par_chunks(share).enumerate();
        let expanded: Vec<Expanded<M::State>> = pool.install(|| shares.map(expand).collect());
        drop(known);
        let mut successors = Vec::with_capacity(expanded.iter().map(|e| e.successors.len()).sum());
        let mut late = Vec::new();
        for mut part in expanded {
            self.pruned |= part.pruned;
            successors.append(&mut part.successors);
            late.append(&mut part.unknown);
        }
        self.transitions += successors.len() as u64;
        let stopped = self.expand_late(block, &late, &mut successors)?;
        self.store_all(successors, pool);
        Ok(Some(stopped))
    }

    /// Expands the states that the threads could not, and puts their successors where they belong. True if the search is
    /// to stop.
    fn expand_late(
        &mut self,
        block: &[Waiting<M::State>],
        late: &[usize],
        successors: &mut Vec<Successor<M::State>>,
    ) -> Result<bool, M::Error> {
        let mut stopped = false;
        for &place in late {
            let (number, state) = &block[place];
            stopped = self.expand(*number, state)?;
            successors.append(&mut self.batch);
            if stopped {
                successors.retain(|successor| successor.parent <= *number);
                break;
            }
        }
        if !late.is_empty() {
            successors.sort_by_key(|successor| successor.parent);
        }
        Ok(stopped)
    }

    /// Looks successors up and keeps the new ones, in their order.
    fn store_all(&mut self, successors: Vec<Successor<M::State>>, pool: &ThreadPool) {
        let fingerprints: Vec<u128> = successors.iter().map(|s| s.fingerprint).collect();
        let new = pool.install(|| self.visited.insert_all(&fingerprints));
        let mut new = new.into_iter().peekable();
        for (place, successor) in successors.into_iter().enumerate() {
            if self.has_room_for(&successor) && new.next_if_eq(&place).is_some() {
                self.keep(successor);
            }
        }
    }
}

/// Whether all of these are told already. A search that stops at the first violation has told none.
fn are_told(violations: &Violations, told: &[Counterexample]) -> bool {
    let is_told = |violation: &Arc<Violation>| told.iter().any(|c| c.violation.is_like(violation));
    violations.iter().all(is_told)
}

fn expand_share<S: Clone>(
    known: &dyn Known<S>,
    states: &[Waiting<S>],
    first: usize,
    reduction: bool,
    told: &[Counterexample],
) -> Expanded<S> {
    let mut expanded = Expanded {
        successors: Vec::with_capacity(states.len() * 2),
        unknown: Vec::new(),
        pruned: false,
    };
    let mut persistent = Persistent::default();
    let mut choices = Vec::new();
    for (place, (number, state)) in states.iter().enumerate() {
        let begin = expanded.successors.len();
        choices.clear();
        let pruned = choose(
            known,
            state,
            &mut choices,
            reduction.then_some(&mut persistent),
        );
        let taken = pruned.and_then(|pruned| {
            expanded.pruned |= pruned;
            let successors = &mut expanded.successors;
            take_all(known, *number, state, &choices, told, successors)
        });
        if taken.is_none() {
            expanded.successors.truncate(begin);
            expanded.unknown.push(first + place);
        }
    }
    expanded
}

/// The choices that are to be taken from a state that violates nothing; whether any were left out.
fn choose<S>(
    known: &dyn Known<S>,
    state: &S,
    choices: &mut Vec<Choice>,
    persistent: Option<&mut Persistent>,
) -> Option<bool> {
    known.enabled(state, choices)?;
    known.check(state, choices)?;
    match persistent {
        None => Some(false),
        Some(persistent) => {
            let agents = known.agents(state);
            persistent.reduce(agents, |agent| known.future(state, agent), choices)
        }
    }
}

fn take_all<S: Clone>(
    known: &dyn Known<S>,
    parent: StateNumber,
    state: &S,
    choices: &[Choice],
    told: &[Counterexample],
    successors: &mut Vec<Successor<S>>,
) -> Option<()> {
    for &choice in choices {
        let mut state = state.clone();
        if !are_told(&known.apply(&mut state, choice)?, told) {
            return None;
        }
        known.canonicalize(&mut state)?;
        let fingerprint = known.fingerprint(&state);
        successors.push(Successor {
            state,
            fingerprint,
            parent,
            choice,
        });
    }
    Some(())
}
