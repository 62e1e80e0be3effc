//! The raw page of operations 6 and 7: names and connections without rkyv, as libstd sends them.
//!
//! Models both directions byte by byte, and the checks that the server makes of a request. Leaves out the
//! message around it: its `valid` word, which is the name's length in a request, is an argument here; a response
//! leaves both `offset` and `valid` 0.

use super::protocol::{ConnectCode, Response};
use crate::Cid;

/// Bytes that a client lends.
pub const CONNECT_PAGE_BYTES: usize = 4096;
/// Senders put the name's length here too; the server reads `valid` instead.
const LENGTH_OFFSET: usize = 64;

/// The page that a client lends and its `valid` word. A name beyond 64 bytes is cut, as the library cuts it.
pub fn encode_request(name: &str) -> (Vec<u8>, u64) {
    let name = &name.as_bytes()[..name.len().min(LENGTH_OFFSET)];
    let mut page = vec![0; CONNECT_PAGE_BYTES];
    page[..name.len()].copy_from_slice(name);
    page[LENGTH_OFFSET..LENGTH_OFFSET + 4].copy_from_slice(&(name.len() as u32).to_le_bytes());
    (page, name.len() as u64)
}

/// The name in a page that the server got. With `valid` = 0 the whole page is the name.
///
/// # Errors
/// The code to answer with: `valid` is beyond the page, or the name is not UTF-8.
pub fn decode_request(page: &[u8], valid: u64) -> Result<String, ConnectCode> {
    let length = if valid == 0 { page.len() as u64 } else { valid };
    if length > page.len() as u64 {
        return Err(ConnectCode::InvalidMemoryBuffer);
    }
    let name = page[..length as usize].to_vec();
    String::from_utf8(name).map_err(|_| ConnectCode::InvalidString)
}

/// Writes the response over the start of the page: six words of a success, two of a failure.
///
/// Returns false, with the page unchanged, if the page is too short or this is no response to operation 6 or 7.
pub fn encode_response(response: &Response, page: &mut [u8]) -> bool {
    let words = match *response {
        Response::Connected(cid, [t0, t1, t2, t3]) => vec![0, cid.0, t0, t1, t2, t3],
        Response::Refused(code) => vec![1, code as u32],
        _ => return false,
    };
    let Some(start) = page.get_mut(..4 * words.len()) else {
        return false;
    };
    for (bytes, word) in start.chunks_exact_mut(4).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    true
}

/// What a client reads from the page that it gets back; none if no server writes this.
pub fn decode_response(page: &[u8]) -> Option<Response> {
    let word = |index: usize| {
        let bytes = page.get(4 * index..4 * index + 4)?;
        Some(u32::from_le_bytes(
            bytes.try_into().expect("the range has four bytes"),
        ))
    };
    match word(0)? {
        0 => Some(Response::Connected(
            Cid(word(1)?),
            [word(2)?, word(3)?, word(4)?, word(5)?],
        )),
        1 => ConnectCode::from_number(word(1)?).map(Response::Refused),
        _ => None,
    }
}
