//! How processes begin, and how threads and processes end (`kernel/src/services.rs:2186-2246`).
//!
//! A destroyed server leaves free slots and wakes whoever waits for it with `ServerNotFound`; a dead process leaves
//! tombstones and wakes nobody. The exit code of a process is discarded.

mod destroy;

use crate::abi::SysResult;
use crate::connection_map::Connection;
use crate::error::Error;
use crate::ids::{Caller, Pid, ServerIndex, Tid};
use crate::kernel::Kernel;
use crate::misuse::Misuse;
use crate::panic::KernelPanic;
use crate::process::Process;
use crate::step::{Effects, Outcome, Step};
use crate::thread::{Thread, ThreadStart};

impl Kernel {
    /// Starts an init process with its main thread, TID 2. Hosted, TID 1 is the phantom.
    ///
    /// # Errors
    ///
    /// `ProcessNotFound` when all PIDs are taken.
    pub fn boot_process(&mut self) -> Result<Pid, Error> {
        let pid = self.create_process()?;
        self.start(pid);
        if !self.config.is_hardware() {
            let config = self.config;
            self.process_mut(pid)
                .create_thread(config, None)
                .expect("a new process has free TIDs");
        }
        Ok(pid)
    }

    /// Reserves the lowest free PID for a process that has not run yet.
    ///
    /// # Errors
    ///
    /// `ProcessNotFound` when all PIDs are taken.
    pub fn create_process(&mut self) -> Result<Pid, Error> {
        let pid = self.free_pid()?;
        self.processes.insert(pid, Process::new(self.config));
        Ok(pid)
    }

    /// Lets a created process run. On hardware its main thread, TID 2, is there; hosted, it has connected, and the
    /// phantom TID 1 stands for the thread without an ID that asks for the first TID with CreateThread.
    ///
    /// # Errors
    ///
    /// When there is no such process, or it has started already.
    pub fn start_process(&mut self, pid: Pid) -> Result<Step, Misuse> {
        let process = self.processes.get(pid).ok_or(Misuse::NoProcess(pid))?;
        if process.started {
            return Err(Misuse::AlreadyStarted(pid));
        }
        self.step(|kernel, _| {
            kernel.start(pid);
            Ok(Outcome::Done(SysResult::Ok))
        })
    }

    /// Installs the first thread. A process that CreateProcess made on hardware gets its server's SID as arguments; where
    /// its loader put program and stack is left out.
    fn start(&mut self, pid: Pid) {
        let first = if self.config.is_hardware() {
            Tid::INITIAL
        } else {
            Tid::PHANTOM
        };
        let own = self.servers.iter().find(|server| server.owner == pid);
        let start = own.map(|server| ThreadStart {
            entry: 0,
            stack_top: 0,
            arguments: server.sid.to_words(),
        });
        let process = self.process_mut(pid);
        process.started = true;
        process.install_thread(first, Thread::new(start));
    }

    /// Lets a thread make calls that nobody started: a hosted kernel does not look at the TIDs of its callers. Unlike
    /// there, the TID counts as taken from then on.
    ///
    /// # Errors
    ///
    /// When there is no such process, or its threads cannot have this TID.
    pub fn adopt_thread(&mut self, caller: Caller) -> Result<(), Misuse> {
        let (first, last) = self.config.thread_ids();
        let process = self.processes.get_mut(caller.pid);
        let process = process.ok_or(Misuse::NoProcess(caller.pid))?;
        if self.config.is_hardware() || !(first..=last).contains(&caller.tid.0) {
            return Err(Misuse::NoThread(caller));
        }
        if process.thread(caller.tid).is_none() {
            process.install_thread(caller.tid, Thread::new(None));
        }
        Ok(())
    }

    /// Ends a thread; the lowest of the threads that join it gets the value, others go on waiting.
    ///
    /// A hosted kernel is not told of a thread's end: a faithful one changes nothing, a safe one wakes the joiner. Neither
    /// gives the TID out again.
    ///
    /// # Errors
    ///
    /// When no such thread runs.
    pub fn exit_thread(&mut self, caller: Caller, value: u64) -> Result<Step, Misuse> {
        self.check_callable(caller)?;
        self.step(|kernel, effects| {
            let config = kernel.config;
            if config.is_hardware() || !config.is_faithful() {
                let process = kernel.process_mut(caller.pid);
                process.end_thread(config, caller.tid);
                if let Some(tid) = process.first_joiner(caller.tid) {
                    kernel.wake(
                        Caller {
                            pid: caller.pid,
                            tid,
                        },
                        SysResult::Scalar1(value),
                        effects,
                    );
                }
            }
            Ok(Outcome::Ended)
        })
    }

    /// Ends a process from outside: a CPU fault on hardware, a closed socket when hosted.
    ///
    /// # Errors
    ///
    /// When there is no such process, or it is the kernel itself (PID 1 on hardware).
    pub fn crash_process(&mut self, pid: Pid) -> Result<Step, Misuse> {
        if pid == Pid::KERNEL && self.config.is_hardware() {
            return Err(Misuse::KernelProcess);
        }
        if !self.processes.contains(pid) {
            return Err(Misuse::NoProcess(pid));
        }
        self.step(|kernel, effects| {
            if pid == Pid::KERNEL && kernel.config.is_faithful() {
                return Err(KernelPanic::KernelProcessDisconnected.into());
            }
            kernel.end_process(pid, effects);
            Ok(Outcome::Ended)
        })
    }

    /// Ends a process: tombstones for its servers, its queued calls disowned, its servers dropped with all in them.
    pub(crate) fn end_process(&mut self, pid: Pid, effects: &mut Effects) {
        let owned: Vec<ServerIndex> = self
            .servers
            .iter()
            .filter(|server| server.owner == pid)
            .map(|server| server.index)
            .collect();
        for index in &owned {
            self.sever(*index, Connection::Tombstone);
        }
        let hosted = self.config.has_hosted_defects();
        for server in self.servers.iter_mut() {
            server.queue.disown(|client| client.pid == pid, hosted);
        }
        if hosted {
            self.process_mut(Pid::KERNEL).has_control = true;
        }
        for index in owned {
            self.servers.remove(index);
        }
        self.interrupts.release(pid);
        self.processes.remove(pid);
        if pid == Pid::KERNEL {
            self.restart_kernel_process();
        }
        effects.ended.push(pid);
    }

    /// Ends every process but PID 1, and every server.
    ///
    /// # Errors
    ///
    /// A faithful kernel panics where a received call is unanswered.
    pub(crate) fn end_everything(&mut self, effects: &mut Effects) -> Result<(), KernelPanic> {
        let unanswered = self
            .servers
            .iter()
            .any(|server| !server.queue.waiting().is_empty());
        if unanswered && self.config.is_faithful() {
            return Err(KernelPanic::ShutdownWithUnansweredCall);
        }
        for pid in self.process_ids() {
            self.end_process(pid, effects);
        }
        effects.ended.retain(|pid| *pid != Pid::KERNEL);
        Ok(())
    }

    fn sever(&mut self, index: ServerIndex, replacement: Connection) {
        for process in self.processes.values_mut() {
            process.connections.sever(index, replacement);
        }
    }
}
