//! Threads: whether they run, and what a blocked one waits for.
//!
//! Left out: registers (a result is handed to whoever drives the thread) and who runs next, which every driver of the
//! kernel decides for itself.

use crate::ids::{ServerSerial, Tid};

/// What a blocked thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlockedOn {
    /// A message to this server.
    Receive {
        /// The server, which may be gone.
        server: ServerSerial,
    },
    /// The answer to a message that it sent to this server.
    Reply {
        /// The server, which may be gone; then the wait never ends.
        server: ServerSerial,
    },
    /// The end of a thread of its process.
    Join {
        /// The thread.
        tid: Tid,
    },
    /// An interrupt that its process claimed (WaitEvent on hardware).
    Event,
}

/// How a thread was started on hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadStart {
    /// The first instruction.
    pub entry: u64,
    /// The top of its stack.
    pub stack_top: u64,
    /// Its arguments, in a0 to a3.
    pub arguments: [u64; 4],
}

/// Whether a thread can make calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ThreadState {
    /// It runs or could.
    Ready,
    /// It waits. `overtaken`: its process has made another call since (noted where a hosted kernel trips over it).
    Blocked { on: BlockedOn, overtaken: bool },
    /// It is over, and its TID is not given out again (hosted and safe).
    Exited,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Thread {
    pub(crate) state: ThreadState,
    pub(crate) start: Option<Box<ThreadStart>>,
}

impl Thread {
    /// A thread that is ready to run.
    pub(crate) fn new(start: Option<ThreadStart>) -> Thread {
        Thread {
            state: ThreadState::Ready,
            start: start.map(Box::new),
        }
    }

    /// What the thread waits for.
    pub(crate) const fn blocked_on(&self) -> Option<BlockedOn> {
        match self.state {
            ThreadState::Blocked { on, .. } => Some(on),
            ThreadState::Ready | ThreadState::Exited => None,
        }
    }
}
