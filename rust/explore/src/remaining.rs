//! Which agent goes next, drawn by how many steps each seems to have left: nearly uniform where nothing is counted.
//!
//! URW of H. Zhao, D. Wolff, U. Mathur and A. Roychoudhury, "Selectively Uniform Concurrency Testing" (ASPLOS 2025): if
//! an agent with `r` of `R` steps left goes next with probability `r / R`, all interleavings are equally likely.
//! Departures: how many steps an agent takes is not given but the mean of the executions so far, and at least one is
//! left of an agent that can go on; the steps of an agent that is yet to be started do not count for the one that
//! starts it; an agent's picks are equally likely; no events are singled out (the paper's selective part).
//!
//! So it is uniform if every agent takes as many steps in each execution, none is started on the way, none waits, and
//! none picks - but for the first execution, in which agents are equally likely at every step. Otherwise it is not.

use crate::draws::Draws;
use crate::estimate::Estimate;
use crate::sample::Sampler;
use crate::walk::Walk;
use xous_sim_step::Choice;

/// Draws executions by what it knows of the steps of each agent.
pub struct Remaining {
    draws: Draws,
    /// Steps in all executions so far, by agent.
    steps: Vec<u64>,
    executions: u64,
    /// Steps in the present execution, by agent.
    taken: Vec<u64>,
    weights: Vec<f64>,
    /// How unlikely the present execution is: one divided by the probability of its choices.
    rarity: f64,
    estimate: Estimate,
}

impl Sampler for Remaining {
    fn begin(&mut self) {
        self.taken.clear();
        self.rarity = 1.0;
    }

    fn choose<S>(&mut self, walk: &Walk<S>) -> Choice {
        self.weigh(&walk.enabled);
        let all: f64 = self.weights.iter().sum();
        let mut rest = self.draws.share() * all;
        let mut drawn = 0;
        while drawn + 1 < self.weights.len() && rest >= self.weights[drawn] {
            rest -= self.weights[drawn];
            drawn += 1;
        }
        self.rarity *= all / self.weights[drawn];
        let choice = walk.enabled[drawn];
        *entry(&mut self.taken, choice.agent) += 1;
        choice
    }

    fn learn<S>(&mut self, walk: &Walk<S>) {
        self.executions += 1;
        for choice in &walk.schedule.0 {
            *entry(&mut self.steps, choice.agent) += 1;
        }
        self.estimate.add(self.rarity);
    }

    fn estimated_total(&self) -> Option<f64> {
        self.estimate.mean()
    }
}

impl Remaining {
    /// Nothing is known yet.
    pub fn of_nothing(draws: Draws) -> Self {
        Self {
            draws,
            steps: Vec::new(),
            executions: 0,
            taken: Vec::new(),
            weights: Vec::new(),
            rarity: 1.0,
            estimate: Estimate::default(),
        }
    }

    fn weigh(&mut self, enabled: &[Choice]) {
        self.weights.clear();
        for choice in enabled {
            let picks = enabled.iter().filter(|other| other.agent == choice.agent);
            let weight = self.left(choice.agent) / picks.count() as f64;
            self.weights.push(weight);
        }
    }

    /// How many steps an agent that can go on seems to have left.
    fn left(&self, agent: u16) -> f64 {
        let known = |steps: &[u64]| steps.get(usize::from(agent)).copied().unwrap_or(0) as f64;
        let mean = known(&self.steps) / self.executions.max(1) as f64;
        (mean - known(&self.taken)).max(1.0)
    }
}

fn entry(by_agent: &mut Vec<u64>, agent: u16) -> &mut u64 {
    let agent = usize::from(agent);
    if by_agent.len() <= agent {
        by_agent.resize(agent + 1, 0);
    }
    &mut by_agent[agent]
}
