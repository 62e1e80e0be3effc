//! What is found when programs go wrong with each other's connections, and what is not when they don't.

mod pure;

use pure::{Desk, OTHER, SID, thread};
use xous_sim_hosted::watch::Property;
use xous_sim_kernel::{Caller, Cid, Error, Fidelity, SysResult, Syscall};

const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// A desk with two servers and nothing found.
fn desk() -> (Desk, Caller, [Caller; 2]) {
    let mut desk = Desk::new(Fidelity::Safe);
    let server = thread(SERVER, 2);
    desk.create(server, SID);
    desk.create(server, OTHER);
    (desk, server, [thread(CLIENT, 2), thread(CLIENT, 3)])
}

fn found(desk: &Desk) -> Vec<(Property, Caller, Option<Cid>)> {
    let findings = desk.exchange.findings().iter();
    findings
        .map(|one| (one.property, one.thread, one.cid))
        .collect()
}

#[test]
fn a_send_after_another_threads_disconnect_is_severed_once() {
    let (mut desk, _, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    assert_eq!(desk.connect(second, SID), cid);
    desk.disconnect(first, cid);
    for _ in 0..3 {
        let refused = SysResult::Error(Error::ServerNotFound);
        assert_eq!(desk.send(second, cid), Some(refused));
    }
    assert_eq!(found(&desk), [(Property::Severed, second, Some(cid))]);
    let history = &desk.exchange.findings()[0].history;
    assert!(
        history[0]
            .ends_with("process 3, thread 2 connected it to 00000001-00000002-00000003-00000004")
    );
    assert!(
        history[2].ends_with("thread 2 disconnected it"),
        "{history:?}"
    );
}

#[test]
fn a_send_after_ones_own_disconnect_is_not_severed() {
    let (mut desk, _, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.disconnect(first, cid);
    desk.send(first, cid);
    assert_eq!(found(&desk), []);
}

#[test]
fn a_send_to_a_server_that_is_gone_is_not_severed() {
    for destroyed in [false, true] {
        let (mut desk, server, [first, _]) = desk();
        let cid = desk.connect(first, SID);
        match destroyed {
            true => drop(desk.call(server, &Syscall::DestroyServer { sid: SID })),
            false => desk.exchange.leave(server.pid),
        }
        let refused = SysResult::Error(Error::ServerNotFound);
        assert_eq!(desk.send(first, cid), Some(refused));
        assert_eq!(found(&desk), []);
    }
}

#[test]
fn a_send_to_a_server_that_was_destroyed_after_the_disconnect_is_not_severed() {
    let (mut desk, server, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    desk.connect(second, SID);
    desk.disconnect(first, cid);
    desk.call(server, &Syscall::DestroyServer { sid: SID });
    desk.send(second, cid);
    assert_eq!(found(&desk), []);
}

#[test]
fn a_cid_that_leads_elsewhere_misdelivers() {
    let (mut desk, _, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    desk.connect(second, SID);
    desk.disconnect(first, cid);
    assert_eq!(desk.connect(first, OTHER), cid);
    assert_eq!(desk.send(second, cid), Some(SysResult::Ok));
    assert_eq!(desk.send(first, cid), Some(SysResult::Ok));
    assert_eq!(found(&desk), [(Property::Misdelivered, second, Some(cid))]);
}

#[test]
fn a_thread_that_was_handed_a_cid_believes_in_where_it_led_first() {
    let (mut desk, _, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    assert_eq!(desk.send(second, cid), Some(SysResult::Ok));
    desk.disconnect(first, cid);
    desk.connect(first, OTHER);
    desk.send(second, cid);
    assert_eq!(found(&desk), [(Property::Misdelivered, second, Some(cid))]);
}

#[test]
fn a_thread_that_closes_and_opens_again_misdelivers_nothing() {
    let (mut desk, _, [first, _]) = desk();
    for sid in [SID, OTHER, SID] {
        let cid = desk.connect(first, sid);
        desk.send(first, cid);
        desk.disconnect(first, cid);
    }
    assert_eq!(found(&desk), []);
}

#[test]
fn a_thread_that_gave_a_cid_up_believes_in_nothing() {
    let (mut desk, _, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    desk.disconnect(first, cid);
    assert_eq!(desk.connect(second, OTHER), cid);
    desk.send(first, cid);
    assert_eq!(found(&desk), []);
}

#[test]
fn the_second_of_two_disconnects_frees_nothing() {
    let (mut desk, _, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    desk.disconnect(first, cid);
    desk.disconnect(second, cid);
    assert_eq!(found(&desk), [(Property::FreeSlot, second, Some(cid))]);
}

#[test]
fn a_tombstone_beside_a_new_connection_is_a_lost_slot() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.exchange.leave(server.pid);
    assert_eq!(found(&desk), []);
    desk.create(thread(4, 2), SID);
    let again = desk.connect(first, SID);
    assert_ne!(again, cid);
    assert_eq!(found(&desk), [(Property::Tombstone, first, Some(cid))]);
}

#[test]
fn a_sender_whose_server_dies_hangs() {
    for received in [false, true] {
        let (mut desk, server, [first, _]) = desk();
        let cid = desk.connect(first, SID);
        assert_eq!(desk.ask(first, cid), None);
        if received {
            desk.call(server, &Syscall::ReceiveMessage { sid: SID });
        }
        desk.exchange.leave(server.pid);
        assert_eq!(found(&desk), [(Property::Hanging, first, Some(cid))]);
        let [finding] = desk.exchange.findings() else {
            panic!("it is reported once")
        };
        let server = "00000001-00000002-00000003-00000004";
        assert!(finding.message.ends_with(server), "{}", finding.message);
        let death = "the server's process died, which left a tombstone";
        assert!(finding.history[1].ends_with(death), "{finding}");
    }
}

#[test]
fn a_sender_that_is_answered_in_the_wrong_way_hangs() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    let received = desk.call(server, &Syscall::ReceiveMessage { sid: SID });
    let Some(SysResult::MessageEnvelope(envelope)) = received else {
        panic!("{received:?}")
    };
    let range = xous_sim_kernel::MemoryRange {
        address: 1,
        length: 1,
    };
    let answer = Syscall::ReturnMemory {
        sender: envelope.sender,
        range,
        offset: 0,
        valid: 0,
        payload: vec![0],
    };
    assert_eq!(
        desk.call(server, &answer),
        Some(SysResult::Error(Error::DoubleFree))
    );
    assert_eq!(found(&desk), [(Property::Hanging, first, Some(cid))]);
}

#[test]
fn a_call_that_was_received_and_not_answered_is_told_at_the_end() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    desk.exchange.finish();
    assert_eq!(found(&desk), [], "it was not received");
    desk.call(server, &Syscall::ReceiveMessage { sid: SID });
    desk.exchange.finish();
    assert_eq!(found(&desk), [(Property::Unanswered, first, Some(cid))]);
    assert_eq!(desk.exchange.findings()[0].history.len(), 1);
}

#[test]
fn a_call_of_a_process_that_is_gone_says_nothing_of_the_next_one_with_its_pid() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    desk.call(server, &Syscall::ReceiveMessage { sid: SID });
    desk.exchange.leave(first.pid);
    let key = xous_sim_hosted::wire::Key([9; 16]);
    assert_eq!(desk.exchange.invite(key, "again"), Ok(first.pid));
    desk.exchange.join(key).expect("it was invited");
    let other = desk.connect(first, OTHER);
    desk.ask(first, other);
    desk.exchange.finish();
    assert_eq!(found(&desk), [(Property::Unanswered, first, None)]);
}

#[test]
fn a_new_process_with_the_pid_of_a_dead_one_starts_without_a_past() {
    let (mut desk, _, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    desk.connect(second, SID);
    desk.disconnect(first, cid);
    desk.exchange.leave(first.pid);
    let key = xous_sim_hosted::wire::Key([9; 16]);
    assert_eq!(desk.exchange.invite(key, "again"), Ok(first.pid));
    desk.exchange.join(key).expect("it was invited");
    desk.disconnect(second, cid);
    assert_eq!(desk.connect(first, OTHER), cid);
    desk.send(second, cid);
    assert_eq!(found(&desk), []);
}
