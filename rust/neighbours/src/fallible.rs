//! A model that cannot fail, in a search that can be ended with an error: by Ctrl-C, for instance.

use std::convert::Infallible;
use std::marker::PhantomData;
use xous_sim_step::{Choice, Model, Unknown, Violation, Violations};

/// The model, with another type of errors, none of which it makes.
pub struct Fallible<M, E> {
    /// The model.
    pub model: M,
    errors: PhantomData<E>,
}

impl<M, E> Fallible<M, E> {
    /// The same model.
    pub const fn new(model: M) -> Self {
        Self {
            model,
            errors: PhantomData,
        }
    }
}

/// A result that is no error.
fn sure<T, E>(result: Result<T, Infallible>) -> Result<T, E> {
    let Ok(value) = result;
    Ok(value)
}

impl<M: Model<Error = Infallible>, E> Model for Fallible<M, E> {
    type State = M::State;
    type Error = E;
    type Step = ();
    type Known<'k>
        = Unknown
    where
        Self: 'k;

    fn initial(&mut self) -> Result<M::State, E> {
        sure(self.model.initial())
    }

    fn enabled(&mut self, state: &M::State, choices: &mut Vec<Choice>) -> Result<(), E> {
        sure(self.model.enabled(state, choices))
    }

    fn apply(&mut self, state: &mut M::State, choice: Choice) -> Result<Violations, E> {
        sure(self.model.apply(state, choice))
    }

    fn fingerprint(&self, state: &M::State) -> u128 {
        self.model.fingerprint(state)
    }

    fn agents(&self, state: &M::State) -> usize {
        self.model.agents(state)
    }

    fn may_cycle(&self) -> bool {
        self.model.may_cycle()
    }

    fn check(&mut self, state: &M::State, enabled: &[Choice]) -> Result<Option<Violation>, E> {
        sure(self.model.check(state, enabled))
    }
}
