//! The error numbers of the Xous ABI (`xous-rs/src/definitions.rs:117-267`).
//!
//! These are values of the modelled system, parts of a result; our own errors are [`crate::Misuse`].

/// An error that a syscall can answer; the discriminant is its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
#[error("{self:?} ({})", *self as u8)]
#[repr(u8)]
#[expect(
    missing_docs,
    reason = "the names are the ABI's own and say all that it says"
)]
pub enum Error {
    NoError = 0,
    BadAlignment = 1,
    BadAddress = 2,
    OutOfMemory = 3,
    MemoryInUse = 4,
    InterruptNotFound = 5,
    InterruptInUse = 6,
    InvalidString = 7,
    ServerExists = 8,
    ServerNotFound = 9,
    ProcessNotFound = 10,
    ProcessNotChild = 11,
    ProcessTerminated = 12,
    Timeout = 13,
    InternalError = 14,
    ServerQueueFull = 15,
    ThreadNotAvailable = 16,
    UnhandledSyscall = 17,
    InvalidSyscall = 18,
    ShareViolation = 19,
    InvalidThread = 20,
    InvalidPid = 21,
    UnknownError = 22,
    AccessDenied = 23,
    UseBeforeInit = 24,
    DoubleFree = 25,
    DebugInProgress = 26,
    InvalidLimit = 27,
    NotFound = 28,
    InvalidCoding = 29,
    HardwareError = 30,
    SerializationError = 31,
    InvalidArgument = 32,
    NetworkError = 33,
    StorageError = 34,
    Unavailable = 35,
    ParseError = 36,
    InvalidCore = 37,
    VerificationError = 38,
    SecurityError = 39,
}

impl Error {
    const ALL: [Error; 40] = [
        Error::NoError,
        Error::BadAlignment,
        Error::BadAddress,
        Error::OutOfMemory,
        Error::MemoryInUse,
        Error::InterruptNotFound,
        Error::InterruptInUse,
        Error::InvalidString,
        Error::ServerExists,
        Error::ServerNotFound,
        Error::ProcessNotFound,
        Error::ProcessNotChild,
        Error::ProcessTerminated,
        Error::Timeout,
        Error::InternalError,
        Error::ServerQueueFull,
        Error::ThreadNotAvailable,
        Error::UnhandledSyscall,
        Error::InvalidSyscall,
        Error::ShareViolation,
        Error::InvalidThread,
        Error::InvalidPid,
        Error::UnknownError,
        Error::AccessDenied,
        Error::UseBeforeInit,
        Error::DoubleFree,
        Error::DebugInProgress,
        Error::InvalidLimit,
        Error::NotFound,
        Error::InvalidCoding,
        Error::HardwareError,
        Error::SerializationError,
        Error::InvalidArgument,
        Error::NetworkError,
        Error::StorageError,
        Error::Unavailable,
        Error::ParseError,
        Error::InvalidCore,
        Error::VerificationError,
        Error::SecurityError,
    ];

    /// The number on the wire. `UnknownError` is written as all ones (hardware then keeps 32 of them).
    pub const fn to_word(self) -> u64 {
        match self {
            Error::UnknownError => u64::MAX,
            known => known as u64,
        }
    }

    /// The error of a number on the wire; any number that is not known means `UnknownError`.
    pub fn from_word(word: u64) -> Error {
        usize::try_from(word)
            .ok()
            .and_then(|number| Self::ALL.get(number).copied())
            .unwrap_or(Error::UnknownError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_survives_the_wire() {
        for (number, error) in Error::ALL.into_iter().enumerate() {
            assert_eq!(error as usize, number);
            assert_eq!(Error::from_word(error.to_word()), error);
        }
    }

    #[test]
    fn unknown_error_is_written_as_all_ones() {
        assert_eq!(Error::UnknownError.to_word(), u64::MAX);
        assert_eq!(Error::from_word(40), Error::UnknownError);
        assert_eq!(Error::from_word(0xFFFF_FFFF), Error::UnknownError);
    }
}
