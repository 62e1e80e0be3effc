//! One thread at a time: calls are made and answers sent only as they are chosen.
//!
//! A move lets one thread run: its call is made and, unless it has to wait, answered; or it gets the answer that another
//! thread's call has brought it. Whether all others have come to rest is for the driver to see.

use super::calls::Asked;
use super::{Address, Exchange};
use std::fmt;

/// A move that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The thread that was chosen.
    pub at: Address,
    /// The number of the call that it made; none if it was given an answer.
    pub call: Option<u64>,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} ", self.at.pid.get(), self.at.thread)?;
        match self.call {
            Some(number) => write!(f, "calls {number}"),
            None => write!(f, "is answered"),
        }
    }
}

/// What has been chosen.
#[derive(Debug, Default)]
pub(super) struct Moves {
    taken: Vec<Taken>,
    /// The thread whose call is being made: its own answer is not held.
    chosen: Option<Address>,
    /// Whether the thread before it could have gone on.
    preempts: bool,
}

/// Moves that are remembered.
const MOST_TAKEN: usize = 1 << 20;

impl Moves {
    pub(super) fn holds_answer_of(&self, at: Address) -> bool {
        self.chosen != Some(at)
    }

    pub(super) const fn preempts(&self) -> bool {
        self.preempts
    }
}

impl Exchange {
    /// The threads that can be let run, in the order of PID and TID.
    #[must_use]
    pub fn moves(&self) -> Vec<Address> {
        match (&self.moves, &self.ending) {
            (Some(_), None) => self.calls.movable(),
            _ => Vec::new(),
        }
    }

    /// The moves that were taken, in order; none unless it was told to hold.
    #[must_use]
    pub fn taken(&self) -> &[Taken] {
        self.moves.as_ref().map_or(&[], |moves| &moves.taken)
    }

    /// Lets a thread run, one of [`Exchange::moves`].
    pub fn take(&mut self, at: Address) {
        let enabled = self.calls.movable();
        let Some(moves) = self.moves.as_mut().filter(|_| enabled.contains(&at)) else {
            return;
        };
        let call = self.calls.waiting(at).map(Asked::number);
        let before = moves.taken.last().map(|taken| taken.at);
        moves.preempts = before.is_some_and(|before| before != at && enabled.contains(&before));
        moves.chosen = Some(at);
        if moves.taken.len() < MOST_TAKEN {
            moves.taken.push(Taken { at, call });
        }
        match self.calls.held(at).cloned() {
            Some(result) => self.answer(at, &result),
            None => self.admit(at),
        }
        if let Some(moves) = &mut self.moves {
            moves.chosen = None;
        }
    }
}
