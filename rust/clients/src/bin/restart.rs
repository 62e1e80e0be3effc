//! A server that dies and comes back, and a client that lives on: `restart server`, again and again, and `restart client`.
//!
//! Each death leaves a tombstone in the client's connection map: the CID stays dead, a new connect takes another slot,
//! and after 32 of them there is none left, until one is given up with disconnect.

use xous::{CID, Error};
use xous_sim_clients::{arguments, ask, done, sid};

const NAME: &str = "restart";
const STOP: usize = 1;
const SLOTS: usize = 32;

fn main() {
    match arguments().first().map(String::as_str) {
        Some("server") => server(),
        Some("client") => client(),
        other => panic!("server or client, not {other:?}"),
    }
}

/// Serves until it is told to end.
fn server() {
    let sid = xous::create_server_with_sid(sid(NAME)).expect("a server");
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        if envelope.id() == STOP {
            xous::terminate_process(0);
        }
        if envelope.body.is_blocking() {
            xous::return_scalar(envelope.sender, 0).expect("an answer");
        }
    }
}

fn client() {
    let mut dead: Vec<CID> = Vec::new();
    for _ in 0..SLOTS {
        let server = xous::connect(sid(NAME)).expect("a connection");
        assert!(!dead.contains(&server), "a tombstone was used again");
        assert_eq!(ask(server, 0, 0), Ok(0));
        stop(server);
        dead.push(server);
    }
    assert_eq!(xous::connect(sid(NAME)), Err(Error::OutOfMemory));
    // SAFETY: nobody uses this connection any more.
    unsafe { xous::disconnect(dead[5]) }.expect("a tombstone can be given up");
    assert_eq!(xous::connect(sid(NAME)), Ok(dead[5]));
    done()
}

/// Ends the server, and waits until its connection is dead.
fn stop(server: CID) {
    xous::send_message(server, xous::Message::new_scalar(STOP, 0, 0, 0, 0)).expect("sent");
    let probe = || xous::try_send_message(server, xous::Message::new_scalar(0, 0, 0, 0, 0));
    while probe() != Err(Error::ServerNotFound) {
        std::thread::yield_now();
    }
}
