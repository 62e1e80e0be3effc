//! Records what the real library puts on the wire, one packet a line: `record > rust/hosted/tests/recorded.txt`.
//!
//! A child makes every system call of the library; its parent, who stands in for the kernel, answers with every result
//! as the library itself encodes it. `>` is a packet from the child and `<` one to it, each with the name that the
//! library gives it; before the name of a result stands how many bytes its call lent. Left out is RetryCall, on which the
//! library would make the same call again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use xous::{Message, Result, SysCall};
use xous_sim_clients::{buffer, memory};

const KEY: &str = "000102030405060708090a0b0c0d0e0f";
const WORDS: usize = 9;
/// Lent, moved and returned.
const PAYLOAD: &[u8] = b"five!";

fn main() {
    if std::env::var_os("XOUS_PROCESS_KEY").is_some() {
        calls().into_iter().for_each(make);
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let mut child = Command::new(std::env::current_exe().expect("a path"))
        .envs([
            ("XOUS_SERVER", &*address),
            ("XOUS_PID", "2"),
            ("XOUS_PROCESS_KEY", KEY),
        ])
        .spawn()
        .expect("a child");
    serve(listener.accept().expect("the child").0);
    assert!(child.wait().expect("an end").success());
}

/// Every call, and the sends with every kind of message.
fn calls() -> Vec<SysCall> {
    const WITH_MEMORY: [usize; 4] = [16, 20, 24, 41];
    let words = |number| SysCall::from_args(number, 3, 4, 5, 6, 7, 8, 9).expect("words of a call");
    let plain = (0..=46).filter(|number| !WITH_MEMORY.contains(number));
    let mut calls: Vec<SysCall> = plain.map(words).collect();
    for kind in 0..5 {
        calls.push(SysCall::SendMessage(3, message(kind)));
        calls.push(SysCall::TrySendMessage(3, message(kind)));
    }
    let sender = xous::MessageSender::from_usize(0x0203_0004);
    calls.push(SysCall::ReturnMemory(sender, buffer(PAYLOAD), None, None));
    calls.push(SysCall::ReplyAndReceiveNext(sender, 1, 2, 3, 4, 5, 2));
    let returned = buffer(PAYLOAD);
    let (address, length) = (returned.as_ptr() as usize, returned.len());
    calls.push(SysCall::ReplyAndReceiveNext(
        sender,
        1,
        address,
        length,
        4,
        5,
        usize::MAX,
    ));
    calls
}

fn message(kind: usize) -> Message {
    let body = || memory(6, buffer(PAYLOAD), 0, 5);
    match kind {
        0 => Message::MutableBorrow(body()),
        1 => Message::Borrow(body()),
        2 => Message::Move(body()),
        3 => Message::new_scalar(6, 1, 2, 3, 4),
        _ => Message::new_blocking_scalar(6, 1, 2, 3, 4),
    }
}

/// Makes a call; what it answers is forgotten, since dropping a received message would make another call.
fn make(call: SysCall) {
    std::mem::forget(xous::rsyscall(call));
}

/// Every result but the two that complete no call, and received messages of every kind.
fn results() -> Vec<Result> {
    const COMPLETE_NO_CALL: [usize; 2] = [13, 16];
    let tags = (0..=21).filter(|tag| !COMPLETE_NO_CALL.contains(tag));
    let mut results: Vec<Result> = tags
        .map(|tag| Result::from_args([tag, 3, 4, 5, 5, 5, 6, 7]))
        .collect();
    results
        .extend((0..4).map(|kind| Result::from_args([9, 0x0203_0004, kind, 6, 0x1000, 5, 0, 5])));
    results.push(Result::UnknownResult(0, 0, 0, 0, 0, 0, 0));
    results
}

/// The kernel's side: answers the first call with a TID, and the others with each result in turn.
fn serve(mut child: TcpStream) {
    let mut key = [0; 16];
    child.read_exact(&mut key).expect("a key");
    child.write_all(&[2]).expect("the PID");
    let results = results();
    let mut next = 0;
    while let Some(call) = receive(&mut child) {
        if next == 0 {
            answer(&mut child, &call, &Result::ThreadID(2));
        } else {
            if next == 1 {
                answer(&mut child, &call, &Result::BlockedProcess);
            }
            answer(&mut child, &call, &results[(next - 1) % results.len()]);
        }
        next += 1;
    }
    assert!(next > results.len(), "there are more results than calls");
    std::mem::forget(results);
}

/// A call with its words.
struct Call {
    words: [u64; WORDS],
    lent: usize,
}

fn receive(child: &mut TcpStream) -> Option<Call> {
    let mut bytes = vec![0; 8 * WORDS];
    child.read_exact(&mut bytes).ok()?;
    let words: [u64; WORDS] = std::array::from_fn(|n| {
        u64::from_le_bytes(bytes[8 * n..8 * n + 8].try_into().expect("eight bytes"))
    });
    let a = words.map(|word| word as usize);
    let call = SysCall::from_args(a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]).expect("a call");
    if call.memory().is_some() {
        bytes.resize(8 * WORDS + PAYLOAD.len(), 0);
        child
            .read_exact(&mut bytes[8 * WORDS..])
            .expect("a payload");
    }
    print(">", &format!("{call:?}"), &bytes);
    let lends = call.is_borrow() || call.is_mutableborrow();
    let lent = if lends { PAYLOAD.len() } else { 0 };
    Some(Call { words, lent })
}

fn answer(child: &mut TcpStream, call: &Call, result: &Result) {
    let mut bytes = call.words[0].to_le_bytes().to_vec();
    bytes.extend(result.to_args().into_iter().flat_map(usize::to_le_bytes));
    if *result != Result::BlockedProcess {
        let received = matches!(result, Result::MessageEnvelope(envelope) if envelope.body.memory_message().is_some());
        let payloads = usize::from(received) + usize::from(call.lent > 0);
        bytes.extend(PAYLOAD.repeat(payloads));
    }
    print("<", &format!("{} {result:?}", call.lent), &bytes);
    child.write_all(&bytes).expect("the child reads");
}

fn print(direction: &str, name: &str, bytes: &[u8]) {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let name = name.split('(').next().expect("a split has a first part");
    println!("{direction} {hex} {name}");
}
