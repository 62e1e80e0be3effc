//! The part of a model that is known already, for several threads at once.

use crate::{Choice, Future, Violation};

/// What a model knows: answers that need neither learning nor storing. `None` means that only the model itself can tell.
///
/// A step `T` from a state `S` is looked up once and then [taken](Known::apply) as often as is wanted.
pub trait Known<S, T>: Sync {
    /// As [`Model::enabled`](crate::Model::enabled); with the steps that had to be looked up for that.
    fn enabled(&self, state: &S, choices: &mut Vec<(Choice, Option<T>)>) -> Option<()>;

    /// Looks up the step of an enabled choice.
    fn step(&self, state: &S, choice: Choice) -> Option<T>;

    /// As [`Model::apply`](crate::Model::apply), with the step of this choice in this state. `permits` is asked of all that the
    /// step violates, as far as that is what [`Violation::is_like`] compares; `None` if it says no, too.
    fn apply(
        &self,
        state: &mut S,
        choice: Choice,
        step: T,
        permits: &dyn Fn(&Violation) -> bool,
    ) -> Option<()>;

    /// As [`Model::canonicalize`](crate::Model::canonicalize).
    fn canonicalize(&self, state: &mut S) -> Option<()>;

    /// As [`Model::fingerprint`](crate::Model::fingerprint).
    fn fingerprint(&self, state: &S) -> u128;

    /// As [`Model::future`](crate::Model::future).
    fn future<const W: usize>(&self, state: &S, agent: u16) -> Option<Future<W>>;

    /// As [`Model::agents`](crate::Model::agents).
    fn agents(&self, state: &S) -> usize;

    /// As [`Model::check`](crate::Model::check), for a state that violates nothing; `quiet` if only faults are enabled.
    fn check(&self, state: &S, quiet: bool) -> Option<()>;
}

/// What a model knows that is not made for several threads: there is no value of this type.
#[derive(Clone, Copy, Debug)]
pub enum Unknown {}

impl<S, T> Known<S, T> for Unknown {
    fn enabled(&self, _: &S, _: &mut Vec<(Choice, Option<T>)>) -> Option<()> {
        match *self {}
    }

    fn step(&self, _: &S, _: Choice) -> Option<T> {
        match *self {}
    }

    fn apply(&self, _: &mut S, _: Choice, _: T, _: &dyn Fn(&Violation) -> bool) -> Option<()> {
        match *self {}
    }

    fn canonicalize(&self, _: &mut S) -> Option<()> {
        match *self {}
    }

    fn fingerprint(&self, _: &S) -> u128 {
        match *self {}
    }

    fn future<const W: usize>(&self, _: &S, _: u16) -> Option<Future<W>> {
        match *self {}
    }

    fn agents(&self, _: &S) -> usize {
        match *self {}
    }

    fn check(&self, _: &S, _: bool) -> Option<()> {
        match *self {}
    }
}
