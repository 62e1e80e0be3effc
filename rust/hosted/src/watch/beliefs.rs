//! Which server each thread believes to be behind a CID, and through which one it sent last.

use std::collections::BTreeMap;
use xous_sim_kernel::{Caller, Cid, Pid, ServerSerial};

/// What threads believe.
#[derive(Debug, Default)]
pub(super) struct Beliefs {
    beliefs: BTreeMap<(Caller, Cid), Belief>,
    /// The CID of each thread's last send: the one that it waits at, if it waits for an answer.
    last: BTreeMap<Caller, Cid>,
}

/// A server, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Belief {
    pub(super) server: ServerSerial,
    pub(super) name: String,
}

impl Beliefs {
    pub(super) fn of(&self, thread: Caller, cid: Cid) -> Option<&Belief> {
        self.beliefs.get(&(thread, cid))
    }

    /// A thread was told where a CID leads.
    pub(super) fn set(&mut self, thread: Caller, cid: Cid, belief: Belief) {
        self.beliefs.insert((thread, cid), belief);
    }

    /// A thread sends.
    pub(super) fn send(&mut self, thread: Caller, cid: Cid) {
        self.last.insert(thread, cid);
    }

    /// The CID that a thread sent through last.
    pub(super) fn last(&self, thread: Caller) -> Option<Cid> {
        self.last.get(&thread).copied()
    }

    /// A thread gave a CID up.
    pub(super) fn drop(&mut self, thread: Caller, cid: Cid) {
        self.beliefs.remove(&(thread, cid));
    }

    pub(super) fn forget(&mut self, pid: Pid) {
        self.beliefs.retain(|(thread, _), _| thread.pid != pid);
        self.last.retain(|thread, _| thread.pid != pid);
    }
}
