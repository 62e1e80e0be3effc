//! Two servers and many clients that talk to both: `crowd server NAME`, `crowd client NAME OTHER ROUNDS`.

use xous_sim_clients::{arguments, ask, done, sid};

fn main() {
    match arguments().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", name] => server(name),
        ["client", first, second, rounds] => {
            client([first, second], rounds.parse().expect("a number"))
        }
        ref other => panic!("server NAME, or client NAME OTHER ROUNDS; not {other:?}"),
    }
}

/// Answers with the argument, multiplied by the length of its own name.
fn server(name: &str) {
    let sid = xous::create_server_with_sid(sid(name)).expect("a server");
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        let argument = envelope.body.scalar_message().expect("a scalar").arg1;
        xous::return_scalar(envelope.sender, argument * name.len()).expect("an answer");
    }
}

fn client(names: [&str; 2], rounds: usize) {
    for round in 0..rounds {
        for name in names {
            let server = xous::connect(sid(name)).expect("a connection");
            assert_eq!(ask(server, 1, round), Ok(round * name.len()));
        }
    }
    done()
}
