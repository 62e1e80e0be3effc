//! Probabilistic concurrency testing: random priorities that change at few random steps.
//!
//! S. Burckhardt, P. Kothari, M. Musuvathi and S. Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
//! Finding Bugs" (ASPLOS 2010). The enabled agent of the highest priority takes the next step. Priorities are drawn at
//! the start, and at `d - 1` steps, drawn from the first `k`, the agent that took the step falls behind all others. A
//! bug of depth `d` - one that shows whenever `d` certain steps come in a certain order - is met by each schedule
//! with a probability of at least `1 / (n k^(d-1))`, for `n` agents and schedules of `k` steps at most.
//!
//! Departures: `k` is not given but the length of the longest execution so far, at first of a few that are drawn step by
//! step from what is enabled, or by priorities that do not change; schedules that were drawn with a smaller `k` don't count for the guarantee, and it holds only as
//! far as no schedule is longer than those that were met. `n` is the number of agents that were met; one that is started
//! on the way gets a place among the priorities then. What an agent picks is drawn, which the guarantee does not
//! speak of, so none is given then. Executions end after [`MAX_STEPS`] steps.
//!
//! [`MAX_STEPS`]: crate::sample::MAX_STEPS

use crate::draws::Draws;
use crate::ledger::Ledger;
use crate::report::{Limits, Observer, Report, Stop};
use crate::sample::{Sampler, sample};
use crate::walk::Walk;
use xous_sim_step::{Choice, Model};

/// Executions from which the first horizon is taken. Every other one is drawn by priorities, because these let agents run
/// far that others would stop.
const CALIBRATION: u64 = 10;

/// Every priority at the start is above those that agents fall to.
const FIRST: u64 = 1 << 63;

/// Probabilistic concurrency testing.
#[derive(Clone, Copy, Debug)]
pub struct Pct {
    /// What it may spend; [`Limits::DEFAULT_SCHEDULES`] without a limit of schedules or time.
    pub limits: Limits,
    /// Whether the first violation ends it.
    pub stop: Stop,
    /// Equal seeds give equal schedules.
    pub seed: u64,
    /// The depth of the bugs that it looks for, 1 at least.
    pub depth: u32,
}

impl Default for Pct {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            stop: Stop::default(),
            seed: 0,
            depth: 3,
        }
    }
}

impl Pct {
    /// Explores `model`; fails only if the model itself fails or the observer ends the search.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        let mut ledger = Ledger::open(self.limits.for_sampling(), self.stop, observer);
        let mut sampler = Prioritised {
            draws: Draws::seeded(self.seed),
            depth: self.depth.max(1),
            known: Known::default(),
            priorities: Vec::new(),
            changes: Vec::new(),
        };
        let came_to = sample(model, &mut ledger, &mut sampler);
        let ending = ledger.unless_out_of_memory(came_to)?.unwrap_or_else(Some);
        let mut report = ledger.close(ending);
        report.missed_at_most = sampler.known.missed_at_most(sampler.depth);
        Ok(report)
    }
}

/// What the executions so far say of the program.
#[derive(Default)]
struct Known {
    executions: u64,
    /// Steps of the longest one.
    horizon: usize,
    /// Agents, at most.
    agents: usize,
    /// Schedules that were drawn by priorities, for this horizon.
    prioritised: u64,
    /// Whether an agent had several choices of its own.
    picks: bool,
}

impl Known {
    fn is_calibrated(&self) -> bool {
        self.executions >= CALIBRATION
    }

    fn learn<S>(&mut self, walk: &Walk<S>) {
        self.prioritised += u64::from(self.is_calibrated());
        self.executions += 1;
        self.agents = self.agents.max(walk.agents);
        if walk.steps() > self.horizon {
            self.horizon = walk.steps();
            self.prioritised = 0;
        }
    }

    /// The probability that all these schedules missed a bug of this depth.
    fn missed_at_most(&self, depth: u32) -> Option<f64> {
        let orders = self.agents as f64 * (self.horizon as f64).powf(f64::from(depth - 1));
        let missed = (self.prioritised as f64 * (-1.0 / orders).ln_1p()).exp();
        (!self.picks && self.prioritised > 0).then_some(missed)
    }
}

/// Draws executions by priorities.
struct Prioritised {
    draws: Draws,
    depth: u32,
    known: Known,
    /// The priorities of the agents in this execution.
    priorities: Vec<u64>,
    /// After how many steps the agent that took the last one falls behind, to the priority that is the place in this list.
    changes: Vec<usize>,
}

impl Sampler for Prioritised {
    fn begin(&mut self) {
        self.priorities.clear();
        self.changes.clear();
        if self.known.is_calibrated() {
            let horizon = self.known.horizon;
            let changes = (1..self.depth).map(|_| 1 + self.draws.below(horizon));
            self.changes.extend(changes);
        }
    }

    fn choose<S>(&mut self, walk: &Walk<S>) -> Choice {
        let by_priority = self.known.is_calibrated() || self.known.executions % 2 == 1;
        match by_priority {
            true => self.of_highest(walk),
            false => walk.enabled[self.draws.below(walk.enabled.len())],
        }
    }

    fn learn<S>(&mut self, walk: &Walk<S>) {
        self.known.learn(walk);
    }
}

impl Prioritised {
    /// The choice of the enabled agent of the highest priority.
    fn of_highest<S>(&mut self, walk: &Walk<S>) -> Choice {
        for _ in self.priorities.len()..walk.agents {
            self.priorities.push(FIRST | self.draws.number());
        }
        let priority = |choice: &&Choice| self.priorities[usize::from(choice.agent)];
        let highest = walk.enabled.iter().max_by_key(priority);
        let agent = highest.expect("a walk that goes on can do so").agent;
        self.change(agent, walk.steps() + 1);
        self.pick(walk, agent)
    }

    /// An agent takes the step of this number.
    fn change(&mut self, agent: u16, step: usize) {
        for (lower, _) in (0..).zip(&self.changes).filter(|(_, at)| **at == step) {
            self.priorities[usize::from(agent)] = lower;
        }
    }

    /// Draws among the choices of an agent.
    fn pick<S>(&mut self, walk: &Walk<S>, agent: u16) -> Choice {
        let own = || walk.enabled.iter().filter(|choice| choice.agent == agent);
        let drawn = match own().count() {
            1 => 0,
            picks => {
                self.known.picks = true;
                self.draws.below(picks)
            }
        };
        *own().nth(drawn).expect("the draw is below their number")
    }
}
