//! Results of syscalls, typed and as eight words (`xous-rs/src/definitions.rs:314-541`).
//!
//! Left out: what a client library makes of a result. Payloads (hosted) are not words.

use crate::error::Error;
use crate::ids::{Cid, Pid, SenderWord, Sid, Tid};
use crate::message::{MemoryRange, Message, MessageEnvelope, MessageKind};

/// What a syscall answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields are named as in the ABI")]
pub enum SysResult {
    /// 0: done.
    Ok,
    /// 1: an error.
    Error(Error),
    /// 1 too: an error that answers a hosted lend and is followed by the lent bytes.
    LendFailed { error: Error, payload: Vec<u8> },
    /// 2: an address.
    MemoryAddress(u64),
    /// 3: a range of memory.
    MemoryRange(MemoryRange),
    /// 4: how many threads are ready, and up to three of them.
    ReadyThreads {
        count: u64,
        threads: [(u64, u64); 3],
    },
    /// 5: the caller goes on elsewhere.
    ResumeProcess,
    /// 6: a SID.
    ServerId(Sid),
    /// 7: a CID.
    ConnectionId(Cid),
    /// 8: a new server and the caller's connection to it.
    NewServerId(Sid, Cid),
    /// 9: a received message.
    MessageEnvelope(MessageEnvelope),
    /// 10: a TID.
    ThreadId(Tid),
    /// 11: a PID.
    ProcessId(Pid),
    /// 12 when decoded, 21 when encoded.
    Unimplemented,
    /// 13: the caller is blocked.
    BlockedProcess,
    /// 14: one word.
    Scalar1(u64),
    /// 15: two words.
    Scalar2(u64, u64),
    /// 16: make the call again.
    RetryCall,
    /// 17: nothing there.
    None,
    /// 18: lent memory is back; `payload` is what became of its bytes, when hosted.
    MemoryReturned {
        offset: u64,
        valid: u64,
        payload: Vec<u8>,
    },
    /// 19: a new process and, on hardware, the caller's connection to its first server.
    NewProcess { pid: Pid, cid: Option<Cid> },
    /// 20: five words.
    Scalar5([u64; 5]),
    /// 21: a message without its sender.
    Message(Message),
    /// All ones: a result that is not known.
    UnknownResult,
}

/// Why eight words are not a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ResultDecodeError {
    /// No result has this tag.
    #[error("no result has the tag {0}")]
    Tag(u64),
    /// A message of no known kind.
    #[error("no message has the kind {0}")]
    Kind(u64),
    /// A PID of 0.
    #[error("the PID is 0")]
    Pid,
}

impl SysResult {
    /// The error, if the result is one.
    pub const fn error(&self) -> Option<Error> {
        match self {
            SysResult::Error(error) | SysResult::LendFailed { error, .. } => Some(*error),
            _ => None,
        }
    }

    /// The bytes that follow the words on a hosted wire; shorter than announced stands for zeros at the end.
    pub fn payload(&self) -> &[u8] {
        match self {
            SysResult::MessageEnvelope(envelope) => {
                envelope.message.memory().map_or(&[], |body| &body.payload)
            }
            SysResult::MemoryReturned { payload, .. } | SysResult::LendFailed { payload, .. } => {
                payload
            }
            _ => &[],
        }
    }

    /// The eight words, word 0 being the tag.
    pub fn encode(&self) -> [u64; 8] {
        match self {
            SysResult::Ok => words(0, &[]),
            SysResult::Error(error) | SysResult::LendFailed { error, .. } => {
                words(1, &[error.to_word()])
            }
            SysResult::MemoryAddress(address) => words(2, &[*address]),
            SysResult::MemoryRange(range) => words(3, &[range.address, range.length]),
            SysResult::ReadyThreads {
                count,
                threads: [(a, b), (c, d), (e, f)],
            } => words(4, &[*count, *a, *b, *c, *d, *e, *f]),
            SysResult::ResumeProcess => words(5, &[]),
            SysResult::ServerId(sid) => words(6, &sid.to_words()),
            SysResult::ConnectionId(cid) => words(7, &[cid.0.into()]),
            SysResult::NewServerId(sid, cid) => {
                let [a, b, c, d] = sid.to_words();
                words(8, &[a, b, c, d, cid.0.into()])
            }
            SysResult::MessageEnvelope(envelope) => envelope_words(envelope),
            SysResult::ThreadId(tid) => words(10, &[tid.0.into()]),
            SysResult::ProcessId(pid) => words(11, &[pid.get().into()]),
            SysResult::BlockedProcess => words(13, &[]),
            SysResult::Scalar1(a) => words(14, &[*a]),
            SysResult::Scalar2(a, b) => words(15, &[*a, *b]),
            SysResult::RetryCall => words(16, &[]),
            SysResult::None => words(17, &[]),
            SysResult::MemoryReturned { offset, valid, .. } => words(18, &[*offset, *valid]),
            SysResult::NewProcess { pid, cid } => {
                words(19, &[pid.get().into(), cid.map_or(0, |cid| cid.0).into()])
            }
            SysResult::Scalar5(values) => words(20, values),
            SysResult::Unimplemented => words(21, &[]),
            SysResult::Message(message) => {
                let [a, b, c, d, e] = message.to_words();
                words(21, &[message.kind().result_number(), a, b, c, d, e])
            }
            SysResult::UnknownResult => words(u64::MAX, &[]),
        }
    }

    /// The result of eight words; payloads come out empty.
    ///
    /// # Errors
    ///
    /// When no result has that tag, or its words name no message kind or no PID.
    pub fn decode(words: [u64; 8]) -> Result<SysResult, ResultDecodeError> {
        let [tag, a, b, c, d, e, f, g] = words;
        Ok(match tag {
            0 => SysResult::Ok,
            1 => SysResult::Error(Error::from_word(a)),
            2 => SysResult::MemoryAddress(a),
            3 => SysResult::MemoryRange(MemoryRange {
                address: a,
                length: b,
            }),
            4 => SysResult::ReadyThreads {
                count: a,
                threads: [(b, c), (d, e), (f, g)],
            },
            5 => SysResult::ResumeProcess,
            6 => SysResult::ServerId(Sid::from_words([a, b, c, d])),
            7 => SysResult::ConnectionId(Cid(a as u32)),
            8 => SysResult::NewServerId(Sid::from_words([a, b, c, d]), Cid(e as u32)),
            9 => SysResult::MessageEnvelope(MessageEnvelope {
                sender: SenderWord(a),
                message: message(b, [c, d, e, f, g])?,
            }),
            10 => SysResult::ThreadId(Tid(a as u8)),
            11 => SysResult::ProcessId(pid(a)?),
            12 => SysResult::Unimplemented,
            13 => SysResult::BlockedProcess,
            14 => SysResult::Scalar1(a),
            15 => SysResult::Scalar2(a, b),
            16 => SysResult::RetryCall,
            17 => SysResult::None,
            18 => SysResult::MemoryReturned {
                offset: a,
                valid: b,
                payload: Vec::new(),
            },
            19 => SysResult::NewProcess {
                pid: pid(a)?,
                cid: (b != 0).then_some(Cid(b as u32)),
            },
            20 => SysResult::Scalar5([a, b, c, d, e]),
            21 => SysResult::Message(message(a, [b, c, d, e, f])?),
            u64::MAX => SysResult::UnknownResult,
            tag => return Err(ResultDecodeError::Tag(tag)),
        })
    }
}

/// The tag, the given words, then zeros.
fn words(tag: u64, given: &[u64]) -> [u64; 8] {
    let mut all = [0; 8];
    all[0] = tag;
    all[1..=given.len()].copy_from_slice(given);
    all
}

fn envelope_words(envelope: &MessageEnvelope) -> [u64; 8] {
    let [a, b, c, d, e] = envelope.message.to_words();
    [
        9,
        envelope.sender.0,
        envelope.message.kind().result_number(),
        a,
        b,
        c,
        d,
        e,
    ]
}

fn message(kind: u64, body: [u64; 5]) -> Result<Message, ResultDecodeError> {
    let kind = MessageKind::from_result_number(kind).ok_or(ResultDecodeError::Kind(kind))?;
    Ok(Message::from_words(kind, body))
}

fn pid(word: u64) -> Result<Pid, ResultDecodeError> {
    Pid::new(word as u8).ok_or(ResultDecodeError::Pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_is_decoded_from_what_it_is_encoded_to() {
        for tag in 0..=21 {
            if tag == 12 {
                continue;
            }
            let result = SysResult::decode([tag, 3, 2, 4, 5, 6, 7, 8]).expect("a known tag");
            assert_eq!(result.encode()[0], tag);
            assert_eq!(SysResult::decode(result.encode()), Ok(result));
        }
    }

    #[test]
    fn unimplemented_is_written_with_the_tag_of_a_message() {
        assert_eq!(SysResult::decode([12; 8]), Ok(SysResult::Unimplemented));
        assert_eq!(SysResult::Unimplemented.encode()[0], 21);
    }

    #[test]
    fn an_unknown_tag_is_refused() {
        assert_eq!(SysResult::decode([22; 8]), Err(ResultDecodeError::Tag(22)));
    }
}
