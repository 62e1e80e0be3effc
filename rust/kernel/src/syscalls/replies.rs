//! ReturnScalar1, ReturnScalar2, ReturnScalar5, ReturnMemory, ReplyAndReceiveNext (`kernel/src/syscall.rs:320-654`).
//!
//! The sender word names a server index and a queue slot, and nothing else of it is read. The unanswered call leaves its
//! slot before the kind of the answer is checked: an answer of the wrong kind loses it.

use super::messages::{park, server, take_next, wait_for_message};
use super::{Call, done};
use crate::abi::SysResult;
use crate::error::Error;
use crate::ids::{Caller, SenderWord, ServerIndex, SlotIndex};
use crate::memory;
use crate::message::MemoryRange;
use crate::panic::KernelPanic;
use crate::queue::{Lent, Waiting};
use crate::step::{Answer, Refusal};

/// Answers a blocking scalar with one word.
pub(super) fn return_scalar1(call: &mut Call<'_>, sender: SenderWord, value: u64) -> Answer {
    return_scalar(call, sender, SysResult::Scalar1(value))
}

/// Answers a blocking scalar with two words.
pub(super) fn return_scalar2(call: &mut Call<'_>, sender: SenderWord, values: [u64; 2]) -> Answer {
    return_scalar(call, sender, SysResult::Scalar2(values[0], values[1]))
}

/// Answers a blocking scalar with five words.
pub(super) fn return_scalar5(call: &mut Call<'_>, sender: SenderWord, values: [u64; 5]) -> Answer {
    return_scalar(call, sender, SysResult::Scalar5(values))
}

fn return_scalar(call: &mut Call<'_>, sender: SenderWord, result: SysResult) -> Answer {
    let index = answering_server(call, sender)?;
    let waiting = take_waiting(call, index, sender.slot())?.ok_or(Error::DoubleFree)?;
    if waiting.lent.is_some() {
        return Err(Error::DoubleFree.into());
    }
    complete(call, waiting.client, result)?;
    done(SysResult::Ok)
}

/// Answers a lend and gives the memory back. Hardware insists on the address and the length that it handed out.
pub(super) fn return_memory(
    call: &mut Call<'_>,
    sender: SenderWord,
    range: MemoryRange,
    [offset, valid]: [u64; 2],
    payload: &[u8],
) -> Answer {
    let index = answering_server(call, sender)?;
    let waiting = peek_waiting(call, index, sender.slot())?;
    let recorded = waiting
        .and_then(|waiting| waiting.lent)
        .map_or(range, |lent| lent.range);
    if call.kernel.config.is_hardware() && recorded != range {
        return Err(Error::BadAddress.into());
    }
    let waiting = take_waiting(call, index, sender.slot())?.ok_or(Error::DoubleFree)?;
    let lent = waiting.lent.ok_or(Error::DoubleFree)?;
    let hosted = call.kernel.config.has_hosted_defects();
    if waiting.forgotten && !hosted {
        return Err(Error::ProcessNotFound.into());
    }
    if hosted {
        find_thread(call, waiting.client)?;
    }
    complete_lend(call, waiting.client, lent, [offset, valid], payload)?;
    done(SysResult::Ok)
}

/// Answers a call and receives the next message of the same server, in one go.
///
/// The real kernel takes the next message, or parks the caller, before it looks at the call to answer: when that fails,
/// the message is lost, or the caller stays parked although it runs. A safe kernel checks first and changes nothing.
pub(super) fn reply_and_receive_next(
    call: &mut Call<'_>,
    sender: SenderWord,
    arguments: [u64; 5],
    kind: u64,
    payload: &[u8],
) -> Answer {
    let index = answering_server(call, sender)?;
    if !call.kernel.config.is_faithful() {
        check_answerable(call, index, sender.slot())?;
    }
    let waiting = take_waiting(call, index, sender.slot())?;
    let next = take_next(call, index);
    if next.is_none() {
        park(call, index)?;
    }
    let hosted = call.kernel.config.has_hosted_defects();
    let waiting = waiting
        .filter(|waiting| hosted || !waiting.forgotten)
        .ok_or(Error::DoubleFree)?;
    if hosted && next.is_none() {
        find_thread(call, waiting.client)?;
    }
    answer(call, waiting, arguments, kind, payload)?;
    match next {
        Some(envelope) => done(SysResult::MessageEnvelope(envelope)),
        None => wait_for_message(call, index),
    }
}

/// The answer that a ReplyAndReceiveNext means for this call.
fn answer(
    call: &mut Call<'_>,
    waiting: Waiting,
    arguments: [u64; 5],
    kind: u64,
    payload: &[u8],
) -> Result<(), Refusal> {
    let [_, a, b, c, d] = arguments;
    match (waiting.lent, kind) {
        (Some(lent), _) => complete_lend(call, waiting.client, lent, [c, d], payload),
        (None, 1) => complete(call, waiting.client, SysResult::Scalar1(a)),
        (None, 2) => complete(call, waiting.client, SysResult::Scalar2(a, b)),
        (None, _) => complete(call, waiting.client, SysResult::Scalar5(arguments)),
    }
}

/// The server that a sender word names, if it is the caller's.
fn answering_server(call: &mut Call<'_>, sender: SenderWord) -> Result<ServerIndex, Refusal> {
    let index = sender.server();
    if usize::from(index.0) == ServerIndex::COUNT {
        return Err(call.defect(KernelPanic::SenderBeyondServerTable, Error::ServerNotFound));
    }
    let server = call
        .kernel
        .servers
        .get(index)
        .ok_or(Error::ServerNotFound)?;
    match server.owner == call.caller.pid {
        true => Ok(index),
        false => Err(Error::ServerNotFound.into()),
    }
}

fn peek_waiting(
    call: &mut Call<'_>,
    index: ServerIndex,
    slot: SlotIndex,
) -> Result<Option<Waiting>, Error> {
    let length = call.kernel.config.queue_length();
    server(call, index)
        .queue
        .peek_waiting(length, slot)
        .map(|waiting| waiting.cloned())
}

fn take_waiting(
    call: &mut Call<'_>,
    index: ServerIndex,
    slot: SlotIndex,
) -> Result<Option<Waiting>, Error> {
    let length = call.kernel.config.queue_length();
    server(call, index).queue.take_waiting(length, slot)
}

/// Whether a ReplyAndReceiveNext will succeed.
fn check_answerable(
    call: &mut Call<'_>,
    index: ServerIndex,
    slot: SlotIndex,
) -> Result<(), Refusal> {
    let waiting = peek_waiting(call, index, slot)?
        .filter(|waiting| !waiting.forgotten)
        .ok_or(Error::DoubleFree)?;
    let server = server(call, index);
    if server.queue.queued().is_empty() && server.parked.contains(call.caller.tid) {
        return Err(Error::InvalidThread.into());
    }
    let client = call
        .kernel
        .processes
        .get(waiting.client.pid)
        .ok_or(Error::ProcessNotFound)?;
    let Some(lent) = waiting.lent.filter(|_| pages_move(call, waiting.client)) else {
        return Ok(());
    };
    let mine = &call
        .kernel
        .processes
        .get(call.caller.pid)
        .expect("the caller exists")
        .memory;
    match memory::can_give_back(&client.memory, mine, lent) {
        true => Ok(()),
        false => Err(Error::BadAddress.into()),
    }
}

/// What a hosted kernel insists on before it answers a lend, or the last message that was there: whoever has the client's
/// PID now has connected, and has such a thread.
fn find_thread(call: &Call<'_>, client: Caller) -> Result<(), Error> {
    let process = call.kernel.processes.get(client.pid);
    let process = process.filter(|process| process.started);
    let process = process.ok_or(Error::ProcessNotFound)?;
    match process.thread(client.tid) {
        Some(_) => Ok(()),
        None => Err(Error::InvalidThread),
    }
}

/// Completes a client's call, whoever has its PID now.
fn complete(call: &mut Call<'_>, client: Caller, result: SysResult) -> Result<(), Refusal> {
    let process = call.kernel.processes.get(client.pid);
    let process = process.ok_or(Error::ProcessNotFound)?;
    if call.kernel.config.has_hosted_defects() && !process.started {
        return Err(KernelPanic::HostedAnswerToProcessThatNeverJoined.into());
    }
    call.kernel.wake(client, result, call.effects);
    Ok(())
}

fn complete_lend(
    call: &mut Call<'_>,
    client: Caller,
    lent: Lent,
    [offset, valid]: [u64; 2],
    payload: &[u8],
) -> Result<(), Refusal> {
    if pages_move(call, client) {
        let owner = call.caller.pid;
        let returned = call.kernel.with_memories(client.pid, owner, |home, away| {
            memory::give_back(home, away, lent)
        });
        returned.ok_or(Error::ProcessNotFound)??;
    }
    let length = usize::try_from(lent.range.length)
        .unwrap_or(usize::MAX)
        .min(payload.len());
    let payload = payload[..length].to_vec();
    complete(
        call,
        client,
        SysResult::MemoryReturned {
            offset,
            valid,
            payload,
        },
    )
}

/// Whether a lend between the client and the caller has moved pages.
fn pages_move(call: &Call<'_>, client: Caller) -> bool {
    call.kernel.config.is_hardware() && client.pid != call.caller.pid
}
