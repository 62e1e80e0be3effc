//! Results in packets, and what a client makes of them.
//!
//! A client that has lent memory reads as many bytes as it lent behind the answer, whatever the answer is (but for a
//! retry). The real kernel sends them only behind the answers that complete a lend, not behind an immediate error: there
//! the client waits for ever. See [`result_packet`].

use super::packet::Packet;
use xous_sim_kernel::{ResultDecodeError, SysResult};

const MESSAGE_ENVELOPE: u64 = 9;
const RETRY_CALL: u64 = 16;
const BLOCKED_PROCESS: u64 = 13;

/// How many bytes of a received message follow a result.
fn enveloped(words: &[u64; 8]) -> u64 {
    const MEMORY_KINDS: u64 = 3;
    match *words {
        [MESSAGE_ENVELOPE, _, kind, _, _, length, ..] if kind < MEMORY_KINDS => length,
        _ => 0,
    }
}

/// How many bytes follow a result, for a client whose call lent `lent` bytes.
#[must_use]
pub fn announced_by_result(packet: &Packet, lent: u64) -> u64 {
    match packet.words[0] {
        RETRY_CALL | BLOCKED_PROCESS => 0,
        _ => enveloped(&packet.words).saturating_add(lent),
    }
}

/// The packet that answers a thread whose call lent `lent` bytes.
///
/// With `always` the lent bytes follow every answer to a lend but a retry, so that no client waits for them in vain;
/// else only those answers that the real kernel sends them with.
#[must_use]
pub fn result_packet(thread: u64, result: &SysResult, lent: usize, always: bool) -> Packet {
    let words = result.encode();
    let mut payload = result.payload().to_vec();
    let length = match result {
        SysResult::MemoryReturned { .. } | SysResult::LendFailed { .. } => lent,
        SysResult::RetryCall | SysResult::BlockedProcess => 0,
        _ => enveloped(&words) as usize + if always { lent } else { 0 },
    };
    payload.resize(length, 0);
    Packet {
        thread,
        words,
        payload,
    }
}

/// The result of a packet, for a client whose call lent `lent` bytes.
///
/// # Errors
///
/// When there is no such result.
pub fn sys_result(packet: Packet, lent: usize) -> Result<SysResult, ResultDecodeError> {
    Ok(match SysResult::decode(packet.words)? {
        SysResult::MemoryReturned { offset, valid, .. } => SysResult::MemoryReturned {
            offset,
            valid,
            payload: packet.payload,
        },
        SysResult::Error(error) if lent > 0 => SysResult::LendFailed {
            error,
            payload: packet.payload,
        },
        SysResult::MessageEnvelope(mut envelope) => {
            if let Some(body) = envelope.message.memory_mut() {
                body.payload = packet.payload;
            }
            SysResult::MessageEnvelope(envelope)
        }
        other => other,
    })
}
