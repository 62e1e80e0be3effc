//! Messages on a link, with what a reader of traces wants to know of the call that they belong to.

use super::setup::Kind;
use std::fmt;

/// Which call of the whole case this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// The stream that it began with.
    pub stream: u8,
    /// The call of the stream.
    pub number: u8,
    /// How many hops it is away from that.
    pub hop: u8,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.stream > 0 {
            write!(f, "{}:", self.stream)?;
        }
        write!(f, "{}", self.number)?;
        (0..self.hop).try_for_each(|_| f.write_str("'"))
    }
}

/// The number of a question, and of the answer to it: free again when the caller has read Return and sent Finish.
pub type Id = u16;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With a result, after which a Finish is needed or is not.
    Result {
        /// Whether the answer's entry stays until Finish.
        finish: bool,
    },
    /// With an exception: it was refused, or a call that it had made was.
    Exception,
    /// It was cancelled.
    Cancelled,
    /// The caller has the result already, from a tail call of the other side.
    TakeFrom(Id),
    /// The result went elsewhere: the answer to a tail call.
    Elsewhere,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A call.
    Call {
        /// The question.
        id: Id,
        /// Which call it is.
        label: Label,
        /// What becomes of it.
        kind: Kind,
        /// The words of the message.
        words: u64,
        /// The words of the result.
        result: u64,
        /// Whether it is a tail call: the callee keeps the result.
        tail: bool,
        /// Whether its Return says that no Finish is needed.
        no_finish: bool,
    },
    /// An answer.
    Return {
        /// The question.
        id: Id,
        /// Which call it is.
        label: Label,
        /// How it ended.
        outcome: Outcome,
    },
    /// The caller needs the answer's entry no longer.
    Finish {
        /// The question.
        id: Id,
        /// Which call it is.
        label: Label,
        /// Whether a call that has not returned is cancelled.
        cancel: bool,
    },
}

impl Message {
    /// Which call it belongs to.
    #[must_use]
    pub const fn label(&self) -> Label {
        match self {
            Self::Call { label, .. } | Self::Return { label, .. } | Self::Finish { label, .. } => {
                *label
            }
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { label, tail, .. } => {
                write!(f, "{} {label}", if *tail { "Tail call" } else { "Call" })
            }
            Self::Return { label, outcome, .. } => match outcome {
                Outcome::Exception => write!(f, "Return {label} (exception)"),
                Outcome::Cancelled => write!(f, "Return {label} (cancelled)"),
                Outcome::TakeFrom(_) => write!(f, "Return {label} (from the tail call)"),
                Outcome::Elsewhere => write!(f, "Return {label} (sent elsewhere)"),
                Outcome::Result { .. } => write!(f, "Return {label}"),
            },
            Self::Finish { label, cancel, .. } => match cancel {
                true => write!(f, "Finish {label} (cancels)"),
                false => write!(f, "Finish {label}"),
            },
        }
    }
}
