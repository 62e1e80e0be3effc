//! A walk: one execution under way, whose next choice somebody else makes.
//!
//! It knows where it is, what is possible there, and what it has violated with its last step. [`random_walk`] is no
//! search: it samples executions for cross-checks and for models that learn. Its choices are drawn step by step, so its
//! executions are not equally likely.

use crate::draws::Draws;
use crate::report::is_behind;
use std::time::Instant;
use xous_sim_step::{Choice, Model, Schedule, Violations};

/// An execution under way.
pub struct Walk<S> {
    state: S,
    /// What is possible in its state.
    pub enabled: Vec<Choice>,
    /// How it came there.
    pub schedule: Schedule,
    /// What its last step and its state violate.
    pub violations: Violations,
    /// How many agents there are in its state.
    pub agents: usize,
}

impl<S> Walk<S> {
    /// The execution that has not made a step.
    pub fn begin<M: Model<State = S>>(model: &mut M) -> Result<Self, M::Error> {
        let mut walk = Self {
            state: model.initial()?,
            enabled: Vec::new(),
            schedule: Schedule::default(),
            violations: Violations::default(),
            agents: 0,
        };
        walk.violations = model.violated_at_first();
        walk.look(model)?;
        Ok(walk)
    }

    /// Takes an enabled choice.
    pub fn step<M: Model<State = S>>(
        &mut self,
        model: &mut M,
        choice: Choice,
    ) -> Result<(), M::Error> {
        self.violations = model.apply(&mut self.state, choice)?;
        self.schedule.0.push(choice);
        self.look(model)
    }

    fn look<M: Model<State = S>>(&mut self, model: &mut M) -> Result<(), M::Error> {
        self.enabled.clear();
        model.enabled(&self.state, &mut self.enabled)?;
        self.agents = model.agents(&self.state);
        let broken = model.check(&self.state, &self.enabled)?;
        self.violations.extend(broken.map(Into::into));
        Ok(())
    }

    /// Whether a choice switches away from an agent that could go on.
    pub fn preempts(&self, choice: Choice) -> bool {
        self.schedule.is_preempted_by(choice, &self.enabled)
    }

    /// Steps so far.
    pub fn steps(&self) -> usize {
        self.schedule.0.len()
    }

    /// Whether it came to an end, or is as long as it may be.
    pub fn is_over(&self, max_steps: usize) -> bool {
        self.enabled.is_empty() || self.steps() >= max_steps
    }
}

/// The schedule of a random execution, until nothing is enabled or `max_steps` are taken. No property is looked at: what
/// a search looked at must be its own doing.
pub fn random_walk<M: Model>(
    model: &mut M,
    seed: u64,
    max_steps: usize,
) -> Result<Schedule, M::Error> {
    random_walk_until(model, seed, max_steps, None)
}

/// The same, but it ends at a deadline, if there is one.
pub fn random_walk_until<M: Model>(
    model: &mut M,
    seed: u64,
    max_steps: usize,
    deadline: Option<Instant>,
) -> Result<Schedule, M::Error> {
    let mut draws = Draws::seeded(seed);
    let mut state = model.initial()?;
    let mut schedule = Schedule::default();
    let mut enabled = Vec::new();
    model.enabled(&state, &mut enabled)?;
    while !enabled.is_empty() && schedule.0.len() < max_steps && !is_behind(deadline) {
        let choice = enabled[draws.below(enabled.len())];
        model.apply(&mut state, choice)?;
        schedule.0.push(choice);
        enabled.clear();
        model.enabled(&state, &mut enabled)?;
    }
    Ok(schedule)
}
