//! The part of a model that is known already, for several threads at once.

use crate::{Choice, Future, Violations};

/// What a model knows: answers that need neither learning nor storing. `None` means that only the model itself can tell.
pub trait Known<S>: Sync {
    /// As [`Model::enabled`](crate::Model::enabled).
    fn enabled(&self, state: &S, choices: &mut Vec<Choice>) -> Option<()>;

    /// As [`Model::apply`](crate::Model::apply).
    fn apply(&self, state: &mut S, choice: Choice) -> Option<Violations>;

    /// As [`Model::canonicalize`](crate::Model::canonicalize).
    fn canonicalize(&self, state: &mut S) -> Option<()>;

    /// As [`Model::fingerprint`](crate::Model::fingerprint).
    fn fingerprint(&self, state: &S) -> u128;

    /// As [`Model::future`](crate::Model::future).
    fn future(&self, state: &S, agent: u16) -> Option<Future>;

    /// As [`Model::agents`](crate::Model::agents).
    fn agents(&self, state: &S) -> usize;

    /// As [`Model::check`](crate::Model::check), for a state that violates nothing.
    fn check(&self, state: &S, enabled: &[Choice]) -> Option<()>;
}
