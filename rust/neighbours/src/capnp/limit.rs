//! Limits on what flows: what a vat counts, when it stops reading, when it goes on.

/// When the words of a call are given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Release {
    /// When the call returns (C++ since 2016).
    Return,
    /// When its entry leaves the answer table, which takes a Finish (what the thread of 2021 feared).
    Finish,
}

/// How many words in flight stop a reader that has read a Call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Block {
    /// More than the limit (C++).
    #[default]
    Above,
    /// The limit itself is enough.
    At,
}

/// How few words in flight let a stopped reader go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Wake {
    /// Fewer than the limit (C++).
    #[default]
    Below,
    /// The limit itself will do.
    At,
}

/// When a reader stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Rule V1: it reads anything until a Call has gone beyond the limit, and then nothing.
    All {
        /// When it stops.
        block: Block,
        /// When it goes on.
        wake: Wake,
    },
    /// Rule V2: it stops while the message at the head of the link is a Call that does not fit.
    Fitting,
}

impl Reading {
    /// Rule V1 as in C++.
    pub const V1: Self = Self::All {
        block: Block::Above,
        wake: Wake::Below,
    };
    /// Rule V2.
    pub const V2: Self = Self::Fitting;

    /// Whether a Call that was just read stops the reader.
    #[must_use]
    pub const fn stops(self, in_flight: u64, limit: u64) -> bool {
        match self {
            Self::All { block, .. } => match block {
                Block::Above => in_flight > limit,
                Block::At => in_flight >= limit,
            },
            Self::Fitting => false,
        }
    }

    /// Whether words that were just given back let a stopped reader go on.
    #[must_use]
    pub const fn wakes(self, in_flight: u64, limit: u64) -> bool {
        match self {
            Self::All { wake, .. } => match wake {
                Wake::Below => in_flight < limit,
                Wake::At => in_flight <= limit,
            },
            Self::Fitting => true,
        }
    }
}

/// What a vat does against too many calls on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Limit {
    /// Nothing.
    #[default]
    None,
    /// It counts the words of calls in flight and stops reading.
    Words {
        /// Words at most.
        limit: u64,
        /// When words are given back.
        release: Release,
        /// When it stops.
        reading: Reading,
    },
    /// It has told its peer the limit, always reads, and answers what does not fit with an exception.
    Advertised {
        /// Words at most, given back at Return.
        limit: u64,
    },
    /// It counts what the answer table holds, and always reads.
    Held {
        /// Beyond this many words it reports.
        soft: u64,
        /// Beyond this many it drops the connection.
        hard: u64,
    },
    /// It runs so many calls at once, lets so many wait, and reads nothing while another Call is at the head (Go before 2022).
    Requests {
        /// Calls that run at most.
        running: u16,
        /// Calls that wait for their turn at most.
        waiting: u16,
    },
}
