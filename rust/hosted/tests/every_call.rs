//! Every system call there is, by its number, over a socket: what a safe kernel answers, and why a faithful one panics.
//!
//! Calls are raw words, so nothing is left to a library. The answers are those of the hosted kernel (Xous kernel facts,
//! sections 3.10 to 3.12); what the published library makes of them is tried by the programs of `xous-sim-clients`.

mod support;

use std::collections::BTreeSet;
use std::io::Write;
use support::{Client, server};
use xous_sim_hosted::Server;
use xous_sim_hosted::wire::{Key, Packet};
use xous_sim_kernel::{
    Cid, Error, Fidelity, MemoryRange, MessageEnvelope, Pid, SenderWord, SysResult, Tid,
};

const SID: [u64; 4] = [1, 2, 3, 4];
const BUFFER: u64 = 0x1000;

/// A number and up to seven arguments; the others are 0.
fn words(call: &[u64]) -> [u64; 8] {
    std::array::from_fn(|place| call.get(place).copied().unwrap_or(0))
}

/// A call of a server's SID with what follows it.
fn to(number: u64, sid: [u64; 4]) -> [u64; 8] {
    let [a, b, c, d] = sid;
    words(&[number, a, b, c, d])
}

/// A process that makes raw calls, and the numbers that it has made.
struct Raw {
    client: Client,
    made: BTreeSet<u64>,
}

impl Raw {
    fn join(server: &Server) -> Raw {
        Raw {
            client: Client::join(server),
            made: BTreeSet::new(),
        }
    }

    fn send(&mut self, thread: u64, words: [u64; 8], payload: &[u8]) {
        self.made.insert(words[0]);
        let payload = payload.to_vec();
        let packet = Packet {
            thread,
            words,
            payload,
        };
        self.client
            .stream
            .write_all(&packet.to_bytes())
            .expect("sent");
    }

    fn answer(&mut self, thread: u64, lent: usize) -> SysResult {
        let (to, result) = self.client.answer(lent).expect("an answer");
        assert_eq!(to, thread);
        result
    }

    /// Calls from thread 2.
    fn call(&mut self, words: [u64; 8]) -> SysResult {
        self.send(2, words, &[]);
        self.answer(2, 0)
    }

    /// The same, where the answer is one of these errors.
    fn fails(&mut self, call: &[u64], error: Error) {
        assert_eq!(self.call(words(call)), SysResult::Error(error), "{call:?}");
    }

    fn is_answered(&mut self, call: &[u64], answer: SysResult) {
        assert_eq!(self.call(words(call)), answer, "{call:?}");
    }

    /// Receives a message that is there.
    fn receive(&mut self) -> MessageEnvelope {
        match self.call(to(28, SID)) {
            SysResult::MessageEnvelope(envelope) => envelope,
            other => panic!("a message was expected, not {other:?}"),
        }
    }
}

fn range(address: u64, length: u64) -> SysResult {
    SysResult::MemoryRange(MemoryRange { address, length })
}

fn identity_and_threads(raw: &mut Raw) {
    let pid = Pid::new(raw.client.pid).expect("not 0");
    raw.is_answered(&[33], SysResult::ProcessId(pid));
    raw.is_answered(&[32], SysResult::ThreadId(Tid(2)));
    for returns_at_once in [3, 9] {
        raw.is_answered(&[returns_at_once], SysResult::Ok);
    }
    raw.is_answered(&[4, 1, 0], SysResult::Ok);
    raw.is_answered(&[18], SysResult::ThreadId(Tid(3)));
    raw.fails(&[36, 2], Error::ThreadNotAvailable);
    raw.is_answered(&[36, 30], SysResult::Scalar1(0));
}

fn what_is_not_handled(raw: &mut Raw) {
    for number in [0, 1, 8, 13, 37, 39, 42, 43, 44, 45, 47] {
        raw.fails(&[number, 1, 2, 3, 4, 5, 6, 7], Error::UnhandledSyscall);
    }
    raw.fails(&[7, 2, 2], Error::UnhandledSyscall);
    raw.fails(&[6, 5], Error::InterruptNotFound);
    raw.is_answered(&[5, 5, 0x1000, 0], SysResult::Ok);
    raw.fails(&[5, 5, 0x1000, 0], Error::InterruptInUse);
    raw.is_answered(&[6, 5], SysResult::Ok);
    raw.is_answered(&[46], SysResult::Ok);
}

fn memory(raw: &mut Raw) {
    const PAGE: u64 = 4096;
    raw.is_answered(&[2, 0, 0, PAGE, 6], range(0x6000_0000, PAGE));
    raw.fails(&[2, 0, 0, 100, 6], Error::BadAlignment);
    raw.fails(&[2, 0, 0xff00_0000, PAGE, 6], Error::BadAddress);
    raw.is_answered(&[19, 0x6000_0000, PAGE], SysResult::Ok);
    raw.is_answered(&[10, 2 * PAGE, 6], range(0x2000_0000, 2 * PAGE));
    raw.fails(&[10, 1, 6], Error::BadAlignment);
    raw.is_answered(&[11, PAGE], range(0x2000_0000, PAGE));
    raw.fails(&[11, 9 * PAGE], Error::OutOfMemory);
    raw.fails(&[12, BUFFER, PAGE, 2, 0], Error::MemoryInUse);
    raw.fails(&[12, BUFFER, PAGE, 2, 3], Error::ProcessNotChild);
    raw.is_answered(&[38, 2, 0, 0], SysResult::Scalar2(2, PAGE));
    raw.fails(&[38, 3, 0, 0], Error::InvalidLimit);
}

/// Leaves the process with a server of [`SID`], as CID 2.
fn servers_and_connections(raw: &mut Raw) {
    let pid = u64::from(raw.client.pid);
    let not_found = SysResult::Error(Error::ServerNotFound);
    assert_eq!(raw.call(to(25, SID)), not_found);
    assert!(matches!(raw.call(words(&[31])), SysResult::ServerId(_)));
    let SysResult::NewServerId(random, Cid(2)) = raw.call(words(&[29])) else {
        panic!("a server was expected")
    };
    assert_eq!(raw.call(to(34, random.0.map(u64::from))), SysResult::Ok);
    let created = raw.call(to(14, SID));
    assert!(
        matches!(created, SysResult::NewServerId(_, Cid(2))),
        "{created:?}"
    );
    for connect in [17, 25] {
        assert_eq!(raw.call(to(connect, SID)), SysResult::ConnectionId(Cid(2)));
    }
    raw.is_answered(&[30, pid, 1, 2, 3, 4], SysResult::ConnectionId(Cid(2)));
    raw.fails(&[30, 31, 1, 2, 3, 4], Error::ProcessNotFound);
    raw.is_answered(&[35, 2], SysResult::Ok);
    raw.fails(&[35, 2], Error::ServerNotFound);
    assert_eq!(raw.call(to(17, SID)), SysResult::ConnectionId(Cid(2)));
}

fn scalars(raw: &mut Raw) {
    for send in [16, 24] {
        raw.is_answered(&[send, 2, 4, 9, 1, 2, 3, 4], SysResult::Ok);
        let envelope = raw.receive();
        assert_eq!(envelope.message.to_words(), [9, 1, 2, 3, 4]);
    }
    assert_eq!(raw.call(to(28, SID)), SysResult::None);
    let answers: [(&[u64], SysResult); 3] = [
        (&[26, 0, 7], SysResult::Scalar1(7)),
        (&[27, 0, 7, 8], SysResult::Scalar2(7, 8)),
        (&[40, 0, 1, 2, 3, 4, 5], SysResult::Scalar5([1, 2, 3, 4, 5])),
    ];
    for (reply, answer) in answers {
        raw.send(3, words(&[16, 2, 5, 9, 1, 2, 3, 4]), &[]);
        let sender = raw.receive().sender;
        let mut reply = words(reply);
        reply[1] = sender.0;
        raw.send(2, reply, &[]);
        assert_eq!(raw.answer(3, 0), answer);
        assert_eq!(raw.answer(2, 0), SysResult::Ok);
        assert_eq!(raw.call(reply), SysResult::Error(Error::DoubleFree));
    }
}

/// A lend, a mutable lend and a move, received and returned.
fn memory_messages(raw: &mut Raw) {
    for length in [1, 4096] {
        let bytes: Vec<u8> = (0..length).map(|n| n as u8 | 1).collect();
        let send = |number, kind| words(&[number, 2, kind, 9, BUFFER, length, 3, 4]);
        raw.send(2, send(16, 3), &bytes);
        assert_eq!(raw.answer(2, 0), SysResult::Ok);
        assert_eq!(payload(&raw.receive()), bytes);
        for (number, kind) in [(16, 1), (24, 2)] {
            raw.send(3, send(number, kind), &bytes);
            let envelope = raw.receive();
            assert_eq!(payload(&envelope), bytes);
            let SenderWord(sender) = envelope.sender;
            raw.send(2, words(&[20, sender, BUFFER, length, 5, 6]), &bytes);
            assert_eq!(raw.answer(3, bytes.len()), returned(&bytes));
            assert_eq!(raw.answer(2, 0), SysResult::Ok);
        }
    }
}

fn payload(envelope: &MessageEnvelope) -> Vec<u8> {
    let body = envelope.message.memory().expect("memory");
    body.payload.clone()
}

fn returned(bytes: &[u8]) -> SysResult {
    SysResult::MemoryReturned {
        offset: 5,
        valid: 6,
        payload: bytes.to_vec(),
    }
}

/// ReplyAndReceiveNext answers a scalar and then a lend, and each time gets the next message, or waits for it.
fn answers_that_receive(raw: &mut Raw) {
    raw.send(3, words(&[16, 2, 5, 9, 1, 2, 3, 4]), &[]);
    let scalar = raw.receive().sender.0;
    raw.send(4, words(&[16, 2, 2, 9, BUFFER, 4, 0, 0]), b"lent");
    raw.send(2, words(&[41, scalar, 0, 7, 8, 0, 0, 2]), &[]);
    assert_eq!(raw.answer(3, 0), SysResult::Scalar2(7, 8));
    let SysResult::MessageEnvelope(lend) = raw.answer(2, 0) else {
        panic!("a lend was expected")
    };
    let reply = words(&[41, lend.sender.0, 9, BUFFER, 4, 5, 6, u64::MAX]);
    raw.send(2, reply, b"back");
    assert_eq!(raw.answer(4, 4), returned(b"back"));
    raw.send(3, words(&[16, 2, 4, 9, 1, 2, 3, 4]), &[]);
    assert!(matches!(raw.answer(2, 0), SysResult::MessageEnvelope(_)));
    assert_eq!(raw.answer(3, 0), SysResult::Ok);
}

/// A thread that receives and waits, and what its server's end tells it.
fn a_server_that_ends(raw: &mut Raw) {
    raw.send(3, to(15, SID), &[]);
    raw.send(2, to(34, SID), &[]);
    let not_found = SysResult::Error(Error::ServerNotFound);
    assert_eq!(raw.answer(3, 0), not_found);
    assert_eq!(raw.answer(2, 0), SysResult::Ok);
    assert_eq!(raw.call(to(15, SID)), not_found);
}

/// A process that is created, joined by its key and ends itself.
fn a_process_that_ends_itself(server: &Server, raw: &mut Raw) {
    let key = Key([7; 16]);
    let quarter = u64::from(u32::from_le_bytes([7; 4]));
    let created = raw.call(words(&[21, quarter, quarter, quarter, quarter]));
    assert!(
        matches!(created, SysResult::NewProcess { .. }),
        "{created:?}"
    );
    let mut child = Raw {
        client: Client::join_as(server, key).expect("its key is known"),
        made: BTreeSet::new(),
    };
    child.send(2, words(&[22, 0]), &[]);
    assert!(child.client.is_closed());
    raw.made.extend(child.made);
}

#[test]
fn every_system_call_is_answered_over_the_wire_as_documented() {
    let server = server(Fidelity::Safe);
    let mut raw = Raw::join(&server);
    identity_and_threads(&mut raw);
    what_is_not_handled(&mut raw);
    memory(&mut raw);
    servers_and_connections(&mut raw);
    scalars(&mut raw);
    memory_messages(&mut raw);
    answers_that_receive(&mut raw);
    a_server_that_ends(&mut raw);
    a_process_that_ends_itself(&server, &mut raw);
    raw.is_answered(&[23], SysResult::Ok);
    assert!(raw.client.is_closed());
    assert_eq!(raw.made, (0..=47).collect());
}

/// Threads, and what each calls.
type Calls = [(u64, [u64; 8])];

/// Makes calls from threads of a process that has a server of [`SID`]; how the kernel ends.
fn ends_with(calls: &Calls) -> String {
    let server = server(Fidelity::Faithful);
    let mut raw = Raw::join(&server);
    raw.call(to(14, SID));
    for (thread, words) in calls {
        let moved = (words[2] == 3).then_some(b"move".as_slice());
        raw.send(*thread, *words, moved.unwrap_or_default());
    }
    assert!(raw.client.is_closed());
    server.status().ending.expect("an ending").to_string()
}

#[test]
fn a_faithful_kernel_panics_on_calls_that_the_real_one_panics_on() {
    let blocking = words(&[16, 2, 5, 0]);
    let cases: [(&Calls, &str); 14] = [
        (&[(2, words(&[22, 0]))], "TerminateProcess was called"),
        (&[(2, words(&[46]))], "PlatformSpecific was called"),
        (
            &[(2, words(&[5, 1, 0x1000, 0]))],
            "ClaimInterrupt was called",
        ),
        (
            &[(2, words(&[2, 0x1000, 0, 4096, 6]))],
            "a physical address",
        ),
        (&[(2, words(&[7, 2, 2]))], "SwitchTo was called within"),
        (
            &[(2, words(&[30, 33, 1, 2, 3, 4]))],
            "beyond the process table",
        ),
        (
            &[(2, words(&[21, 7])), (2, words(&[30, 3, 1, 2, 3, 4]))],
            "never run",
        ),
        (&[(2, words(&[26, 128 << 16]))], "server index 128"),
        (
            &[(3, words(&[32])), (2, words(&[36, 3])), (2, words(&[3]))],
            "had joined another",
        ),
        (
            &[(3, to(15, SID)), (2, to(34, SID))],
            "another thread is parked",
        ),
        (
            &[(2, words(&[16, 2, 3, 0, BUFFER, 4])), (2, to(34, SID))],
            "a queued move",
        ),
        (
            &[(3, blocking), (2, words(&[3])), (2, to(34, SID))],
            "has moved on",
        ),
        (
            &[(3, blocking), (2, to(15, SID)), (2, words(&[23]))],
            "unanswered",
        ),
        (&[(2, words(&[41, 0])), (2, to(15, SID))], "already parked"),
    ];
    for (calls, reason) in cases {
        let ending = ends_with(calls);
        assert!(ending.starts_with("KernelPanic: "), "{ending}");
        assert!(ending.contains(reason), "{ending}: {reason} was expected");
    }
}
