//! The best schedule that comes to a violation, if it is better than a known one: a search by cost over states.
//!
//! E. Dijkstra, "A Note on Two Problems in Connexion with Graphs" (1959), with the cost of a schedule in place of its
//! length: preemptions first, then steps. What a schedule will cost from here on depends on the state and on the
//! agent that took the last step, if that one can go on; so that pair is the place that is visited once, by the best
//! way to it. States are taken to be equal if their fingerprints are. Left out: what costs as much as the known
//! schedule or more, and what lies behind a violation of the kind that is looked for.

use crate::descent::Cost;
use crate::effort::Effort;
use crate::walk::preempts;
use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;
use std::collections::BTreeMap;
use xous_sim_step::{Choice, Model, Schedule, Violation};

/// The best schedule if it is better than `known`. `None` if there is no better one, or none was found within about
/// `effort` steps of the model.
pub fn better<M: Model>(
    model: &mut M,
    violation: &Violation,
    known: Cost,
    effort: impl Into<Effort>,
) -> Result<Option<Schedule>, M::Error> {
    if known == Cost::NOTHING {
        return Ok(None);
    }
    let initial = Arrival {
        state: model.initial()?,
        way: NOWHERE,
        last: None,
        violated: false,
    };
    let mut search = Search {
        model,
        violation,
        known,
        effort: effort.into(),
        visited: HashSet::default(),
        ways: Vec::new(),
        waiting: BTreeMap::from([(Cost::NOTHING, vec![initial])]),
    };
    search.run()
}

/// The number of the way that is empty.
const NOWHERE: usize = usize::MAX;

/// One way to a state.
struct Arrival<S> {
    state: S,
    /// The way there, by number.
    way: usize,
    /// The agent that took the last step.
    last: Option<u16>,
    /// Whether that step shows the violation.
    violated: bool,
}

struct Search<'a, M: Model> {
    model: &'a mut M,
    violation: &'a Violation,
    known: Cost,
    effort: Effort,
    visited: HashSet<(u128, Option<u16>), FxBuildHasher>,
    /// Each way is another one and a choice more.
    ways: Vec<(usize, Choice)>,
    waiting: BTreeMap<Cost, Vec<Arrival<M::State>>>,
}

impl<M: Model> Search<'_, M> {
    /// Visits places by rising cost, so that the first one that shows the violation is the best.
    fn run(&mut self) -> Result<Option<Schedule>, M::Error> {
        let mut enabled = Vec::new();
        while let Some((cost, arrivals)) = self.waiting.pop_first() {
            for arrival in arrivals {
                enabled.clear();
                self.model.enabled(&arrival.state, &mut enabled)?;
                if self.shows(&arrival, &enabled)? {
                    return Ok(Some(self.schedule(arrival.way)));
                }
                if self.effort.is_below(enabled.len() as u64) {
                    return Ok(None);
                }
                self.expand(arrival, cost, &enabled)?;
            }
        }
        Ok(None)
    }

    fn shows(&mut self, at: &Arrival<M::State>, enabled: &[Choice]) -> Result<bool, M::Error> {
        let broken = self.model.check(&at.state, enabled)?;
        Ok(at.violated || broken.is_some_and(|found| found.is_like(self.violation)))
    }

    /// Takes all choices of a place that is visited for the first time.
    fn expand(
        &mut self,
        from: Arrival<M::State>,
        cost: Cost,
        enabled: &[Choice],
    ) -> Result<(), M::Error> {
        let goes_on = |last: &u16| enabled.iter().any(|choice| choice.agent == *last);
        let last = from.last.filter(goes_on);
        if !self
            .visited
            .insert((self.model.fingerprint(&from.state), last))
        {
            return Ok(());
        }
        for &choice in enabled {
            let cost = cost.step(last.is_some_and(|last| preempts(last, choice, enabled)));
            if cost < self.known {
                self.take(&from, choice, cost)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        from: &Arrival<M::State>,
        choice: Choice,
        cost: Cost,
    ) -> Result<(), M::Error> {
        let mut state = from.state.clone();
        let violations = self.model.apply(&mut state, choice)?;
        self.effort.spend();
        self.ways.push((from.way, choice));
        let arrival = Arrival {
            state,
            way: self.ways.len() - 1,
            last: Some(choice.agent),
            violated: violations.iter().any(|found| found.is_like(self.violation)),
        };
        self.waiting.entry(cost).or_default().push(arrival);
        Ok(())
    }

    /// The choices of a way.
    fn schedule(&self, mut way: usize) -> Schedule {
        let mut choices = Vec::new();
        while way != NOWHERE {
            let (before, choice) = self.ways[way];
            choices.push(choice);
            way = before;
        }
        choices.reverse();
        Schedule(choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brute_force::best;
    use crate::toy::reaching::Reaching;
    use crate::toy::{Op, Toy, programs};
    use crate::walk::random_walk;
    use proptest::prelude::*;
    use xous_sim_step::Property;

    #[test]
    fn of_two_ways_to_a_state_the_one_counts_whose_agent_goes_on() {
        // What the first thread reads first does not matter, but only after the write it can go on to the second read.
        let first = vec![Op::Read(1), Op::Read(0), Op::Fail(1)];
        let mut toy = Toy::new(vec![first, vec![Op::Write(0, 1), Op::Write(0, 0)]]);
        let violation = Violation::new(Property("fail"), "0 1".into(), String::new());
        let known = Cost {
            preemptions: 1,
            steps: 5,
        };
        let Ok(schedule) = better(&mut toy, &violation, known, u64::MAX);
        assert_eq!(schedule.expect("a better one").to_string(), "x1:1.0*3");
    }

    proptest! {
        #[test]
        fn it_is_the_best_of_all(mut toy in programs(), seed: u64, steps in 0..9_usize) {
            let Ok(way) = random_walk(&mut toy, seed, steps);
            let mut model = Reaching::end_of(toy, &way, steps);
            let violation = Reaching::violation();
            let (preemptions, steps) = best(&mut model, &violation);
            let cost = Cost { preemptions, steps };
            let Ok(found) = better(&mut model, &violation, cost.step(false), u64::MAX);
            prop_assert_eq!(found.map(|schedule| schedule.0.len()), Some(steps));
            let Ok(found) = better(&mut model, &violation, cost, u64::MAX);
            prop_assert_eq!(found, None);
        }
    }
}
