//! Who runs next on bare metal: PID 1's round robin and the kernel's direct switches, around a [`Kernel`].
//!
//! Models one processor. `Kernel` says what a syscall does; this says which thread goes on after it. The rules
//! are those of `kernel/src/main.rs:74-90`, `kernel/src/services.rs:815-877` and `kernel/src/syscall.rs:406,488,606`:
//! PID 1 gives out *quanta* to processes in turn, and within a quantum control passes along with blocking messages and
//! their answers. It is kept outside `Kernel` so that explorers, which take every order, do not store it.
//! Leaves out interrupts other than the timer (so a thread in WaitEvent is woken by nothing but messages), the
//! debugger and exception handlers (so a client that was answered can always run), and the timer's own handler
//! process. Time passes only when the driver says so, with [`BareMetal::preempt`].

use std::collections::BTreeMap;

use crate::page::Page;
use crate::{Caller, Kernel, Misuse, Outcome, Pid, Step, SysResult, Syscall, Tid};

/// A kernel with its one processor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BareMetal {
    kernel: Kernel,
    /// None while PID 1 idles, and after a kernel panic.
    running: Option<Caller>,
    /// The thread that PID 1 switched to last (the kernel's `ORIGINAL_PID` and `ORIGINAL_TID`).
    quantum_owner: Caller,
    /// The process that PID 1 chose last: its next search starts behind it.
    last_chosen: Pid,
    /// Each process's `current_thread`: the search for its next thread starts above it.
    current_thread: BTreeMap<Pid, Tid>,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The kernel is a hosted one.
    #[error("a hosted kernel schedules nothing; make the Kernel with Profile::Hardware")]
    Hosted,
    /// No thread is there to make the call.
    #[error(
        "no thread is running: every thread is blocked, or the kernel has panicked; look at running() first"
    )]
    Idle,
    /// The kernel refused.
    #[error(transparent)]
    Kernel(#[from] Misuse),
}

/// Where control goes.
enum Control {
    /// The running thread goes on.
    Stays,
    /// Directly to another thread, inside the same quantum.
    To(Caller),
    /// To PID 1, which starts the next quantum.
    ToScheduler,
    /// To PID 1, and the quantum owner becomes its process's current thread again.
    ToSchedulerWithSetBack,
    /// Nowhere: the kernel has panicked.
    Nowhere,
}

impl BareMetal {
    /// Puts the kernel's booted processes on a processor and lets PID 1 choose.
    ///
    /// # Errors
    /// [`Refused::Hosted`].
    pub fn new(kernel: Kernel) -> Result<BareMetal, Refused> {
        if !kernel.config().is_hardware() {
            return Err(Refused::Hosted);
        }
        let first = Pid::new(2).expect("2 is not 0");
        let mut machine = BareMetal {
            kernel,
            running: None,
            quantum_owner: Caller {
                pid: first,
                tid: Tid::INITIAL,
            },
            last_chosen: Pid::KERNEL,
            current_thread: BTreeMap::new(),
        };
        machine.start_quantum();
        Ok(machine)
    }

    /// The thread that runs now; none when all are blocked.
    pub const fn running(&self) -> Option<Caller> {
        self.running
    }

    /// The thread whose quantum this is, which may be blocked while others run in it.
    pub const fn quantum_owner(&self) -> Caller {
        self.quantum_owner
    }

    /// The kernel, to look at.
    pub const fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// The page of a process, with the thread that is current in it.
    pub fn page(&self, pid: Pid) -> Option<Page> {
        let mut page = self.kernel.page(pid)?;
        if let Some(tid) = self.current_thread.get(&pid) {
            page.hardware_thread = u32::from(tid.0) + 1;
        }
        Some(page)
    }

    /// The running thread makes a syscall. After [`Outcome::Retry`] it must make the same call again when it
    /// runs next: its program counter was set back.
    ///
    /// # Errors
    /// [`Refused::Idle`] or [`Refused::Kernel`].
    pub fn call(&mut self, call: &Syscall) -> Result<Step, Refused> {
        let caller = self.running.ok_or(Refused::Idle)?;
        let step = self.kernel.call(caller, call)?;
        let control = self.control_after(caller, call, &step);
        self.pass(&step, control);
        Ok(step)
    }

    /// The running thread ends. Its process goes on with its next thread, in the same quantum, if it has one.
    ///
    /// # Errors
    /// [`Refused::Idle`] or [`Refused::Kernel`].
    pub fn exit_thread(&mut self, value: u64) -> Result<Step, Refused> {
        let caller = self.running.ok_or(Refused::Idle)?;
        let step = self.kernel.exit_thread(caller, value)?;
        self.running = None;
        let next = self
            .next_thread(caller.pid)
            .map(|tid| Caller { tid, ..caller });
        self.pass(&step, next.map_or(Control::ToScheduler, Control::To));
        Ok(step)
    }

    /// The timer ends the quantum. The running thread stays ready, and PID 1 chooses.
    pub fn preempt(&mut self) {
        self.start_quantum();
    }

    /// Lets control go where it goes, once processes that ended are forgotten.
    fn pass(&mut self, step: &Step, control: Control) {
        for pid in &step.ended {
            self.current_thread.remove(pid);
        }
        match control {
            Control::Stays => {}
            Control::To(thread) if self.is_ready(thread) => self.run(thread),
            // A thread that is parked and runs all the same (surprise 14) can call and answer itself.
            Control::To(_) | Control::ToScheduler => self.start_quantum(),
            Control::ToSchedulerWithSetBack => {
                self.running = None;
                self.set_back();
                self.start_quantum();
            }
            Control::Nowhere => self.running = None,
        }
    }

    fn control_after(&self, caller: Caller, call: &Syscall, step: &Step) -> Control {
        let woken = step.wakes.first().map(|wake| wake.thread);
        match &step.outcome {
            Outcome::Panic(_) => Control::Nowhere,
            Outcome::Ended | Outcome::NoReply => Control::ToScheduler,
            Outcome::Retry => Control::ToSchedulerWithSetBack,
            Outcome::Blocked => after_blocking(call, woken),
            Outcome::Done(_) if step.ended.contains(&caller.pid) => Control::ToScheduler,
            Outcome::Done(result) => self.after_result(caller, call, result, woken),
        }
    }

    fn after_result(
        &self,
        caller: Caller,
        call: &Syscall,
        result: &SysResult,
        woken: Option<Caller>,
    ) -> Control {
        match (call, result) {
            (Syscall::Yield, _) => Control::ToSchedulerWithSetBack,
            (Syscall::CreateThread { .. }, SysResult::ThreadId(tid)) => Control::To(Caller {
                tid: *tid,
                ..caller
            }),
            _ if is_answer(call) => {
                woken.map_or(Control::Stays, |client| self.after_answer(caller, client))
            }
            _ => Control::Stays,
        }
    }

    /// A server goes on in its own quantum and otherwise yields to the client that it answered. Whose quantum it is,
    /// the kernel decides by the server's PID and, sic, the *client's* TID.
    fn after_answer(&self, server: Caller, client: Caller) -> Control {
        let owner = self.quantum_owner;
        if owner.pid == server.pid && owner.tid == client.tid {
            Control::Stays
        } else {
            Control::To(client)
        }
    }

    /// The kernel's `set_last_thread`: so that threads of the owner's process that were skipped get their turn.
    fn set_back(&mut self) {
        let owner = self.quantum_owner;
        if self.is_ready(owner) {
            self.current_thread.insert(owner.pid, owner.tid);
        }
    }

    /// PID 1's loop: the next process in turn that has a ready thread, or has yet to start.
    fn start_quantum(&mut self) {
        self.running = None;
        if self.kernel.panicked().is_some() {
            return;
        }
        let pids = self.kernel.process_ids();
        let (before, behind): (Vec<Pid>, Vec<Pid>) =
            pids.into_iter().partition(|&pid| pid <= self.last_chosen);
        let chosen = behind
            .into_iter()
            .chain(before)
            .find_map(|pid| Some((pid, self.next_thread(pid)?)));
        if let Some((pid, tid)) = chosen {
            if !self.kernel.is_started(pid) {
                self.kernel
                    .start_process(pid)
                    .expect("a process that has not started can be started");
            }
            self.last_chosen = pid;
            self.quantum_owner = Caller { pid, tid };
            self.run(Caller { pid, tid });
        }
    }

    fn run(&mut self, thread: Caller) {
        self.current_thread.insert(thread.pid, thread.tid);
        self.running = Some(thread);
    }

    /// The lowest ready thread above the process's current one, else the lowest; the main thread of a process that
    /// has yet to start.
    fn next_thread(&self, pid: Pid) -> Option<Tid> {
        if !self.kernel.is_started(pid) {
            return Some(Tid::INITIAL);
        }
        let current = self
            .current_thread
            .get(&pid)
            .copied()
            .unwrap_or(Tid::INITIAL);
        let ready: Vec<Tid> = self
            .kernel
            .threads(pid)
            .into_iter()
            .filter(|&tid| self.is_ready(Caller { pid, tid }))
            .collect();
        ready
            .iter()
            .find(|&&tid| tid > current)
            .or(ready.first())
            .copied()
    }

    /// PID 1 is the loop itself and never ready.
    fn is_ready(&self, thread: Caller) -> bool {
        thread.pid != Pid::KERNEL
            && self.kernel.threads(thread.pid).contains(&thread.tid)
            && self.kernel.is_blocked(thread).is_none()
    }
}

/// A blocking message or answer hands control to whom it woke; waiting for anything else ends the quantum.
/// JoinThread alone does so without the set-back.
fn after_blocking(call: &Syscall, woken: Option<Caller>) -> Control {
    match (call, woken) {
        (Syscall::JoinThread { .. }, _) => Control::ToScheduler,
        (_, Some(thread)) => Control::To(thread),
        (_, None) => Control::ToSchedulerWithSetBack,
    }
}

const fn is_answer(call: &Syscall) -> bool {
    matches!(
        call,
        Syscall::ReturnScalar1 { .. }
            | Syscall::ReturnScalar2 { .. }
            | Syscall::ReturnScalar5 { .. }
            | Syscall::ReturnMemory { .. }
            | Syscall::ReplyAndReceiveNext { .. }
    )
}
