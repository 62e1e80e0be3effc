//! Shrinking: a schedule that shows the same violation with the fewest preemptions, and then in the fewest steps.
//!
//! Few preemptions are what makes a counterexample easy to follow (M. Musuvathi and S. Qadeer, PLDI 2007): between them
//! an agent runs on as in a sequential program. First a local descent ([`Descent`]) drops and joins parts of the
//! schedule; then a search over states ([`better`]) looks for anything better. If that search comes to its end, nothing
//! is.

use crate::better::{Order, better};
use crate::descent::{Cost, Descent};
use crate::effort::Effort;
use crate::goal::Goal;
use crate::moves::{self, Move};
use xous_sim_step::{Model, Schedule, Violation};

/// In the order in which they are tried: what takes most off comes first.
pub const MOVES: [Move; 4] = [
    moves::without_agent,
    moves::without_run,
    moves::joined,
    moves::without_step,
];

/// A schedule that ends in the same violation and shows nothing else before, with as few preemptions as `schedule` at
/// most, and as short if they are as many, unless `schedule` shows something else before. Only where none is found does
/// something else come before, and nothing of the same kind.
///
/// It takes about as many steps of the model as `effort` allows for each, half of them for the local descent; with enough of them, no
/// schedule has fewer preemptions, and none with as few is shorter. A schedule that does not come to the violation is
/// returned as it is.
pub fn shrink<M: Model>(
    model: &mut M,
    schedule: Schedule,
    violation: &Violation,
    effort: impl Into<Effort>,
) -> Result<Schedule, M::Error> {
    let effort = effort.into();
    let at_last = Goal::at_last(violation);
    if !Descent::begin(model, schedule.clone(), at_last, 0)?.is_there() {
        return Ok(schedule);
    }
    for goal in [Goal::alone(violation), at_last] {
        if let Some(shrunk) = shrink_to(model, schedule.clone(), goal, effort)? {
            return Ok(shrunk);
        }
    }
    Ok(schedule)
}

/// A shortest schedule that ends in the violation and violates nothing else before, with the fewest preemptions, if
/// `schedule` does and such a one is found in about `effort` steps of the model; else `schedule` as it is.
pub fn alone<M: Model>(
    model: &mut M,
    schedule: Schedule,
    violation: &Violation,
    effort: Effort,
) -> Result<Schedule, M::Error> {
    let goal = Goal::alone(violation);
    if Descent::begin(model, schedule.clone(), goal, 0)?.is_there() {
        return Ok(schedule);
    }
    let found = better(model, goal, Order::Steps, Cost::WORST, effort)?;
    Ok(found.unwrap_or(schedule))
}

/// A schedule that comes to the goal; `None` if none is found.
fn shrink_to<M: Model>(
    model: &mut M,
    schedule: Schedule,
    goal: Goal<'_>,
    effort: Effort,
) -> Result<Option<Schedule>, M::Error> {
    let half = effort.with_steps(effort.steps / 2);
    let mut descent = Descent::begin(model, schedule, goal, half)?;
    while descent.improve(&MOVES)? {}
    let rest = effort.with_steps(effort.steps - half.steps + descent.effort.steps);
    let cost = descent.cost;
    let local = descent.is_there().then_some(descent.best);
    Ok(better(model, goal, Order::Preemptions, cost, rest)?.or(local))
}
