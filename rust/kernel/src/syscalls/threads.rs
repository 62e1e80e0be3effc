//! GetThreadId, CreateThread, JoinThread, Yield, ReturnToParent, WaitEvent, SwitchTo.
//!
//! Who runs next is a driver's matter, so the scheduling calls do what a program can see of them: Yield and
//! ReturnToParent return at once, and WaitEvent sleeps until an interrupt (hosted: returns at once).

use super::{Call, done};
use crate::abi::SysResult;
use crate::error::Error;
use crate::ids::{Pid, Tid};
use crate::panic::KernelPanic;
use crate::step::Answer;
use crate::thread::{BlockedOn, ThreadStart};

/// Thread contexts of a process on hardware.
const CONTEXTS: u8 = 31;
/// Bytes that the kernel keeps free at the top of a stack; a stack must end above.
const STACK_MARGIN: u64 = 16;

/// The caller's TID.
pub(super) fn get_thread_id(call: &mut Call<'_>) -> Answer {
    done(SysResult::ThreadId(call.caller.tid))
}

/// Starts a thread; hosted, only a TID is given out.
pub(super) fn create_thread(
    call: &mut Call<'_>,
    entry: u64,
    stack: [u64; 2],
    arguments: [u64; 4],
) -> Answer {
    let config = call.kernel.config;
    let start = match config.is_hardware() {
        true => Some(ThreadStart {
            entry,
            stack_top: stack_top(stack)?,
            arguments,
        }),
        false => None,
    };
    done(SysResult::ThreadId(
        call.process().create_thread(config, start)?,
    ))
}

/// The initial stack pointer: 16 bytes below the top, aligned.
fn stack_top([stack, length]: [u64; 2]) -> Result<u64, Error> {
    let top = stack
        .checked_add(length)
        .filter(|top| *top > STACK_MARGIN)
        .ok_or(Error::BadAddress)?;
    Ok((top - STACK_MARGIN) & !0xF)
}

/// Waits for a thread's end. The value of a thread that is over already is lost.
pub(super) fn join_thread(call: &mut Call<'_>, tid: Tid) -> Answer {
    let config = call.kernel.config;
    if tid == call.caller.tid {
        return Err(Error::ThreadNotAvailable.into());
    }
    if config.is_hardware() && config.is_faithful() && tid.0 >= CONTEXTS {
        return Err(KernelPanic::JoinBeyondContexts.into());
    }
    if call.process().thread(tid).is_none() {
        return done(SysResult::Scalar1(0));
    }
    match config.has_hosted_defects() {
        true => join_in_vain(call),
        false => call.block(BlockedOn::Join { tid }),
    }
}

/// What a hosted kernel does with a join of any TID that it has given out, for it is not told of a thread's end: it gives
/// control to PID 1 and answers. The caller counts as asleep then, which its next call shows.
fn join_in_vain(call: &mut Call<'_>) -> Answer {
    let kernel_process = call.kernel.process_mut(Pid::KERNEL);
    if std::mem::replace(&mut kernel_process.has_control, true) {
        return Err(KernelPanic::HostedJoinAgain.into());
    }
    call.process().joined_in_vain = Some(call.caller.tid);
    done(SysResult::ResumeProcess)
}

/// Lets others run.
pub(super) fn yield_slice(_call: &mut Call<'_>) -> Answer {
    done(SysResult::Ok)
}

/// What the timer's interrupt handler calls to preempt; seen from a thread, nothing. A hosted kernel answers what is meant
/// for its scheduler.
pub(super) fn return_to_parent(call: &mut Call<'_>) -> Answer {
    match call.kernel.config.has_hosted_defects() {
        true => done(SysResult::ResumeProcess),
        false => done(SysResult::Ok),
    }
}

/// Sleeps until an interrupt that the process claimed; hosted, does not sleep.
pub(super) fn wait_event(call: &mut Call<'_>) -> Answer {
    match call.kernel.config.is_hardware() {
        true => call.block(BlockedOn::Event),
        false => done(SysResult::Ok),
    }
}

/// PID 1's loop is always within a SwitchTo when a program runs.
pub(super) fn switch_to(call: &mut Call<'_>) -> Answer {
    Err(call.defect(KernelPanic::NestedSwitch, Error::UnhandledSyscall))
}
