//! System calls from packets, and the packets that a client sends.

use super::packet::Packet;
use xous_sim_kernel::{DecodeError, Message, MessageKind, Syscall};

const SEND_MESSAGE: u64 = 16;
const RETURN_MEMORY: u64 = 20;
const TRY_SEND_MESSAGE: u64 = 24;
const REPLY_AND_RECEIVE_NEXT: u64 = 41;

/// How many bytes follow a call: those of a memory message, or of memory that is returned. A range that starts at 0 or
/// is empty is none, and nothing follows it.
#[must_use]
pub fn announced_by_call(packet: &Packet) -> u64 {
    let [number, _, b, c, d, e, _, kind] = packet.words;
    let (address, length) = match number {
        SEND_MESSAGE | TRY_SEND_MESSAGE if sends_memory(b) => (d, e),
        RETURN_MEMORY => (b, c),
        REPLY_AND_RECEIVE_NEXT if kind == Syscall::REPLY_MEMORY => (c, d),
        _ => return 0,
    };
    if address == 0 { 0 } else { length }
}

fn sends_memory(kind: u64) -> bool {
    MessageKind::from_syscall_number(kind).is_some_and(MessageKind::is_memory)
}

/// The call of a packet.
///
/// # Errors
///
/// When its arguments cannot be represented.
pub fn syscall(packet: Packet) -> Result<Syscall, DecodeError> {
    let [number, arguments @ ..] = packet.words;
    let mut call = Syscall::decode(number, arguments)?;
    if let Some(place) = payload_mut(&mut call) {
        *place = packet.payload;
    }
    Ok(call)
}

/// The packet in which a thread makes a call. A payload that is shorter than its range is filled up with zeros.
#[must_use]
pub fn call_packet(thread: u64, call: &Syscall) -> Packet {
    let (number, arguments) = call.encode();
    let mut words = [number; 8];
    words[1..].copy_from_slice(&arguments);
    let mut packet = Packet {
        thread,
        words,
        payload: Vec::new(),
    };
    let length = announced_by_call(&packet) as usize;
    packet.payload = payload(call).to_vec();
    packet.payload.resize(length, 0);
    packet
}

fn payload(call: &Syscall) -> &[u8] {
    match call {
        Syscall::ReturnMemory { payload, .. } | Syscall::ReplyAndReceiveNext { payload, .. } => {
            payload
        }
        _ => {
            let body = call.message().and_then(Message::memory);
            body.map_or(&[], |body| &body.payload)
        }
    }
}

fn payload_mut(call: &mut Syscall) -> Option<&mut Vec<u8>> {
    match call {
        Syscall::ReturnMemory { payload, .. } | Syscall::ReplyAndReceiveNext { payload, .. } => {
            Some(payload)
        }
        Syscall::SendMessage { message, .. } | Syscall::TrySendMessage { message, .. } => {
            message.memory_mut().map(|body| &mut body.payload)
        }
        _ => None,
    }
}
