//! Neighbour systems: how Cap'n Proto limits what flows, and how bus1 limits what one user can take from another.
//!
//! Each is a [`Model`](xous_sim_step::Model) of its own, which knows no Xous kernel and is explored by the same searches.
//! Both are about the question that Xous leaves open for its server queues: who pays for a message that waits, and
//! what happens to everybody else when somebody does not go on.

pub mod bus1;
pub mod capnp;
mod fallible;
mod fingerprint;
mod tells;

pub use fallible::Fallible;
pub use tells::{Place, Tells, Told};
