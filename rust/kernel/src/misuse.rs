//! Mistakes of the model's own user: each names its cause and the way out.
//!
//! Errors of the modelled system are [`crate::Error`], values that a call answers.

use crate::ids::{Caller, Pid};

/// A request that no real program could make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Misuse {
    /// No such process.
    #[error("process {} does not exist: create it with boot_process, or let a process call CreateProcess", .0.get())]
    NoProcess(Pid),
    /// A process that was created but has not started.
    #[error("process {} has not started yet: call start_process first", .0.get())]
    NotStarted(Pid),
    /// A process that runs already.
    #[error("process {} has started already: start_process is for a process fresh from CreateProcess", .0.get())]
    AlreadyStarted(Pid),
    /// No such thread.
    #[error("process {} has no thread {}: use a TID that threads() lists", .0.pid.get(), .0.tid.0)]
    NoThread(Caller),
    /// A thread that waits for an earlier call.
    #[error("thread {} of process {} is blocked in a call: wait for the wake that completes it", .0.tid.0, .0.pid.get())]
    Blocked(Caller),
    /// PID 1 on hardware is the kernel itself.
    #[error("process 1 is the kernel itself on hardware: end another process, or call Shutdown")]
    KernelProcess,
}
