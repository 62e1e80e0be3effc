//! Surprises that `Fidelity` switches: a faithful kernel has the defect, a safe one the sane answer.

use super::support::*;
use xous_sim_kernel::*;

const BOTH: [Profile; 2] = [Profile::Hardware, Profile::Hosted];

/// A server process and a client connected to its server 1.
pub fn pair(profile: Profile, fidelity: Fidelity) -> (Bench, Caller, Caller, Cid) {
    let mut bench = Bench::new(profile, fidelity);
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    (bench, server, client, cid)
}

fn reply_to(sender: SenderWord) -> Syscall {
    Syscall::ReplyAndReceiveNext {
        sender,
        arguments: [0; 5],
        kind: 1,
        payload: vec![],
    }
}

/// A sender word of slot 60, where no call waits.
fn nothing_waits_there(bench: &Bench) -> SenderWord {
    let index = bench.kernel.servers()[0].index;
    SenderWord::pack(Pid::KERNEL, index, SlotIndex(60))
}

pub fn panic_of(profile: Profile, syscall: &Syscall) -> KernelPanic {
    let (mut bench, server, ..) = pair(profile, Fidelity::Faithful);
    let reason = bench.panic(server, syscall);
    assert_eq!(bench.kernel.panicked(), Some(reason));
    assert_eq!(bench.panic(server, &Syscall::Yield), reason);
    reason
}

fn safe(profile: Profile, syscall: &Syscall) -> SysResult {
    let (mut bench, server, ..) = pair(profile, Fidelity::Safe);
    bench.result(server, syscall)
}

/// 14
#[test]
fn a_failed_reply_and_receive_leaves_the_caller_parked() {
    for profile in BOTH {
        let (mut bench, server, client, cid) = pair(profile, Fidelity::Faithful);
        let reply = reply_to(nothing_waits_there(&bench));
        assert_eq!(bench.error(server, &reply), Error::DoubleFree);
        assert_eq!(bench.kernel.servers()[0].parked, [server.tid]);
        let mut later = Bench {
            kernel: bench.kernel.clone(),
        };
        assert_eq!(only_wake(&later.send(client, cid, scalar(3))).0, server);
        let receive = Syscall::ReceiveMessage { sid: sid(1) };
        assert_eq!(
            bench.panic(server, &receive),
            KernelPanic::ReceiveByParkedThread
        );
    }
}

/// 14
#[test]
fn a_failed_reply_and_receive_loses_the_next_message() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware, Fidelity::Faithful);
    bench.send(client, cid, scalar(3));
    let reply = reply_to(nothing_waits_there(&bench));
    assert_eq!(bench.error(server, &reply), Error::DoubleFree);
    assert_eq!(bench.try_receive(server, 1), None);
}

/// 14
#[test]
fn a_reply_and_receive_to_a_dead_client_leaves_the_caller_parked() {
    let (mut bench, server, client, cid) = pair(Profile::Hardware, Fidelity::Faithful);
    bench.send(client, cid, blocking(3));
    let reply = reply_to(bench.receive(server, 1).sender);
    bench
        .kernel
        .crash_process(client.pid)
        .expect("a live process");
    assert_eq!(bench.error(server, &reply), Error::ProcessNotFound);
    assert_eq!(bench.kernel.servers()[0].parked, [server.tid]);
}

/// 14, safe
#[test]
fn a_safe_kernel_changes_nothing_on_a_failed_reply_and_receive() {
    for profile in BOTH {
        let (mut bench, server, client, cid) = pair(profile, Fidelity::Safe);
        bench.send(client, cid, blocking(3));
        let sender = bench.receive(server, 1).sender;
        bench
            .kernel
            .crash_process(client.pid)
            .expect("a live process");
        let before = bench.kernel.clone();
        assert_eq!(
            bench.error(server, &reply_to(sender)),
            Error::ProcessNotFound
        );
        let nothing = reply_to(nothing_waits_there(&bench));
        assert_eq!(bench.error(server, &nothing), Error::DoubleFree);
        assert_eq!(bench.kernel, before);
    }
}

/// 15
#[test]
fn a_sender_word_with_server_index_128_panics_and_129_does_not() {
    for profile in BOTH {
        let reply = |index| Syscall::ReturnScalar1 {
            sender: SenderWord::pack(Pid::KERNEL, ServerIndex(index), SlotIndex(0)),
            value: 0,
        };
        assert_eq!(
            panic_of(profile, &reply(128)),
            KernelPanic::SenderBeyondServerTable
        );
        assert_eq!(
            safe(profile, &reply(128)),
            SysResult::Error(Error::ServerNotFound)
        );
        let (mut bench, server, ..) = pair(profile, Fidelity::Faithful);
        assert_eq!(bench.error(server, &reply(129)), Error::ServerNotFound);
    }
}

/// 15
#[test]
fn connecting_an_impossible_process_panics() {
    for (profile, number) in [(Profile::Hardware, 65), (Profile::Hosted, 33)] {
        let connect = |number| {
            let pid = Pid::new(number).expect("non-zero");
            Syscall::ConnectForProcess { pid, sid: sid(1) }
        };
        assert_eq!(
            panic_of(profile, &connect(number)),
            KernelPanic::ConnectForImpossibleProcess
        );
        assert_eq!(
            safe(profile, &connect(number)),
            SysResult::Error(Error::ProcessNotFound)
        );
        let (mut bench, server, ..) = pair(profile, Fidelity::Faithful);
        assert_eq!(
            bench.error(server, &connect(number - 1)),
            Error::ProcessNotFound
        );
    }
}

/// 15
#[test]
fn connecting_a_process_that_has_never_run_panics() {
    for profile in BOTH {
        for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
            let (mut bench, server, ..) = pair(profile, fidelity);
            let pid = bench.kernel.create_process().expect("a free PID");
            let outcome = bench.outcome(server, &Syscall::ConnectForProcess { pid, sid: sid(1) });
            let panic = Outcome::Panic(KernelPanic::ConnectForProcessThatNeverRan);
            let works = Outcome::Done(SysResult::ConnectionId(Cid(2)));
            assert_eq!(
                outcome,
                if fidelity == Fidelity::Faithful {
                    panic
                } else {
                    works
                }
            );
        }
    }
}

/// 15: a reply that reaches the next process of a PID wakes a thread that stays parked.
#[test]
fn receiving_by_a_parked_thread_panics() {
    for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
        let (mut bench, server, client, cid) = pair(Profile::Hardware, fidelity);
        bench.send(client, cid, blocking(1));
        let sender = bench.receive(server, 1).sender;
        bench
            .kernel
            .crash_process(client.pid)
            .expect("a live process");
        assert_eq!(bench.boot(), client);
        bench.server(client, 2);
        bench.park(client, 2);
        bench.result(server, &Syscall::ReturnScalar1 { sender, value: 0 });
        assert_eq!(bench.kernel.is_blocked(client), None);
        let outcome = bench.outcome(client, &Syscall::ReceiveMessage { sid: sid(2) });
        let panic = Outcome::Panic(KernelPanic::ReceiveByParkedThread);
        let refused = Outcome::Done(SysResult::Error(Error::InvalidThread));
        assert_eq!(
            outcome,
            if fidelity == Fidelity::Faithful {
                panic
            } else {
                refused
            }
        );
    }
}

/// 15
#[test]
fn joining_a_thread_beyond_the_contexts_panics_on_hardware() {
    let join = Syscall::JoinThread { tid: Tid(31) };
    assert_eq!(
        panic_of(Profile::Hardware, &join),
        KernelPanic::JoinBeyondContexts
    );
    assert_eq!(safe(Profile::Hardware, &join), SysResult::Scalar1(0));
    let (mut bench, server, ..) = pair(Profile::Hardware, Fidelity::Faithful);
    assert_eq!(
        bench.result(server, &Syscall::JoinThread { tid: Tid(30) }),
        SysResult::Scalar1(0)
    );
}

/// 15
#[test]
fn claiming_interrupt_32_panics_on_hardware() {
    let claim = Syscall::ClaimInterrupt {
        irq: 32,
        handler: 1,
        argument: 0,
    };
    assert_eq!(
        panic_of(Profile::Hardware, &claim),
        KernelPanic::ClaimBeyondInterrupts
    );
    assert_eq!(
        safe(Profile::Hardware, &claim),
        SysResult::Error(Error::InterruptNotFound)
    );
}

/// 15
#[test]
fn a_second_switch_panics() {
    let switch = Syscall::SwitchTo {
        pid: Pid::KERNEL,
        tid: 2,
    };
    assert_eq!(
        panic_of(Profile::Hardware, &switch),
        KernelPanic::NestedSwitch
    );
    assert_eq!(
        safe(Profile::Hardware, &switch),
        SysResult::Error(Error::UnhandledSyscall)
    );
}

/// 18
#[test]
fn a_full_queue_loses_the_pages_of_a_lend_on_hardware() {
    for kind in [
        MessageKind::Borrow,
        MessageKind::MutableBorrow,
        MessageKind::Move,
    ] {
        for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
            let (mut bench, _, client, cid) = pair(Profile::Hardware, fidelity);
            for id in 0..128 {
                bench.send(client, cid, scalar(id));
            }
            let range = bench.map(client, 2);
            let before = bench.kernel.clone();
            let send = Syscall::SendMessage {
                cid,
                message: memory(kind, range),
            };
            assert_eq!(bench.outcome(client, &send), Outcome::Retry);
            if fidelity == Fidelity::Faithful {
                assert!(
                    bench
                        .kernel
                        .read_memory(client.pid, range.address, 1)
                        .is_err()
                );
                assert_eq!(bench.error(client, &send), Error::BadAddress);
            } else {
                assert_eq!(bench.kernel, before);
            }
        }
    }
}
