//! The machine against the axioms: on random programs both allow the same outcomes and the same data races.
//!
//! The checker of the axioms shares nothing with the crate but the names of the orders. It lists all ways in which reads
//! can be paired with writes and writes be ordered, and asks the axioms about each.

mod axioms;
mod candidates;
mod classics;
mod comparison;
mod departures;
mod graph;
mod limits;
mod machine;
mod program;
mod relation;
