//! Real programs, one thread at a time: a move is taken only when all of them have come to rest.
//!
//! The thread that was let run comes back with its next call, or does not: then it has ended, or waits for something that
//! is not the kernel's. So rest counts at once when its process has called again, and after [`PAUSE`] when not.

use super::event_loop::{EventLoop, now};
use super::rest::{Switches, look, programs};
use crate::exchange::Output;
use crate::schedule::{Chooser, Strategy};
use crate::wire::Key;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use xous_sim_kernel::Pid;

/// How long all must be at rest without a call for it to count.
const PAUSE: Duration = Duration::from_millis(5);
/// How long to leave the processor to those who run.
const GLANCE: Duration = Duration::from_micros(20);

/// Who moves, and whether all are at rest.
#[derive(Debug)]
pub(super) struct Turns {
    chooser: Chooser,
    /// The programs of each process that has joined.
    programs: BTreeMap<Pid, Vec<u32>>,
    /// The process of the thread that was let run, until it calls again.
    awaited: Option<Pid>,
    /// What was seen last, and since when it has been so.
    last: Option<(Vec<Switches>, Instant)>,
    /// Until when processes that have been started are waited for.
    late: Instant,
}

impl Turns {
    pub(super) fn new(strategy: Strategy, seed: u64, late: Instant) -> Turns {
        Turns {
            chooser: Chooser::new(strategy, seed),
            programs: BTreeMap::new(),
            awaited: None,
            last: None,
            late,
        }
    }

    pub(super) fn joined(&mut self, pid: Pid, key: Key, late: Instant) {
        self.programs.insert(pid, programs(key));
        self.late = late;
    }

    pub(super) fn left(&mut self, pid: Pid) {
        self.programs.remove(&pid);
        self.called(pid);
    }

    /// A process has called, or is gone.
    pub(super) fn called(&mut self, pid: Pid) {
        self.awaited = self.awaited.filter(|awaited| *awaited != pid);
        self.last = None;
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
            Some((before, since)) if *before == seen => {
                self.awaited.is_none() || now - *since >= PAUSE
            }
            _ => {
                self.last = Some((seen, now));
                false
            }
        }
    }
}

impl EventLoop {
    /// Takes a move, if it is time; answers whether it may be time soon.
    pub(super) fn take_turn(&mut self, calm: bool) -> bool {
        let Some(turns) = &mut self.turns else {
            return false;
        };
        let exchange = self.shared.exchange();
        let moves = exchange.moves();
        let missing = exchange.processes().iter().any(|(_, joined)| !joined);
        drop(exchange);
        if moves.is_empty() || missing && now() < turns.late {
            return false;
        }
        if calm && turns.is_quiet() {
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
            if let Output::Send(pid, _) = one {
                turns.awaited = Some(*pid);
                turns.last = None;
            }
        }
    }
}
