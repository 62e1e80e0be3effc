//! How a server ends by the will of its owner (`kernel/src/services.rs:1889-1935`, `kernel/src/server.rs:301-470`).
//!
//! Whoever waits for it is told, its memory goes back, and the slots of its clients are free again.

use crate::abi::SysResult;
use crate::connection_map::Connection;
use crate::error::Error;
use crate::ids::{Caller, Pid, ServerIndex};
use crate::kernel::Kernel;
use crate::memory;
use crate::message::Message;
use crate::panic::KernelPanic;
use crate::queue::{Lent, Queued};
use crate::step::{Effects, Refusal};
use crate::thread::ThreadState;

impl Kernel {
    /// Destroys a server for a thread of its owner.
    ///
    /// # Errors
    ///
    /// `ServerQueueFull` where a received call is unanswered; nothing changes then.
    pub(crate) fn destroy_server(
        &mut self,
        index: ServerIndex,
        destroyer: Caller,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let server = self.servers.get(index).ok_or(Error::ServerNotFound)?;
        if !server.queue.waiting().is_empty() {
            return Err(Error::ServerQueueFull.into());
        }
        let server = self.servers.remove(index).expect("the server was found");
        let mut queued = server.queue.queued().to_vec();
        queued.sort_by_key(|queued| queued.slot);
        for message in queued {
            match self.config.has_hosted_defects() {
                true => self.refuse_queued_hosted(message, effects)?,
                false => self.refuse_queued(server.owner, message, effects),
            }
        }
        for tid in server.parked.iter() {
            let thread = Caller {
                pid: server.owner,
                tid,
            };
            if self.config.has_hosted_defects() && tid != destroyer.tid {
                return Err(KernelPanic::HostedDestroyWithParkedThread.into());
            }
            self.wake(thread, SysResult::Error(Error::ServerNotFound), effects);
        }
        self.sever(index, Connection::Free);
        Ok(())
    }

    /// The same in a hosted kernel, which panics at the first message that it trips over: what was answered before has been
    /// sent. A scalar is answered before its sender is made ready, a lend after.
    fn refuse_queued_hosted(
        &mut self,
        queued: Queued,
        effects: &mut Effects,
    ) -> Result<(), KernelPanic> {
        let client = queued.client;
        match queued.message {
            Message::Move(_) => return Err(KernelPanic::HostedDestroyWithMove),
            Message::Scalar(_) if !queued.forgotten => return Ok(()),
            _ => {}
        }
        if !self.is_connected(client.pid) {
            return Err(KernelPanic::HostedDestroyWithDeadSender);
        }
        let moved_on = !queued.forgotten && self.is_overtaken(client);
        let lent = queued.message.memory().map(|body| &body.payload);
        if lent.is_none() || !moved_on {
            let error = Error::ServerNotFound;
            let result = lent.map_or(SysResult::Error(error), |lent| {
                self.failed_lend(error, lent)
            });
            self.wake(client, result, effects);
        }
        match moved_on {
            true => Err(KernelPanic::HostedDestroyWithSenderMovedOn),
            false => Ok(()),
        }
    }

    fn is_connected(&self, pid: Pid) -> bool {
        self.processes
            .get(pid)
            .is_some_and(|process| process.started)
    }

    fn is_overtaken(&self, thread: Caller) -> bool {
        let found = self
            .processes
            .get(thread.pid)
            .and_then(|process| process.thread(thread.tid));
        found.is_some_and(|thread| {
            matches!(
                thread.state,
                ThreadState::Blocked {
                    overtaken: true,
                    ..
                }
            )
        })
    }

    /// A queued message of a destroyed server: memory goes back or is freed, and a sender that waits gets error 9.
    fn refuse_queued(&mut self, owner: Pid, queued: Queued, effects: &mut Effects) {
        let Queued {
            client,
            message,
            client_address,
            forgotten,
            ..
        } = queued;
        let kind = message.kind();
        let Some(body) = message.memory() else {
            if kind.is_blocking() {
                self.wake(client, SysResult::Error(Error::ServerNotFound), effects);
            }
            return;
        };
        let lent = Lent {
            client_address,
            range: body.range,
        };
        if !kind.is_lend() || forgotten || !self.return_pages(client.pid, owner, lent) {
            self.free_pages(owner, lent);
        }
        if kind.is_lend() && !forgotten {
            let result = self.failed_lend(Error::ServerNotFound, &body.payload);
            self.wake(client, result, effects);
        }
    }

    /// Gives pages back to a client that still has their place; answers whether it could.
    fn return_pages(&mut self, client: Pid, owner: Pid, lent: Lent) -> bool {
        if client == owner || !self.config.is_hardware() {
            return true;
        }
        let given = self.with_memories(client, owner, |home, away| {
            memory::give_back(home, away, lent)
        });
        matches!(given, Some(Ok(())))
    }

    fn free_pages(&mut self, owner: Pid, lent: Lent) {
        if self.config.is_hardware() {
            // Pages that the owner has unmapped already need no freeing.
            let _ = self.process_mut(owner).memory.unmap(lent.range);
        }
    }

    /// The error that answers a lend: hosted, the lent bytes follow it.
    pub(crate) fn failed_lend(&self, error: Error, payload: &[u8]) -> SysResult {
        match self.config.is_hardware() {
            true => SysResult::Error(error),
            false => SysResult::LendFailed {
                error,
                payload: payload.to_vec(),
            },
        }
    }
}
