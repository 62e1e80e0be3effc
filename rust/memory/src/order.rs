//! Memory orders: what an atomic operation or a fence asks for.

use std::fmt;

/// A memory order, as Rust and C++ name it. Consume is left out, as in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Order {
    Relaxed,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}

impl Order {
    /// All orders, weakest first.
    pub const ALL: [Self; 5] = [
        Self::Relaxed,
        Self::Acquire,
        Self::Release,
        Self::AcqRel,
        Self::SeqCst,
    ];

    /// Whether what was released to the store that is read is known afterwards.
    #[must_use]
    pub const fn acquires(self) -> bool {
        matches!(self, Self::Acquire | Self::AcqRel | Self::SeqCst)
    }

    /// Whether whoever acquires the store knows what its thread knew.
    #[must_use]
    pub const fn releases(self) -> bool {
        matches!(self, Self::Release | Self::AcqRel | Self::SeqCst)
    }

    /// The order of the load that is left of a compare-exchange that fails.
    #[must_use]
    pub const fn of_failure(self) -> Self {
        match self {
            Self::Release => Self::Relaxed,
            Self::AcqRel => Self::Acquire,
            other => other,
        }
    }

    /// Whether a load can have this order; with another one Rust panics.
    #[must_use]
    pub const fn suits_load(self) -> bool {
        !matches!(self, Self::Release | Self::AcqRel)
    }

    /// Whether a store can have this order; with another one Rust panics.
    #[must_use]
    pub const fn suits_store(self) -> bool {
        !matches!(self, Self::Acquire | Self::AcqRel)
    }

    /// Whether a fence can have this order; with another one Rust panics.
    #[must_use]
    pub const fn suits_fence(self) -> bool {
        !matches!(self, Self::Relaxed)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relaxed => "relaxed",
            Self::Acquire => "acquire",
            Self::Release => "release",
            Self::AcqRel => "acq_rel",
            Self::SeqCst => "seq_cst",
        })
    }
}
