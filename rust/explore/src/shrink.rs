//! Shrinking: a schedule that shows the same violation with the fewest preemptions, and then in the fewest steps.
//!
//! Few preemptions are what makes a counterexample easy to follow (M. Musuvathi and S. Qadeer, PLDI 2007): between them
//! an agent runs on as in a sequential program. First a local descent ([`Descent`]) drops and joins parts of the
//! schedule; then a search over states ([`better`]) looks for anything better. If that search comes to its end, nothing
//! is.

use crate::better::better;
use crate::descent::Descent;
use crate::effort::Effort;
use crate::moves::{self, Move};
use xous_sim_step::{Model, Schedule, Violation};

/// In the order in which they are tried: what takes most off comes first.
pub const MOVES: [Move; 4] = [
    moves::without_agent,
    moves::without_run,
    moves::joined,
    moves::without_step,
];

/// A schedule that ends in the same violation and shows none of the kind before, with as few preemptions as `schedule`
/// at most, and as short if they are as many.
///
/// It takes about as many steps of the model as `effort` allows, half of them for the local descent; with enough of them, no
/// schedule has fewer preemptions, and none with as few is shorter. A schedule that does not come to the violation is
/// returned as it is.
pub fn shrink<M: Model>(
    model: &mut M,
    schedule: Schedule,
    violation: &Violation,
    effort: impl Into<Effort>,
) -> Result<Schedule, M::Error> {
    let effort = effort.into();
    let half = effort.with_steps(effort.steps / 2);
    let Some(mut descent) = Descent::begin(model, &schedule, violation, half)? else {
        return Ok(schedule);
    };
    while descent.improve(&MOVES)? {}
    let (local, cost) = (descent.best, descent.cost);
    let rest = effort.steps - half.steps + descent.effort.steps;
    Ok(better(model, violation, cost, effort.with_steps(rest))?.unwrap_or(local))
}
