//! Surprises that every configuration keeps; the number of each is in its test's comment.

use super::support::*;
use xous_sim_kernel::*;

/// 1
#[test]
fn one_disconnect_ends_a_connection_for_all_its_users() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    let other = bench.thread(client);
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    assert_eq!(bench.connect(other, 1), cid);
    bench.result(client, &Syscall::Disconnect { cid });
    let send = Syscall::SendMessage {
        cid,
        message: scalar(1),
    };
    assert_eq!(bench.error(other, &send), Error::ServerNotFound);
}

/// 2
#[test]
fn a_full_map_fails_even_a_blocking_connect_to_a_missing_server() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    assert_eq!(
        bench.outcome(client, &Syscall::Connect { sid: sid(9) }),
        Outcome::Retry
    );
    bench.fill_map(server, client);
    assert_eq!(
        bench.error(client, &Syscall::Connect { sid: sid(9) }),
        Error::OutOfMemory
    );
    assert_eq!(bench.connect(client, 1000), Cid(2));
}

/// 3
#[test]
fn destroyed_servers_leave_free_slots_and_dead_processes_tombstones() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    bench.server(server, 2);
    bench.connect(client, 1);
    bench.connect(client, 2);
    bench.result(server, &Syscall::DestroyServer { sid: sid(1) });
    bench
        .kernel
        .crash_process(server.pid)
        .expect("a live process");
    assert_eq!(bench.map_bytes(client)[..2], [0, 1]);
    let server = bench.boot();
    bench.server(server, 3);
    bench.server(server, 4);
    assert_eq!(
        (bench.connect(client, 3), bench.connect(client, 4)),
        (Cid(2), Cid(4))
    );
}

/// 4a
#[test]
fn a_freed_cid_silently_reaches_the_next_server() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    bench.server(server, 2);
    let cid = bench.connect(client, 1);
    bench.result(client, &Syscall::Disconnect { cid });
    assert_eq!(bench.connect(client, 2), cid);
    bench.send(client, cid, scalar(77));
    assert_eq!(bench.receive(server, 2).message, scalar(77));
}

/// 4b
#[test]
fn a_reply_goes_to_the_next_process_of_the_same_pid() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.send(client, cid, blocking(1));
    let sender = bench.receive(server, 1).sender;
    bench
        .kernel
        .crash_process(client.pid)
        .expect("a live process");
    assert_eq!(bench.boot(), client);
    let step = bench.step(server, &Syscall::ReturnScalar1 { sender, value: 5 });
    assert_eq!(only_wake(&step), (client, SysResult::Scalar1(5)));
}

/// 4c
#[test]
fn a_sender_words_pid_is_ignored() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.send(client, cid, blocking(1));
    let SenderWord(word) = bench.receive(server, 1).sender;
    let sender = SenderWord(word ^ 0xFF00_0000);
    let step = bench.step(
        server,
        &Syscall::ReturnScalar2 {
            sender,
            values: [1, 2],
        },
    );
    assert_eq!(only_wake(&step), (client, SysResult::Scalar2(1, 2)));
}

/// 5
#[test]
fn an_answer_of_the_wrong_kind_loses_the_call() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    let range = bench.map(client, 1);
    bench.send(client, cid, memory(MessageKind::Borrow, range));
    let envelope = bench.receive(server, 1);
    let reply = Syscall::ReturnScalar1 {
        sender: envelope.sender,
        value: 1,
    };
    assert_eq!(bench.error(server, &reply), Error::DoubleFree);
    let range = envelope.message.memory().expect("a lend").range;
    let reply = Syscall::ReturnMemory {
        sender: envelope.sender,
        range,
        offset: 0,
        valid: 0,
        payload: vec![],
    };
    assert_eq!(bench.error(server, &reply), Error::DoubleFree);
    assert!(bench.kernel.is_blocked(client).is_some());
}

/// 6
#[test]
fn answering_a_scalar_that_was_handed_over_answers_whatever_waits_in_slot_0() {
    let mut bench = Bench::hardware();
    let (server, first, second) = (bench.boot(), bench.boot(), bench.boot());
    bench.server(server, 1);
    let (victim_cid, cid) = (bench.connect(first, 1), bench.connect(second, 1));
    bench.send(first, victim_cid, blocking(1));
    assert_eq!(bench.receive(server, 1).sender.slot(), SlotIndex(0));
    bench.park(server, 1);
    let envelope = woken_with(&bench.send(second, cid, scalar(2)));
    let reply = Syscall::ReturnScalar1 {
        sender: envelope.sender,
        value: 9,
    };
    let step = bench.step(server, &reply);
    assert_eq!(only_wake(&step), (first, SysResult::Scalar1(9)));
}

/// 7
#[test]
fn of_two_servers_of_one_sid_the_lower_index_gets_everything() {
    let mut bench = Bench::hardware();
    let (first, second) = (bench.boot(), bench.boot());
    let cid = bench.server(first, 1);
    bench.server(first, 1);
    assert_eq!(bench.server(second, 1), Cid(2));
    let servers = bench.kernel.servers();
    assert_eq!(
        bench.kernel.server_behind(second.pid, Cid(2)),
        Some(servers[0].serial)
    );
    bench.send(first, cid, scalar(1));
    assert_eq!(bench.receive(first, 1).message, scalar(1));
    bench.result(first, &Syscall::DestroyServer { sid: sid(1) });
    assert_eq!(bench.kernel.server_named(sid(1)), Some(servers[1].serial));
}

/// 8
#[test]
fn creating_a_server_with_a_full_map_fails_and_leaves_the_server() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.fill_map(server, client);
    let before = bench.kernel.servers().len();
    let create = Syscall::CreateServerWithAddress { sid: sid(1) };
    assert_eq!(bench.error(client, &create), Error::OutOfMemory);
    assert_eq!(bench.kernel.servers().len(), before + 1);
    assert_eq!(bench.try_receive(client, 1), None);
}

/// 9
#[test]
fn the_death_of_a_server_process_leaves_its_clients_blocked_for_ever() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.send(client, cid, blocking(1));
    let step = bench.step(server, &Syscall::TerminateProcess { code: 0 });
    assert_eq!(step.wakes, []);
    assert!(bench.kernel.is_blocked(client).is_some());
}

/// 10
#[test]
fn a_server_with_an_unanswered_call_is_not_destroyed() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.send(client, cid, blocking(1));
    let sender = bench.receive(server, 1).sender;
    let before = bench.kernel.clone();
    assert_eq!(
        bench.error(server, &Syscall::DestroyServer { sid: sid(1) }),
        Error::ServerQueueFull
    );
    assert_eq!(bench.kernel, before);
    bench.result(server, &Syscall::ReturnScalar1 { sender, value: 0 });
    assert_eq!(
        bench.result(server, &Syscall::DestroyServer { sid: sid(1) }),
        SysResult::Ok
    );
}

/// 11
#[test]
fn unanswered_calls_take_up_the_queue() {
    for (profile, length) in [(Profile::Hardware, 128), (Profile::Hosted, 64)] {
        let mut bench = Bench::new(profile, Fidelity::Faithful);
        let (server, client) = (bench.boot(), bench.boot());
        let other = bench.boot();
        bench.server(server, 1);
        let cid = bench.connect(client, 1);
        bench.send(client, cid, blocking(0));
        bench.receive(server, 1);
        let cid = bench.connect(other, 1);
        for id in 1..length {
            assert_eq!(
                bench.send(other, cid, scalar(id)).outcome,
                Outcome::Done(SysResult::Ok)
            );
        }
        assert_eq!(bench.send(other, cid, scalar(999)).outcome, Outcome::Retry);
        let try_send = Syscall::TrySendMessage {
            cid,
            message: scalar(999),
        };
        assert_eq!(bench.error(other, &try_send), Error::ServerQueueFull);
    }
}

/// 12
#[test]
fn trying_to_send_a_blocking_message_blocks() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.block(
        client,
        &Syscall::TrySendMessage {
            cid,
            message: blocking(1),
        },
    );
}

/// 13
#[test]
fn the_lowest_parked_thread_gets_the_message() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    let late = bench.thread(server);
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.park(late, 1);
    bench.park(server, 1);
    assert_eq!(only_wake(&bench.send(client, cid, scalar(1))).0, server);
    assert_eq!(only_wake(&bench.send(client, cid, scalar(2))).0, late);
}

/// 20
#[test]
fn yield_does_nothing_and_hosted_wait_event_returns_at_once() {
    let mut bench = Bench::hosted();
    let main = bench.boot();
    assert_eq!(bench.result(main, &Syscall::WaitEvent), SysResult::Ok);
    assert_eq!(bench.result(main, &Syscall::Yield), SysResult::Ok);
    let mut bench = Bench::hardware();
    let main = bench.boot();
    bench.block(main, &Syscall::WaitEvent);
}

/// 21
#[test]
fn an_exit_value_nobody_waits_for_is_lost_and_only_one_joiner_wakes() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let (second, worker) = (bench.thread(main), bench.thread(main));
    bench.block(second, &Syscall::JoinThread { tid: worker.tid });
    bench.block(main, &Syscall::JoinThread { tid: worker.tid });
    let step = bench
        .kernel
        .exit_thread(worker, 8)
        .expect("a running thread");
    assert_eq!(only_wake(&step), (main, SysResult::Scalar1(8)));
    assert!(bench.kernel.is_blocked(second).is_some());
    assert_eq!(
        bench.result(main, &Syscall::JoinThread { tid: worker.tid }),
        SysResult::Scalar1(0)
    );
}

/// 22
#[test]
fn anybody_may_connect_another_process_and_shut_everything_down() {
    let mut bench = Bench::hardware();
    let (server, client, meddler) = (bench.boot(), bench.boot(), bench.boot());
    bench.server(server, 1);
    let connect = Syscall::ConnectForProcess {
        pid: client.pid,
        sid: sid(1),
    };
    assert_eq!(
        bench.result(meddler, &connect),
        SysResult::ConnectionId(Cid(2))
    );
    assert_eq!(
        (bench.map_bytes(client)[0], bench.map_bytes(meddler)[0]),
        (2, 0)
    );
    let missing = Syscall::ConnectForProcess {
        pid: client.pid,
        sid: sid(2),
    };
    assert_eq!(bench.outcome(meddler, &missing), Outcome::Retry);
    assert_eq!(bench.outcome(meddler, &Syscall::Shutdown), Outcome::Ended);
}

/// 23
#[test]
fn a_dead_clients_blocking_scalar_arrives_as_a_scalar() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.send(client, cid, blocking(6));
    bench
        .kernel
        .crash_process(client.pid)
        .expect("a live process");
    let envelope = bench.receive(server, 1);
    assert_eq!(envelope.message, scalar(6));
    let reply = Syscall::ReturnScalar1 {
        sender: envelope.sender,
        value: 1,
    };
    assert_eq!(bench.error(server, &reply), Error::DoubleFree);
}

/// 23
#[test]
fn a_dead_clients_borrow_arrives_and_its_return_fails() {
    for profile in [Profile::Hardware, Profile::Hosted] {
        let mut bench = Bench::new(profile, Fidelity::Faithful);
        let (server, client) = (bench.boot(), bench.boot());
        bench.server(server, 1);
        let cid = bench.connect(client, 1);
        let range = bench.map(client, 1);
        bench.send(client, cid, memory(MessageKind::Borrow, range));
        bench
            .kernel
            .crash_process(client.pid)
            .expect("a live process");
        let envelope = bench.receive(server, 1);
        let range = envelope.message.memory().expect("a lend").range;
        let sender = envelope.sender;
        let reply = Syscall::ReturnMemory {
            sender,
            range,
            offset: 0,
            valid: 0,
            payload: vec![],
        };
        assert_eq!(bench.error(server, &reply), Error::ProcessNotFound);
        assert_eq!(bench.error(server, &reply), Error::DoubleFree);
    }
}

/// 23, section 3.12: it is rewritten when its sender dies, so the next process with that PID is not answered either, but
/// by a faithful hosted kernel.
#[test]
fn a_dead_clients_borrow_answers_nobody_even_if_the_pid_is_used_again() {
    for (profile, fidelity) in [
        (Profile::Hardware, Fidelity::Faithful),
        (Profile::Hosted, Fidelity::Safe),
    ] {
        let mut bench = Bench::new(profile, fidelity);
        let (server, client) = (bench.boot(), bench.boot());
        bench.server(server, 1);
        let cid = bench.connect(client, 1);
        let range = bench.map(client, 1);
        bench.send(client, cid, memory(MessageKind::Borrow, range));
        bench
            .kernel
            .crash_process(client.pid)
            .expect("a live process");
        assert_eq!(bench.boot().pid, client.pid);
        let envelope = bench.receive(server, 1);
        let reply = Syscall::ReturnMemory {
            sender: envelope.sender,
            range: envelope.message.memory().expect("a lend").range,
            offset: 0,
            valid: 0,
            payload: vec![],
        };
        assert_eq!(bench.error(server, &reply), Error::ProcessNotFound);
    }
}

/// 24
#[test]
fn a_full_server_table_answers_server_not_found() {
    let mut bench = Bench::hardware();
    let owners: Vec<Caller> = (0..5).map(|_| bench.boot()).collect();
    for number in 0..ServerIndex::COUNT as u32 {
        bench.server(owners[number as usize / 32], number);
    }
    assert_eq!(
        bench.error(owners[4], &Syscall::CreateServer),
        Error::ServerNotFound
    );
}
