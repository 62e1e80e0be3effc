//! Sampling: executions one after another, each drawn anew, until a budget runs out or a violation is enough.

use crate::ledger::Ledger;
use crate::report::Budget;
use crate::walk::Walk;
use xous_sim_step::{Choice, Model};

/// Executions are sampled up to so many steps; a longer one, which may go on for ever, ends there.
pub const MAX_STEPS: usize = 10_000;

/// Why a search ends: a budget ran out, or (`None`) a violation was enough.
pub type Ending = Option<Budget>;

/// Somebody who draws executions.
pub trait Sampler {
    /// An execution begins.
    fn begin(&mut self);

    /// Draws the next choice of a walk that can go on.
    fn choose<S>(&mut self, walk: &Walk<S>) -> Choice;

    /// The execution that began last is complete.
    fn learn<S>(&mut self, walk: &Walk<S>);

    /// How many schedules there seem to be.
    fn estimated_total(&self) -> Option<f64> {
        None
    }
}

/// Samples executions until something ends the search.
pub fn sample<M: Model>(
    model: &mut M,
    ledger: &mut Ledger<'_, M::Error>,
    sampler: &mut impl Sampler,
) -> Result<Ending, M::Error> {
    loop {
        sampler.begin();
        let mut walk = Walk::begin(model)?;
        if let Some(ending) = walk_to_end(model, ledger, sampler, &mut walk)? {
            return Ok(ending);
        }
        sampler.learn(&walk);
        ledger.estimated_total = sampler.estimated_total();
        if let Some(budget) = complete(ledger, walk.steps()) {
            return Ok(Some(budget));
        }
    }
}

/// Walks until the execution is complete, or something ends the search.
fn walk_to_end<M: Model>(
    model: &mut M,
    ledger: &mut Ledger<'_, M::Error>,
    sampler: &mut impl Sampler,
    walk: &mut Walk<M::State>,
) -> Result<Option<Ending>, M::Error> {
    loop {
        if ledger.found_any(&walk.violations, &walk.schedule.0) {
            return Ok(Some(None));
        }
        if walk.is_over(MAX_STEPS) {
            return Ok(None);
        }
        let choice = sampler.choose(walk);
        walk.step(model, choice)?;
        if let Some(budget) = ledger.step()? {
            return Ok(Some(Some(budget)));
        }
    }
}

/// Enters a complete execution in the books. One without a step is the only one there is, and as the clock is looked at
/// after steps, the search would never end on its own.
pub fn complete<E>(ledger: &mut Ledger<'_, E>, steps: usize) -> Option<Budget> {
    let only = (steps == 0).then_some(Budget::Schedules);
    ledger.complete(steps).or(only)
}
