//! Watches connections while real programs run: what they do to each other through the connection map.
//!
//! The explorer knows which handles a program holds; here there are only system calls. So a thread is taken to believe in
//! what it saw: the CID that its own connect gave it leads to that server until it disconnects it itself, and a CID that
//! it first used without having connected leads where it led then. From that follow the properties:
//!
//! - `severed`: a send is refused with ServerNotFound, the server lives, and it was another thread of the process that
//!   freed the slot;
//! - `misdelivered`: a send reaches another server than the one that the thread believes in;
//! - `free-slot`: a thread disconnects a slot that another thread has freed already;
//! - `tombstone`: a process connects again to a server that was restarted, and its tombstone still takes a slot;
//! - `hanging`: a sender waits for an answer that nobody can give any more;
//! - `unanswered`: when the run ends, a program waits for a call that was received and that nobody works on any more.
//!
//! Left out is what no system call shows. Threads that hand a connection to each other outside the kernel, close it
//! there and open another in its place look as if they had misdelivered; the history that comes with each finding tells.

mod beliefs;
mod checks;
mod ending;
mod finding;
mod observation;
mod slots;

pub use finding::{Finding, Property};
pub use observation::Observation;
pub(crate) use observation::{Aim, name, server_name};

use beliefs::Beliefs;
use slots::Slots;
use std::collections::BTreeSet;
use xous_sim_kernel::{Caller, Cid, Pid, Tid};

/// What has been seen of all processes.
#[derive(Debug, Default)]
pub struct Watch {
    /// Calls so far.
    calls: u64,
    slots: Slots,
    beliefs: Beliefs,
    findings: Vec<Finding>,
    /// Whether the run is over, and what happens is no program's doing.
    is_over: bool,
    /// What has been reported already.
    reported: BTreeSet<(Property, Pid, Option<Tid>, Option<Cid>)>,
}

/// Findings beyond this number are not kept.
const MOST_FINDINGS: usize = 1000;

impl Watch {
    /// What has been found, in order.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many calls were watched.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls
    }

    fn report(&mut self, property: Property, thread: Caller, cid: Option<Cid>, message: String) {
        if self.is_over {
            return;
        }
        // A tombstone is the process's, whichever of its threads stumbles over it.
        let tid = (property != Property::Tombstone).then_some(thread.tid);
        let is_new = self.reported.insert((property, thread.pid, tid, cid));
        if !is_new || self.findings.len() >= MOST_FINDINGS {
            return;
        }
        let history = cid.map_or_else(Vec::new, |cid| self.slots.history(thread.pid, cid));
        self.findings.push(Finding {
            property,
            thread,
            cid,
            message,
            history,
            call: self.calls,
        });
    }

    /// A process is gone; another may get its PID.
    fn forget(&mut self, pid: Pid) {
        self.slots.forget(pid);
        self.beliefs.forget(pid);
        self.reported.retain(|(_, owner, ..)| *owner != pid);
    }
}
