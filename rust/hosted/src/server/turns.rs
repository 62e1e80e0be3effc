//! Real programs, one thread at a time: a move is taken only when all of them have come to rest.
//!
//! The thread that was let run comes back with its next call, or does not: then it has ended, or waits for something that
//! is not the kernel's. So rest counts at once when every thread that was answered or created has called again. If not, it
//! has to last: for [`PAUSE`], or for [`LONG_PAUSE`] while the host has bytes of some connection under way, whose arrival
//! would wake somebody.
//!
//! Nothing moves before the owner says that the programs of the beginning have been started: otherwise the first of them
//! would run ahead by as much as starting the next one takes.

use super::event_loop::{EventLoop, now};
use super::rest::{Switches, is_under_way, look, programs};
use crate::exchange::{Address, Output};
use crate::schedule::{Chooser, Strategy};
use crate::wire::{Key, Packet};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use xous_sim_kernel::Pid;

/// How long all must be at rest without a call for it to count.
const PAUSE: Duration = Duration::from_millis(5);
/// The same while bytes are under way. It is much longer than hosts wait before they acknowledge what has arrived.
const LONG_PAUSE: Duration = Duration::from_secs(1);
/// How long to leave the processor to those who run.
const GLANCE: Duration = Duration::from_micros(20);

/// Who moves, and whether all are at rest.
#[derive(Debug)]
pub(super) struct Turns {
    chooser: Chooser,
    /// The programs of each process that has joined.
    programs: BTreeMap<Pid, Vec<u32>>,
    /// Processes that have been started and have not joined.
    missing: BTreeSet<Pid>,
    /// Processes that have joined and not called yet: the library calls first thing.
    newcomers: BTreeSet<Pid>,
    /// Threads that were let run, until they call again.
    awaited: BTreeSet<Address>,
    /// Where the server listens.
    port: u16,
    /// What was seen last, and since when it has been so.
    last: Option<(Vec<Switches>, Instant)>,
    /// Until when those who are missing and newcomers are waited for, and how long that is.
    late: Instant,
    patience: Duration,
}

impl Turns {
    pub(super) fn new(strategy: Strategy, seed: u64, port: u16, patience: Duration) -> Turns {
        Turns {
            chooser: Chooser::new(strategy, seed),
            programs: BTreeMap::new(),
            missing: BTreeSet::new(),
            newcomers: BTreeSet::new(),
            awaited: BTreeSet::new(),
            port,
            last: None,
            late: now() + patience,
            patience,
        }
    }

    pub(super) fn joined(&mut self, pid: Pid, key: Key) {
        self.programs.insert(pid, programs(key));
        self.newcomers.insert(pid);
        self.late = now() + self.patience;
    }

    pub(super) fn left(&mut self, pid: Pid) {
        self.programs.remove(&pid);
        self.newcomers.remove(&pid);
        self.awaited.retain(|at| at.pid != pid);
        self.last = None;
    }

    /// A thread has called.
    pub(super) fn called(&mut self, at: Address) {
        self.newcomers.remove(&at.pid);
        self.awaited.remove(&at);
        self.last = None;
    }

    /// A thread is answered: it is about to run, under the TID that it has just got if it had none, and so is one that it
    /// has created.
    fn answered(&mut self, pid: Pid, packet: &Packet) {
        let created = given_out(packet);
        let is_renamed = packet.thread >= Address::NAMELESS && created.is_some();
        let caller = (!is_renamed).then_some(packet.thread);
        let threads = caller.into_iter().chain(created);
        self.awaited
            .extend(threads.map(|thread| Address { pid, thread }));
        self.last = None;
    }

    /// Whether everybody is there, or it is too late to wait for them.
    fn is_complete(&mut self, missing: BTreeSet<Pid>) -> bool {
        if missing != self.missing {
            self.missing = missing;
            self.late = now() + self.patience;
        }
        self.missing.is_empty() && self.newcomers.is_empty() || now() >= self.late
    }

    /// Whether all threads were at rest at some moment since the last call.
    fn is_quiet(&mut self) -> bool {
        let Some(seen) = look(self.programs.values().flatten().copied()) else {
            self.last = None;
            std::thread::sleep(GLANCE);
            return false;
        };
        let now = now();
        match &self.last {
            Some((before, since)) if *before == seen => self.counts(now - *since),
            _ => {
                self.last = Some((seen, now));
                false
            }
        }
    }

    /// Whether rest that has lasted so long is taken for rest.
    fn counts(&self, lasts: Duration) -> bool {
        if self.awaited.is_empty() {
            return true;
        }
        std::thread::sleep(GLANCE);
        lasts >= LONG_PAUSE || lasts >= PAUSE && !is_under_way(self.port)
    }
}

/// The TID that a packet gives out.
fn given_out(packet: &Packet) -> Option<u64> {
    const THREAD_ID: u64 = 10;
    match packet.words {
        [THREAD_ID, tid, ..] => Some(tid),
        _ => None,
    }
}

impl EventLoop {
    /// Takes a move, if it is time; answers whether it may be time soon.
    pub(super) fn take_turn(&mut self, calm: bool) -> bool {
        let Some(turns) = self.turns.as_mut().filter(|_| self.shared.has_begun()) else {
            return false;
        };
        let exchange = self.shared.exchange();
        let moves = exchange.moves();
        let processes = exchange.processes().into_iter();
        let missing = processes.filter(|(_, joined)| !joined).map(|(pid, _)| pid);
        let missing = missing.collect();
        drop(exchange);
        if moves.is_empty() || !turns.is_complete(missing) {
            return false;
        }
        if calm && turns.is_quiet() {
            turns.awaited.clear();
            let chosen = turns.chooser.choose(&moves).expect("there are moves");
            self.shared.exchange().take(chosen);
            self.deliver();
            self.send_all();
        }
        true
    }

    /// Threads are about to run: those who are being answered.
    pub(super) fn await_calls(&mut self, output: &[Output]) {
        let Some(turns) = &mut self.turns else {
            return;
        };
        for one in output {
            if let Output::Send(pid, packet) = one {
                turns.answered(*pid, packet);
            }
        }
    }
}
