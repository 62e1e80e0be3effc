//! Cap'n Proto: vats that call each other over links that keep the order, and what a limit on calls in flight does to them.
//!
//! Modelled are the tables of questions and answers, Call, Return and Finish, tail calls, calls for pipelining only, calls
//! that wait for others (callbacks, proxies), streaming windows, and a reader that stops at a limit. Left out are the
//! contents of messages, capabilities as such (a call says how far it goes on), embargoes, promises that resolve, and
//! bootstrap messages, which no limit counts. The facts are those of the C++ implementation (v1.4.0) and of the
//! Go one; see `docs/capnp.md`.

mod admission;
mod deadlock;
mod flow;
mod limit;
mod message;
mod model;
mod properties;
mod setup;
mod state;
mod steps;
mod tell;
mod window;

pub use admission::{Admission, admitted};
pub use flow::{Ahead, Flow, Link, Sample, simulate};
pub use limit::{Block, Limit, Reading, Release, Wake};
pub use model::Capnp;
pub use properties::{DEADLOCK, DROPPED, GAP, LEAK, LOST, MEMORY, REFUSED};
pub use setup::{Call, Finish, Kind, MAX_CALLS, Setup, SetupError, Stream, Window};
pub use window::{AdaptiveWindow, sends_until_blocked};
