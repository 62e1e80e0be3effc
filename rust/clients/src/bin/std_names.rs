//! The kernel's own name server, by the raw page that std uses: `std_names`, on a kernel that serves names.
//!
//! Nothing is registered here: a try for an unknown name is refused, and a blocking connect waits.

use xous::Message;
use xous_sim_clients::{buffer, bytes, done, memory};

const TRY_CONNECT: usize = 7;
const REFUSED: u32 = 1;
const SERVER_NOT_FOUND: u32 = 5;
const INVALID_STRING: u32 = 3;

fn main() {
    let names = xous::SID::from_bytes(b"xous-name-server").expect("16 bytes");
    let names = xous::connect(names).expect("a connection");
    assert_eq!(
        try_connect(names, b"nobody has this name"),
        [REFUSED, SERVER_NOT_FOUND]
    );
    assert_eq!(try_connect(names, b"\xff\xff"), [REFUSED, INVALID_STRING]);
    done()
}

/// The first words of the page that comes back.
fn try_connect(names: xous::CID, name: &[u8]) -> [u32; 2] {
    let mut page = vec![0; 4096];
    page[..name.len()].copy_from_slice(name);
    page[64] = name.len() as u8;
    let page = buffer(&page);
    let body = memory(TRY_CONNECT, page, 0, name.len());
    let answer = xous::send_message(names, Message::MutableBorrow(body));
    assert_eq!(answer, Ok(xous::Result::MemoryReturned(None, None)));
    let words = bytes(&page)
        .chunks_exact(4)
        .map(|word| word.try_into().expect("four bytes"));
    let words: Vec<u32> = words.map(u32::from_le_bytes).take(2).collect();
    [words[0], words[1]]
}
