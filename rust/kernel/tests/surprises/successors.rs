//! Surprises of a faithful hosted kernel whose client died: whoever has its PID now is answered, or trips it up.
//!
//! Each was measured on the real kernel, in hosted mode, at the commit that is modelled.

use super::support::*;
use super::switched::pair;
use xous_sim_kernel::*;

/// Who has the PID of the dead client.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Successor {
    Nobody,
    /// A process that waits for its client to connect.
    Unconnected,
    /// One with the threads 1 and 2.
    Running,
}

const RANGE: MemoryRange = MemoryRange {
    address: 8,
    length: 4,
};

fn lend() -> Message {
    Message::Borrow(MemoryBody {
        id: 1,
        range: RANGE,
        offset: 0,
        valid: 0,
        payload: b"lent".to_vec(),
    })
}

/// A server that has received the call of a client that died before or after that, and whose PID is the successor's. The
/// call is that of the client's main thread, or of its second.
fn orphaned(
    message: Message,
    queued: bool,
    second: bool,
    successor: Successor,
) -> (Bench, Caller, Caller, SenderWord) {
    let (mut bench, server, main, cid) = pair(Profile::Hosted, Fidelity::Faithful);
    let client = if second { bench.thread(main) } else { main };
    bench.send(client, cid, message);
    let received = (!queued).then(|| bench.receive(server, 1));
    bench.kernel.crash_process(client.pid).expect("it lives");
    match successor {
        Successor::Nobody => {}
        Successor::Unconnected => {
            assert_eq!(bench.kernel.create_process(), Ok(client.pid));
        }
        Successor::Running => assert_eq!(bench.boot(), main),
    }
    let received = received.unwrap_or_else(|| bench.receive(server, 1));
    (bench, server, client, received.sender)
}

fn return_memory(sender: SenderWord) -> Syscall {
    Syscall::ReturnMemory {
        sender,
        range: RANGE,
        offset: 0,
        valid: 0,
        payload: b"back".to_vec(),
    }
}

fn reply_and_receive(sender: SenderWord) -> Syscall {
    Syscall::ReplyAndReceiveNext {
        sender,
        arguments: [0, 7, 0, 0, 0],
        kind: 1,
        payload: b"back".to_vec(),
    }
}

/// 4, 23
#[test]
fn a_lend_of_a_dead_client_goes_back_to_its_successor_even_if_it_was_queued_then() {
    for queued in [false, true] {
        let (mut bench, server, client, sender) =
            orphaned(lend(), queued, false, Successor::Running);
        let step = bench.step(server, &return_memory(sender));
        assert_eq!(step.outcome, Outcome::Done(SysResult::Ok));
        let (woken, result) = only_wake(&step);
        assert_eq!((woken, result.payload()), (client, &b"back"[..]));
        let (mut bench, server, client, sender) =
            orphaned(lend(), queued, false, Successor::Running);
        let step = bench.step(server, &reply_and_receive(sender));
        assert_eq!(step.outcome, Outcome::Blocked);
        assert_eq!(only_wake(&step).0, client);
    }
}

#[test]
fn a_lend_that_cannot_go_back_is_an_error_of_the_answer() {
    for queued in [false, true] {
        for (second, successor, error) in [
            (false, Successor::Nobody, Error::ProcessNotFound),
            (false, Successor::Unconnected, Error::ProcessNotFound),
            (true, Successor::Running, Error::InvalidThread),
        ] {
            for answer in [return_memory, reply_and_receive] {
                let (mut bench, server, _, sender) = orphaned(lend(), queued, second, successor);
                assert_eq!(bench.error(server, &answer(sender)), error, "{successor:?}");
                assert_eq!(bench.kernel.received_calls(), []);
            }
        }
    }
}

#[test]
fn a_scalar_is_answered_to_a_thread_that_the_successor_lacks_unless_the_server_then_waits() {
    let scalar = || orphaned(blocking(1), false, true, Successor::Running);
    let (mut bench, server, client, sender) = scalar();
    let step = bench.step(server, &Syscall::ReturnScalar1 { sender, value: 7 });
    assert_eq!(step.outcome, Outcome::Done(SysResult::Ok));
    assert_eq!(only_wake(&step), (client, SysResult::Scalar1(7)));
    let (mut bench, server, _, sender) = scalar();
    let error = bench.error(server, &reply_and_receive(sender));
    assert_eq!(error, Error::InvalidThread);
}

#[test]
fn a_scalar_for_a_process_that_has_not_connected_panics() {
    let (mut bench, server, _, sender) =
        orphaned(blocking(1), false, false, Successor::Unconnected);
    assert_eq!(
        bench.panic(server, &Syscall::ReturnScalar1 { sender, value: 7 }),
        KernelPanic::HostedAnswerToProcessThatNeverJoined
    );
}

#[test]
fn a_destroy_panics_with_a_queued_call_of_a_dead_process() {
    for message in [blocking(1), lend()] {
        let (mut bench, server, client, cid) = pair(Profile::Hosted, Fidelity::Faithful);
        bench.send(client, cid, message);
        bench.kernel.crash_process(client.pid).expect("it lives");
        assert_eq!(
            bench.panic(server, &Syscall::DestroyServer { sid: sid(1) }),
            KernelPanic::HostedDestroyWithDeadSender
        );
    }
}

#[test]
fn what_was_answered_before_a_destroy_panics_has_been_sent() {
    let refused = SysResult::Error(Error::ServerNotFound);
    for (message, answered) in [(blocking(1), vec![refused]), (lend(), vec![])] {
        let (mut bench, server, client, cid) = pair(Profile::Hosted, Fidelity::Faithful);
        let other = bench.thread(client);
        bench.send(client, cid, message);
        bench.result(other, &Syscall::GetProcessId);
        let step = bench.step(server, &Syscall::DestroyServer { sid: sid(1) });
        let reason = KernelPanic::HostedDestroyWithSenderMovedOn;
        assert_eq!(step.outcome, Outcome::Panic(reason));
        let results: Vec<_> = step.wakes.into_iter().map(|wake| wake.result).collect();
        assert_eq!(results, answered);
    }
}

#[test]
fn a_shutdown_is_answered_before_it_panics() {
    let (mut bench, server, client, cid) = pair(Profile::Hosted, Fidelity::Faithful);
    bench.send(client, cid, blocking(1));
    bench.receive(server, 1);
    let step = bench.step(server, &Syscall::Shutdown);
    let reason = KernelPanic::ShutdownWithUnansweredCall;
    assert_eq!(step.outcome, Outcome::Panic(reason));
    assert_eq!(only_wake(&step), (server, SysResult::Ok));
}

#[test]
fn a_second_join_panics_and_so_does_a_first_one_after_a_process_has_ended() {
    for ends in [false, true] {
        let (mut bench, server, client, _) = pair(Profile::Hosted, Fidelity::Faithful);
        let worker = bench.thread(server);
        let join = Syscall::JoinThread { tid: worker.tid };
        if ends {
            bench.kernel.crash_process(client.pid).expect("it lives");
        } else {
            assert_eq!(bench.result(server, &join), SysResult::ResumeProcess);
        }
        let joiner = if ends { server } else { bench.thread(client) };
        let tid = if ends { worker.tid } else { client.tid };
        assert_eq!(
            bench.panic(joiner, &Syscall::JoinThread { tid }),
            KernelPanic::HostedJoinAgain
        );
    }
}

#[test]
fn return_to_parent_answers_what_is_meant_for_the_scheduler() {
    let call = Syscall::ReturnToParent {
        pid: Pid::KERNEL,
        cpu: 0,
    };
    for (fidelity, answer) in [
        (Fidelity::Faithful, SysResult::ResumeProcess),
        (Fidelity::Safe, SysResult::Ok),
    ] {
        let (mut bench, server, ..) = pair(Profile::Hosted, fidelity);
        assert_eq!(bench.result(server, &call), answer);
    }
}
