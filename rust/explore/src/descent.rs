//! Local descent from a schedule that shows a violation to a better one, move by move.
//!
//! A move makes another list of choices out of the best schedule so far. The list is followed leniently: choices that are
//! not possible where their turn comes are skipped, and what comes after the violation is cut off. If what remains is
//! better, it is the best schedule from then on. What the descent ends with cannot be improved by one move, but need not
//! be the best of all.

use crate::walk::Walk;
use xous_sim_step::{Choice, Model, Schedule, Violation};

/// What is to become small: preemptions first, then steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Switches away from an agent that could have gone on.
    pub preemptions: usize,
    /// Choices.
    pub steps: usize,
}

impl Cost {
    /// What any schedule is better than.
    const WORST: Self = Self {
        preemptions: usize::MAX,
        steps: usize::MAX,
    };

    /// The cost of one step more.
    pub fn step(self, preempts: bool) -> Self {
        Self {
            preemptions: self.preemptions + usize::from(preempts),
            steps: self.steps + 1,
        }
    }
}

/// A kind of move: its `n`-th way to change a schedule; `None` if there are no more.
pub type Move = fn(&[Choice], usize) -> Option<Vec<Choice>>;

/// A descent.
pub struct Descent<'a, M> {
    model: &'a mut M,
    violation: &'a Violation,
    /// The best schedule so far.
    pub best: Schedule,
    /// Its cost.
    pub cost: Cost,
    /// Steps of the model that it may still take.
    pub effort: u64,
}

impl<'a, M: Model> Descent<'a, M> {
    /// Starts from `schedule`; `None` if that does not come to the violation.
    pub fn begin(
        model: &'a mut M,
        schedule: &Schedule,
        violation: &'a Violation,
        effort: u64,
    ) -> Result<Option<Self>, M::Error> {
        let mut descent = Self {
            model,
            violation,
            best: Schedule::default(),
            cost: Cost::WORST,
            effort,
        };
        let comes_to_it = descent.attempt(&schedule.0)?;
        Ok(comes_to_it.then_some(descent))
    }

    /// Tries each way of each kind of move once; whether one led to a better schedule.
    pub fn improve(&mut self, kinds: &[Move]) -> Result<bool, M::Error> {
        let before = self.cost;
        for kind in kinds {
            let mut n = 0;
            while let Some(candidate) = kind(&self.best.0, n).filter(|_| self.effort > 0) {
                // A better schedule has another n-th way.
                n += usize::from(!self.attempt(&candidate)?);
            }
        }
        Ok(self.cost < before)
    }

    /// Follows a list of choices; whether it led to a better schedule.
    fn attempt(&mut self, candidate: &[Choice]) -> Result<bool, M::Error> {
        let mut walk = Walk::begin(self.model)?;
        let mut cost = Cost {
            preemptions: 0,
            steps: 0,
        };
        for choice in candidate {
            if walk.shows(self.violation) {
                break;
            }
            if !walk.enabled.contains(choice) {
                continue;
            }
            cost = cost.step(walk.preempts(*choice));
            if cost >= self.cost {
                return Ok(false);
            }
            walk.step(self.model, *choice)?;
            self.effort = self.effort.saturating_sub(1);
        }
        let better = walk.shows(self.violation);
        if better {
            (self.best, self.cost) = (walk.schedule, cost);
        }
        Ok(better)
    }
}

/// The kinds of moves.
pub mod moves {
    use std::collections::BTreeSet;
    use std::ops::Range;
    use xous_sim_step::Choice;

    /// All but the steps of one agent.
    pub fn without_agent(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
        let agents: BTreeSet<u16> = choices.iter().map(|choice| choice.agent).collect();
        let agent = agents.into_iter().nth(n)?;
        let others = choices.iter().filter(|choice| choice.agent != agent);
        Some(others.copied().collect())
    }

    /// All but one run: steps that one agent takes on end.
    pub fn without_run(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
        let run = runs(choices).nth(n)?;
        Some([&choices[..run.start], &choices[run.end..]].concat())
    }

    /// All but one step.
    pub fn without_step(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
        choices.get(n)?;
        Some([&choices[..n], &choices[n + 1..]].concat())
    }

    /// One run joined with the next run of its agent: first by moving that one up, then by moving this one back.
    pub fn joined(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
        let (run, next) = pairs(choices).nth(n / 2)?;
        let mut joined = choices.to_vec();
        if n.is_multiple_of(2) {
            joined[run.end..next.end].rotate_right(next.len());
        } else {
            joined[run.start..next.start].rotate_left(run.len());
        }
        Some(joined)
    }

    /// Each run with the next one of its agent.
    fn pairs(choices: &[Choice]) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
        runs(choices).filter_map(|run| {
            let agent = choices[run.start].agent;
            let rest = &choices[run.end..];
            let next = run.end + rest.iter().position(|choice| choice.agent == agent)?;
            let others = choices[next..].iter();
            let len = others.take_while(|choice| choice.agent == agent).count();
            Some((run, next..next + len))
        })
    }

    fn runs(choices: &[Choice]) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut end = 0;
        choices.chunk_by(|a, b| a.agent == b.agent).map(move |run| {
            let start = end;
            end += run.len();
            start..end
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::descent::Move;
        use xous_sim_step::Schedule;

        fn all(kind: Move, line: &str) -> Vec<String> {
            let schedule: Schedule = line.parse().expect("a schedule");
            let ways = (0..).map_while(|n| kind(&schedule.0, n));
            ways.map(|choices| Schedule(choices).to_string()).collect()
        }

        #[test]
        fn a_run_is_joined_with_the_next_of_its_agent_both_ways() {
            assert_eq!(all(joined, "x1:0*2.1.0"), ["x1:0*3.1", "x1:1.0*3"]);
            assert_eq!(all(joined, "x1:0.1*2.2"), [""; 0]);
        }

        #[test]
        fn parts_are_dropped_one_at_a_time() {
            let line = "x1:2.0*2.2";
            assert_eq!(all(without_agent, line), ["x1:2*2", "x1:0*2"]);
            assert_eq!(all(without_run, line), ["x1:0*2.2", "x1:2*2", "x1:2.0*2"]);
            let steps = ["x1:0*2.2", "x1:2.0.2", "x1:2.0.2", "x1:2.0*2"];
            assert_eq!(all(without_step, line), steps);
        }
    }
}
