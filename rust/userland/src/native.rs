//! Bodies written in Rust: the same API as real programs have, recorded instead of carried out.
//!
//! A body is a closure over handles of shared objects. While it is traced, [`sync`](crate::sync) and
//! [`xous`](crate::xous) record its operations on the run that this module keeps for the current thread. At a look
//! beyond the given observations the run ends by unwinding; destructors run on the way, and their operations touch
//! nothing. (In Python a body is suspended instead, because a Python destructor swallows exceptions; a Rust one does
//! not.)

mod run;
mod scenario;
mod word;

pub use run::{perform, spin_while};
pub use scenario::{Process, Scenario, Server};
pub use word::{Word, XousResult};
