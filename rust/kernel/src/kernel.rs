//! The kernel: its state, and the way of a call through it.
//!
//! What each syscall does is in `syscalls`, how servers and processes end in `lifecycle`.

use crate::abi::{SysResult, Syscall};
use crate::config::Config;
use crate::error::Error;
use crate::ids::{Caller, Pid, Tid};
use crate::interrupts::Interrupts;
use crate::memory::Memory;
use crate::misuse::Misuse;
use crate::panic::KernelPanic;
use crate::process::Process;
use crate::random::SidSource;
use crate::server::ServerTable;
use crate::sorted_map::SortedMap;
use crate::step::{Answer, Effects, Outcome, Refusal, Step, Wake};
use crate::syscalls::{self, Call};
use crate::thread::{BlockedOn, Thread, ThreadState};

/// A Xous kernel with everything that runs on it.
///
/// Equal kernels behave alike for ever; what cannot make a difference is not kept (but for [`crate::ServerSerial`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    pub(crate) config: Config,
    /// PID 1 is always there.
    pub(crate) processes: SortedMap<Pid, Process>,
    pub(crate) servers: ServerTable,
    pub(crate) sids: SidSource,
    pub(crate) interrupts: Interrupts,
    pub(crate) panicked: Option<KernelPanic>,
}

impl Kernel {
    /// A kernel on which only PID 1 exists (hosted, with its phantom thread).
    pub fn new(config: Config) -> Kernel {
        let mut kernel = Kernel {
            config,
            processes: SortedMap::default(),
            servers: ServerTable::default(),
            sids: SidSource::default(),
            interrupts: Interrupts::default(),
            panicked: None,
        };
        kernel.restart_kernel_process();
        kernel
    }

    /// PID 1 as it is at boot.
    pub(crate) fn restart_kernel_process(&mut self) {
        let mut process = Process::new(self.config);
        process.started = true;
        if !self.config.is_hardware() {
            process.install_thread(Tid::PHANTOM, Thread::new(None));
        }
        self.processes.insert(Pid::KERNEL, process);
    }

    /// What is modelled.
    pub const fn config(&self) -> Config {
        self.config
    }

    /// Why the kernel panicked, if it did; every call then answers [`Outcome::Panic`].
    pub const fn panicked(&self) -> Option<KernelPanic> {
        self.panicked
    }

    /// Makes a syscall for a thread.
    ///
    /// # Errors
    ///
    /// When no such thread can make a call now.
    pub fn call(&mut self, caller: Caller, syscall: &Syscall) -> Result<Step, Misuse> {
        self.run(caller, |call| syscalls::dispatch(call, syscall))
    }

    /// Makes a syscall given as words, of which hardware keeps 32 bits each.
    ///
    /// A call that cannot be decoded answers `UnhandledSyscall` on hardware; a hosted kernel never answers it.
    ///
    /// # Errors
    ///
    /// As for [`Kernel::call`].
    pub fn call_words(
        &mut self,
        caller: Caller,
        number: u64,
        arguments: [u64; 7],
    ) -> Result<Step, Misuse> {
        let truncate = |word| self.config.truncate(word);
        match Syscall::decode(truncate(number), arguments.map(truncate)) {
            Ok(syscall) => self.call(caller, &syscall),
            Err(_) => self.refuse_undecodable(caller),
        }
    }

    /// A call whose words mean nothing: an error on hardware; hosted, it never gets as far as the kernel.
    fn refuse_undecodable(&mut self, caller: Caller) -> Result<Step, Misuse> {
        if self.config.is_hardware() {
            return self.run(caller, |_| Err(Error::UnhandledSyscall.into()));
        }
        self.check_callable(caller)?;
        self.step(|_, _| Ok(Outcome::NoReply))
    }

    /// Runs one call of a thread that is able to make it.
    fn run(
        &mut self,
        caller: Caller,
        syscall: impl FnOnce(&mut Call<'_>) -> Answer,
    ) -> Result<Step, Misuse> {
        self.check_callable(caller)?;
        self.step(|kernel, effects| {
            kernel.note_call(caller)?;
            syscall(&mut Call {
                kernel,
                caller,
                effects,
            })
        })
    }

    /// Runs something that can wake threads, end processes and panic.
    pub(crate) fn step(
        &mut self,
        body: impl FnOnce(&mut Kernel, &mut Effects) -> Answer,
    ) -> Result<Step, Misuse> {
        if let Some(reason) = self.panicked {
            return Ok(Step::only(Outcome::Panic(reason)));
        }
        let mut effects = Effects::default();
        let outcome = match body(self, &mut effects) {
            Ok(outcome) => outcome,
            Err(Refusal::Error(error)) => Outcome::Done(SysResult::Error(error)),
            Err(Refusal::Panic(reason)) => {
                self.panicked = Some(reason);
                effects.ended.clear();
                Outcome::Panic(reason)
            }
        };
        Ok(Step {
            outcome,
            wakes: effects.wakes,
            ended: effects.ended,
        })
    }

    /// After a panic anybody may call, and is told of the panic.
    pub(crate) fn check_callable(&self, caller: Caller) -> Result<(), Misuse> {
        if self.panicked.is_some() {
            return Ok(());
        }
        let process = self
            .processes
            .get(caller.pid)
            .ok_or(Misuse::NoProcess(caller.pid))?;
        if !process.started {
            return Err(Misuse::NotStarted(caller.pid));
        }
        let thread = process.thread(caller.tid).ok_or(Misuse::NoThread(caller))?;
        match thread.blocked_on() {
            Some(_) => Err(Misuse::Blocked(caller)),
            None => Ok(()),
        }
    }

    /// What a faithful hosted kernel trips over later: that a process makes calls while threads of it are blocked.
    fn note_call(&mut self, caller: Caller) -> Result<(), KernelPanic> {
        if !self.config.has_hosted_defects() {
            return Ok(());
        }
        let process = self.process_mut(caller.pid);
        if process.joined_in_vain == Some(caller.tid) {
            return Err(KernelPanic::HostedCallAfterJoin);
        }
        process.overtake_blocked_threads();
        Ok(())
    }

    /// A process that is known to exist.
    pub(crate) fn process_mut(&mut self, pid: Pid) -> &mut Process {
        self.processes.get_mut(pid).expect("the process exists")
    }

    /// Completes a thread's call: of whatever process has the PID now, and even where no such thread exists, since result
    /// registers are written (hosted: a packet is sent) all the same. A process that is gone is not told.
    pub(crate) fn wake(&mut self, thread: Caller, result: SysResult, effects: &mut Effects) {
        let Some(process) = self.processes.get_mut(thread.pid) else {
            return;
        };
        if let Some(woken) = process.thread_mut(thread.tid) {
            woken.state = ThreadState::Ready;
        }
        effects.wakes.push(Wake { thread, result });
    }

    /// Lets a thread wait.
    pub(crate) fn block(&mut self, thread: Caller, on: BlockedOn) {
        let blocked = self
            .process_mut(thread.pid)
            .thread_mut(thread.tid)
            .expect("a thread that calls exists");
        blocked.state = ThreadState::Blocked {
            on,
            overtaken: false,
        };
    }

    /// Works on the memories of two different processes at once; `None` where one of them is gone.
    pub(crate) fn with_memories<T>(
        &mut self,
        first: Pid,
        second: Pid,
        work: impl FnOnce(&mut Memory, &mut Memory) -> T,
    ) -> Option<T> {
        let mut taken = std::mem::take(&mut self.processes.get_mut(first)?.memory);
        let result = self
            .processes
            .get_mut(second)
            .map(|process| work(&mut taken, &mut process.memory));
        self.process_mut(first).memory = taken;
        result
    }

    /// The lowest free PID.
    ///
    /// # Errors
    ///
    /// `ProcessNotFound` when all are taken.
    pub(crate) fn free_pid(&self) -> Result<Pid, Error> {
        (1..=self.config.max_processes() as u8)
            .filter_map(Pid::new)
            .find(|pid| !self.processes.contains(*pid))
            .ok_or(Error::ProcessNotFound)
    }
}
