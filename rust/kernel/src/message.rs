//! Messages: the five kinds with their two numberings, their bodies, and the envelope that a server receives.
//!
//! `offset` and `valid` are never checked by the kernel. On hardware the bytes of a memory message stay in pages and
//! `payload` is empty; hosted, they travel in `payload`, where a payload shorter than the range stands for zero bytes
//! at the end.

use crate::ids::SenderWord;

/// The five kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MessageKind {
    /// Memory that the server may change and must return; blocks the sender.
    MutableBorrow,
    /// Memory that the server may read and must return; blocks the sender.
    Borrow,
    /// Memory that is given away.
    Move,
    /// Four words and no answer.
    Scalar,
    /// Four words that block the sender until answered.
    BlockingScalar,
}

impl MessageKind {
    const ALL: [MessageKind; 5] = [
        MessageKind::MutableBorrow,
        MessageKind::Borrow,
        MessageKind::Move,
        MessageKind::Scalar,
        MessageKind::BlockingScalar,
    ];

    /// The number in results (tags 9 and 21): 0 to 4.
    pub const fn result_number(self) -> u64 {
        self as u64
    }

    /// The number in the argument of SendMessage and TrySendMessage: 1 to 5.
    pub const fn syscall_number(self) -> u64 {
        self as u64 + 1
    }

    /// The kind of a number in a result.
    pub fn from_result_number(number: u64) -> Option<MessageKind> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The kind of a number in a syscall.
    pub fn from_syscall_number(number: u64) -> Option<MessageKind> {
        Self::from_result_number(number.checked_sub(1)?)
    }

    /// Whether the sender waits for an answer.
    pub const fn is_blocking(self) -> bool {
        matches!(
            self,
            MessageKind::MutableBorrow | MessageKind::Borrow | MessageKind::BlockingScalar
        )
    }

    /// Whether the message carries memory.
    pub const fn is_memory(self) -> bool {
        matches!(
            self,
            MessageKind::MutableBorrow | MessageKind::Borrow | MessageKind::Move
        )
    }

    /// Whether the message lends memory.
    pub const fn is_lend(self) -> bool {
        matches!(self, MessageKind::MutableBorrow | MessageKind::Borrow)
    }
}

/// A range of a process's memory. In a message neither word can be 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemoryRange {
    /// The first byte.
    pub address: u64,
    /// The number of bytes.
    pub length: u64,
}

/// The body of the two scalar kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScalarBody {
    /// What the message asks for; the server's own numbering.
    pub id: u64,
    /// The four words.
    pub arguments: [u64; 4],
}

/// The body of the three memory kinds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MemoryBody {
    /// What the message asks for; the server's own numbering.
    pub id: u64,
    /// The memory, as the holder of this message sees it.
    pub range: MemoryRange,
    /// A word for the server; 0 reads as none.
    pub offset: u64,
    /// Another word for the server; 0 reads as none.
    pub valid: u64,
    /// The bytes, when hosted; empty on hardware.
    pub payload: Vec<u8>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// See [`MessageKind::MutableBorrow`].
    MutableBorrow(MemoryBody),
    /// See [`MessageKind::Borrow`].
    Borrow(MemoryBody),
    /// See [`MessageKind::Move`].
    Move(MemoryBody),
    /// See [`MessageKind::Scalar`].
    Scalar(ScalarBody),
    /// See [`MessageKind::BlockingScalar`].
    BlockingScalar(ScalarBody),
}

impl Message {
    /// A scalar message.
    pub const fn scalar(id: u64, arguments: [u64; 4]) -> Message {
        Message::Scalar(ScalarBody { id, arguments })
    }

    /// A blocking scalar message.
    pub const fn blocking_scalar(id: u64, arguments: [u64; 4]) -> Message {
        Message::BlockingScalar(ScalarBody { id, arguments })
    }

    /// The message of a kind with these five body words (and no payload).
    pub fn from_words(kind: MessageKind, words: [u64; 5]) -> Message {
        let [id, a, b, c, d] = words;
        let scalar = ScalarBody {
            id,
            arguments: [a, b, c, d],
        };
        let range = MemoryRange {
            address: a,
            length: b,
        };
        let memory = MemoryBody {
            id,
            range,
            offset: c,
            valid: d,
            payload: Vec::new(),
        };
        match kind {
            MessageKind::MutableBorrow => Message::MutableBorrow(memory),
            MessageKind::Borrow => Message::Borrow(memory),
            MessageKind::Move => Message::Move(memory),
            MessageKind::Scalar => Message::Scalar(scalar),
            MessageKind::BlockingScalar => Message::BlockingScalar(scalar),
        }
    }

    /// The five body words; the payload is not among them.
    pub fn to_words(&self) -> [u64; 5] {
        match self {
            Message::Scalar(body) | Message::BlockingScalar(body) => {
                let [a, b, c, d] = body.arguments;
                [body.id, a, b, c, d]
            }
            Message::MutableBorrow(body) | Message::Borrow(body) | Message::Move(body) => [
                body.id,
                body.range.address,
                body.range.length,
                body.offset,
                body.valid,
            ],
        }
    }

    /// The kind.
    pub const fn kind(&self) -> MessageKind {
        match self {
            Message::MutableBorrow(_) => MessageKind::MutableBorrow,
            Message::Borrow(_) => MessageKind::Borrow,
            Message::Move(_) => MessageKind::Move,
            Message::Scalar(_) => MessageKind::Scalar,
            Message::BlockingScalar(_) => MessageKind::BlockingScalar,
        }
    }

    /// The body of a memory kind.
    pub const fn memory(&self) -> Option<&MemoryBody> {
        match self {
            Message::MutableBorrow(body) | Message::Borrow(body) | Message::Move(body) => {
                Some(body)
            }
            Message::Scalar(_) | Message::BlockingScalar(_) => None,
        }
    }

    /// The body of a memory kind, to change.
    pub const fn memory_mut(&mut self) -> Option<&mut MemoryBody> {
        match self {
            Message::MutableBorrow(body) | Message::Borrow(body) | Message::Move(body) => {
                Some(body)
            }
            Message::Scalar(_) | Message::BlockingScalar(_) => None,
        }
    }
}

/// A message as its server receives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageEnvelope {
    /// The word that names it in the answer.
    pub sender: SenderWord,
    /// The message.
    pub message: Message,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_numbered_from_one_in_syscalls_and_from_zero_in_results() {
        for kind in MessageKind::ALL {
            assert_eq!(kind.syscall_number(), kind.result_number() + 1);
            assert_eq!(
                MessageKind::from_syscall_number(kind.syscall_number()),
                Some(kind)
            );
            assert_eq!(
                MessageKind::from_result_number(kind.result_number()),
                Some(kind)
            );
        }
        assert_eq!(MessageKind::from_syscall_number(0), None);
        assert_eq!(MessageKind::from_syscall_number(6), None);
    }

    #[test]
    fn a_message_is_rebuilt_from_its_words() {
        for kind in MessageKind::ALL {
            let message = Message::from_words(kind, [1, 2, 3, 4, 5]);
            assert_eq!(message.kind(), kind);
            assert_eq!(message.to_words(), [1, 2, 3, 4, 5]);
        }
    }
}
