//! The surprises of the Xous kernel facts, each as a claim: those that always hold, and those that `Fidelity` switches.
//!
//! Left to the tests of other files: who runs next (19) and the name server (25).

#[path = "../support/mod.rs"]
mod support;

mod hosted;
mod kept;
mod successors;
mod switched;
