//! Searches over any [`Model`](xous_sim_step::Model): one search a file.
//!
//! No search knows what it searches. [`Exhaustive`] visits every reachable state once; [`Execution`] follows one
//! given schedule. What a search found is a [`Report`], which says exactly what it means.

mod dfs;
mod dpor;
mod execution;
mod exhaustive;
mod fingerprints;
mod graph;
mod ledger;
mod livelock;
mod report;
mod smooth;
mod visited;
mod walk;

pub use dfs::Dfs;
pub use dpor::Dpor;
pub use execution::{Departure, Execution};
pub use exhaustive::Exhaustive;
pub use report::{
    Budget, Counterexample, Limits, Observer, Progress, Report, Silent, Stop, Verdict,
};
pub use walk::random_walk;
