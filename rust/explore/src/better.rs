//! The best schedule that comes to a goal, if it is better than a known one: a search by cost over states.
//!
//! E. Dijkstra, "A Note on Two Problems in Connexion with Graphs" (1959), with the cost of a schedule in place of its
//! length: preemptions first, then steps, or the other way round. What a schedule will cost from here on depends on the state and on the
//! agent that took the last step, if that one can go on, or could after a death; so that pair is the place that is
//! visited once, by the best way to it. States are taken to be equal if their fingerprints are. Left out: what costs as much as the known
//! schedule or more, and what lies behind a violation of the kind that is looked for, or behind any if that one is to
//! stand alone.

use crate::descent::Cost;
use crate::effort::Effort;
use crate::goal::{Goal, Standing};
use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;
use std::collections::BTreeMap;
use xous_sim_step::{Choice, Model, Schedule, Violations};

/// Which of two schedules is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// That with fewer preemptions, and of those with as many the shorter one.
    Preemptions,
    /// The shorter one, and of those as short that with fewer preemptions.
    Steps,
}

impl Order {
    /// What is smaller for a better schedule.
    fn rank(self, cost: Cost) -> (usize, usize) {
        match self {
            Self::Preemptions => (cost.preemptions, cost.steps),
            Self::Steps => (cost.steps, cost.preemptions),
        }
    }
}

/// The best schedule if it is better than `known`. `None` if there is no better one, or none was found within about
/// `effort` steps of the model.
pub fn better<M: Model>(
    model: &mut M,
    goal: Goal<'_>,
    order: Order,
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
        cost: Cost::NOTHING,
        violations: model.violated_at_first(),
    };
    let mut search = Search {
        model,
        goal,
        order,
        known: order.rank(known),
        effort: effort.into(),
        visited: HashSet::default(),
        ways: Vec::new(),
        waiting: BTreeMap::from([(order.rank(Cost::NOTHING), vec![initial])]),
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
    /// The last choice that is no fault.
    last: Option<Choice>,
    cost: Cost,
    /// What that step violates.
    violations: Violations,
}

struct Search<'a, M: Model> {
    model: &'a mut M,
    goal: Goal<'a>,
    order: Order,
    known: (usize, usize),
    effort: Effort,
    visited: HashSet<(u128, Option<u16>), FxBuildHasher>,
    /// Each way is another one and a choice more.
    ways: Vec<(usize, Choice)>,
    /// By their rank.
    waiting: BTreeMap<(usize, usize), Vec<Arrival<M::State>>>,
}

impl<M: Model> Search<'_, M> {
    /// Visits places by rising cost, so that the first one at the goal is the best.
    fn run(&mut self) -> Result<Option<Schedule>, M::Error> {
        let mut enabled = Vec::new();
        while let Some((_, arrivals)) = self.waiting.pop_first() {
            for arrival in arrivals {
                enabled.clear();
                self.model.enabled(&arrival.state, &mut enabled)?;
                match self.judge(&arrival, &enabled)? {
                    Standing::There => return Ok(Some(self.schedule(arrival.way))),
                    Standing::Astray => continue,
                    Standing::UnderWay => {}
                }
                if self.effort.is_below(enabled.len() as u64) {
                    return Ok(None);
                }
                self.expand(arrival, &enabled)?;
            }
        }
        Ok(None)
    }

    fn judge(&mut self, at: &Arrival<M::State>, enabled: &[Choice]) -> Result<Standing, M::Error> {
        let mut violations = at.violations.clone();
        let broken = self.model.check(&at.state, enabled)?;
        violations.extend(broken.map(Into::into));
        Ok(self.goal.judge(&violations))
    }

    /// Takes all choices of a place that is visited for the first time.
    fn expand(&mut self, from: Arrival<M::State>, enabled: &[Choice]) -> Result<(), M::Error> {
        let last = from.last.filter(|last| {
            let mut matters = enabled.iter();
            matters.any(|choice| choice.agent == last.agent || choice.is_fault())
        });
        let place = (
            self.model.fingerprint(&from.state),
            last.map(|last| last.agent),
        );
        if !self.visited.insert(place) {
            return Ok(());
        }
        for &choice in enabled {
            let cost = from.cost.step(choice.preempts(last, enabled));
            if self.order.rank(cost) < self.known {
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
            last: Some(choice)
                .filter(|choice| !choice.is_fault())
                .or(from.last),
            cost,
            violations,
        };
        let rank = self.order.rank(cost);
        self.waiting.entry(rank).or_default().push(arrival);
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
    use xous_sim_step::{Property, Violation};

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
        let goal = Goal::alone(&violation);
        let Ok(schedule) = better(&mut toy, goal, Order::Preemptions, known, u64::MAX);
        assert_eq!(schedule.expect("a better one").to_string(), "x1:1.0*3");
    }

    #[test]
    fn who_acted_last_matters_even_if_only_a_death_lets_it_go_on() {
        // The third thread must write before the first one is mourned. It waits for the first one's lock, which the death
        // frees: so it is interrupted then, unless the second one has acted meanwhile.
        let (first, second) = (vec![Op::Lock(0)], vec![Op::Write(1, 1)]);
        let toy = Toy::new(vec![first, second, vec![Op::Write(0, 1), Op::Lock(0)]]).with_mortal(0);
        let way: Schedule = "x1:0.2.1.!3.3".parse().expect("a schedule");
        let mut model = Reaching::end_of(toy, &way, 5);
        let violation = Reaching::violation();
        let goal = Goal::alone(&violation);
        let Ok(found) = better(&mut model, goal, Order::Preemptions, Cost::WORST, u64::MAX);
        assert_eq!(found, Some(way));
    }

    proptest! {
        #[test]
        fn it_is_the_best_of_all(mut toy in programs(), seed: u64, steps in 0..9_usize) {
            let Ok(way) = random_walk(&mut toy, seed, steps);
            let mut model = Reaching::end_of(toy, &way, steps);
            let violation = Reaching::violation();
            let best = best(&mut model, &violation);
            let goals = [
                (Goal::at_last(&violation), Some(best.of_all)),
                (Goal::alone(&violation), best.alone),
            ];
            for (goal, best) in goals {
                let mut better = |known| better(&mut model, goal, Order::Preemptions, known, u64::MAX);
                let Some((preemptions, steps)) = best else {
                    let Ok(found) = better(Cost::WORST);
                    prop_assert_eq!(found, None);
                    continue;
                };
                let cost = Cost { preemptions, steps };
                let Ok(found) = better(cost.step(false));
                prop_assert_eq!(found.map(|schedule| schedule.0.len()), Some(steps));
                let Ok(found) = better(cost);
                prop_assert_eq!(found, None);
            }
        }
    }
}
