//! What the hosted kernel does around a system call, in each mode.

mod pure;

use pure::{Desk, OTHER, SID, thread};
use xous_sim_hosted::exchange::{Address, Cut, Output};
use xous_sim_hosted::wire::{Packet, call_packet};
use xous_sim_kernel::{
    Caller, Cid, Error, Fidelity, MemoryRange, Message, MessageKind, SysResult, Syscall, Tid,
};

const CLIENT: Caller = caller(2, 2);
const SERVER: Caller = caller(3, 2);

const fn caller(pid: u8, tid: u8) -> Caller {
    match xous_sim_kernel::Pid::new(pid) {
        Some(pid) => Caller { pid, tid: Tid(tid) },
        None => panic!("a PID is not 0"),
    }
}

/// A lend of some bytes.
fn lend(cid: Cid) -> Syscall {
    let mut message = Message::from_words(MessageKind::MutableBorrow, [0, 0x1000, 5, 0, 0]);
    message.memory_mut().expect("memory").payload = b"bytes".to_vec();
    Syscall::SendMessage { cid, message }
}

fn send(cid: Cid) -> Syscall {
    let message = Message::scalar(0, [0; 4]);
    Syscall::SendMessage { cid, message }
}

#[test]
fn a_connect_waits_for_its_server_in_safe_mode() {
    let mut desk = Desk::new(Fidelity::Safe);
    assert_eq!(desk.call(CLIENT, &Syscall::Connect { sid: SID }), None);
    desk.create(SERVER, OTHER);
    assert_eq!(desk.answer(CLIENT), None);
    desk.create(SERVER, SID);
    assert_eq!(desk.answer(CLIENT), Some(SysResult::ConnectionId(Cid(2))));
}

#[test]
fn a_connect_is_to_be_repeated_in_faithful_mode() {
    let mut desk = Desk::new(Fidelity::Faithful);
    let connect = Syscall::Connect { sid: SID };
    assert_eq!(desk.call(CLIENT, &connect), Some(SysResult::RetryCall));
    desk.create(SERVER, SID);
    let cid = SysResult::ConnectionId(Cid(2));
    assert_eq!(desk.call(CLIENT, &connect), Some(cid));
}

#[test]
fn a_send_waits_for_room_and_keeps_its_place() {
    let mut desk = Desk::new(Fidelity::Safe);
    desk.create(SERVER, SID);
    let cid = desk.connect(CLIENT, SID);
    for _ in 0..64 {
        assert_eq!(desk.call(CLIENT, &send(cid)), Some(SysResult::Ok));
    }
    let threads = [3, 4].map(|tid| thread(2, tid));
    for late in threads {
        assert_eq!(desk.call(late, &send(cid)), None);
    }
    desk.call(SERVER, &Syscall::ReceiveMessage { sid: SID });
    assert_eq!(desk.answer(threads[0]), Some(SysResult::Ok));
    assert_eq!(desk.answer(threads[1]), None);
    desk.exchange.leave(SERVER.pid);
    let gone = SysResult::Error(Error::ServerNotFound);
    assert_eq!(desk.answer(threads[1]), Some(gone));
}

#[test]
fn an_error_gives_lent_bytes_back_in_safe_mode_only() {
    let mut safe = Desk::new(Fidelity::Safe);
    let error = Error::ServerNotFound;
    let payload = b"bytes".to_vec();
    assert_eq!(
        safe.call(CLIENT, &lend(Cid(9))),
        Some(SysResult::LendFailed { error, payload })
    );
    let mut faithful = Desk::new(Fidelity::Faithful);
    assert_eq!(
        faithful.call(CLIENT, &lend(Cid(9))),
        Some(SysResult::Error(error))
    );
}

#[test]
fn as_many_bytes_come_back_as_were_lent() {
    let mut desk = Desk::new(Fidelity::Safe);
    desk.create(SERVER, SID);
    let cid = desk.connect(CLIENT, SID);
    for returned in [b"".to_vec(), b"by".to_vec(), b"more bytes".to_vec()] {
        assert_eq!(desk.call(CLIENT, &lend(cid)), None);
        let received = desk.call(SERVER, &Syscall::ReceiveMessage { sid: SID });
        let Some(SysResult::MessageEnvelope(envelope)) = received else {
            panic!("{received:?}")
        };
        assert_eq!(envelope.message.memory().expect("memory").payload, b"bytes");
        let (address, length) = (0x2000, returned.len().max(1) as u64);
        desk.call(
            SERVER,
            &Syscall::ReturnMemory {
                sender: envelope.sender,
                range: xous_sim_kernel::MemoryRange { address, length },
                offset: 3,
                valid: 4,
                payload: returned.clone(),
            },
        );
        let mut payload = returned;
        payload.resize(5, 0);
        let answer = SysResult::MemoryReturned {
            offset: 3,
            valid: 4,
            payload,
        };
        assert_eq!(desk.answer(CLIENT), Some(answer));
    }
}

#[test]
fn the_client_is_answered_before_its_server() {
    let mut desk = Desk::new(Fidelity::Safe);
    desk.create(SERVER, SID);
    let cid = desk.connect(CLIENT, SID);
    desk.ask(CLIENT, cid);
    let received = desk.call(SERVER, &Syscall::ReceiveMessage { sid: SID });
    let Some(SysResult::MessageEnvelope(envelope)) = received else {
        panic!("{received:?}")
    };
    let answer = Syscall::ReturnScalar1 {
        sender: envelope.sender,
        value: 7,
    };
    desk.exchange
        .receive(SERVER.pid, call_packet(2, &answer))
        .expect("a good call");
    let output = desk.exchange.take_output();
    let to = output.iter().map(|one| match one {
        Output::Send(pid, _) | Output::Close(pid) => pid.get(),
    });
    assert_eq!(to.collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_thread_without_a_tid_gets_the_next_one_under_the_number_that_it_gave() {
    let mut desk = Desk::new(Fidelity::Safe);
    let create = Syscall::CreateThread {
        entry: 0,
        stack: 0,
        stack_length: 0,
        arguments: [0; 4],
    };
    for (fake, tid) in [(65_536, 2), (65_537, 3), (u64::MAX, 4)] {
        desk.exchange
            .receive(CLIENT.pid, call_packet(fake, &create))
            .expect("a good call");
        let output = desk.exchange.take_output();
        let [Output::Send(_, packet)] = &output[..] else {
            panic!("{output:?}")
        };
        assert_eq!((packet.thread, &packet.words[..2]), (fake, &[10, tid][..]));
    }
}

#[test]
fn a_connection_beyond_32_bits_is_none_when_safe_and_its_low_half_when_faithful() {
    let words = |number, kind| [number, (1 << 32) | 2, kind, 0, 1, 1, 0, 0];
    let packet = |words| Packet {
        thread: 2,
        words,
        payload: Vec::new(),
    };
    let scalar = MessageKind::Scalar.syscall_number();
    let mut safe = Desk::new(Fidelity::Safe);
    safe.create(CLIENT, SID);
    safe.exchange
        .receive(CLIENT.pid, packet(words(24, scalar)))
        .expect("a good call");
    assert_eq!(
        safe.answer(CLIENT),
        Some(SysResult::Error(Error::ServerNotFound))
    );
    let mut faithful = Desk::new(Fidelity::Faithful);
    faithful.create(CLIENT, SID);
    faithful
        .exchange
        .receive(CLIENT.pid, packet(words(24, scalar)))
        .expect("a good call");
    assert_eq!(faithful.answer(CLIENT), Some(SysResult::Ok));
    let cut = faithful
        .exchange
        .receive(CLIENT.pid, packet(words(16, scalar)));
    assert_eq!(cut, Err(Cut::WideConnection));
}

#[test]
fn what_cannot_be_decoded_is_never_answered_in_faithful_mode_and_holds_nobody_up() {
    let mut desk = Desk::new(Fidelity::Faithful);
    let words = [30, 0, 0, 0, 0, 0, 0, 0];
    let packet = Packet {
        thread: 2,
        words,
        payload: Vec::new(),
    };
    desk.exchange
        .receive(CLIENT.pid, packet.clone())
        .expect("silence");
    assert_eq!(desk.answer(CLIENT), None);
    assert_eq!(desk.exchange.receive(CLIENT.pid, packet), Ok(()));
    let own = SysResult::ProcessId(CLIENT.pid);
    assert_eq!(desk.call(CLIENT, &Syscall::GetProcessId), Some(own));
}

#[test]
fn held_calls_are_made_and_held_answers_sent_as_they_are_chosen() {
    let mut desk = Desk::holding();
    let [client, server] = [CLIENT, SERVER].map(Address::of);
    assert_eq!(
        desk.call(SERVER, &Syscall::CreateServerWithAddress { sid: SID }),
        None
    );
    assert_eq!(desk.exchange.moves(), [server]);
    desk.exchange.take(server);
    assert!(desk.answer(SERVER).is_some());

    desk.call(CLIENT, &Syscall::Connect { sid: SID });
    desk.exchange.take(client);
    assert_eq!(desk.answer(CLIENT), Some(SysResult::ConnectionId(Cid(2))));
    desk.call(SERVER, &Syscall::ReceiveMessage { sid: SID });
    desk.exchange.take(server);
    assert_eq!((desk.answer(SERVER), desk.exchange.moves()), (None, vec![]));

    desk.send(CLIENT, Cid(2));
    desk.exchange.take(client);
    assert_eq!(desk.answer(CLIENT), Some(SysResult::Ok));
    assert_eq!(
        (desk.answer(SERVER), desk.exchange.moves()),
        (None, vec![server])
    );
    desk.exchange.take(server);
    assert!(matches!(
        desk.answer(SERVER),
        Some(SysResult::MessageEnvelope(_))
    ));
    let taken: Vec<String> = desk
        .exchange
        .taken()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        taken,
        [
            "3/2 calls 14",
            "2/2 calls 17",
            "3/2 calls 15",
            "2/2 calls 16",
            "3/2 is answered"
        ]
    );
}

#[test]
fn a_held_connect_can_be_chosen_again_only_when_something_has_changed() {
    let mut desk = Desk::holding();
    let [client, server] = [CLIENT, SERVER].map(Address::of);
    desk.call(CLIENT, &Syscall::Connect { sid: SID });
    desk.exchange.take(client);
    assert_eq!(desk.exchange.moves(), []);
    desk.call(SERVER, &Syscall::CreateServerWithAddress { sid: SID });
    desk.exchange.take(server);
    assert_eq!(desk.exchange.moves(), [client]);
    desk.exchange.take(client);
    assert_eq!(desk.answer(CLIENT), Some(SysResult::ConnectionId(Cid(2))));
}

#[test]
fn an_answer_for_a_thread_that_waits_for_none_is_sent_by_a_faithful_kernel_only() {
    for fidelity in [Fidelity::Safe, Fidelity::Faithful] {
        let mut desk = Desk::new(fidelity);
        desk.create(SERVER, SID);
        let cid = desk.connect(CLIENT, SID);
        desk.ask(CLIENT, cid);
        let received = desk.call(SERVER, &Syscall::ReceiveMessage { sid: SID });
        let Some(SysResult::MessageEnvelope(envelope)) = received else {
            panic!("{received:?}")
        };
        desk.exchange.leave(CLIENT.pid);
        let key = xous_sim_hosted::wire::Key([9; 16]);
        assert_eq!(desk.exchange.invite(key, "again"), Ok(CLIENT.pid));
        desk.exchange.join(key).expect("it was invited");
        let sender = envelope.sender;
        let answered = desk.call(SERVER, &Syscall::ReturnScalar1 { sender, value: 7 });
        assert_eq!(answered, Some(SysResult::Ok));
        let stray = (fidelity == Fidelity::Faithful).then_some(SysResult::Scalar1(7));
        assert_eq!(desk.answer(CLIENT), stray);
    }
}

#[test]
fn a_faithful_kernel_sends_lent_bytes_to_the_successor_of_a_client_that_died() {
    for waits in [false, true] {
        let mut desk = Desk::new(Fidelity::Faithful);
        desk.create(SERVER, SID);
        let cid = desk.connect(CLIENT, SID);
        assert_eq!(desk.call(CLIENT, &lend(cid)), None);
        let received = desk.call(SERVER, &Syscall::ReceiveMessage { sid: SID });
        let Some(SysResult::MessageEnvelope(envelope)) = received else {
            panic!("{received:?}")
        };
        desk.exchange.leave(CLIENT.pid);
        let key = xous_sim_hosted::wire::Key([9; 16]);
        assert_eq!(desk.exchange.invite(key, "again"), Ok(CLIENT.pid));
        desk.exchange.join(key).expect("it was invited");
        let cid = desk.connect(CLIENT, SID);
        if waits {
            assert_eq!(desk.ask(CLIENT, cid), None);
        }
        let (sender, payload) = (envelope.sender, b"BYTES".to_vec());
        let range = MemoryRange {
            address: 8,
            length: 5,
        };
        let answer = Syscall::ReturnMemory {
            sender,
            range,
            offset: 0,
            valid: 0,
            payload: payload.clone(),
        };
        assert_eq!(desk.call(SERVER, &answer), Some(SysResult::Ok));
        let stray = desk.answer(CLIENT).expect("the successor is answered");
        assert_eq!(stray.payload(), payload);
    }
}
