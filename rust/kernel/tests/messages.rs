//! Messages and their answers: scalars, pages on hardware, bytes when hosted, answering and receiving in one call.

mod support;
use support::*;
use xous_sim_kernel::*;

fn pair(profile: Profile) -> (Bench, Caller, Caller, Cid) {
    let mut bench = Bench::new(profile, Fidelity::Faithful);
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    (bench, server, client, cid)
}

fn return_memory(sender: SenderWord, range: MemoryRange, payload: &[u8]) -> Syscall {
    Syscall::ReturnMemory {
        sender,
        range,
        offset: 3,
        valid: 4,
        payload: payload.to_vec(),
    }
}

#[test]
fn a_blocking_scalar_is_answered_with_one_two_or_five_words() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware);
    let reply = |words, sender| match words {
        1 => Syscall::ReturnScalar1 { sender, value: 1 },
        2 => Syscall::ReturnScalar2 {
            sender,
            values: [1, 2],
        },
        _ => Syscall::ReturnScalar5 {
            sender,
            values: [1; 5],
        },
    };
    let results = [
        SysResult::Scalar1(1),
        SysResult::Scalar2(1, 2),
        SysResult::Scalar5([1; 5]),
    ];
    for (words, result) in [1, 2, 5].into_iter().zip(results) {
        bench.block(
            client,
            &Syscall::SendMessage {
                cid,
                message: blocking(1),
            },
        );
        let sender = bench.receive(server, 1).sender;
        let step = bench.step(server, &reply(words, sender));
        assert_eq!(step.outcome, Outcome::Done(SysResult::Ok));
        assert_eq!(only_wake(&step), (client, result));
        assert_eq!(
            bench.error(server, &reply(words, sender)),
            Error::DoubleFree
        );
    }
}

#[test]
fn a_message_to_a_parked_thread_wakes_it_at_once() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware);
    bench.park(server, 1);
    let step = bench.send(client, cid, blocking(9));
    assert_eq!(step.outcome, Outcome::Blocked);
    assert_eq!(only_wake(&step).0, server);
    let envelope = woken_with(&step);
    assert_eq!(
        (envelope.message, envelope.sender.client()),
        (blocking(9), Some(client.pid))
    );
}

#[test]
fn nobody_else_receives_from_a_server() {
    let (mut bench, _, client, _) = pair(Profile::Hardware);
    for call in [
        Syscall::ReceiveMessage { sid: sid(1) },
        Syscall::TryReceiveMessage { sid: sid(1) },
    ] {
        assert_eq!(bench.error(client, &call), Error::ServerNotFound);
    }
    assert_eq!(
        bench.error(client, &Syscall::DestroyServer { sid: sid(1) }),
        Error::ServerNotFound
    );
}

#[test]
fn only_the_owner_answers_and_only_slots_of_the_queue_exist() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware);
    bench.send(client, cid, blocking(1));
    let sender = bench.receive(server, 1).sender;
    let other = bench.boot();
    assert_eq!(
        bench.error(other, &Syscall::ReturnScalar1 { sender, value: 0 }),
        Error::ServerNotFound
    );
    let sender = SenderWord(sender.0 | 128);
    assert_eq!(
        bench.error(server, &Syscall::ReturnScalar1 { sender, value: 0 }),
        Error::BadAddress
    );
}

#[test]
fn a_mutable_borrow_comes_back_changed() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware);
    let range = bench.map(client, 1);
    bench
        .kernel
        .write_memory(client.pid, range.address, b"question")
        .expect("writable");
    bench.send(client, cid, memory(MessageKind::MutableBorrow, range));
    let envelope = bench.receive(server, 1);
    let theirs = envelope.message.memory().expect("a lend").range;
    assert_eq!(
        theirs,
        MemoryRange {
            address: MESSAGE_BASE,
            length: PAGE_SIZE
        }
    );
    assert_eq!(
        bench.kernel.read_memory(client.pid, range.address, 1),
        Err(MemoryFault::Lent(range.address))
    );
    bench
        .kernel
        .write_memory(server.pid, theirs.address, b"answered")
        .expect("writable");
    let step = bench.step(server, &return_memory(envelope.sender, theirs, &[]));
    let result = SysResult::MemoryReturned {
        offset: 3,
        valid: 4,
        payload: vec![],
    };
    assert_eq!(only_wake(&step), (client, result));
    let bytes = bench.kernel.read_memory(client.pid, range.address, 8);
    assert_eq!(bytes.as_deref(), Ok(&b"answered"[..]));
}

#[test]
fn hardware_insists_on_the_range_that_it_lent() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware);
    let range = bench.map(client, 1);
    bench.send(client, cid, memory(MessageKind::Borrow, range));
    let envelope = bench.receive(server, 1);
    let theirs = envelope.message.memory().expect("a lend").range;
    let wrong = MemoryRange {
        length: 2 * PAGE_SIZE,
        ..theirs
    };
    let call = return_memory(envelope.sender, wrong, &[]);
    assert_eq!(bench.error(server, &call), Error::BadAddress);
    assert_eq!(
        bench.result(server, &return_memory(envelope.sender, theirs, &[])),
        SysResult::Ok
    );
}

#[test]
fn hardware_lends_whole_pages_that_are_there() {
    let (mut bench, _, client, cid) = pair(Profile::Hardware);
    let MemoryRange { address, length } = bench.map(client, 1);
    let cases = [
        (address + 4, length, Error::BadAlignment, Error::BadAddress),
        (address, length - 4, Error::BadAlignment, Error::BadAddress),
        (address, 2 * length, Error::BadAddress, Error::BadAddress),
        (0x1000, length, Error::BadAddress, Error::BadAddress),
        (address, MESSAGE_SIZE, Error::BadAddress, Error::BadAddress),
    ];
    for (address, length, lend, move_) in cases {
        let range = MemoryRange { address, length };
        for (kind, error) in [
            (MessageKind::Borrow, lend),
            (MessageKind::MutableBorrow, lend),
            (MessageKind::Move, move_),
        ] {
            let send = Syscall::SendMessage {
                cid,
                message: memory(kind, range),
            };
            assert_eq!(bench.error(client, &send), error, "{kind:?} {range:?}");
        }
    }
}

#[test]
fn within_a_process_nothing_moves() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let worker = bench.thread(main);
    let cid = bench.server(main, 1);
    let range = bench.map(main, 1);
    bench.send(worker, cid, memory(MessageKind::MutableBorrow, range));
    let envelope = bench.receive(main, 1);
    assert_eq!(
        envelope.message.memory().map(|body| body.range),
        Some(range)
    );
    assert_eq!(
        bench.kernel.read_memory(main.pid, range.address, 1),
        Ok(vec![0])
    );
    bench.result(main, &return_memory(envelope.sender, range, &[]));
    assert_eq!(bench.kernel.is_blocked(worker), None);
}

#[test]
fn the_message_window_is_four_mebibytes() {
    let (mut bench, _, client, cid) = pair(Profile::Hardware);
    let half = MESSAGE_SIZE / PAGE_SIZE / 2;
    for (pages, outcome) in [
        (half, Outcome::Done(SysResult::Ok)),
        (half, Outcome::Done(SysResult::Error(Error::BadAddress))),
        (half - 1, Outcome::Done(SysResult::Ok)),
    ] {
        let range = bench.map(client, pages);
        assert_eq!(
            bench
                .send(client, cid, memory(MessageKind::Move, range))
                .outcome,
            outcome
        );
    }
}

#[test]
fn hosted_lends_bytes_of_any_length_and_returns_as_many() {
    let (mut bench, server, client, cid) = pair(Profile::Hosted);
    let range = MemoryRange {
        address: 0x7001,
        length: 3,
    };
    let body = MemoryBody {
        id: 1,
        range,
        offset: 0,
        valid: 0,
        payload: b"abc".to_vec(),
    };
    bench.send(client, cid, Message::MutableBorrow(body));
    let envelope = bench.receive(server, 1);
    assert_eq!(
        envelope.message.memory().map(|body| &body.payload[..]),
        Some(&b"abc"[..])
    );
    let other = MemoryRange {
        address: 0x9999,
        length: 5,
    };
    let step = bench.step(server, &return_memory(envelope.sender, other, b"ABCDE"));
    assert_eq!(only_wake(&step).1.payload(), b"ABC");
}

#[test]
fn a_hosted_destroy_sends_the_lent_bytes_back_with_the_error() {
    let (mut bench, server, client, cid) = pair(Profile::Hosted);
    let range = MemoryRange {
        address: 1,
        length: 3,
    };
    let body = MemoryBody {
        id: 1,
        range,
        offset: 0,
        valid: 0,
        payload: b"abc".to_vec(),
    };
    bench.send(client, cid, Message::Borrow(body));
    let step = bench.step(server, &Syscall::DestroyServer { sid: sid(1) });
    let (_, result) = only_wake(&step);
    assert_eq!(
        (result.error(), result.payload()),
        (Some(Error::ServerNotFound), &b"abc"[..])
    );
}

#[test]
fn replying_and_receiving_answers_by_type_and_takes_the_next_message() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware);
    let other = bench.boot();
    bench.connect(other, 1);
    let answers = [
        (1, SysResult::Scalar1(11)),
        (2, SysResult::Scalar2(11, 12)),
        (0, SysResult::Scalar5([10, 11, 12, 13, 14])),
    ];
    for (kind, result) in answers {
        bench.send(client, cid, blocking(1));
        let sender = bench.receive(server, 1).sender;
        bench.send(other, cid, scalar(2));
        let arguments = [10, 11, 12, 13, 14];
        let call = Syscall::ReplyAndReceiveNext {
            sender,
            arguments,
            kind,
            payload: vec![],
        };
        let step = bench.step(server, &call);
        assert_eq!(only_wake(&step), (client, result));
        let Outcome::Done(SysResult::MessageEnvelope(next)) = step.outcome else {
            panic!("{step:?}")
        };
        assert_eq!(next.message, scalar(2));
    }
}

#[test]
fn replying_and_receiving_returns_a_lend_and_parks_the_caller() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware);
    let range = bench.map(client, 1);
    bench.send(client, cid, memory(MessageKind::Borrow, range));
    let sender = bench.receive(server, 1).sender;
    let kind = Syscall::REPLY_MEMORY;
    let call = Syscall::ReplyAndReceiveNext {
        sender,
        arguments: [7, 8, 9, 5, 6],
        kind,
        payload: vec![],
    };
    let step = bench.block(server, &call);
    let result = SysResult::MemoryReturned {
        offset: 5,
        valid: 6,
        payload: vec![],
    };
    assert_eq!(only_wake(&step), (client, result));
    assert_eq!(
        bench.kernel.read_memory(client.pid, range.address, 1),
        Ok(vec![0])
    );
    assert_eq!(only_wake(&bench.send(client, cid, scalar(1))).0, server);
}

#[test]
fn heap_calls_answer_with_the_documented_ranges() {
    for profile in [Profile::Hardware, Profile::Hosted] {
        let (mut bench, main, ..) = pair(profile);
        let grow = |delta| Syscall::IncreaseHeap {
            delta,
            flags: MemoryFlags::RW,
        };
        let heap = |offset, length| {
            SysResult::MemoryRange(MemoryRange {
                address: HEAP_BASE + offset,
                length,
            })
        };
        assert_eq!(bench.result(main, &grow(0)), heap(0, PAGE_SIZE));
        assert_eq!(bench.result(main, &grow(0x2000)), heap(0, 0x2000));
        assert_eq!(bench.result(main, &grow(0x1000)), heap(0x2000, 0x1000));
        assert_eq!(bench.error(main, &grow(1)), Error::BadAlignment);
        assert_eq!(bench.error(main, &grow(HEAP_MAX)), Error::OutOfMemory);
        assert_eq!(
            bench.result(main, &Syscall::DecreaseHeap { delta: 0x1000 }),
            heap(0, 0x2000)
        );
        assert_eq!(
            bench.error(main, &Syscall::DecreaseHeap { delta: 0x3000 }),
            Error::OutOfMemory
        );
    }
}

#[test]
fn limits_change_only_where_the_caller_knows_them() {
    let (mut bench, main, ..) = pair(Profile::Hardware);
    let adjust = |index, current, new| Syscall::AdjustProcessLimit {
        index,
        current,
        new,
    };
    assert_eq!(
        bench.result(main, &adjust(1, 5, 0x1000)),
        SysResult::Scalar2(1, HEAP_MAX)
    );
    assert_eq!(
        bench.result(main, &adjust(1, HEAP_MAX, 0x1000)),
        SysResult::Scalar2(1, 0x1000)
    );
    assert_eq!(
        bench.result(main, &adjust(2, 0, 0x1000)),
        SysResult::Scalar2(2, 0)
    );
    assert_eq!(bench.error(main, &adjust(3, 0, 0)), Error::InvalidLimit);
}

#[test]
fn map_memory_checks_before_it_maps() {
    for profile in [Profile::Hardware, Profile::Hosted] {
        let (mut bench, main, ..) = pair(profile);
        let map = |address, size| Syscall::MapMemory {
            physical: 0,
            address,
            size,
            flags: MemoryFlags::RW,
        };
        assert_eq!(bench.error(main, &map(0, 5)), Error::BadAlignment);
        assert_eq!(bench.error(main, &map(0, DEFAULT_SIZE)), Error::BadAddress);
        assert_eq!(
            bench.error(main, &map(USER_AREA_END, PAGE_SIZE)),
            Error::BadAddress
        );
        assert_eq!(bench.map(main, 1).address, DEFAULT_BASE);
    }
}

#[test]
fn within_a_process_a_lend_must_still_be_of_whole_pages_that_are_there() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let cid = bench.server(main, 1);
    let MemoryRange { address, length } = bench.map(main, 1);
    for (address, error) in [
        (address + 8, Error::BadAlignment),
        (0x1000, Error::BadAddress),
    ] {
        let message = memory(MessageKind::Borrow, MemoryRange { address, length });
        assert_eq!(
            bench.error(main, &Syscall::SendMessage { cid, message }),
            error
        );
    }
}
