//! The published wrappers of Xous themselves, `xous-api-names` and `xous-api-ticktimer`, on a kernel that serves names:
//! `published server NAME`, `published ticktimer`, `published client NAME`.
//!
//! They have many dependencies, so this package is a workspace of its own.

use xous_api_names::XousNames;
use xous_api_ticktimer::Ticktimer;
use xous_sim_clients::{arguments, ask, done};

const ANSWER: usize = 42;

fn main() {
    match arguments().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", name] => server(name),
        ["ticktimer"] => ticktimer(),
        ["client", name] => client(name),
        ref other => panic!("server NAME, ticktimer or client NAME; not {other:?}"),
    }
}

fn server(name: &str) {
    let names = XousNames::new().expect("the name server");
    let sid = names.register_name(name, Some(2)).expect("a free name");
    assert!(
        names.register_name(name, None).is_err(),
        "the name is taken"
    );
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        xous::return_scalar(envelope.sender, ANSWER).expect("an answer");
    }
}

/// Counts milliseconds, one a question.
fn ticktimer() {
    let sid = xous::create_server_with_address(b"ticktimer-server").expect("a server");
    let mut now = 0;
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        now += 1;
        xous::return_scalar2(envelope.sender, now, 0).expect("an answer");
    }
}

fn client(name: &str) {
    let names = XousNames::new().expect("the name server");
    let unknown = names.request_connection("nobody has this name");
    assert_eq!(unknown, Err(xous::Error::ServerNotFound));
    let server = names
        .request_connection_blocking(name)
        .expect("a connection");
    assert_eq!(ask(server, 0, 0), Ok(ANSWER));
    let (again, token) = names
        .request_connection_with_token(name)
        .expect("a connection");
    assert_eq!(again, server, "the same connection again");
    let over = names.request_connection(name);
    assert_eq!(over, Err(xous::Error::ServerNotFound), "the limit is 2");
    assert_eq!(names.trusted_init_done(), Ok(true));
    let token = token.expect("a token");
    assert_eq!(names.disconnect_with_token(name, token), Ok(()));
    assert_eq!(
        names.disconnect_with_token(name, token),
        Err(xous::Error::ServerNotFound)
    );
    assert_eq!(names.trusted_init_done(), Ok(false));

    let timer = Ticktimer::new().expect("a ticktimer");
    let before = timer.elapsed_ms();
    assert!(timer.elapsed_ms() > before);
    done()
}
