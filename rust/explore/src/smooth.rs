//! Smoothing: a counterexample of the same length with fewer preemptions.
//!
//! Which of several shortest schedules a search meets first is chance; the one with the fewest switches is the easiest
//! to follow. Runs of one agent are joined with its next run, by moving either to the other, as long as the same
//! violation comes out at the end (M. Musuvathi and S. Qadeer, PLDI 2007, argue for few preemptions). This is a descent:
//! what it ends with cannot be improved by one such move, but need not be the least.

use crate::execution::Execution;
use xous_sim_step::{Choice, Model, Schedule, Violation};

/// A schedule as short as `schedule`, with as many preemptions at most, that ends in the same violation.
pub fn smooth<M: Model>(
    model: &mut M,
    schedule: Schedule,
    violation: &Violation,
) -> Result<Schedule, M::Error> {
    let mut best = schedule;
    let Some(mut fewest) = preemptions(model, &best, violation)? else {
        return Ok(best);
    };
    'improve: loop {
        let candidates: Vec<_> = joined(&best.0).collect();
        for candidate in candidates {
            let candidate = Schedule(candidate);
            let count = preemptions(model, &candidate, violation)?;
            if let Some(count) = count.filter(|&count| count < fewest) {
                (best, fewest) = (candidate, count);
                continue 'improve;
            }
        }
        return Ok(best);
    }
}

/// The preemptions of a schedule that ends in the violation, and in none before.
fn preemptions<M: Model>(
    model: &mut M,
    schedule: &Schedule,
    violation: &Violation,
) -> Result<Option<usize>, M::Error> {
    let Ok(followed) = Execution::follow(model, schedule)? else {
        return Ok(None);
    };
    let same = |(steps, found): &(usize, Violation)| {
        *steps == schedule.0.len() && found.is_like(violation)
    };
    Ok(followed
        .violations
        .iter()
        .any(same)
        .then_some(followed.preemptions))
}

/// The schedules in which one run is joined with the next run of its agent.
fn joined(choices: &[Choice]) -> impl Iterator<Item = Vec<Choice>> + '_ {
    let starts = run_starts(choices);
    let pairs = (0..starts.len()).filter_map(move |run| {
        let agent = choices[starts[run]].agent;
        let next = (run + 1..starts.len()).find(|&other| choices[starts[other]].agent == agent)?;
        let end = |run: usize| starts.get(run + 1).copied().unwrap_or(choices.len());
        Some((starts[run], end(run), starts[next], end(next)))
    });
    pairs.flat_map(|(begin, end, next, next_end)| {
        let mut later = choices.to_vec();
        later[begin..next].rotate_left(end - begin);
        let mut earlier = choices.to_vec();
        earlier[end..next_end].rotate_right(next_end - next);
        [earlier, later]
    })
}

/// Where runs of one agent begin.
fn run_starts(choices: &[Choice]) -> Vec<usize> {
    let begins = |&at: &usize| at == 0 || choices[at - 1].agent != choices[at].agent;
    (0..choices.len()).filter(begins).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_joined_with_the_next_of_its_agent_both_ways() {
        let schedule: Schedule = "x1:0*2.1.0".parse().expect("a schedule");
        let candidates: Vec<String> = joined(&schedule.0)
            .map(|choices| Schedule(choices).to_string())
            .collect();
        assert_eq!(candidates, ["x1:0*3.1", "x1:1.0*3"]);
    }
}
