//! A server that dies and comes back, and a client that lives on: `restart`, which starts the servers itself.
//!
//! Each death leaves a tombstone in the client's connection map: the CID stays dead, a new connect takes another slot,
//! and after 32 of them there is none left, until one is given up with disconnect.

use std::process::{Child, Command};
use xous::{CID, Error, Message, ProcessInit, ProcessKey, Result, SysCall};
use xous_sim_clients::{arguments, ask, done, sid};

const NAME: &str = "restart";
const STOP: usize = 1;
const SLOTS: u8 = 32;

fn main() {
    match arguments().first() {
        Some(_) => server(),
        None => client(),
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
        xous::return_scalar(envelope.sender, 0).expect("an answer");
    }
}

fn client() {
    let mut dead: Vec<CID> = Vec::new();
    for round in 0..SLOTS {
        let mut child = start(round);
        let server = xous::connect(sid(NAME)).expect("a connection");
        assert!(!dead.contains(&server), "a tombstone was used again");
        assert_eq!(ask(server, 0, 0), Ok(0));
        stop(&mut child, server);
        dead.push(server);
    }
    assert_eq!(xous::connect(sid(NAME)), Err(Error::OutOfMemory));
    // SAFETY: nobody uses this connection any more.
    unsafe { xous::disconnect(dead[5]) }.expect("a tombstone can be given up");
    let mut child = start(SLOTS);
    assert_eq!(xous::connect(sid(NAME)), Ok(dead[5]));
    stop(&mut child, dead[5]);
    done()
}

/// Starts the server anew: a process of the kernel, and a program with its key.
fn start(round: u8) -> Child {
    let key = ProcessKey::new([round + 1; 16]);
    let created = xous::rsyscall(SysCall::CreateProcess(ProcessInit { key }));
    let Ok(Result::NewProcess(process)) = created else {
        panic!("a process was expected, not {created:?}");
    };
    Command::new(std::env::current_exe().expect("a path"))
        .arg("server")
        .env("XOUS_PID", process.pid().to_string())
        .env("XOUS_PROCESS_KEY", key.to_string())
        .spawn()
        .expect("a program")
}

/// Ends the server; its connection is dead then.
fn stop(child: &mut Child, server: CID) {
    xous::send_message(server, Message::new_scalar(STOP, 0, 0, 0, 0)).expect("sent");
    child.wait().expect("an end");
    assert_eq!(ask(server, 0, 0), Err(Error::ServerNotFound));
}
