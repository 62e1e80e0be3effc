//! Two agents that go round for ever.

use std::convert::Infallible;
use xous_sim_step::{Choice, Model, Unknown, Violation, Violations};

/// The model.
pub struct Spinning;

impl Model for Spinning {
    /// Which of them took the last step.
    type State = bool;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn enabled(&mut self, _: &bool, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        choices.extend([0, 1].map(Choice::of));
        Ok(())
    }

    fn apply(&mut self, second: &mut bool, choice: Choice) -> Result<Violations, Infallible> {
        *second = choice.agent == 1;
        Ok(Violations::default())
    }

    fn fingerprint(&self, second: &bool) -> u128 {
        u128::from(*second)
    }

    fn agents(&self, _: &bool) -> usize {
        2
    }

    fn check(&mut self, _: &bool, _: &[Choice]) -> Result<Option<Violation>, Infallible> {
        Ok(None)
    }
}
