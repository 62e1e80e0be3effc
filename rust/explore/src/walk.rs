//! A random execution: at every step one of the enabled choices, drawn by a seeded generator.
//!
//! Not a search: it samples executions for cross-checks. Choices are drawn step by step, so executions are not
//! equally likely.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use xous_sim_step::{Model, Schedule};

/// The schedule of a random execution, until nothing is enabled or `max_steps` are taken.
pub fn random_walk<M: Model>(
    model: &mut M,
    seed: u64,
    max_steps: usize,
) -> Result<Schedule, M::Error> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut state = model.initial()?;
    let mut schedule = Schedule::default();
    let mut enabled = Vec::new();
    while schedule.0.len() < max_steps {
        enabled.clear();
        model.enabled(&state, &mut enabled)?;
        if enabled.is_empty() {
            break;
        }
        let choice = enabled[generator.next_u64() as usize % enabled.len()];
        model.apply(&mut state, choice)?;
        schedule.0.push(choice);
    }
    Ok(schedule)
}
