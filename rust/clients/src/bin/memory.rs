//! Memory messages of every kind, with a page and with one byte: `memory server`, `memory client`.
//!
//! The server answers with ReturnMemory or, asked to, with ReplyAndReceiveNext, as `xous` programs do by dropping an
//! envelope or by `reply_and_receive_next`.

use xous::{MemorySize, Message, MessageEnvelope, Result, SID};
use xous_sim_clients::{arguments, ask, buffer, bytes, done, memory, sid};

const NAME: &str = "memory";
/// Lent bytes are turned around.
const REVERSE: usize = 1;
/// Bytes that are only read: nothing happens to them.
const READ: usize = 2;
/// Bytes that are given away are added up.
const KEEP: usize = 3;
const SUM: usize = 4;
/// The next message is received with ReplyAndReceiveNext, until it is told otherwise.
const REPLY_AND_RECEIVE: usize = 5;

fn main() {
    match arguments().first().map(String::as_str) {
        Some("server") => server(),
        Some("client") => client(),
        other => panic!("server or client, not {other:?}"),
    }
}

fn server() {
    let sid = xous::create_server_with_sid(sid(NAME)).expect("a server");
    let mut sum = 0;
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        if envelope.id() == REPLY_AND_RECEIVE {
            xous::return_scalar(envelope.sender, 0).expect("an answer");
            reply_and_receive(sid, &mut sum);
        } else {
            handle(envelope, &mut sum);
        }
    }
}

/// Answers when the envelope is dropped.
fn handle(mut envelope: MessageEnvelope, sum: &mut usize) {
    if envelope.id() == SUM {
        xous::return_scalar(envelope.sender, *sum).expect("an answer");
    } else {
        change(&mut envelope, sum);
    }
}

/// Answers and receives in one call, until it is told to stop.
fn reply_and_receive(sid: SID, sum: &mut usize) {
    let mut next: Option<MessageEnvelope> = None;
    loop {
        xous::reply_and_receive_next(sid, &mut next).expect("a message");
        let envelope = next.as_mut().expect("a message");
        match envelope.id() {
            REPLY_AND_RECEIVE => break,
            _ => change(envelope, sum),
        }
    }
    let envelope = next.take().expect("the last message");
    xous::return_scalar(envelope.sender, 0).expect("an answer");
}

fn change(envelope: &mut MessageEnvelope, sum: &mut usize) {
    let id = envelope.id();
    if id == KEEP {
        let body = envelope.body.memory_message().expect("memory");
        *sum += bytes(&body.buf)
            .iter()
            .map(|byte| usize::from(*byte))
            .sum::<usize>();
    }
    if let (REVERSE, Some(body)) = (id, envelope.body.memory_message_mut()) {
        // SAFETY: the library allocated the buffer for this message, and nobody else looks at it.
        unsafe { body.buf.as_slice_mut::<u8>() }.reverse();
        body.offset = MemorySize::new(7);
        body.valid = MemorySize::new(body.buf.len());
    }
}

fn client() {
    let server = xous::connect(sid(NAME)).expect("a connection");
    for one_call in [false, true] {
        if one_call {
            ask(server, REPLY_AND_RECEIVE, 0).expect("an answer");
        }
        for length in [1, 4096] {
            messages(server, length);
        }
    }
    ask(server, REPLY_AND_RECEIVE, 0).expect("an answer");
    let given: usize = [1, 4096]
        .into_iter()
        .map(|length| content(length).map(usize::from).sum::<usize>())
        .sum();
    assert_eq!(ask(server, SUM, 0), Ok(2 * given));
    done()
}

fn content(length: usize) -> impl DoubleEndedIterator<Item = u8> {
    (0..length).map(|n| (n * 7 + 3) as u8)
}

fn messages(server: xous::CID, length: usize) {
    let fresh = || buffer(&content(length).collect::<Vec<u8>>());

    let lent = fresh();
    let answer = xous::send_message(server, Message::MutableBorrow(memory(REVERSE, lent, 0, 0)));
    assert_eq!(
        answer,
        Ok(Result::MemoryReturned(
            MemorySize::new(7),
            MemorySize::new(length)
        ))
    );
    assert!(bytes(&lent).iter().copied().eq(content(length).rev()));

    let lent = fresh();
    let answer = xous::send_message(server, Message::Borrow(memory(READ, lent, 5, 6)));
    assert_eq!(
        answer,
        Ok(Result::MemoryReturned(
            MemorySize::new(5),
            MemorySize::new(6)
        ))
    );
    assert!(bytes(&lent).iter().copied().eq(content(length)));

    let answer = xous::send_message(server, Message::Move(memory(KEEP, fresh(), 0, length)));
    assert_eq!(answer, Ok(Result::Ok));
    let answer = xous::try_send_message(server, Message::Move(memory(READ, fresh(), 0, length)));
    assert_eq!(answer, Ok(Result::Ok));
}
