//! The syscalls: one function each, all of the same shape, and the dispatcher, which only dispatches.
//!
//! A function gets the [`Call`] (who calls which kernel) and the syscall's arguments, and returns an outcome, an error to
//! answer, or a kernel panic. Left out: calls from interrupt context.

mod connections;
mod memory;
mod messages;
mod processes;
mod replies;
mod servers;
mod threads;

use crate::abi::{SysResult, Syscall};
use crate::error::Error;
use crate::ids::Caller;
use crate::kernel::Kernel;
use crate::panic::KernelPanic;
use crate::process::Process;
use crate::step::{Answer, Effects, Outcome, Refusal};
use crate::thread::BlockedOn;

/// A syscall under way.
pub(crate) struct Call<'k> {
    pub(crate) kernel: &'k mut Kernel,
    pub(crate) caller: Caller,
    pub(crate) effects: &'k mut Effects,
}

impl Call<'_> {
    /// The caller's process.
    fn process(&mut self) -> &mut Process {
        self.kernel.process_mut(self.caller.pid)
    }

    /// Lets the caller wait.
    fn block(&mut self, on: BlockedOn) -> Answer {
        self.kernel.block(self.caller, on);
        Ok(Outcome::Blocked)
    }

    /// Where the real kernel panics: so does a faithful one, and a safe one answers with an error.
    fn defect(&self, reason: KernelPanic, safe: Error) -> Refusal {
        match self.kernel.config.is_faithful() {
            true => Refusal::Panic(reason),
            false => Refusal::Error(safe),
        }
    }
}

/// A call that is answered at once.
fn done(result: SysResult) -> Answer {
    Ok(Outcome::Done(result))
}

/// Runs a syscall.
pub(crate) fn dispatch(call: &mut Call<'_>, syscall: &Syscall) -> Answer {
    match syscall {
        Syscall::Invalid
        | Syscall::ReadyThreads { .. }
        | Syscall::SetMemRegion { .. }
        | Syscall::SetExceptionHandler { .. } => Err(Error::UnhandledSyscall.into()),

        Syscall::Connect { sid } => connections::connect(call, *sid),
        Syscall::TryConnect { sid } => connections::try_connect(call, *sid),
        Syscall::ConnectForProcess { pid, sid } => {
            connections::connect_for_process(call, *pid, *sid)
        }
        Syscall::Disconnect { cid } => connections::disconnect(call, *cid),

        Syscall::CreateServerId => servers::create_server_id(call),
        Syscall::CreateServer => servers::create_server(call),
        Syscall::CreateServerWithAddress { sid } => servers::create_server_with_address(call, *sid),
        Syscall::DestroyServer { sid } => servers::destroy_server(call, *sid),

        Syscall::SendMessage { cid, message } => messages::send_message(call, *cid, message),
        Syscall::TrySendMessage { cid, message } => messages::try_send_message(call, *cid, message),
        Syscall::ReceiveMessage { sid } => messages::receive_message(call, *sid),
        Syscall::TryReceiveMessage { sid } => messages::try_receive_message(call, *sid),

        Syscall::ReturnScalar1 { sender, value } => replies::return_scalar1(call, *sender, *value),
        Syscall::ReturnScalar2 { sender, values } => {
            replies::return_scalar2(call, *sender, *values)
        }
        Syscall::ReturnScalar5 { sender, values } => {
            replies::return_scalar5(call, *sender, *values)
        }
        Syscall::ReturnMemory {
            sender,
            range,
            offset,
            valid,
            payload,
        } => replies::return_memory(call, *sender, *range, [*offset, *valid], payload),
        Syscall::ReplyAndReceiveNext {
            sender,
            arguments,
            kind,
            payload,
        } => replies::reply_and_receive_next(call, *sender, *arguments, *kind, payload),

        Syscall::GetThreadId => threads::get_thread_id(call),
        Syscall::CreateThread {
            entry,
            stack,
            stack_length,
            arguments,
        } => threads::create_thread(call, *entry, [*stack, *stack_length], *arguments),
        Syscall::JoinThread { tid } => threads::join_thread(call, *tid),
        Syscall::Yield => threads::yield_slice(call),
        Syscall::ReturnToParent { .. } => threads::return_to_parent(call),
        Syscall::WaitEvent => threads::wait_event(call),
        Syscall::SwitchTo { .. } => threads::switch_to(call),

        Syscall::GetProcessId => processes::get_process_id(call),
        Syscall::CreateProcess { .. } => processes::create_process(call),
        Syscall::TerminateProcess { .. } => processes::terminate_process(call),
        Syscall::Shutdown => processes::shutdown(call),
        Syscall::ClaimInterrupt { irq, .. } => processes::claim_interrupt(call, *irq),
        Syscall::FreeInterrupt { irq } => processes::free_interrupt(call, *irq),
        Syscall::PlatformSpecific { .. } => processes::platform_specific(call),

        Syscall::MapMemory {
            physical,
            address,
            size,
            flags,
        } => memory::map_memory(call, *physical, [*address, *size], *flags),
        Syscall::UnmapMemory { range } => memory::unmap_memory(call, *range),
        Syscall::IncreaseHeap { delta, flags } => memory::increase_heap(call, *delta, *flags),
        Syscall::DecreaseHeap { delta } => memory::decrease_heap(call, *delta),
        Syscall::UpdateMemoryFlags { range, flags, pid } => {
            memory::update_memory_flags(call, *range, *flags, *pid)
        }
        Syscall::AdjustProcessLimit {
            index,
            current,
            new,
        } => memory::adjust_process_limit(call, *index, *current, *new),
    }
}
