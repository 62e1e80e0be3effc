//! Why the kernel panicked: a modelled outcome, never a Rust panic.
//!
//! Each reason says what a [`crate::Fidelity::Safe`] kernel answers instead.

/// A reason for which the real kernel panics (Xous kernel facts, surprises 14 to 16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum KernelPanic {
    /// The bound of the server index is off by one. Safe: `ServerNotFound`.
    #[error("a sender word named server index 128, one beyond the table")]
    SenderBeyondServerTable,
    /// Safe: `ProcessNotFound`.
    #[error("ConnectForProcess named a PID beyond the process table")]
    ConnectForImpossibleProcess,
    /// Its process page still says PID 1. Safe: the connection is made.
    #[error("ConnectForProcess named a process that has never run")]
    ConnectForProcessThatNeverRan,
    /// Safe: `InvalidThread`.
    #[error("a thread that is already parked on the server received from it again")]
    ReceiveByParkedThread,
    /// Hardware. Safe: `Scalar1(0)`, as for any thread that does not exist.
    #[error("JoinThread named a thread beyond the 31 contexts")]
    JoinBeyondContexts,
    /// Hardware. Safe: `InterruptNotFound`.
    #[error("ClaimInterrupt named an interrupt beyond the 32 that exist")]
    ClaimBeyondInterrupts,
    /// Only PID 1's loop may switch, and its switch is always outstanding. Safe: `UnhandledSyscall`.
    #[error("SwitchTo was called within a SwitchTo")]
    NestedSwitch,
    /// Hosted: the closed socket ends a dead process again. Safe: the process ends.
    #[error("TerminateProcess was called in hosted mode")]
    HostedTerminate,
    /// Hosted: the buffer is not page aligned. Safe: the message is dropped.
    #[error("a server with a queued move was destroyed in hosted mode")]
    HostedDestroyWithMove,
    /// Hosted. Safe: the parked thread gets `ServerNotFound`.
    #[error("a server on which another thread is parked was destroyed in hosted mode")]
    HostedDestroyWithParkedThread,
    /// Hosted: the sender's process has made a call since it blocked. Safe: the sender gets `ServerNotFound`.
    #[error("a server whose blocked sender's process has moved on was destroyed in hosted mode")]
    HostedDestroyWithSenderMovedOn,
    /// Hosted: its queued call cannot be answered. Safe: it is dropped.
    #[error("a server with a queued call of a dead process was destroyed in hosted mode")]
    HostedDestroyWithDeadSender,
    /// Hosted: the join answered `ResumeProcess`, the thread's next call panics. Safe: the join waits.
    #[error("a thread made a call after it had joined another in hosted mode")]
    HostedCallAfterJoin,
    /// Hosted: PID 1 has control already, since an earlier join or the end of a process. Safe: the join waits.
    #[error("JoinThread was called in hosted mode after another join or the end of a process")]
    HostedJoinAgain,
    /// Hosted: its PID is that of a client that died, and it has no connection yet. Safe: the answer is lost.
    #[error("a process that has not connected was answered in hosted mode")]
    HostedAnswerToProcessThatNeverJoined,
    /// Safe: the servers are destroyed all the same.
    #[error("Shutdown was called while a received message was unanswered")]
    ShutdownWithUnansweredCall,
    /// Hosted. Safe: `Ok`.
    #[error("PlatformSpecific was called in hosted mode")]
    HostedPlatformSpecific,
    /// Hosted. Safe: as on hardware.
    #[error("ClaimInterrupt was called in hosted mode")]
    HostedClaimInterrupt,
    /// Hosted. Safe: as for RAM.
    #[error("MapMemory named a physical address in hosted mode")]
    HostedMapPhysical,
    /// Hosted: a client with the all-zero key went away. Safe: what it held is released.
    #[error("PID 1 disconnected in hosted mode")]
    KernelProcessDisconnected,
}
