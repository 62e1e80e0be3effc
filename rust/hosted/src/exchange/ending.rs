//! How things end: all of it, one connection, one attempt to join.

use crate::wire::TooLong;

/// Why the kernel serves nobody any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ending {
    /// A process called Shutdown.
    #[error("a process called Shutdown")]
    Shutdown,
    /// The real kernel panics here.
    #[error("KernelPanic: {0}")]
    Panicked(String),
}

/// A key that no process waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no process waits for this key")]
pub struct Refused;

/// Why a process's connection is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cut {
    /// One answer is outstanding for each thread, at most.
    #[error("thread {0} made a call before its last one was answered")]
    SecondCall(u64),
    /// More threads wait than a process can have.
    #[error("more threads ask for a TID than a process can have")]
    TooManyThreads,
    /// What no memory is reserved for.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The thread of the real kernel that reads from this process panics.
    #[error("it named a connection beyond 32 bits, on which the real kernel stops reading from it")]
    WideConnection,
}
