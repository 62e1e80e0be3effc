//! The slots of all connection maps, and what has happened to each.

use super::observation::server_name;
use std::collections::{BTreeMap, VecDeque};
use xous_sim_kernel::{Caller, Cid, Connection, Kernel, Pid, ServerSerial, Sid};

/// Events that are remembered of a slot.
const REMEMBERED: usize = 12;

/// Why a slot holds no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// A thread disconnected it.
    By(Caller),
    /// Its server was destroyed.
    Destroyed,
}

/// What a slot holds, as far as calls have shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Server(ServerSerial),
    Tombstone(ServerSerial),
    Nothing(ServerSerial, Closed),
}

#[derive(Debug)]
struct Slot {
    holds: Holds,
    /// The SID of the server that it holds, or held last.
    sid: Option<Sid>,
    history: VecDeque<String>,
}

/// All slots that were ever used by processes that live.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: BTreeMap<(Pid, Cid), Slot>,
}

impl Slots {
    pub(super) fn holds(&self, pid: Pid, cid: Cid) -> Option<Holds> {
        self.slots.get(&(pid, cid)).map(|slot| slot.holds)
    }

    pub(super) fn history(&self, pid: Pid, cid: Cid) -> Vec<String> {
        let slot = self.slots.get(&(pid, cid));
        slot.map_or_else(Vec::new, |slot| slot.history.iter().cloned().collect())
    }

    /// A thread opened a connection, or found it open.
    pub(super) fn open(&mut self, kernel: &Kernel, by: Caller, call: u64, at: (Pid, Cid)) {
        let Some(serial) = kernel.server_behind(at.0, at.1) else {
            return;
        };
        let servers = kernel.servers();
        let server = servers.iter().find(|server| server.serial == serial);
        let slot = self.slots.entry(at).or_insert_with(|| Slot {
            holds: Holds::Server(serial),
            sid: None,
            history: VecDeque::new(),
        });
        slot.holds = Holds::Server(serial);
        slot.sid = server.map(|server| server.sid);
        slot.note(format!(
            "call {call}: process {}, thread {} connected it to {}",
            by.pid.get(),
            by.tid.0,
            server_name(kernel, serial)
        ));
    }

    pub(super) fn close(&mut self, by: Caller, call: u64, cid: Cid) {
        let Some(slot) = self.slots.get_mut(&(by.pid, cid)) else {
            return;
        };
        slot.holds = Holds::Nothing(slot.serial(), Closed::By(by));
        slot.note(format!("call {call}: thread {} disconnected it", by.tid.0));
    }

    /// Servers or processes have ended: what became of the slots that led to them.
    pub(super) fn follow(&mut self, kernel: &Kernel, call: u64) {
        for ((pid, cid), slot) in &mut self.slots {
            let Holds::Server(serial) = slot.holds else {
                continue;
            };
            match kernel.connection_map(*pid).and_then(|map| map.at(*cid)) {
                Some(Connection::Tombstone) => {
                    slot.holds = Holds::Tombstone(serial);
                    slot.note(format!(
                        "call {call}: the server's process died, which left a tombstone"
                    ));
                }
                Some(Connection::Free) => {
                    slot.holds = Holds::Nothing(serial, Closed::Destroyed);
                    slot.note(format!("call {call}: the server was destroyed"));
                }
                Some(Connection::Server(_)) | None => {}
            }
        }
    }

    /// A tombstone of a process where there once was a server with the SID of the one behind `cid`.
    pub(super) fn tombstone_beside(&self, pid: Pid, cid: Cid) -> Option<Cid> {
        let sid = self.slots.get(&(pid, cid))?.sid?;
        let dead = |slot: &Slot| matches!(slot.holds, Holds::Tombstone(_)) && slot.sid == Some(sid);
        let mut own = self.slots.iter().filter(|((owner, _), _)| *owner == pid);
        own.find(|(_, slot)| dead(slot)).map(|((_, cid), _)| *cid)
    }

    pub(super) fn forget(&mut self, pid: Pid) {
        self.slots.retain(|(owner, _), _| *owner != pid);
    }
}

impl Slot {
    const fn serial(&self) -> ServerSerial {
        match self.holds {
            Holds::Server(serial) | Holds::Tombstone(serial) | Holds::Nothing(serial, _) => serial,
        }
    }

    fn note(&mut self, event: String) {
        if self.history.len() == REMEMBERED {
            self.history.pop_front();
        }
        self.history.push_back(event);
    }
}
