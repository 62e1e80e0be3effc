//! The kernel behind its counter: packets of processes go in, packets for processes come out.
//!
//! Models what the hosted kernel does around a system call: who may join, which TID a thread without one calls from, what
//! happens to a call that cannot be decoded or has to be repeated, what is sent in which order. Pure: no sockets and no
//! time, so the same packets in the same order give the same packets, always.
//!
//! Departures in `safe` mode, each for the sake of real clients: an error that answers a lend is followed by the lent
//! bytes; a call that cannot be decoded is answered with `UnhandledSyscall`; a call that the real kernel has repeated
//! (`RetryCall`) is held until it can succeed, which a client cannot tell; an answer for a thread that waits for none is
//! not sent. In both modes a thread that the library did not start takes its TID when it first calls.
//!
//! Told to hold, it makes no call by itself and sends no answer that another thread's call has brought about: whoever
//! drives it chooses among [`Exchange::moves`], one at a time.

mod address;
mod calls;
mod ending;
mod execute;
mod keys;
mod moves;
mod names;
mod requests;

pub use address::Address;
pub use ending::{Cut, Ending, Refused};
pub use moves::Taken;

use crate::recorder::Recorder;
use crate::watch::{Finding, Watch};
use crate::wire::{Key, Packet};
use calls::Calls;
use keys::Keys;
use moves::Moves;
use names::Names;
use xous_sim_kernel::{Config, Error, Kernel, Pid};
use xous_sim_trace::Recording;

/// What is to be done for a process, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send it a packet.
    Send(Pid, Packet),
    /// Close its connection: it is gone.
    Close(Pid),
}

/// What an exchange does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup {
    /// The kernel.
    pub config: Config,
    /// Whether PID 1 serves names, by the raw page that std uses and by the library's buffers.
    pub names: bool,
    /// Whether calls and answers wait until they are chosen.
    pub hold: bool,
    /// Whether calls are recorded.
    pub record: bool,
}

/// A kernel, and the calls under way on it.
#[derive(Debug)]
pub struct Exchange {
    kernel: Kernel,
    keys: Keys,
    calls: Calls,
    output: Vec<Output>,
    ending: Option<Ending>,
    watch: Watch,
    names: Option<Names>,
    moves: Option<Moves>,
    recorder: Option<Recorder>,
}

impl Exchange {
    /// A kernel on which nobody has joined.
    #[must_use]
    pub fn new(setup: Setup) -> Exchange {
        let mut exchange = Exchange {
            kernel: Kernel::new(setup.config),
            keys: Keys::default(),
            calls: Calls::default(),
            output: Vec::new(),
            ending: None,
            watch: Watch::default(),
            names: None,
            moves: setup.hold.then(Moves::default),
            recorder: setup.record.then(|| Recorder::new(setup.config)),
        };
        if setup.names {
            exchange.names = Some(Names::start(&mut exchange.kernel));
        }
        exchange
    }

    /// The kernel as it stands.
    #[must_use]
    pub const fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// What has been found so far.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.watch.findings()
    }

    /// How many calls were made.
    #[must_use]
    pub const fn calls_made(&self) -> u64 {
        self.watch.calls()
    }

    /// What has been recorded, where it is.
    #[must_use]
    pub fn recording(&self, scenario: &str) -> Option<Recording> {
        let recorder = self.recorder.as_ref()?;
        Some(recorder.recording(scenario, self.findings()))
    }

    /// Why nothing goes on, if so.
    #[must_use]
    pub const fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// What is to be sent and closed since the last time.
    pub fn take_output(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.output)
    }

    /// Makes a process that may join with this key; `program` is for readers.
    ///
    /// # Errors
    ///
    /// `ProcessNotFound` when all PIDs are taken.
    pub fn invite(&mut self, key: Key, program: &str) -> Result<Pid, Error> {
        let pid = self.kernel.create_process()?;
        self.expect(pid, key, program);
        Ok(pid)
    }

    fn expect(&mut self, pid: Pid, key: Key, program: &str) {
        self.keys.expect(pid, key);
        if let Some(recorder) = &mut self.recorder {
            recorder.process(pid, program);
        }
    }

    /// A client has sent its key: the lowest process that waits for it is started.
    ///
    /// # Errors
    ///
    /// [`Refused`] for a key that nobody waits for; then a faithful kernel has panicked.
    pub fn join(&mut self, key: Key) -> Result<Pid, Refused> {
        let zero = (key == Key::ZERO && self.is_faithful()).then_some(Pid::KERNEL);
        let Some(pid) = self.keys.join(key, zero) else {
            self.panic_if_faithful("a client sent a key that no process waits for");
            return Err(Refused);
        };
        if !self.kernel.is_started(pid) {
            let started = self.kernel.start_process(pid);
            started.expect("a process that waits for its key has not started");
        }
        Ok(pid)
    }

    /// A client went away before it had sent its key.
    pub fn left_before_its_key(&mut self) {
        self.panic_if_faithful("a client closed its connection before it had sent 16 bytes of key");
    }

    /// The program that was to join with this key has ended. It may have joined and left, and another may have its PID:
    /// then nothing happens.
    pub fn abandon(&mut self, pid: Pid, key: Key) {
        if self.keys.is_expected(pid, key) {
            self.leave(pid);
        }
    }

    /// The connection of a process is gone.
    pub fn leave(&mut self, pid: Pid) {
        if self.ending.is_some() || self.kernel.connection_map(pid).is_none() {
            return;
        }
        let step = self.kernel.crash_process(pid).expect("the process exists");
        self.watch.ended(&self.kernel, &step);
        if let Some(recorder) = &mut self.recorder {
            recorder.end(pid, &self.kernel);
        }
        self.apply(None, step);
        self.repeat_calls();
    }

    /// The run is over: nothing that happens from now on is a program's doing. Where the kernel has ended, nobody owed
    /// anything any more.
    pub fn finish(&mut self) {
        if self.ending.is_none() {
            self.watch.look_for_forgotten(&self.kernel);
        }
        self.watch.finish();
    }

    /// The processes that have joined and not left, and those that may still join.
    #[must_use]
    pub fn processes(&self) -> Vec<(Pid, bool)> {
        self.keys.processes()
    }

    fn is_faithful(&self) -> bool {
        self.kernel.config().is_faithful()
    }

    fn panic_if_faithful(&mut self, reason: &str) {
        if self.is_faithful() {
            self.end(Ending::Panicked(reason.to_owned()));
        }
    }

    /// The first ending counts.
    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }
}
