//! The end of a run: whom nobody would have answered, and when watching stops.
//!
//! When a run ends many threads wait, and rightly: a service for the next message, for a key to be pressed, or for a sleep
//! to be over that the server of the clock has received. Who is to blame for that cannot be seen, so `unanswered` asks for
//! much. The caller serves nobody itself; and each thread of the server's process waits for the kernel, so that none can
//! be about to answer, or asleep until it is time to. A thread that has ended without the kernel's knowledge looks as if
//! it worked: then nothing is reported.

use super::Watch;
use super::finding::Property;
use super::observation::server_name;
use xous_sim_kernel::{BlockedOn, Caller, Kernel, Pid, ServerSerial, Tid};

impl Watch {
    /// Looks, for the last time, for threads that wait in vain.
    pub(crate) fn look_for_forgotten(&mut self, kernel: &Kernel) {
        self.look_for_hanging(kernel);
        for (server, client) in kernel.received_calls() {
            let waits = kernel.is_blocked(client) == Some(BlockedOn::Reply { server });
            if !waits || serves(kernel, client.pid) || is_being_worked_on(kernel, server) {
                continue;
            }
            let name = server_name(kernel, server);
            let message = format!("its call was received by {name} and never answered");
            let cid = self.cid_of_wait(kernel, client, server);
            self.report(Property::Unanswered, client, cid, message);
        }
    }

    /// From now on nothing is found.
    pub(crate) fn finish(&mut self) {
        self.is_over = true;
    }
}

fn serves(kernel: &Kernel, pid: Pid) -> bool {
    kernel.servers().iter().any(|server| server.owner == pid)
}

/// Whether some thread of the server's process does anything but wait for the kernel.
fn is_being_worked_on(kernel: &Kernel, server: ServerSerial) -> bool {
    let servers = kernel.servers();
    let owner = servers.iter().find(|one| one.serial == server);
    owner.is_some_and(|server| {
        let pid = server.owner;
        let threads = kernel.threads(pid).into_iter();
        let mut real = threads.filter(|tid| *tid != Tid::PHANTOM);
        real.any(|tid| kernel.is_blocked(Caller { pid, tid }).is_none())
    })
}
