//! Splitting a search by prefixes of schedules, so that its parts can be explored apart, on other machines for instance.
//!
//! The tree of schedules is expanded breadth-first until there are enough leaves; the part below each is then explored by
//! any search over [`Below`](crate::Below). What is violated in the expanded top of the tree is found here. A search
//! that visits states need not enter a state by several prefixes: with `merge` it belongs to the first, as long as the
//! model's representatives are those that the parts go by. Left out: balance. Parts differ in size, so there should be
//! many more than workers.

use crate::execution::actual_schedule;
use crate::fingerprints::FingerprintSet;
use crate::report::Counterexample;
use std::collections::VecDeque;
use xous_sim_step::{Choice, Model, Schedule, Violation};

/// States that are expanded for each part that is wanted, before the parts are taken as they are: the tree of a program
/// with one thread never gets any wider.
const EFFORT: usize = 64;

/// How to split.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Parts that are wanted, if the tree has so many.
    pub parts: usize,
    /// Whether a state that several prefixes lead to belongs to the first of them.
    pub merge: bool,
    /// Whether the first violation is enough.
    pub stop_at_first: bool,
}

/// A schedule of the top of the tree.
#[derive(Clone, Debug)]
pub struct Prefix {
    /// The choices, in terms of the agents of the initial state.
    pub schedule: Schedule,
    /// Preemptions among them.
    pub preemptions: u32,
}

/// A tree that was split.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// Where the parts begin, in breadth-first order; empty if the top is all that there is.
    pub parts: Vec<Prefix>,
    /// The preemptions of each schedule that ends in the top.
    pub complete: Vec<u32>,
    /// What is violated in the top, with the preemptions until then: shortest first, one of each kind, and of each
    /// number of preemptions unless states were merged.
    pub counterexamples: Vec<(Counterexample, u32)>,
    /// States that were expanded.
    pub states: u64,
    /// Steps that were taken.
    pub transitions: u64,
}

/// A leaf so far.
struct Leaf<S> {
    state: S,
    prefix: Prefix,
}

/// Splits the tree of `model`.
pub fn split<M: Model>(model: &mut M, plan: Plan) -> Result<Split, M::Error> {
    let mut initial = model.initial()?;
    model.canonicalize(&mut initial);
    let mut top = Top {
        met: FingerprintSet::default(),
        leaves: VecDeque::new(),
        split: Split::default(),
        model,
        plan,
    };
    top.met.insert(top.model.fingerprint(&initial));
    let prefix = Prefix {
        schedule: Schedule::default(),
        preemptions: 0,
    };
    for violation in top.model.violated_at_first().iter() {
        top.found(&prefix, violation)?;
    }
    top.leaves.push_back(Leaf {
        state: initial,
        prefix,
    });
    while top.leaves.len() < plan.parts && top.split.states < (plan.parts * EFFORT) as u64 {
        let Some(leaf) = top.leaves.pop_front() else {
            break;
        };
        top.expand(&leaf)?;
        if plan.stop_at_first && !top.split.counterexamples.is_empty() {
            return Ok(top.split);
        }
    }
    top.close()
}

struct Top<'a, M: Model> {
    model: &'a mut M,
    plan: Plan,
    met: FingerprintSet,
    leaves: VecDeque<Leaf<M::State>>,
    split: Split,
}

impl<M: Model> Top<'_, M> {
    fn expand(&mut self, leaf: &Leaf<M::State>) -> Result<(), M::Error> {
        self.split.states += 1;
        let mut enabled = Vec::new();
        self.model.enabled(&leaf.state, &mut enabled)?;
        if let Some(violation) = self.model.check(&leaf.state, &enabled)? {
            self.found(&leaf.prefix, &violation)?;
        }
        if enabled.is_empty() {
            self.split.complete.push(leaf.prefix.preemptions);
        }
        for &choice in &enabled {
            self.take(leaf, &enabled, choice)?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        leaf: &Leaf<M::State>,
        enabled: &[Choice],
        choice: Choice,
    ) -> Result<(), M::Error> {
        let mut state = leaf.state.clone();
        let violations = self.model.apply(&mut state, choice)?;
        self.model.canonicalize(&mut state);
        self.split.transitions += 1;
        let prefix = leaf.prefix.and(choice, enabled);
        for violation in violations.iter() {
            self.found(&prefix, violation)?;
        }
        if !self.plan.merge || self.met.insert(self.model.fingerprint(&state)) {
            self.leaves.push_back(Leaf { state, prefix });
        }
        Ok(())
    }

    fn found(&mut self, prefix: &Prefix, violation: &Violation) -> Result<(), M::Error> {
        let merge = self.plan.merge;
        let same = |(known, preemptions): &(Counterexample, u32)| {
            known.violation.is_like(violation) && (merge || *preemptions <= prefix.preemptions)
        };
        if !self.split.counterexamples.iter().any(same) {
            let counterexample = Counterexample {
                schedule: actual_schedule(self.model, &prefix.schedule)?,
                violation: violation.clone(),
                repeats_from: None,
            };
            let found = (counterexample, prefix.preemptions);
            self.split.counterexamples.push(found);
        }
        Ok(())
    }

    /// The leaves become parts.
    fn close(mut self) -> Result<Split, M::Error> {
        for leaf in self.leaves {
            let schedule = actual_schedule(self.model, &leaf.prefix.schedule)?;
            self.split.parts.push(Prefix {
                schedule,
                ..leaf.prefix
            });
        }
        Ok(self.split)
    }
}

impl Prefix {
    /// The prefix that goes on with one of the choices that are enabled behind it.
    fn and(&self, choice: Choice, enabled: &[Choice]) -> Self {
        let preempts = self.schedule.is_preempted_by(choice, enabled);
        let mut schedule = self.schedule.clone();
        schedule.0.push(choice);
        Self {
            schedule,
            preemptions: self.preemptions + u32::from(preempts),
        }
    }
}
