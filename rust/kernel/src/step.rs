//! What one call does: its outcome, the blocked calls that it completes, the processes that it ends.

use crate::abi::SysResult;
use crate::error::Error;
use crate::ids::{Caller, Pid};
use crate::panic::KernelPanic;

/// What becomes of the call itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is answered.
    Done(SysResult),
    /// The caller waits; a later [`Wake`] answers it.
    Blocked,
    /// The same call is to be made again; nothing has changed (but for the pages that a faithful hardware kernel loses
    /// on the way to a full queue).
    Retry,
    /// Hosted: the call cannot be decoded and is never answered; the thread may call again.
    NoReply,
    /// The caller is gone: its process, or the thread that ended itself.
    Ended,
    /// The kernel is gone, once it has sent the answers that are the step's wakes.
    Panic(KernelPanic),
}

/// A blocked thread's call completes.
///
/// A wake can name a thread that does not wait, or does not exist: after surprises 4 (PID reuse), 6 and 14 of the Xous
/// kernel facts, and where a parked thread has ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wake {
    /// The thread.
    pub thread: Caller,
    /// What its call answers.
    pub result: SysResult,
}

/// All that one call does. Wakes come first, in order, then the outcome: so a hosted kernel writes its packets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What becomes of the call.
    pub outcome: Outcome,
    /// The calls of other threads that complete.
    pub wakes: Vec<Wake>,
    /// The processes that died.
    pub ended: Vec<Pid>,
}

impl Step {
    /// A step that does nothing else.
    pub(crate) const fn only(outcome: Outcome) -> Step {
        Step {
            outcome,
            wakes: Vec::new(),
            ended: Vec::new(),
        }
    }
}

/// What a call does besides answering its caller.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) wakes: Vec<Wake>,
    pub(crate) ended: Vec<Pid>,
}

/// Why a syscall does not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Error(Error),
    Panic(KernelPanic),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Error(error)
    }
}

impl From<KernelPanic> for Refusal {
    fn from(reason: KernelPanic) -> Refusal {
        Refusal::Panic(reason)
    }
}

/// What a syscall's function returns.
pub(crate) type Answer = Result<Outcome, Refusal>;
