//! Searches over any [`Model`](xous_sim_step::Model): one search a file.
//!
//! No search knows what it searches. [`Exhaustive`] visits every reachable state once; [`Dfs`] follows every schedule;
//! [`Random`] and [`Pct`] sample schedules; [`Execution`] follows one given schedule, and [`shrink`] makes it as easy to
//! follow as it can be. What a search found is a [`Report`], which says exactly what it means.

mod below;
mod better;
mod checkpoint;
mod counted;
mod descent;
mod dfs;
mod dpor;
mod draws;
mod effort;
mod estimate;
mod execution;
mod exhaustive;
mod fingerprints;
mod goal;
mod graph;
mod ledger;
mod livelock;
mod moves;
mod pct;
mod random;
mod remaining;
mod report;
mod sample;
mod shrink;
mod smooth;
mod split;
mod visited;
mod walk;

#[cfg(test)]
#[path = "../tests/brute_force/mod.rs"]
mod brute_force;
#[cfg(test)]
#[path = "../tests/toy/mod.rs"]
mod toy;

pub use below::Below;
pub use checkpoint::{Checkpoint, Keeper};
pub use dfs::{Begun, Dfs};
pub use dpor::Dpor;
pub use effort::Effort;
pub use estimate::estimate_schedules;
pub use execution::{Departure, Execution};
pub use exhaustive::Exhaustive;
pub use pct::Pct;
pub use random::Random;
pub use report::{
    Budget, Counterexample, Limits, Observer, Progress, Report, Silent, Stop, Verdict,
};
pub use shrink::shrink;
pub use split::{Plan, Prefix, Split, split};
pub use walk::{random_walk, random_walk_until};
