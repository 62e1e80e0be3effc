//! The buffers in which the library, `xous-api-names`, sends operations 0, 1 and 4 and gets their results: rkyv 0.8.
//!
//! The root object ends at the message's `offset`. Fields lie as in a C struct, little endian: a string is eight bytes,
//! itself where it fits (the rest being 0xff), else a length, marked by the two highest bits of its first byte, and an
//! offset from where it stands; an option and an enum are a tag in four bytes and what it holds. Checked against the
//! published crates, which are programs of the tests.

use xous_sim_kernel::names::{Request, Response};

const REGISTER: u64 = 0;
const LOOKUP: u64 = 1;
const AUTHENTICATED_LOOKUP: u64 = 2;
const DISCONNECT: u64 = 4;

const STRING: usize = 8;
const REGISTRATION: usize = STRING + 8;
const DISCONNECTION: usize = STRING + 16;
/// The enum `Return`, as large as its largest variant: a string, 20 bytes and four words.
const RETURN: usize = 4 + STRING + 20 + 16;

/// The request of an operation in the first `used` bytes of a buffer; none where there is none.
pub(super) fn decode(operation: u64, page: &[u8], used: u64) -> Option<Request> {
    let bytes = page.get(..usize::try_from(used).ok()?)?;
    let root = |size: usize| bytes.len().checked_sub(size);
    match operation {
        REGISTER => {
            let at = root(REGISTRATION)?;
            let limit = (word(bytes, at + STRING)? & 0xff == 1).then(|| word(bytes, at + 12));
            let (name, limit) = (string(bytes, at)?, limit.flatten());
            Some(Request::Register { name, limit })
        }
        LOOKUP => Some(Request::Lookup(string(bytes, root(STRING)?)?)),
        AUTHENTICATED_LOOKUP => Some(Request::AuthenticatedLookup),
        DISCONNECT => {
            let at = root(DISCONNECTION)?;
            let part = |n: usize| word(bytes, at + STRING + 4 * n);
            let (name, token) = (string(bytes, at)?, [part(0)?, part(1)?, part(2)?, part(3)?]);
            Some(Request::Disconnect { name, token })
        }
        _ => None,
    }
}

/// Writes a result over the start of a buffer: how many bytes it takes, or none if it is no result of these operations
/// or does not fit.
pub(super) fn encode(response: &Response, page: &mut [u8]) -> Option<u64> {
    let number = response.return_number()?;
    let root = page.get_mut(..RETURN)?;
    root.fill(0);
    put(root, 0, &[number]);
    match *response {
        Response::Sid(sid) => put(root, 4, &sid.0),
        Response::Connection(cid, token) => {
            put(root, 4, &[cid.0, 1]);
            put(root, 12, &token);
        }
        // It repeats the name, which nobody reads: an empty one.
        Response::AuthenticateRequest => root[4..4 + STRING].fill(0xff),
        _ => {}
    }
    Some(RETURN as u64)
}

fn put(bytes: &mut [u8], at: usize, words: &[u32]) {
    for (place, word) in bytes[at..].chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().expect("four bytes")))
}

fn string(bytes: &[u8], at: usize) -> Option<String> {
    let own = bytes.get(at..at.checked_add(STRING)?)?;
    let text = match own[0] & 0xc0 == 0x80 {
        true => elsewhere(bytes, at)?,
        false => own.split(|byte| *byte == 0xff).next().unwrap_or_default(),
    };
    String::from_utf8(text.to_vec()).ok()
}

/// The text of a string that does not fit into its eight bytes.
fn elsewhere(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let marked = word(bytes, at)?;
    let length = (marked & 0x3f | (marked & !0xff) >> 2) as usize;
    let offset = word(bytes, at + 4)? as i32;
    let begin = at.checked_add_signed(isize::try_from(offset).ok()?)?;
    bytes.get(begin..begin.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xous_sim_kernel::{Cid, Sid};

    #[test]
    fn a_short_name_lies_in_the_string_itself() {
        assert_eq!(
            decode(LOOKUP, b"ab\xff\xff\xff\xff\xff\xff", 8),
            Some(Request::Lookup("ab".into()))
        );
        assert_eq!(
            decode(LOOKUP, b"abcdefgh", 8),
            Some(Request::Lookup("abcdefgh".into()))
        );
    }

    #[test]
    fn a_long_name_lies_where_the_string_says() {
        let mut page = [b'x'; 70].to_vec();
        page.extend([0x80 | 6, 1, 0, 0]);
        page.extend((-70_i32).to_le_bytes());
        assert_eq!(
            decode(LOOKUP, &page, 78),
            Some(Request::Lookup("x".repeat(70)))
        );
    }

    #[test]
    fn what_lies_outside_the_buffer_is_no_request() {
        let mut page = vec![0x80 | 6, 1, 0, 0];
        page.extend((-70_i32).to_le_bytes());
        for operation in 0..8 {
            for used in [0, 7, 8, 9, u64::MAX] {
                let _ = decode(operation, &page, used);
            }
        }
        assert_eq!(decode(LOOKUP, &page, 8), None);
    }

    #[test]
    fn a_result_has_its_number_first() {
        let mut page = vec![9; 64];
        let sid = Response::Sid(Sid([1, 2, 3, 4]));
        assert_eq!(encode(&sid, &mut page), Some(48));
        assert_eq!(
            page[..20],
            [2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]
        );
        let connection = Response::Connection(Cid(7), [1, 2, 3, 4]);
        assert_eq!(encode(&connection, &mut page), Some(48));
        assert_eq!(page[..16], [3, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(encode(&connection, &mut [0; 40]), None);
    }
}
