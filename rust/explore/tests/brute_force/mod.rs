//! The best schedule that comes to a violation, found by following all.

#![allow(dead_code, reason = "each test uses its part")]

use std::convert::Infallible;
use xous_sim_step::{Choice, Model, Violation, Violations};

/// Preemptions and steps of a schedule.
pub type Cost = (usize, usize);

/// The best schedules that come to a violation.
#[derive(Clone, Copy, Debug)]
pub struct Best {
    /// Of those that violate nothing else first.
    pub alone: Option<Cost>,
    /// Of all.
    pub of_all: Cost,
}

impl Best {
    /// What shrinking is to come to: whether something else is violated first, and the cost.
    pub fn shrunk(self) -> (bool, Cost) {
        let alone = self.alone.map(|cost| (false, cost));
        alone.unwrap_or((true, self.of_all))
    }
}

/// The search.
struct BruteForce<'a, M> {
    model: &'a mut M,
    violation: &'a Violation,
    /// Whether something else is violated first, and the cost.
    best: [Option<Cost>; 2],
}

impl<M: Model<Error = Infallible>> BruteForce<'_, M> {
    /// Comes to a state by a step that violates something, or not; `astray` if something else was violated before.
    fn follow(
        &mut self,
        state: &M::State,
        violations: &Violations,
        last: Option<u16>,
        cost: Cost,
        astray: bool,
    ) {
        let mut enabled = Vec::new();
        let Ok(()) = self.model.enabled(state, &mut enabled);
        let Ok(broken) = self.model.check(state, &enabled);
        let mut found: Vec<Violation> = violations.iter().map(|v| Violation::clone(v)).collect();
        found.extend(broken);
        if let Some(place) = found.iter().position(|v| v.is_like(self.violation)) {
            let best = &mut self.best[usize::from(astray || place > 0)];
            *best = Some(best.map_or(cost, |best| best.min(cost)));
            return;
        }
        for &choice in &enabled {
            let preempts = preempts(last, choice, &enabled);
            let cost = (cost.0 + usize::from(preempts), cost.1 + 1);
            let mut next = state.clone();
            let Ok(violations) = self.model.apply(&mut next, choice);
            let acted = (!choice.is_fault()).then_some(choice.agent);
            let astray = astray || !found.is_empty();
            self.follow(&next, &violations, acted.or(last), cost, astray);
        }
    }
}

/// Whether a choice stops the agent that took the last step, deaths not counted, although it could go on. A death stops
/// nobody.
fn preempts(last: Option<u16>, choice: Choice, enabled: &[Choice]) -> bool {
    let mut steps = enabled.iter().filter(|other| !other.is_fault());
    let stopped = steps.any(|other| Some(other.agent) == last);
    !choice.is_fault() && stopped && last != Some(choice.agent)
}

/// The best schedules that come to a violation.
pub fn best<M: Model<Error = Infallible>>(model: &mut M, violation: &Violation) -> Best {
    let Ok(initial) = model.initial();
    let at_first = model.violated_at_first();
    let mut search = BruteForce {
        model,
        violation,
        best: [None, None],
    };
    search.follow(&initial, &at_first, None, (0, 0), false);
    let [alone, astray] = search.best;
    let of_all = [alone, astray].into_iter().flatten().min();
    Best {
        alone,
        of_all: of_all.expect("some schedule comes to the violation"),
    }
}
