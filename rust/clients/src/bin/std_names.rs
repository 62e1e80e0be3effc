//! The kernel's own name server, by the raw page that std uses: `std_names server NAME`, `std_names client NAME`, on a kernel
//! that serves names.
//!
//! Only libraries register names, in a buffer of rkyv; the server writes down the one of a short name, byte by byte. The
//! client connects as std does and needs no such thing.

use xous::{CID, MemorySize, Message, SID};
use xous_sim_clients::{arguments, ask, buffer, bytes, done, memory};

const REGISTER: usize = 0;
const BLOCKING_CONNECT: usize = 6;
const TRY_CONNECT: usize = 7;

const CONNECTED: u32 = 0;
const REFUSED: u32 = 1;
const SERVER_NOT_FOUND: u32 = 5;
const INVALID_STRING: u32 = 3;

const PAGE: usize = 4096;
const ANSWER: usize = 42;

fn main() {
    match arguments().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", name] => server(name),
        ["client", name] => client(name),
        ref other => panic!("server NAME or client NAME; not {other:?}"),
    }
}

fn names() -> CID {
    let names = SID::from_bytes(b"xous-name-server").expect("16 bytes");
    xous::connect(names).expect("a connection")
}

fn server(name: &str) {
    let sid = xous::create_server_with_sid(register(name)).expect("a server");
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        xous::return_scalar(envelope.sender, ANSWER).expect("an answer");
    }
}

/// Registers a name of eight bytes at most, which any number of clients may use; the SID that it gets.
fn register(name: &str) -> SID {
    const WITHOUT_LIMIT: [u8; 8] = [0; 8];
    const SID_RESULT: u32 = 2;
    let mut request = vec![0xff; 8];
    request[..name.len()].copy_from_slice(name.as_bytes());
    request.extend(WITHOUT_LIMIT);
    let used = request.len();
    request.resize(PAGE, 0);
    let answer = lend(names(), REGISTER, &request, used, PAGE);
    let [result, a, b, c, d, _] = answer.words;
    assert_eq!((result, answer.valid), (SID_RESULT, MemorySize::new(PAGE)));
    SID::from_u32(a, b, c, d)
}

fn client(name: &str) {
    let names = names();
    let connected = connect(names, BLOCKING_CONNECT, name.as_bytes());
    let [CONNECTED, cid, ..] = connected else {
        panic!("a connection was expected, not {connected:?}")
    };
    assert_eq!(ask(cid, 0, 0), Ok(ANSWER));
    assert_eq!(connect(names, TRY_CONNECT, name.as_bytes()), connected);
    let refused = |name| connect(names, TRY_CONNECT, name)[..2].to_vec();
    assert_eq!(
        refused(b"nobody has this name"),
        [REFUSED, SERVER_NOT_FOUND]
    );
    assert_eq!(refused(b"\xff\xff"), [REFUSED, INVALID_STRING]);
    done()
}

/// Asks by the raw page: the name, and its length behind it. The first words of the page that comes back.
fn connect(names: CID, operation: usize, name: &[u8]) -> [u32; 6] {
    let mut page = vec![0; PAGE];
    page[..name.len()].copy_from_slice(name);
    page[64] = name.len() as u8;
    let answer = lend(names, operation, &page, 0, name.len());
    assert_eq!((answer.offset, answer.valid), (None, None));
    answer.words
}

/// What comes back of a page that was lent.
struct Answer {
    offset: Option<MemorySize>,
    valid: Option<MemorySize>,
    words: [u32; 6],
}

fn lend(names: CID, operation: usize, page: &[u8], offset: usize, valid: usize) -> Answer {
    let page = buffer(page);
    let body = memory(operation, page, offset, valid);
    let answer = xous::send_message(names, Message::MutableBorrow(body));
    let Ok(xous::Result::MemoryReturned(offset, valid)) = answer else {
        panic!("the page was expected, not {answer:?}")
    };
    let mut words = bytes(&page).chunks_exact(4);
    let word = |_| words.next().expect("a page has many").try_into();
    Answer {
        offset,
        valid,
        words: std::array::from_fn(word).map(|word| u32::from_le_bytes(word.expect("four bytes"))),
    }
}
