//! GetProcessId, CreateProcess, TerminateProcess, Shutdown, interrupts, PlatformSpecific.

use super::{Call, done, servers};
use crate::abi::SysResult;
use crate::error::Error;
use crate::interrupts::Interrupts;
use crate::panic::KernelPanic;
use crate::step::{Answer, Outcome, Wake};

/// The caller's PID.
pub(super) fn get_process_id(call: &mut Call<'_>) -> Answer {
    done(SysResult::ProcessId(call.caller.pid))
}

/// Creates a process, which waits to be started. On hardware it owns a server from the start, to which the caller is
/// connected; where that fails the process (and perhaps the server) exists all the same.
pub(super) fn create_process(call: &mut Call<'_>) -> Answer {
    let pid = call.kernel.create_process()?;
    let mut cid = None;
    if call.kernel.config.is_hardware() {
        let sid = servers::random_sid(call);
        call.kernel.servers.create(sid, pid)?;
        cid = Some(super::connections::connect_process(
            call,
            call.caller.pid,
            sid,
        )?);
    }
    done(SysResult::NewProcess { pid, cid })
}

/// Ends the caller's process; the code is discarded.
pub(super) fn terminate_process(call: &mut Call<'_>) -> Answer {
    let config = call.kernel.config;
    if config.is_faithful() && !config.is_hardware() {
        return Err(KernelPanic::HostedTerminate.into());
    }
    call.kernel.end_process(call.caller.pid, call.effects);
    Ok(Outcome::Ended)
}

/// Ends everything; anybody may. A hosted kernel answers before it does.
pub(super) fn shutdown(call: &mut Call<'_>) -> Answer {
    match (
        call.kernel.end_everything(call.effects),
        call.kernel.config.is_hardware(),
    ) {
        (Ok(()), true) => Ok(Outcome::Ended),
        (Ok(()), false) => done(SysResult::Ok),
        (Err(reason), true) => Err(reason.into()),
        (Err(reason), false) => {
            let (thread, result) = (call.caller, SysResult::Ok);
            call.effects.wakes.push(Wake { thread, result });
            Err(reason.into())
        }
    }
}

/// Claims an interrupt for the caller's process.
pub(super) fn claim_interrupt(call: &mut Call<'_>, irq: u64) -> Answer {
    let config = call.kernel.config;
    if config.is_faithful() && !config.is_hardware() {
        return Err(KernelPanic::HostedClaimInterrupt.into());
    }
    if !Interrupts::exists(irq) {
        return Err(call.defect(KernelPanic::ClaimBeyondInterrupts, Error::InterruptNotFound));
    }
    call.kernel.interrupts.claim(irq, call.caller.pid)?;
    done(SysResult::Ok)
}

/// Gives an interrupt back.
pub(super) fn free_interrupt(call: &mut Call<'_>, irq: u64) -> Answer {
    call.kernel.interrupts.free(irq, call.caller.pid)?;
    done(SysResult::Ok)
}

/// Nothing that a program can see.
pub(super) fn platform_specific(call: &mut Call<'_>) -> Answer {
    let config = call.kernel.config;
    if config.is_faithful() && !config.is_hardware() {
        return Err(KernelPanic::HostedPlatformSpecific.into());
    }
    done(SysResult::Ok)
}
