//! Looking at a kernel without changing it, and the programs' own access to their memory.

use crate::connection_map::{Connection, ConnectionMap};
use crate::ids::{Caller, Cid, Pid, ServerIndex, ServerSerial, Sid, Tid};
use crate::kernel::Kernel;
use crate::memory::{Memory, MemoryFault};
use crate::thread::{BlockedOn, ThreadStart};
use std::fmt;

/// A server as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerSnapshot {
    /// Its place in the server table.
    pub index: ServerIndex,
    /// Which server it is, of all that ever were.
    pub serial: ServerSerial,
    /// Its SID.
    pub sid: Sid,
    /// The process that owns it.
    pub owner: Pid,
    /// Messages not yet received.
    pub queued: usize,
    /// Received calls not yet answered.
    pub waiting: usize,
    /// The threads that are parked on it, lowest first.
    pub parked: Vec<Tid>,
}

impl fmt::Display for ServerSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parked: Vec<u8> = self.parked.iter().map(|tid| tid.0).collect();
        write!(
            f,
            "server {} ({}) of process {}: {} queued, {} unanswered, parked threads {parked:?}",
            self.index.0,
            self.sid,
            self.owner.get(),
            self.queued,
            self.waiting
        )
    }
}

impl Kernel {
    /// The connection map of a process.
    pub fn connection_map(&self, pid: Pid) -> Option<&ConnectionMap> {
        self.processes.get(pid).map(|process| &process.connections)
    }

    /// The server that a CID reaches now; none for a free slot, a tombstone or a CID out of range.
    pub fn server_behind(&self, pid: Pid, cid: Cid) -> Option<ServerSerial> {
        match self.connection_map(pid)?.at(cid)? {
            Connection::Server(index) => self.servers.get(index).map(|server| server.serial),
            Connection::Free | Connection::Tombstone => None,
        }
    }

    /// Whether a server still exists.
    pub fn is_alive(&self, serial: ServerSerial) -> bool {
        self.servers.iter().any(|server| server.serial == serial)
    }

    /// The server that a connect to this SID finds.
    pub fn server_named(&self, sid: Sid) -> Option<ServerSerial> {
        let index = self.servers.find(sid)?;
        self.servers.get(index).map(|server| server.serial)
    }

    /// The processes, lowest PID first.
    pub fn process_ids(&self) -> Vec<Pid> {
        self.processes.iter().map(|(pid, _)| pid).collect()
    }

    /// The live threads of a process, lowest TID first (hosted, the phantom among them and, in a faithful kernel, threads
    /// that have ended).
    pub fn threads(&self, pid: Pid) -> Vec<Tid> {
        self.processes.get(pid).map_or_else(Vec::new, |process| {
            process.threads().map(|(tid, _)| tid).collect()
        })
    }

    /// How a thread was started, where it was given a start (hardware).
    pub fn thread_start(&self, thread: Caller) -> Option<ThreadStart> {
        self.processes
            .get(thread.pid)?
            .thread(thread.tid)?
            .start
            .as_deref()
            .copied()
    }

    /// The TID at which a process's search for a free context starts (hardware).
    pub fn last_tid_allocated(&self, pid: Pid) -> Option<Tid> {
        self.processes
            .get(pid)
            .map(|process| process.last_tid_allocated())
    }

    /// Whether a process has run.
    pub fn is_started(&self, pid: Pid) -> bool {
        self.processes
            .get(pid)
            .is_some_and(|process| process.started)
    }

    /// The servers, by index.
    pub fn servers(&self) -> Vec<ServerSnapshot> {
        self.servers
            .iter()
            .map(|server| ServerSnapshot {
                index: server.index,
                serial: server.serial,
                sid: server.sid,
                owner: server.owner,
                queued: server.queue.queued().len(),
                waiting: server.queue.waiting().len(),
                parked: server.parked.iter().collect(),
            })
            .collect()
    }

    /// Bytes of memory messages that a process has sent and nobody has received yet (hosted).
    pub fn queued_bytes(&self, client: Pid) -> usize {
        let queued = self.servers.iter().flat_map(|server| server.queue.queued());
        let own = queued.filter(|queued| queued.client.pid == client);
        own.filter_map(|queued| queued.message.memory())
            .map(|body| body.payload.len())
            .sum()
    }

    /// Whether an answer can still reach a thread that waits for one: its message is queued, or was received.
    pub fn can_be_answered(&self, thread: Caller) -> bool {
        self.servers.iter().any(|server| {
            let mut queued = server.queue.queued().iter();
            let mut received = server.queue.waiting().iter();
            queued.any(|queued| queued.client == thread)
                || received.any(|(_, waiting)| waiting.client == thread)
        })
    }

    /// The calls that were received and are not answered yet: which server has them, and who waits.
    pub fn received_calls(&self) -> Vec<(ServerSerial, Caller)> {
        let received = self.servers.iter().flat_map(|server| {
            let waiting = server.queue.waiting().iter();
            waiting.map(|(_, waiting)| (server.serial, waiting.client))
        });
        received.collect()
    }

    /// What a thread waits for; none for a thread that can make calls or does not exist.
    pub fn is_blocked(&self, thread: Caller) -> Option<BlockedOn> {
        self.processes
            .get(thread.pid)?
            .thread(thread.tid)?
            .blocked_on()
    }

    /// The memory of a process.
    pub fn memory(&self, pid: Pid) -> Option<&Memory> {
        self.processes.get(pid).map(|process| &process.memory)
    }

    /// Bytes of a process's memory, as its program would read them (hardware).
    ///
    /// # Errors
    ///
    /// Where the program's read would fault.
    pub fn read_memory(&self, pid: Pid, address: u64, length: u64) -> Result<Vec<u8>, MemoryFault> {
        self.memory(pid)
            .ok_or(MemoryFault::NoProcess)?
            .read(address, length)
    }

    /// Writes to a process's memory, as its program would (hardware).
    ///
    /// # Errors
    ///
    /// Where the program's write would fault.
    pub fn write_memory(
        &mut self,
        pid: Pid,
        address: u64,
        bytes: &[u8],
    ) -> Result<(), MemoryFault> {
        self.processes
            .get_mut(pid)
            .ok_or(MemoryFault::NoProcess)?
            .memory
            .write(address, bytes)
    }
}
