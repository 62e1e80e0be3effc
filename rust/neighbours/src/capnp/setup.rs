//! What is explored: a chain of vats, a limit at each, and streams of calls from its first vat.
//!
//! Neighbours in the chain are connected. A call that goes on wanders along the chain and turns at its ends: in a chain
//! of two that is mutual recursion, in a longer one the vats between are proxies.

use super::limit::Limit;
use std::fmt;

/// Calls of one stream at most.
pub const MAX_CALLS: usize = 64;
/// Streams at most.
const MAX_STREAMS: usize = 8;
/// Vats at most: A to H.
const MAX_VATS: usize = 8;
/// Words of anything at most, so that no sum of words overflows.
const MAX_WORDS: u64 = 1 << 40;
/// Messages of a link at most.
const MAX_LINK: usize = 1 << 16;

/// What becomes of a call when a vat has read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It returns by itself, or, with further hops, when the call that it makes has returned.
    Plain {
        /// Calls that follow, each made by the one before.
        hops: u8,
    },
    /// It is answered by a tail call back to the caller, who keeps the result.
    Tail,
    /// It only serves to pipeline others: there is no Return, and its state lives until Finish.
    PipelineOnly,
    /// It goes on until it is cancelled.
    Endless,
}

/// One call of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// What becomes of it.
    pub kind: Kind,
    /// The words of its Call message, and of all calls that follow from it.
    pub words: u64,
    /// The words of its result.
    pub result: u64,
}

/// When a caller sends Finish for calls that return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Finish {
    /// In the step that reads the Return.
    #[default]
    AtReturn,
    /// In any step after the Return.
    Later,
    /// Never.
    Never,
    /// Right after the Call, saying that the call is to go on.
    Early,
    /// Right after the Call, which cancels it.
    EarlyCancelling,
    /// Before the next Call, saying that this one is to go on.
    BeforeNext,
    /// Not at all: the Return says that none is needed.
    NotNeeded,
}

/// How much a caller has on its way before it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Window {
    /// Any amount.
    #[default]
    None,
    /// So many words.
    Fixed(u64),
    /// From `least` on; whether it is doubled at a Return, up to `most`, is open, because it depends on timing.
    Adaptive {
        /// Words at the beginning.
        least: u64,
        /// Words at most.
        most: u64,
    },
}

/// Calls to one object, sent in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Stream {
    /// The calls.
    pub calls: Vec<Call>,
    /// How far it runs ahead of the Returns.
    pub window: Window,
    /// When it finishes.
    pub finish: Finish,
}

/// A case to explore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The limit of each vat, on each of its connections; there are as many vats.
    pub limits: Vec<Limit>,
    /// Messages that a link holds at most. A program waits for room before it sends a Call; Returns and Finishes are queued
    /// by the vat and take part in the order all the same.
    pub link: usize,
    /// Whether replies wait for room too: then a vat that reads must be able to write.
    pub replies_wait: bool,
    /// What the first vat does.
    pub streams: Vec<Stream>,
    /// Words that the answer table of a connection may hold; `None` is no limit.
    pub memory: Option<u64>,
}

/// A case that has no meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupError(pub String);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SetupError {}

impl Setup {
    /// Refuses what has no meaning or is too large to be added up.
    pub fn check(&self) -> Result<(), SetupError> {
        within("vats", self.limits.len(), 2, MAX_VATS)?;
        within("messages of a link", self.link, 1, MAX_LINK)?;
        within("streams", self.streams.len(), 1, MAX_STREAMS)?;
        self.limits.iter().try_for_each(check_limit)?;
        self.streams.iter().try_for_each(check_stream)
    }
}

fn within(what: &str, number: usize, least: usize, most: usize) -> Result<(), SetupError> {
    match (least..=most).contains(&number) {
        true => Ok(()),
        false => Err(SetupError(format!(
            "the number of {what} must be from {least} to {most}, not {number}"
        ))),
    }
}

fn words(what: &str, number: u64, least: u64) -> Result<(), SetupError> {
    match (least..=MAX_WORDS).contains(&number) {
        true => Ok(()),
        false => Err(SetupError(format!(
            "{what} must have from {least} to {MAX_WORDS} words, not {number}"
        ))),
    }
}

fn check_limit(limit: &Limit) -> Result<(), SetupError> {
    match *limit {
        Limit::None => Ok(()),
        Limit::Words { limit, .. } | Limit::Advertised { limit } => words("a limit", limit, 0),
        Limit::Held { soft, hard } => {
            words("a soft limit", soft, 0)?;
            words("a hard limit", hard, soft)
        }
        Limit::Requests { running, .. } => within("calls that run", running.into(), 1, MAX_CALLS),
    }
}

fn check_stream(stream: &Stream) -> Result<(), SetupError> {
    within("calls of a stream", stream.calls.len(), 1, MAX_CALLS)?;
    match stream.window {
        Window::None => {}
        Window::Fixed(window) => words("a window", window, 0)?,
        Window::Adaptive { least, most } => {
            words("a window's beginning", least, 1)?;
            words("a window's end", most, least)?;
        }
    }
    stream.calls.iter().try_for_each(|call| {
        words("a Call", call.words, 1)?;
        words("a result", call.result, 0)
    })
}
