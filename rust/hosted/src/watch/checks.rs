//! The checks themselves, after every call and at the end.

use super::Watch;
use super::beliefs::Belief;
use super::finding::Property;
use super::observation::{Aim, Observation, server_name};
use super::slots::{Closed, Holds};
use xous_sim_kernel::{
    BlockedOn, Caller, Cid, Error, Kernel, Pid, ServerSerial, Step, SysResult, Syscall,
};

impl Watch {
    /// A call was made.
    pub fn observe(&mut self, seen: &Observation<'_>) {
        self.calls += 1;
        if let Some(aim) = seen.aim {
            self.sent(seen, aim);
        }
        if let Some((pid, cid)) = seen.opened() {
            self.opened(seen, pid, cid);
        }
        if let Some(cid) = seen.closed() {
            self.slots.close(seen.caller, self.calls, cid);
            self.beliefs.drop(seen.caller, cid);
        }
        if let Syscall::Disconnect { cid } = *seen.syscall {
            self.disconnected_in_vain(seen, cid);
        }
        if matches!(seen.syscall, Syscall::DestroyServer { .. }) {
            self.slots.follow(seen.kernel, self.calls);
        }
        if seen.result().and_then(SysResult::error) == Some(Error::DoubleFree) {
            self.look_for_hanging(seen.kernel);
        }
        self.lent_in_vain(seen);
        self.ended(seen.kernel, seen.step);
    }

    /// Processes have ended.
    pub fn ended(&mut self, kernel: &Kernel, step: &Step) {
        if step.ended.is_empty() {
            return;
        }
        step.ended.iter().for_each(|pid| self.forget(*pid));
        self.slots.follow(kernel, self.calls);
        self.look_for_hanging(kernel);
    }

    /// The name server gave a thread a connection.
    pub(crate) fn given(&mut self, kernel: &Kernel, thread: Caller, cid: Cid) {
        self.slots
            .open(kernel, thread, self.calls, (thread.pid, cid));
        self.believe(kernel, thread, cid);
    }

    fn opened(&mut self, seen: &Observation<'_>, pid: Pid, cid: Cid) {
        self.slots
            .open(seen.kernel, seen.caller, self.calls, (pid, cid));
        if pid == seen.caller.pid {
            self.believe(seen.kernel, seen.caller, cid);
        }
        if let Some(tombstone) = self.slots.tombstone_beside(pid, cid) {
            let message = format!(
                "it connected again, as CID {}, and the tombstone still takes a slot",
                cid.0
            );
            let thread = Caller { pid, ..seen.caller };
            self.report(Property::Tombstone, thread, Some(tombstone), message);
        }
    }

    fn believe(&mut self, kernel: &Kernel, thread: Caller, cid: Cid) {
        if let Some(server) = kernel.server_behind(thread.pid, cid) {
            let name = server_name(kernel, server);
            self.beliefs.set(thread, cid, Belief { server, name });
        }
    }

    fn sent(&mut self, seen: &Observation<'_>, aim: Aim) {
        self.beliefs.send(seen.caller, aim.cid);
        match aim.server {
            Some(_) => self.reached(seen, aim),
            None => self.refused(seen, aim),
        }
    }

    /// A send through a CID that leads somewhere.
    fn reached(&mut self, seen: &Observation<'_>, aim: Aim) {
        let Some(belief) = self.beliefs.of(seen.caller, aim.cid) else {
            self.believe(seen.kernel, seen.caller, aim.cid);
            return;
        };
        let Some(server) = aim.server.filter(|server| *server != belief.server) else {
            return;
        };
        let reached = server_name(seen.kernel, server);
        let message = format!("a message meant for {} reached {reached}", belief.name);
        self.report(Property::Misdelivered, seen.caller, Some(aim.cid), message);
    }

    /// A send through a CID that leads nowhere: was it another thread that made it so?
    fn refused(&mut self, seen: &Observation<'_>, aim: Aim) {
        let Some(Holds::Nothing(server, Closed::By(closer))) =
            self.slots.holds(seen.caller.pid, aim.cid)
        else {
            return;
        };
        if closer == seen.caller || !seen.kernel.is_alive(server) {
            return;
        }
        let name = server_name(seen.kernel, server);
        let message = format!(
            "a send to {name} got ServerNotFound although the server lives: thread {} had disconnected it",
            closer.tid.0
        );
        self.report(Property::Severed, seen.caller, Some(aim.cid), message);
    }

    /// A disconnect of nothing: was it another thread that disconnected before?
    fn disconnected_in_vain(&mut self, seen: &Observation<'_>, cid: Cid) {
        if seen.result().and_then(SysResult::error).is_none() {
            return;
        }
        if let Some(Holds::Nothing(_, Closed::By(closer))) = self.slots.holds(seen.caller.pid, cid)
            && closer != seen.caller
        {
            let message = format!(
                "it disconnected what thread {} had disconnected",
                closer.tid.0
            );
            self.report(Property::FreeSlot, seen.caller, Some(cid), message);
        }
    }

    /// A lend that fails at once: no bytes follow the error of a faithful kernel, and the library reads them for ever.
    fn lent_in_vain(&mut self, seen: &Observation<'_>) {
        let lends = seen
            .syscall
            .message()
            .is_some_and(|sent| sent.kind().is_lend());
        if let (Some(aim), Some(SysResult::Error(error))) = (seen.aim, seen.result())
            && lends
            && seen.kernel.config().is_faithful()
        {
            let message = format!(
                "its lend was answered with {error:?} and without the lent bytes, for which it waits for ever"
            );
            self.report(Property::Hanging, seen.caller, Some(aim.cid), message);
        }
    }

    /// Threads that wait for an answer, and whose message is nowhere any more.
    pub(super) fn look_for_hanging(&mut self, kernel: &Kernel) {
        for pid in kernel.process_ids() {
            for tid in kernel.threads(pid) {
                let thread = Caller { pid, tid };
                let Some(BlockedOn::Reply { server }) = kernel.is_blocked(thread) else {
                    continue;
                };
                if !kernel.can_be_answered(thread) {
                    self.hangs(kernel, thread, server);
                }
            }
        }
    }

    fn hangs(&mut self, kernel: &Kernel, thread: Caller, server: ServerSerial) {
        let cid = self.cid_of_wait(kernel, thread, server);
        let believed = cid.and_then(|cid| self.beliefs.of(thread, cid));
        let name = believed.map_or_else(|| server_name(kernel, server), |one| one.name.clone());
        let message = format!("it waits for an answer that never comes, from {name}");
        self.report(Property::Hanging, thread, cid, message);
    }

    /// The CID that a thread sent through to a server whose answer it waits for; none if it is gone, and another thread
    /// perhaps bears its number.
    pub(super) fn cid_of_wait(
        &self,
        kernel: &Kernel,
        thread: Caller,
        server: ServerSerial,
    ) -> Option<Cid> {
        let waits = kernel.is_blocked(thread) == Some(BlockedOn::Reply { server });
        self.beliefs.last(thread).filter(|_| waits)
    }
}
