//! The syscalls, typed (`xous-rs/src/syscall.rs:581-692`).
//!
//! Left out: the calls of the features `v2p` and `swap`, which are off and decode as [`Syscall::Invalid`].

use crate::ids::{Cid, Pid, SenderWord, Sid, Tid};
use crate::message::{MemoryRange, Message};

/// The flags of a memory mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemoryFlags(pub u8);

impl MemoryFlags {
    /// Readable.
    pub const R: MemoryFlags = MemoryFlags(0x02);
    /// Writable.
    pub const W: MemoryFlags = MemoryFlags(0x04);
    /// Readable and writable.
    pub const RW: MemoryFlags = MemoryFlags(0x06);
    /// All the bits that the kernel accepts: RESERVE, R, W, X, DEV, VIRT.
    pub const ACCEPTED: u64 = 0x3F;

    /// Whether all of `other`'s bits are set.
    pub const fn contains(self, other: MemoryFlags) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits that both have.
    pub const fn intersection(self, other: MemoryFlags) -> MemoryFlags {
        MemoryFlags(self.0 & other.0)
    }
}

/// A syscall with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "the arguments are named as in the ABI; each variant's line says what they do"
)]
pub enum Syscall {
    /// 0, and every number that is not assigned.
    Invalid,
    /// 2: map `size` bytes at `address` (0: anywhere), backed by the device at `physical` (0: RAM).
    MapMemory {
        physical: u64,
        address: u64,
        size: u64,
        flags: MemoryFlags,
    },
    /// 3: let others run.
    Yield,
    /// 4: back to the scheduler, from the timer's interrupt handler.
    ReturnToParent { pid: Pid, cpu: u64 },
    /// 5: let `handler` run on an interrupt.
    ClaimInterrupt {
        irq: u64,
        handler: u64,
        argument: u64,
    },
    /// 6: give an interrupt back.
    FreeInterrupt { irq: u64 },
    /// 7: run a thread; PID 1's loop only.
    SwitchTo { pid: Pid, tid: u64 },
    /// 8: always unhandled.
    ReadyThreads { pid: u64 },
    /// 9: sleep until an event.
    WaitEvent,
    /// 10: grow the heap.
    IncreaseHeap { delta: u64, flags: MemoryFlags },
    /// 11: shrink the heap.
    DecreaseHeap { delta: u64 },
    /// 12: take flags from pages.
    UpdateMemoryFlags {
        range: MemoryRange,
        flags: MemoryFlags,
        pid: Option<Pid>,
    },
    /// 13: always unhandled.
    SetMemRegion { words: [u64; 4] },
    /// 14: create a server with this SID and connect to it.
    CreateServerWithAddress { sid: Sid },
    /// 15: take the next message of the caller's server, or wait for one.
    ReceiveMessage { sid: Sid },
    /// 16: send; retried while the queue is full.
    SendMessage { cid: Cid, message: Message },
    /// 17: connect; retried while there is no such server.
    Connect { sid: Sid },
    /// 18: start a thread. Hosted kernels ignore the arguments.
    CreateThread {
        entry: u64,
        stack: u64,
        stack_length: u64,
        arguments: [u64; 4],
    },
    /// 19: unmap pages.
    UnmapMemory { range: MemoryRange },
    /// 20: answer a lend. `payload` is the server's buffer, when hosted.
    ReturnMemory {
        sender: SenderWord,
        range: MemoryRange,
        offset: u64,
        valid: u64,
        payload: Vec<u8>,
    },
    /// 21: create a process. Hosted, the first four words are its key.
    CreateProcess { words: [u64; 7] },
    /// 22: end the caller's process.
    TerminateProcess { code: u64 },
    /// 23: end everything.
    Shutdown,
    /// 24: send; a full queue is an error.
    TrySendMessage { cid: Cid, message: Message },
    /// 25: connect; a missing server is an error.
    TryConnect { sid: Sid },
    /// 26: answer a blocking scalar with one word.
    ReturnScalar1 { sender: SenderWord, value: u64 },
    /// 27: answer a blocking scalar with two words.
    ReturnScalar2 {
        sender: SenderWord,
        values: [u64; 2],
    },
    /// 28: take the next message, if there is one.
    TryReceiveMessage { sid: Sid },
    /// 29: create a server with a random SID and connect to it.
    CreateServer,
    /// 30: connect another process.
    ConnectForProcess { pid: Pid, sid: Sid },
    /// 31: a random SID.
    CreateServerId,
    /// 32: the caller's TID.
    GetThreadId,
    /// 33: the caller's PID.
    GetProcessId,
    /// 34: destroy the caller's server.
    DestroyServer { sid: Sid },
    /// 35: free a connection slot.
    Disconnect { cid: Cid },
    /// 36: wait for a thread's end. A word above 255 reads as TID 255, which never exists either.
    JoinThread { tid: Tid },
    /// 37: always unhandled.
    SetExceptionHandler { pc: u64, sp: u64 },
    /// 38: change a limit of the process, or read it.
    AdjustProcessLimit { index: u64, current: u64, new: u64 },
    /// 40: answer a blocking scalar with five words.
    ReturnScalar5 {
        sender: SenderWord,
        values: [u64; 5],
    },
    /// 41: answer, then receive from the server that the sender word names. `payload` as for ReturnMemory.
    ReplyAndReceiveNext {
        sender: SenderWord,
        arguments: [u64; 5],
        kind: u64,
        payload: Vec<u8>,
    },
    /// 46: whatever the platform makes of it.
    PlatformSpecific { words: [u64; 7] },
}

impl Syscall {
    /// The `kind` word of a ReplyAndReceiveNext that answers a lend.
    pub const REPLY_MEMORY: u64 = u64::MAX;

    /// The message that this call sends.
    pub const fn message(&self) -> Option<&Message> {
        match self {
            Syscall::SendMessage { message, .. } | Syscall::TrySendMessage { message, .. } => {
                Some(message)
            }
            _ => None,
        }
    }
}
