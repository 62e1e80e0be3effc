//! What is found when programs go wrong with each other's connections, and what is not when they don't.

mod pure;

use pure::{Desk, OTHER, SID, thread};
use xous_sim_hosted::watch::Property;
use xous_sim_kernel::{Caller, Cid, Error, Fidelity, MemoryBody, Message, SysResult, Syscall};

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

/// Lets a thread of the server take a call and wait for the next.
fn receive_and_forget(desk: &mut Desk, server: Caller) {
    for _ in 0..2 {
        desk.call(server, &Syscall::ReceiveMessage { sid: SID });
    }
}

#[test]
fn a_call_that_was_received_and_forgotten_is_told_at_the_end() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    receive_and_forget(&mut desk, server);
    desk.exchange.finish();
    assert_eq!(found(&desk), [(Property::Unanswered, first, Some(cid))]);
    assert_eq!(desk.exchange.findings()[0].history.len(), 1);
}

#[test]
fn a_call_that_was_not_received_when_the_run_ends_is_not_told() {
    let (mut desk, _, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    desk.exchange.finish();
    assert_eq!(found(&desk), []);
}

#[test]
fn a_call_that_its_server_may_be_working_on_when_the_run_ends_is_not_told() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    receive_and_forget(&mut desk, server);
    // A thread that makes no call now: the one that sleeps until it is time to answer.
    desk.call(thread(SERVER, 3), &Syscall::GetThreadId);
    desk.exchange.finish();
    assert_eq!(found(&desk), []);
}

#[test]
fn a_service_that_waits_when_the_run_ends_is_not_told() {
    let (mut desk, server, [first, second]) = desk();
    desk.create(first, xous_sim_kernel::Sid([9; 4]));
    let cid = desk.connect(second, SID);
    desk.ask(second, cid);
    receive_and_forget(&mut desk, server);
    desk.exchange.finish();
    assert_eq!(found(&desk), []);
}

#[test]
fn what_happens_after_the_end_of_the_run_is_nobodys_fault() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    desk.exchange.finish();
    desk.exchange.leave(server.pid);
    assert_eq!(found(&desk), []);
}

#[test]
fn nobody_owed_an_answer_when_the_kernel_has_ended() {
    let (mut desk, server, [first, second]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    receive_and_forget(&mut desk, server);
    desk.call(second, &Syscall::Shutdown);
    desk.exchange.finish();
    assert_eq!(found(&desk), []);
}

#[test]
fn a_call_of_a_process_that_is_gone_says_nothing_of_the_next_one_with_its_pid() {
    let (mut desk, server, [first, _]) = desk();
    let cid = desk.connect(first, SID);
    desk.ask(first, cid);
    receive_and_forget(&mut desk, server);
    desk.exchange.leave(first.pid);
    let key = xous_sim_hosted::wire::Key([9; 16]);
    assert_eq!(desk.exchange.invite(key, "again"), Ok(first.pid));
    desk.exchange.join(key).expect("it was invited");
    let other = desk.connect(first, OTHER);
    desk.ask(first, other);
    desk.exchange.finish();
    assert_eq!(found(&desk), []);
}

#[test]
fn the_end_of_an_older_program_does_not_end_the_process_that_has_its_pid() {
    use xous_sim_hosted::wire::Key;
    let (mut desk, _, [first, _]) = desk();
    desk.exchange.leave(first.pid);
    let (old, new) = (Key([CLIENT; 16]), Key([9; 16]));
    assert_eq!(desk.exchange.invite(new, "next"), Ok(first.pid));
    desk.exchange.abandon(first.pid, old);
    assert_eq!(desk.exchange.join(new), Ok(first.pid));
    desk.exchange.abandon(first.pid, new);
    assert!(desk.exchange.processes().contains(&(first.pid, true)));
}

#[test]
fn a_lend_that_fails_at_once_hangs_on_a_faithful_kernel_and_not_on_a_safe_one() {
    for (fidelity, hangs) in [(Fidelity::Faithful, true), (Fidelity::Safe, false)] {
        let mut desk = Desk::new(fidelity);
        let client = thread(CLIENT, 2);
        let range = xous_sim_kernel::MemoryRange {
            address: 8,
            length: 1,
        };
        let message = Message::Borrow(MemoryBody {
            id: 0,
            range,
            offset: 0,
            valid: 0,
            payload: vec![7],
        });
        let cid = Cid(9);
        desk.call(client, &Syscall::SendMessage { cid, message });
        let expected = [(Property::Hanging, client, Some(cid))];
        assert_eq!(found(&desk), &expected[..usize::from(hangs)]);
    }
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
