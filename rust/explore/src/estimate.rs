//! How many schedules there are, estimated from a few of them.
//!
//! D. Knuth, "Estimating the Efficiency of Backtrack Programs" (1975): a random descent through a tree that comes to its
//! leaf with probability `p` says that there are `1 / p` leaves. That is right on average, whatever the probabilities; at
//! equal ones `1 / p` is the product of the branching factors. Few descents mostly say too little, because rare ones say
//! very much. Departure: the choices are drawn by what earlier descents say of the steps that agents have left (see
//! [`Remaining`]), which spreads the estimates less. A descent that is cut off counts as one that ended there.

use crate::draws::Draws;
use crate::remaining::Remaining;
use crate::report::is_behind;
use crate::sample::Sampler;
use crate::walk::Walk;
use std::time::Instant;
use xous_sim_step::Model;

/// An average of estimates.
#[derive(Default)]
pub struct Estimate {
    sum: f64,
    count: u64,
}

impl Estimate {
    /// Takes the estimate of another descent in.
    pub fn add(&mut self, schedules: f64) {
        self.sum += schedules;
        self.count += 1;
    }

    /// The average; `f64::MAX` stands for more than that, `None` for nothing known.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| (self.sum / self.count as f64).min(f64::MAX))
    }
}

/// An estimate of the number of complete schedules, from `probes` descents (one at least) of up to `max_steps` steps.
pub fn estimate_schedules<M: Model>(
    model: &mut M,
    seed: u64,
    probes: u32,
    max_steps: usize,
) -> Result<f64, M::Error> {
    let estimate = estimate_until(model, seed, (probes.max(1), max_steps), None)?;
    Ok(estimate.expect("there was a descent"))
}

/// The same for searches that have a deadline; `None` if not one descent came to its end before it.
pub fn estimate_until<M: Model>(
    model: &mut M,
    seed: u64,
    (probes, max_steps): (u32, usize),
    deadline: Option<Instant>,
) -> Result<Option<f64>, M::Error> {
    let mut sampler = Remaining::of_nothing(Draws::seeded(seed));
    for _ in 0..probes {
        sampler.begin();
        let mut walk = Walk::begin(model)?;
        while !walk.is_over(max_steps) {
            if is_behind(deadline) {
                return Ok(sampler.estimated_total());
            }
            let choice = sampler.choose(&walk);
            walk.step(model, choice)?;
        }
        sampler.learn(&walk);
    }
    Ok(sampler.estimated_total())
}
