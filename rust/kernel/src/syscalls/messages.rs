//! SendMessage, TrySendMessage, ReceiveMessage, TryReceiveMessage (`kernel/src/syscall.rs:82-318, 656-715`).

use super::{Call, done};
use crate::abi::SysResult;
use crate::error::Error;
use crate::ids::{Caller, Cid, SenderWord, ServerIndex, Sid, SlotIndex, Tid};
use crate::memory::{self, Memory, PAGE_SIZE};
use crate::message::{MemoryRange, Message, MessageEnvelope, MessageKind};
use crate::panic::KernelPanic;
use crate::queue::{Lent, Waiting};
use crate::server::Server;
use crate::step::{Answer, Outcome, Refusal};
use crate::thread::BlockedOn;

/// Sends, and is to be retried while the queue is full.
pub(super) fn send_message(call: &mut Call<'_>, cid: Cid, message: &Message) -> Answer {
    match send(call, cid, message) {
        Err(Refusal::Error(Error::ServerQueueFull)) => Ok(Outcome::Retry),
        answer => answer_lend(call, message, answer),
    }
}

/// Sends, or fails where the queue is full. A blocking message blocks all the same.
pub(super) fn try_send_message(call: &mut Call<'_>, cid: Cid, message: &Message) -> Answer {
    let answer = send(call, cid, message);
    answer_lend(call, message, answer)
}

/// Takes the next message of the caller's lowest server with this SID, or parks the caller there.
pub(super) fn receive_message(call: &mut Call<'_>, sid: Sid) -> Answer {
    let index = call
        .kernel
        .servers
        .find_owned(sid, call.caller.pid)
        .ok_or(Error::ServerNotFound)?;
    if let Some(envelope) = take_next(call, index) {
        return done(SysResult::MessageEnvelope(envelope));
    }
    park(call, index)?;
    wait_for_message(call, index)
}

/// Takes the next message, if there is one.
pub(super) fn try_receive_message(call: &mut Call<'_>, sid: Sid) -> Answer {
    let index = call
        .kernel
        .servers
        .find_owned(sid, call.caller.pid)
        .ok_or(Error::ServerNotFound)?;
    done(take_next(call, index).map_or(SysResult::None, SysResult::MessageEnvelope))
}

/// The server at an index that is known to be in use.
pub(super) fn server<'c>(call: &'c mut Call<'_>, index: ServerIndex) -> &'c mut Server {
    call.kernel
        .servers
        .get_mut(index)
        .expect("the server exists")
}

/// Takes the oldest message from a queue.
pub(super) fn take_next(call: &mut Call<'_>, index: ServerIndex) -> Option<MessageEnvelope> {
    let queued = server(call, index).queue.take_next()?;
    let sender = SenderWord::pack(queued.client.pid, index, queued.slot);
    Some(MessageEnvelope {
        sender,
        message: queued.message,
    })
}

/// Puts the caller among the threads that get the next message.
pub(super) fn park(call: &mut Call<'_>, index: ServerIndex) -> Result<(), Refusal> {
    let tid = call.caller.tid;
    if server(call, index).parked.contains(tid) {
        return Err(call.defect(KernelPanic::ReceiveByParkedThread, Error::InvalidThread));
    }
    server(call, index).parked.insert(tid);
    Ok(())
}

/// Blocks the caller, which is parked.
pub(super) fn wait_for_message(call: &mut Call<'_>, index: ServerIndex) -> Answer {
    let on = BlockedOn::Receive {
        server: server(call, index).serial,
    };
    call.block(on)
}

/// Real clients read the lent bytes after any answer to a lend. The real hosted kernel sends none after an immediate
/// error, a safe one does.
fn answer_lend(call: &Call<'_>, message: &Message, answer: Answer) -> Answer {
    match answer {
        Err(Refusal::Error(error))
            if message.kind().is_lend() && !call.kernel.config.is_faithful() =>
        {
            let payload = message.memory().map_or(&[][..], |body| &body.payload);
            done(call.kernel.failed_lend(error, payload))
        }
        answer => answer,
    }
}

fn send(call: &mut Call<'_>, cid: Cid, message: &Message) -> Answer {
    let index = call.process().connections.lookup(cid)?;
    let hint = owner_memory(call, index).message_last;
    let passed = pass_memory(call, index, message)?;
    let answer = match server(call, index).parked.take_lowest() {
        Some(tid) => hand_over(call, index, tid, passed.clone()),
        None => enqueue(call, index, passed.clone()),
    };
    if answer == Err(Refusal::Error(Error::ServerQueueFull)) && !call.kernel.config.is_faithful() {
        take_back(call, index, &passed);
        owner_memory(call, index).message_last = hint;
    }
    answer
}

/// The memory in which a server's messages appear.
fn owner_memory<'c>(call: &'c mut Call<'_>, index: ServerIndex) -> &'c mut Memory {
    let owner = server(call, index).owner;
    &mut call.kernel.process_mut(owner).memory
}

/// A message as its server will see it, and where its memory was.
#[derive(Clone)]
struct Passed {
    message: Message,
    client_address: u64,
}

/// Lends or moves the message's pages to the server's process, which happens before anything else.
fn pass_memory(
    call: &mut Call<'_>,
    index: ServerIndex,
    message: &Message,
) -> Result<Passed, Error> {
    let mut passed = Passed {
        message: message.clone(),
        client_address: 0,
    };
    let kind = message.kind();
    let Some(body) = passed.message.memory_mut() else {
        return Ok(passed);
    };
    passed.client_address = body.range.address;
    if call.kernel.config.is_hardware() {
        check_alignment(kind, body.range)?;
        body.range.address = pass_pages(call, index, kind, body.range)?;
    }
    Ok(passed)
}

fn check_alignment(kind: MessageKind, range: MemoryRange) -> Result<(), Error> {
    if range.length == 0 {
        return Err(Error::BadAddress);
    }
    match (range.address | range.length) % PAGE_SIZE {
        0 => Ok(()),
        _ if kind.is_lend() => Err(Error::BadAlignment),
        _ => Err(Error::BadAddress),
    }
}

/// Passes pages on and returns where they are now; within one process they stay, but must be there.
fn pass_pages(
    call: &mut Call<'_>,
    index: ServerIndex,
    kind: MessageKind,
    range: MemoryRange,
) -> Result<u64, Error> {
    let (client, owner) = (call.caller.pid, server(call, index).owner);
    if client == owner {
        let present = call.process().memory.all_present(range);
        return if present {
            Ok(range.address)
        } else {
            Err(Error::BadAddress)
        };
    }
    let passed = call
        .kernel
        .with_memories(client, owner, |from, to| match kind {
            MessageKind::Move => memory::send(from, to, range),
            _ => memory::lend(from, to, range, kind == MessageKind::MutableBorrow),
        });
    passed.expect("both processes exist")
}

/// What a safe kernel does for a message that found no place: its pages go back to the sender.
fn take_back(call: &mut Call<'_>, index: ServerIndex, passed: &Passed) {
    let (client, owner) = (call.caller.pid, server(call, index).owner);
    let kind = passed.message.kind();
    let Some(body) = passed.message.memory() else {
        return;
    };
    if client == owner || !call.kernel.config.is_hardware() {
        return;
    }
    let lent = Lent {
        client_address: passed.client_address,
        range: body.range,
    };
    let returned = call
        .kernel
        .with_memories(client, owner, |home, away| match kind {
            MessageKind::Move => memory::send_back(home, away, lent),
            _ => memory::give_back(home, away, lent),
        });
    returned
        .expect("both processes exist")
        .expect("the pages have just gone there");
}

/// Hands a message to a parked thread; a blocking one takes a slot, others are said to lie in slot 0.
fn hand_over(call: &mut Call<'_>, index: ServerIndex, tid: Tid, passed: Passed) -> Answer {
    let (length, client) = (call.kernel.config.queue_length(), call.caller);
    let blocking = passed.message.kind().is_blocking();
    let refused = blocking && !has_quota(call, index);
    let server = server(call, index);
    if refused {
        server.parked.insert(tid);
        return Err(Error::ServerQueueFull.into());
    }
    let (owner, serial) = (server.owner, server.serial);
    let mut slot = SlotIndex(0);
    if blocking {
        let waiting = Waiting::of(client, &passed.message, passed.client_address);
        slot = server
            .queue
            .enqueue_waiting(length, waiting)
            .inspect_err(|_| server.parked.insert(tid))?;
        call.kernel
            .block(client, BlockedOn::Reply { server: serial });
    }
    let sender = SenderWord::pack(client.pid, index, slot);
    let envelope = MessageEnvelope {
        sender,
        message: passed.message,
    };
    call.kernel.wake(
        Caller { pid: owner, tid },
        SysResult::MessageEnvelope(envelope),
        call.effects,
    );
    Ok(if blocking {
        Outcome::Blocked
    } else {
        Outcome::Done(SysResult::Ok)
    })
}

/// Whether the quota of the server's queue, if it has one, lets the caller's process take a slot more. The server's own
/// process is held by the length of the queue alone.
fn has_quota(call: &mut Call<'_>, index: ServerIndex) -> bool {
    let (config, client) = (call.kernel.config, call.caller.pid);
    let server = server(call, index);
    server.owner == client
        || config
            .queue_quota
            .allows(&server.queue, config.queue_length(), client)
}

/// Queues a message; the sender of a blocking one waits.
fn enqueue(call: &mut Call<'_>, index: ServerIndex, passed: Passed) -> Answer {
    let (length, client) = (call.kernel.config.queue_length(), call.caller);
    if !has_quota(call, index) {
        return Err(Error::ServerQueueFull.into());
    }
    let server = server(call, index);
    let serial = server.serial;
    let blocking = passed.message.kind().is_blocking();
    server
        .queue
        .enqueue(length, client, passed.message, passed.client_address)?;
    match blocking {
        true => call.block(BlockedOn::Reply { server: serial }),
        false => done(SysResult::Ok),
    }
}
