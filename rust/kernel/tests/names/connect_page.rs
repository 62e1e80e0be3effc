//! The raw page of operations 6 and 7, and the protocol's numbers.

use crate::world::*;
use xous_sim_kernel::names::*;
use xous_sim_kernel::*;

#[test]
fn a_request_page_holds_name_and_length() {
    let (page, valid) = encode_request("ticktimer");
    assert_eq!((page.len(), valid), (4096, 9));
    assert_eq!(
        (&page[..9], &page[64..68]),
        (&b"ticktimer"[..], &[9, 0, 0, 0][..])
    );
    assert_eq!(decode_request(&page, valid).as_deref(), Ok("ticktimer"));
}

#[test]
fn a_request_page_that_makes_no_name_has_a_code() {
    assert_eq!(
        decode_request(&[0; 4096], 4097),
        Err(ConnectCode::InvalidMemoryBuffer)
    );
    assert_eq!(
        decode_request(&[0xFF; 4096], 3),
        Err(ConnectCode::InvalidString)
    );
    assert_eq!(
        decode_request(&[0; 4096], 0).map(|name| name.len()),
        Ok(4096)
    );
}

#[test]
fn the_library_cuts_a_long_name_at_sixty_four_bytes_which_is_still_too_long() {
    let (page, valid) = encode_request(&"x".repeat(100));
    let mut world = World::new(Fidelity::Faithful);
    world.ask(
        3,
        Request::TryConnect(decode_request(&page, valid).expect("ASCII")),
    );
    assert_eq!(world.names.crashed(), Some(Crash::NameTooLong));
}

#[test]
fn responses_survive_the_raw_page() {
    let mut page = encode_request("a").0;
    for response in [
        Response::Connected(Cid(33), [1, 2, 3, 4]),
        Response::Refused(ConnectCode::ServerNotFound),
    ] {
        assert!(encode_response(&response, &mut page));
        assert_eq!(decode_response(&page), Some(response));
    }
    assert_eq!(&page[..8], &[1, 0, 0, 0, 5, 0, 0, 0]);
    assert!(
        !encode_response(&Response::Success, &mut page),
        "this is an answer to no raw operation"
    );
}

#[test]
fn requests_and_returns_have_the_protocols_numbers() {
    assert_eq!(
        [register("a", None), lookup("a"), blocking("a"), trying("a")]
            .map(|request| request.opcode()),
        [0, 1, 6, 7]
    );
    assert_eq!(
        Response::Connection(Cid(2), [0; 4]).return_number(),
        Some(3)
    );
    assert_eq!(Response::Connected(Cid(2), [0; 4]).return_number(), None);
}
