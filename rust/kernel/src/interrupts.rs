//! Claimed interrupts: which process handles which (`kernel/src/irq.rs`).
//!
//! Left out: the handler's run in interrupt context. An interrupt only readies the threads of the claiming process that
//! sleep in WaitEvent; what the handler does is for the driver to perform as calls.

use crate::abi::SysResult;
use crate::error::Error;
use crate::ids::{Caller, Pid};
use crate::kernel::Kernel;
use crate::misuse::Misuse;
use crate::step::{Outcome, Step};
use crate::thread::BlockedOn;
use std::collections::BTreeMap;

/// Interrupts that exist.
const COUNT: u64 = 32;

/// Who claimed which interrupt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Interrupts(BTreeMap<u64, Pid>);

impl Interrupts {
    /// Whether there is such an interrupt.
    pub(crate) const fn exists(irq: u64) -> bool {
        irq < COUNT
    }

    pub(crate) fn claim(&mut self, irq: u64, pid: Pid) -> Result<(), Error> {
        match self.0.contains_key(&irq) {
            true => Err(Error::InterruptInUse),
            false => {
                self.0.insert(irq, pid);
                Ok(())
            }
        }
    }

    pub(crate) fn free(&mut self, irq: u64, pid: Pid) -> Result<(), Error> {
        match self.0.get(&irq) {
            Some(owner) if *owner == pid => {
                self.0.remove(&irq);
                Ok(())
            }
            _ => Err(Error::InterruptNotFound),
        }
    }

    /// Frees all that a process claimed.
    pub(crate) fn release(&mut self, pid: Pid) {
        self.0.retain(|_, owner| *owner != pid);
    }
}

impl Kernel {
    /// Raises an interrupt: the claiming process's threads that sleep in WaitEvent wake up. Answers
    /// `InterruptNotFound` where nobody claimed it.
    ///
    /// # Errors
    ///
    /// None today; the signature is that of the other steps.
    pub fn interrupt(&mut self, irq: u64) -> Result<Step, Misuse> {
        self.step(|kernel, effects| {
            let pid = *kernel
                .interrupts
                .0
                .get(&irq)
                .ok_or(Error::InterruptNotFound)?;
            for tid in kernel.threads(pid) {
                let thread = Caller { pid, tid };
                if kernel.is_blocked(thread) == Some(BlockedOn::Event) {
                    kernel.wake(thread, SysResult::Ok, effects);
                }
            }
            Ok(Outcome::Done(SysResult::Ok))
        })
    }
}
