//! Syscalls from words.
//!
//! What happens to a call that cannot be decoded is the kernel's matter: error 17 on hardware, silence when hosted.
//! A few calls become [`Syscall::Invalid`] instead, and are answered everywhere.

use super::{MemoryFlags, Syscall};
use crate::ids::{Cid, Pid, SenderWord, Sid, Tid};
use crate::message::{MemoryRange, Message, MessageKind};

/// Why the words of a call cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecodeError {
    /// A range starts at 0 or is empty.
    #[error("a memory range has address {address:#x} and length {length:#x}, neither may be 0")]
    NullRange {
        /// The address word.
        address: u64,
        /// The length word.
        length: u64,
    },
    /// A size that must not be 0 is.
    #[error("the size is 0")]
    ZeroSize,
    /// Flags beyond [`MemoryFlags::ACCEPTED`].
    #[error("the memory flags {0:#x} have bits beyond 0x3f")]
    Flags(u64),
    /// A PID of 0 (only its low eight bits are read).
    #[error("the PID word {0:#x} has no PID in its low eight bits")]
    Pid(u64),
    /// An interrupt handler at address 0.
    #[error("the interrupt handler's address is 0")]
    NullHandler,
    /// The message kind of a TrySendMessage is not 1 to 5.
    #[error("the reply type or message kind {0} does not exist")]
    Kind(u64),
}

impl Syscall {
    /// The call of a number with its seven argument words.
    ///
    /// # Errors
    ///
    /// When the arguments cannot be represented; numbers that are not assigned are [`Syscall::Invalid`], not errors.
    pub fn decode(number: u64, arguments: [u64; 7]) -> Result<Syscall, DecodeError> {
        match number {
            2 | 5 | 6 | 10..=13 | 19 | 38 => decode_memory(number, arguments),
            14..=17 | 20 | 24..=31 | 34 | 35 | 40 | 41 => decode_messaging(number, arguments),
            _ => decode_process(number, arguments),
        }
    }
}

fn decode_memory(number: u64, arguments: [u64; 7]) -> Result<Syscall, DecodeError> {
    let [a, b, c, d, ..] = arguments;
    Ok(match number {
        2 if c == 0 => return Err(DecodeError::ZeroSize),
        2 => Syscall::MapMemory {
            physical: a,
            address: b,
            size: c,
            flags: flags(d)?,
        },
        5 if b == 0 => return Err(DecodeError::NullHandler),
        5 => Syscall::ClaimInterrupt {
            irq: a,
            handler: b,
            argument: c,
        },
        6 => Syscall::FreeInterrupt { irq: a },
        10 => Syscall::IncreaseHeap {
            delta: a,
            flags: flags(b)?,
        },
        11 => Syscall::DecreaseHeap { delta: a },
        12 => Syscall::UpdateMemoryFlags {
            range: range(a, b)?,
            flags: flags(c)?,
            pid: Pid::new(d as u8),
        },
        13 => Syscall::SetMemRegion {
            words: [a, b, c, d],
        },
        19 => Syscall::UnmapMemory {
            range: range(a, b)?,
        },
        38 => Syscall::AdjustProcessLimit {
            index: a,
            current: b,
            new: c,
        },
        _ => Syscall::Invalid,
    })
}

fn decode_messaging(number: u64, arguments: [u64; 7]) -> Result<Syscall, DecodeError> {
    let [a, b, c, d, e, f, g] = arguments;
    let sid = Sid::from_words([a, b, c, d]);
    let sender = SenderWord(a);
    Ok(match number {
        14 => Syscall::CreateServerWithAddress { sid },
        15 => Syscall::ReceiveMessage { sid },
        16 => decode_send(arguments),
        17 => Syscall::Connect { sid },
        20 => Syscall::ReturnMemory {
            sender,
            range: range(b, c)?,
            offset: d,
            valid: e,
            payload: Vec::new(),
        },
        24 => decode_try_send(arguments)?,
        25 => Syscall::TryConnect { sid },
        26 => Syscall::ReturnScalar1 { sender, value: b },
        27 => Syscall::ReturnScalar2 {
            sender,
            values: [b, c],
        },
        28 => Syscall::TryReceiveMessage { sid },
        29 => Syscall::CreateServer,
        30 => Syscall::ConnectForProcess {
            pid: pid(a)?,
            sid: Sid::from_words([b, c, d, e]),
        },
        31 => Syscall::CreateServerId,
        34 => Syscall::DestroyServer { sid },
        35 => Syscall::Disconnect { cid: Cid(a as u32) },
        40 => Syscall::ReturnScalar5 {
            sender,
            values: [b, c, d, e, f],
        },
        41 => Syscall::ReplyAndReceiveNext {
            sender,
            arguments: [b, c, d, e, f],
            kind: g,
            payload: Vec::new(),
        },
        _ => Syscall::Invalid,
    })
}

fn decode_process(number: u64, arguments: [u64; 7]) -> Result<Syscall, DecodeError> {
    let [a, b, c, d, e, f, g] = arguments;
    Ok(match number {
        3 => Syscall::Yield,
        4 => Syscall::ReturnToParent {
            pid: pid(a)?,
            cpu: b,
        },
        7 => Syscall::SwitchTo {
            pid: pid(a)?,
            tid: b,
        },
        8 => Syscall::ReadyThreads { pid: a },
        9 => Syscall::WaitEvent,
        18 => Syscall::CreateThread {
            entry: a,
            stack: b,
            stack_length: c,
            arguments: [d, e, f, g],
        },
        21 => Syscall::CreateProcess { words: arguments },
        22 => Syscall::TerminateProcess { code: a },
        23 => Syscall::Shutdown,
        32 => Syscall::GetThreadId,
        33 => Syscall::GetProcessId,
        36 => Syscall::JoinThread {
            tid: Tid(u8::try_from(a).unwrap_or(u8::MAX)),
        },
        37 => Syscall::SetExceptionHandler { pc: a, sp: b },
        46 => Syscall::PlatformSpecific { words: arguments },
        _ => Syscall::Invalid,
    })
}

/// SendMessage: whatever cannot be represented is the invalid call, answered with error 17 in both profiles.
fn decode_send(arguments: [u64; 7]) -> Syscall {
    match message(arguments) {
        Ok(message) => Syscall::SendMessage {
            cid: Cid(arguments[0] as u32),
            message,
        },
        Err(_) => Syscall::Invalid,
    }
}

/// TrySendMessage: only a bad kind is the invalid call; a null or empty buffer is undecodable.
fn decode_try_send(arguments: [u64; 7]) -> Result<Syscall, DecodeError> {
    match message(arguments) {
        Ok(message) => Ok(Syscall::TrySendMessage {
            cid: Cid(arguments[0] as u32),
            message,
        }),
        Err(DecodeError::Kind(_)) => Ok(Syscall::Invalid),
        Err(reason) => Err(reason),
    }
}

fn message(arguments: [u64; 7]) -> Result<Message, DecodeError> {
    let [_, number, words @ ..] = arguments;
    let kind = MessageKind::from_syscall_number(number).ok_or(DecodeError::Kind(number))?;
    if kind.is_memory() {
        range(words[1], words[2])?;
    }
    Ok(Message::from_words(kind, words))
}

fn range(address: u64, length: u64) -> Result<MemoryRange, DecodeError> {
    if address == 0 || length == 0 {
        return Err(DecodeError::NullRange { address, length });
    }
    Ok(MemoryRange { address, length })
}

fn flags(word: u64) -> Result<MemoryFlags, DecodeError> {
    if word > MemoryFlags::ACCEPTED {
        return Err(DecodeError::Flags(word));
    }
    Ok(MemoryFlags(word as u8))
}

fn pid(word: u64) -> Result<Pid, DecodeError> {
    Pid::new(word as u8).ok_or(DecodeError::Pid(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_not_assigned_are_invalid() {
        for number in [0, 1, 39, 42, 43, 44, 45, 47, u64::MAX] {
            assert_eq!(Syscall::decode(number, [1; 7]), Ok(Syscall::Invalid));
        }
    }

    #[test]
    fn a_send_with_a_null_buffer_is_invalid_but_a_try_send_is_undecodable() {
        let arguments = [2, 1, 0, 0, 4096, 0, 0];
        assert_eq!(Syscall::decode(16, arguments), Ok(Syscall::Invalid));
        assert_eq!(
            Syscall::decode(24, arguments),
            Err(DecodeError::NullRange {
                address: 0,
                length: 4096
            })
        );
    }

    #[test]
    fn a_bad_kind_is_invalid_in_both_sends() {
        for number in [16, 24] {
            assert_eq!(
                Syscall::decode(number, [2, 6, 0, 1, 1, 0, 0]),
                Ok(Syscall::Invalid)
            );
        }
    }

    #[test]
    fn pid_zero_is_undecodable() {
        assert_eq!(Syscall::decode(30, [0; 7]), Err(DecodeError::Pid(0)));
    }
}
