//! What may be spent on making a schedule better: steps of the model, and time.

use crate::report::is_behind;
use std::time::Instant;

/// How much is left.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Steps.
    pub steps: u64,
    /// When to end, whatever steps are left.
    pub deadline: Option<Instant>,
}

impl From<u64> for Effort {
    fn from(steps: u64) -> Self {
        Self {
            steps,
            deadline: None,
        }
    }
}

impl Effort {
    /// So many steps of it.
    #[must_use]
    pub fn with_steps(self, steps: u64) -> Self {
        Self { steps, ..self }
    }

    /// A step was taken.
    pub fn spend(&mut self) {
        self.steps = self.steps.saturating_sub(1);
    }

    /// Whether not even so many steps are left.
    #[must_use]
    pub fn is_below(&self, steps: u64) -> bool {
        self.steps < steps || is_behind(self.deadline)
    }
}
