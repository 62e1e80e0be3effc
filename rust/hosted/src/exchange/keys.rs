//! Which process waits for which key. Several may have the same one: the lowest is served first.

use crate::wire::Key;
use std::collections::BTreeMap;
use xous_sim_kernel::Pid;

/// The processes that have a key.
#[derive(Debug, Default)]
pub(super) struct Keys {
    processes: BTreeMap<Pid, Member>,
}

#[derive(Debug)]
struct Member {
    key: Key,
    joined: bool,
}

impl Keys {
    /// A process now waits for a client with this key.
    pub(super) fn expect(&mut self, pid: Pid, key: Key) {
        self.processes.insert(pid, Member { key, joined: false });
    }

    /// The process that a client with this key becomes; `otherwise` that one, if nobody has become it.
    pub(super) fn join(&mut self, key: Key, otherwise: Option<Pid>) -> Option<Pid> {
        if let Some(pid) = otherwise {
            self.processes
                .entry(pid)
                .or_insert(Member { key, joined: false });
        }
        let waits = |member: &Member| member.key == key && !member.joined;
        let (pid, member) = self
            .processes
            .iter_mut()
            .find(|(_, member)| waits(member))?;
        member.joined = true;
        Some(*pid)
    }

    /// Whether this process waits for a client with this key.
    pub(super) fn is_expected(&self, pid: Pid, key: Key) -> bool {
        let member = self.processes.get(&pid);
        member.is_some_and(|member| member.key == key && !member.joined)
    }

    pub(super) fn forget(&mut self, pid: Pid) {
        self.processes.remove(&pid);
    }

    /// Each with whether it has joined.
    pub(super) fn processes(&self) -> Vec<(Pid, bool)> {
        let all = self.processes.iter();
        all.map(|(pid, member)| (*pid, member.joined)).collect()
    }
}
