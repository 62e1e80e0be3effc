//! Why xous-names crashed: a modelled outcome, never a Rust panic.
//!
//! Each reason says what the name server of a [`crate::Fidelity::Safe`] kernel does instead.

use crate::Error;

/// A reason for which the real name server panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Crash {
    /// Operations 6 and 7 take an empty name (`valid` = 0) for the whole page, so it is too long as well.
    /// Safe: `Failure`, or code 3 for operations 6 and 7.
    #[error("a server name must have fewer than 64 bytes")]
    NameTooLong,
    /// The asker's connection map is full, or it is gone. Safe: `Failure`, and the connection does not count.
    #[error("the connection of a Lookup could not be brokered: {0}")]
    LookupNotBrokered(Error),
    /// Safe: `Failure`.
    #[error("AuthenticatedLookup is not implemented")]
    AuthenticatedLookup,
    /// It was served after a Register, where its authors thought this impossible. Safe: it waits on.
    #[error("a waiting BlockingConnect is over the limit of the server just registered")]
    WaiterOverLimit,
}
