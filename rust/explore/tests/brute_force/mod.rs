//! The best schedule that comes to a violation, found by following all.

use std::convert::Infallible;
use xous_sim_step::{Model, Violation};

/// The search.
struct BruteForce<'a, M> {
    model: &'a mut M,
    violation: &'a Violation,
    best: (usize, usize),
}

impl<M: Model<Error = Infallible>> BruteForce<'_, M> {
    fn follow(&mut self, state: &M::State, last: Option<u16>, cost: (usize, usize)) {
        let mut enabled = Vec::new();
        let Ok(()) = self.model.enabled(state, &mut enabled);
        let Ok(broken) = self.model.check(state, &enabled);
        if broken.is_some_and(|found| found.is_like(self.violation)) {
            self.best = self.best.min(cost);
            return;
        }
        for &choice in &enabled {
            let goes_on = |last: u16| enabled.iter().any(|choice| choice.agent == last);
            let preempts = last.is_some_and(|last| last != choice.agent && goes_on(last));
            let cost = (cost.0 + usize::from(preempts), cost.1 + 1);
            let mut next = state.clone();
            let Ok(violations) = self.model.apply(&mut next, choice);
            if violations.iter().any(|found| found.is_like(self.violation)) {
                self.best = self.best.min(cost);
            } else {
                self.follow(&next, Some(choice.agent), cost);
            }
        }
    }
}

/// Preemptions and steps of the best schedule that comes to a violation.
pub fn best<M: Model<Error = Infallible>>(model: &mut M, violation: &Violation) -> (usize, usize) {
    let Ok(initial) = model.initial();
    let mut search = BruteForce {
        model,
        violation,
        best: (usize::MAX, usize::MAX),
    };
    search.follow(&initial, None, (0, 0));
    search.best
}
