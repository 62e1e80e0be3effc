//! Searches over any [`Model`](xous_sim_step::Model): one search a file.
//!
//! No search knows what it searches. [`Exhaustive`] visits every reachable state once; [`Execution`] follows one
//! given schedule. What a search found is a [`Report`], which says exactly what it means.

mod below;
mod dfs;
mod execution;
mod exhaustive;
mod fingerprints;
mod ledger;
mod report;
mod smooth;
mod split;
mod visited;
mod walk;

pub use below::Below;
pub use dfs::{Begun, Dfs};
pub use execution::{Departure, Execution};
pub use exhaustive::Exhaustive;
pub use report::{
    Budget, Counterexample, Limits, Observer, Progress, Report, Silent, Stop, Verdict,
};
pub use split::{Plan, Prefix, Split, split};
pub use walk::random_walk;
