//! Smoothing: a counterexample of the same length with fewer preemptions.
//!
//! Which of several shortest schedules a search meets first is chance; the one with the fewest switches is the easiest
//! to follow. Runs of one agent are joined with its next run as long as the same violation comes out at the end: a
//! descent by that move alone, because the others make schedules shorter, which these cannot be. What it ends with, if its
//! effort is enough, cannot be improved by one such move, but need not be the least.

use crate::descent::Descent;
use crate::effort::Effort;
use crate::goal::Goal;
use crate::moves;
use xous_sim_step::{Model, Schedule, Violation};

/// A schedule as short as `schedule`, which must be a shortest one, with as many preemptions at most, that ends in the
/// same violation; and violates nothing else before, if `schedule` does not.
pub fn smooth<M: Model>(
    model: &mut M,
    schedule: Schedule,
    violation: &Violation,
    effort: Effort,
) -> Result<Schedule, M::Error> {
    for goal in [Goal::alone(violation), Goal::at_last(violation)] {
        let mut descent = Descent::begin(model, schedule.clone(), goal, effort)?;
        if descent.is_there() {
            while descent.improve(&[moves::joined])? {}
            return Ok(descent.best);
        }
    }
    Ok(schedule)
}
