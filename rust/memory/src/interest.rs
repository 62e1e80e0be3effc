//! What a thread may yet do, as far as the memory must know: then it need not keep what nobody will ask for.

use std::collections::BTreeSet;

/// Which parts of the memory a thread, or one that it starts, may access from now on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Interest {
    /// All of it.
    Everything,
    /// Only what is listed.
    Only {
        /// Locations, by number.
        locations: BTreeSet<usize>,
        /// Plain variables.
        variables: BTreeSet<u16>,
        /// Whether the thread itself may use fences.
        fences: bool,
    },
}

impl Interest {
    /// None of it.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::Only {
            locations: BTreeSet::new(),
            variables: BTreeSet::new(),
            fences: false,
        }
    }

    /// Whether a location may be accessed.
    pub(crate) fn has_location(&self, location: usize) -> bool {
        match self {
            Self::Everything => true,
            Self::Only { locations, .. } => locations.contains(&location),
        }
    }

    /// Whether a plain variable may be accessed.
    pub(crate) fn has_variable(&self, variable: u16) -> bool {
        match self {
            Self::Everything => true,
            Self::Only { variables, .. } => variables.contains(&variable),
        }
    }

    /// Whether fences may be used.
    pub(crate) fn has_fences(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Only { fences, .. } => *fences,
        }
    }
}
