//! What a reader wants to see of a step: who did what, what came of it, and what the system looks like afterwards.

use xous_sim_step::{Choice, Model};

/// A step in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who took it.
    pub agent: String,
    /// What it did.
    pub operation: String,
    /// What came of it; may be empty.
    pub result: String,
}

/// A part of the system with what is in it: a link with its messages, a table with its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// What is in it, in order.
    pub contents: Vec<String>,
}

/// A model whose executions can be told.
pub trait Tells: Model {
    /// The step from `before` to `after` by `choice`.
    fn tell(&self, before: &Self::State, choice: Choice, after: &Self::State) -> Told;

    /// The parts of a state, the same ones in each state.
    fn show(&self, state: &Self::State) -> Vec<Place>;
}
