//! The C11 memory model as a machine that takes one step at a time: which stores a load may read, what happens before
//! what.
//!
//! A [`Memory`] keeps, for each location, its stores in modification order, and for each thread a view: how far along
//! each location it must be. A load reads any store that is not behind the view, a store takes any free place in front
//! of it, and acquire, release and seq_cst exchange views. Equal memories behave equally and have equal hashes, however
//! they came about, so a search meets few of them.
//!
//! J. Kang et al., "A Promising Semantics for Relaxed-Memory Concurrency" (POPL 2017), without promises; the axioms that
//! it is checked against are those of O. Lahav et al., "Repairing Sequential Consistency in C/C++11" (PLDI 2017), which
//! C++20 took up, on the ground of M. Batty et al., "Mathematizing C++ Concurrency" (POPL 2011). Departures:
//!
//! - Steps happen in an order that respects program order and reads-from, so no load sees a store that depends on it or
//!   that comes later in its own thread: load buffering, which C11 allows, does not happen.
//! - That one order is also the order S of seq_cst operations. C++20 lets S contradict what weaker operations in between
//!   have made visible, so it allows a few outcomes more, where a location is accessed in mixed orders (`tests/limits.rs`).
//! - Release sequences are those of C++20: only read-modify-writes continue one.
//! - No consume order; no mixed-size accesses.
//!
//! | what | where |
//! |---|---|
//! | orders and what they mean | [`Order`] |
//! | what a thread knows | `view` |
//! | the state and its canonical form | [`Memory`], `canonical` |
//! | loads, stores, read-modify-writes | [`Access`], `access` |
//! | fences | `fence` |
//! | plain variables and their data races | [`PlainAccess`], `race` |
//! | locks, thread starts and ends, fair yields | `synchronise` |
//! | what a thread may yet do | [`Interest`] |
//! | programs for which C11 allows more | [`Orders`], [`Passages`] |

mod access;
mod canonical;
mod departures;
mod fence;
mod interest;
mod memory;
mod order;
mod race;
mod synchronise;
mod view;

pub use access::{Access, Outcome};
pub use departures::{Accessed, Loaded, Orders, Passage, Passages};
pub use interest::Interest;
pub use memory::{Memory, ObjectId, ThreadId};
pub use order::Order;
pub use race::PlainAccess;
