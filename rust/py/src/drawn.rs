//! Schedules that somebody draws, choice by choice: whatever is drawn fits the program.

use crate::told::{Told, follow};
use crate::tracer::failed;
use pyo3::prelude::*;
use xous_sim_step::{Choice, Model, Schedule};
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::{State, World};

/// A schedule under way.
pub struct Drawn {
    /// `agent(n, goes_on)` gives a number below `n`: who acts; if `goes_on`, 0 is the agent that acted last. `pick(n)`
    /// gives what an agent picks.
    draw: Py<PyAny>,
    /// It ends after so many steps, if it has not ended before.
    max_steps: usize,
    /// The choices so far. They stay when the world has to begin again because it has learned that a body spins.
    choices: Vec<Choice>,
}

impl Drawn {
    pub fn new(draw: Py<PyAny>, max_steps: usize) -> Self {
        Self {
            draw,
            max_steps,
            choices: Vec::new(),
        }
    }

    /// Draws until a property is violated or nobody can go on, and tells what happened.
    pub fn finish(&mut self, world: &mut World<'_>) -> Result<Told, TraceError> {
        let mut state = world.initial()?;
        let mut step = 0;
        let mut over = !world.violated_at_first().is_empty();
        while !over && let Some(choice) = self.next(world, &state, step)? {
            self.choices.truncate(step);
            self.choices.push(choice);
            step += 1;
            over = !world.apply(&mut state, choice)?.is_empty();
        }
        self.choices.truncate(step);
        let told = follow(world, Schedule(self.choices.clone()))?;
        Ok(told.expect("every choice was enabled when it was drawn"))
    }

    /// The choice for a step: the one that was drawn before, or a new one; `None` at the end.
    fn next(
        &self,
        world: &mut World<'_>,
        state: &State,
        step: usize,
    ) -> Result<Option<Choice>, TraceError> {
        let mut enabled = Vec::new();
        world.enabled(state, &mut enabled)?;
        let broken = world.check(state, &enabled)?.is_some();
        if broken || step >= self.max_steps || enabled.iter().all(|choice| choice.is_fault()) {
            return Ok(None);
        }
        if let Some(known) = self.choices.get(step).filter(|c| enabled.contains(c)) {
            return Ok(Some(*known));
        }
        let before = self.choices[..step].iter();
        let last = before.rev().find(|choice| !choice.is_fault());
        let last = last.map(|choice| choice.agent);
        enabled.sort_by_key(|choice| (choice.is_fault(), Some(choice.agent) != last));
        let agents: Vec<&[Choice]> = enabled.chunk_by(|a, b| a.agent == b.agent).collect();
        let goes_on = last == Some(agents[0][0].agent);
        let agent = below(agents.len(), |py, limit| {
            self.draw.call_method1(py, "agent", (limit, goes_on))
        })?;
        let pick = below(agents[agent].len(), |py, limit| {
            self.draw.call_method1(py, "pick", (limit,))
        })?;
        Ok(Some(agents[agent][pick]))
    }
}

/// A number below `limit`, drawn where there are several.
fn below(
    limit: usize,
    draw: impl FnOnce(Python<'_>, usize) -> PyResult<Py<PyAny>>,
) -> Result<usize, TraceError> {
    if limit == 1 {
        return Ok(0);
    }
    let drawn: PyResult<usize> = Python::attach(|py| draw(py, limit)?.extract(py));
    Ok(drawn.map_err(failed)?.min(limit - 1))
}
