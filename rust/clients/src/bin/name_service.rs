//! A name service in a process of its own, a server that registers there and a client that asks for it:
//! `name_service`, `name_service server NAME`, `name_service client NAME`.
//!
//! It works as xous-names does: a registered name gets a random SID, with which the server is then created, and a client
//! is connected by ConnectForProcess, without ever seeing the SID.

use std::collections::BTreeMap;
use xous::{Message, MessageEnvelope, PID, Result, SID};
use xous_sim_clients::{arguments, ask, buffer, bytes, done, memory, sid};

const SERVICE: &str = "names of my own";
const REGISTER: usize = 0;
const LOOKUP: usize = 1;
const ANSWER: usize = 42;

fn main() {
    match arguments().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => names(),
        ["server", name] => server(name),
        ["client", name] => client(name),
        ref other => panic!("nothing, server NAME or client NAME; not {other:?}"),
    }
}

fn names() {
    let sid = xous::create_server_with_sid(sid(SERVICE)).expect("a server");
    let mut table: BTreeMap<Vec<u8>, SID> = BTreeMap::new();
    loop {
        let mut envelope = xous::receive_message(sid).expect("a message");
        match envelope.id() {
            REGISTER => register(&mut table, &mut envelope),
            LOOKUP => connect(&table, &mut envelope),
            other => panic!("no such message: {other}"),
        }
    }
}

/// The name in a message, whose length is its `valid` word.
fn name(envelope: &MessageEnvelope) -> Vec<u8> {
    let body = envelope.body.memory_message().expect("memory");
    let length = body.valid.map_or(0, |valid| valid.get());
    bytes(&body.buf)[..length].to_vec()
}

fn write(envelope: &mut MessageEnvelope, answer: &[u8]) {
    let body = envelope.body.memory_message_mut().expect("memory");
    // SAFETY: the library allocated the buffer for this message, and nobody else looks at it.
    let page: &mut [u8] = unsafe { body.buf.as_slice_mut() };
    page[..answer.len()].copy_from_slice(answer);
}

fn register(table: &mut BTreeMap<Vec<u8>, SID>, envelope: &mut MessageEnvelope) {
    let sid = xous::create_server_id().expect("a SID");
    table.insert(name(envelope), sid);
    let words = sid.to_array();
    let answer: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    write(envelope, &answer);
}

/// Connects whoever asks; 0 is no CID, and says that the name is unknown.
fn connect(table: &BTreeMap<Vec<u8>, SID>, envelope: &mut MessageEnvelope) {
    let client = envelope.sender.pid().expect("a PID");
    let found = table.get(&name(envelope));
    let cid = found.map_or(0, |sid| connect_for(client, *sid));
    write(envelope, &cid.to_le_bytes());
}

fn connect_for(client: PID, sid: SID) -> xous::CID {
    match xous::connect_for_process(client, sid) {
        Ok(Result::ConnectionID(cid)) => cid,
        other => panic!("a connection was expected, not {other:?}"),
    }
}

/// Asks the name service; what it writes over the name.
fn request(id: usize, name: &str) -> Vec<u8> {
    let service = xous::connect(sid(SERVICE)).expect("a connection");
    let mut page = vec![0; 4096];
    page[..name.len()].copy_from_slice(name.as_bytes());
    let page = buffer(&page);
    let body = memory(id, page, 0, name.len());
    xous::send_message(service, Message::MutableBorrow(body)).expect("an answer");
    bytes(&page).to_vec()
}

fn word(bytes: &[u8], index: usize) -> u32 {
    u32::from_le_bytes(
        bytes[4 * index..4 * index + 4]
            .try_into()
            .expect("four bytes"),
    )
}

fn server(name: &str) {
    let answer = request(REGISTER, name);
    let [a, b, c, d] = [0, 1, 2, 3].map(|index| word(&answer, index));
    let sid = xous::create_server_with_sid(SID::from_u32(a, b, c, d)).expect("a server");
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        xous::return_scalar(envelope.sender, ANSWER).expect("an answer");
    }
}

fn client(name: &str) {
    assert_eq!(word(&request(LOOKUP, "nobody has this name"), 0), 0);
    let mut cid = 0;
    while cid == 0 {
        cid = word(&request(LOOKUP, name), 0);
    }
    assert_eq!(ask(cid, 0, 0), Ok(ANSWER));
    assert_eq!(
        word(&request(LOOKUP, name), 0),
        cid,
        "the same connection again"
    );
    done()
}
