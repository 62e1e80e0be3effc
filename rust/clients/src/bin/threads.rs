//! As many threads in a process as fit: main and 30 more, all of which call, `threads ROUNDS` times; the next one does
//! not get a TID.
//!
//! TID 1 is the kernel's phantom, so 2 to 32 are left.

use std::collections::BTreeSet;
use xous::{Error, SysCall};
use xous_sim_clients::{arguments, ask, done, sid};

const NAME: &str = "threads";
const MORE: usize = 30;

fn main() {
    let server = xous::create_thread(serve).expect("a thread");
    let others: Vec<_> = (1..MORE)
        .map(|_| xous::create_thread(|| client(&mut BTreeSet::new())).expect("a thread"))
        .collect();
    let mut tids = BTreeSet::new();
    client(&mut tids);
    assert_eq!(tids, BTreeSet::from([2]));
    for thread in others {
        xous::wait_thread(thread).expect("an end");
    }
    let one_more = xous::rsyscall(SysCall::CreateThread(xous::ThreadInit {}));
    assert_eq!(one_more, Err(Error::ThreadNotAvailable));
    drop(server);
    done()
}

/// Answers with the TID that was sent.
fn serve() {
    let sid = xous::create_server_with_sid(sid(NAME)).expect("a server");
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        let argument = envelope.body.scalar_message().expect("a scalar").arg1;
        xous::return_scalar(envelope.sender, argument).expect("an answer");
    }
}

fn rounds() -> usize {
    arguments()[0].parse().expect("a number")
}

fn client(tids: &mut BTreeSet<usize>) {
    let tid = xous::current_tid().expect("a TID");
    assert!((2..=32).contains(&tid));
    let server = xous::connect(sid(NAME)).expect("a connection");
    for _ in 0..rounds() {
        assert_eq!(ask(server, 1, tid), Ok(tid));
    }
    tids.insert(tid);
}
