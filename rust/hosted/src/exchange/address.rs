//! Where a call comes from and its answer goes to: a process, and the number that its packet gave for the thread.

use xous_sim_kernel::{Caller, Pid, Tid};

/// The sender of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The process.
    pub pid: Pid,
    /// Its thread's TID, or a number from [`Address::NAMELESS`] on.
    pub thread: u64,
}

impl Address {
    /// From here on, numbers stand for threads that have no TID yet; all they can do is to ask for one.
    pub const NAMELESS: u64 = 1 << 16;

    /// Where a thread of the kernel is answered.
    #[must_use]
    pub const fn of(caller: Caller) -> Address {
        Address {
            pid: caller.pid,
            thread: caller.tid.0 as u64,
        }
    }

    /// The thread whose call this is: the phantom's, where the caller has no TID yet.
    pub(super) fn caller(self) -> Option<Caller> {
        let tid = match self.thread {
            Self::NAMELESS.. => Tid::PHANTOM,
            number => Tid(u8::try_from(number).ok()?),
        };
        Some(Caller { pid: self.pid, tid })
    }
}
