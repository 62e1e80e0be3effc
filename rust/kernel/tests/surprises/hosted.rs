//! Surprises of hosted mode that `Fidelity` switches (16 and 17).

use super::support::*;
use super::switched::{pair, panic_of};
use xous_sim_kernel::*;

/// 16
#[test]
fn hosted_kernels_panic_on_what_hardware_can_do() {
    let (address, size, flags) = (0, PAGE_SIZE, MemoryFlags::RW);
    let cases = [
        (
            Syscall::TerminateProcess { code: 0 },
            KernelPanic::HostedTerminate,
        ),
        (
            Syscall::PlatformSpecific { words: [0; 7] },
            KernelPanic::HostedPlatformSpecific,
        ),
        (
            Syscall::ClaimInterrupt {
                irq: 1,
                handler: 1,
                argument: 0,
            },
            KernelPanic::HostedClaimInterrupt,
        ),
        (
            Syscall::MapMemory {
                physical: 0xF000_0000,
                address,
                size,
                flags,
            },
            KernelPanic::HostedMapPhysical,
        ),
    ];
    for (syscall, reason) in cases {
        assert_eq!(panic_of(Profile::Hosted, &syscall), reason);
        for (profile, fidelity) in [
            (Profile::Hardware, Fidelity::Faithful),
            (Profile::Hosted, Fidelity::Safe),
        ] {
            let (mut bench, server, ..) = pair(profile, fidelity);
            let outcome = bench.outcome(server, &syscall);
            assert!(
                matches!(outcome, Outcome::Ended | Outcome::Done(_)),
                "{syscall:?}: {outcome:?}"
            );
        }
    }
}

/// 16
#[test]
fn a_hosted_destroy_panics_with_a_queued_move() {
    let send = |bench: &mut Bench, client, cid| {
        let range = MemoryRange {
            address: 8,
            length: 1,
        };
        bench.send(client, cid, memory(MessageKind::Move, range));
    };
    destroy_panics(KernelPanic::HostedDestroyWithMove, send);
}

/// 16
#[test]
fn a_hosted_destroy_panics_where_a_blocked_senders_process_has_moved_on() {
    let send = |bench: &mut Bench, client, cid| {
        let other = bench.thread(client);
        bench.send(client, cid, blocking(1));
        bench.result(other, &Syscall::GetProcessId);
    };
    destroy_panics(KernelPanic::HostedDestroyWithSenderMovedOn, send);
}

fn destroy_panics(reason: KernelPanic, prepare: fn(&mut Bench, Caller, Cid)) {
    let destroy = Syscall::DestroyServer { sid: sid(1) };
    let (mut bench, server, client, cid) = pair(Profile::Hosted, Fidelity::Faithful);
    prepare(&mut bench, client, cid);
    assert_eq!(bench.panic(server, &destroy), reason);
    let (mut bench, server, client, cid) = pair(Profile::Hosted, Fidelity::Safe);
    prepare(&mut bench, client, cid);
    assert_eq!(bench.result(server, &destroy), SysResult::Ok);
    assert_eq!(bench.kernel.is_blocked(client), None);
}

/// 16
#[test]
fn a_hosted_destroy_panics_where_another_thread_is_parked() {
    for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
        let (mut bench, server, ..) = pair(Profile::Hosted, fidelity);
        let other = bench.thread(server);
        bench.park(other, 1);
        let step = bench.step(server, &Syscall::DestroyServer { sid: sid(1) });
        let panic = Outcome::Panic(KernelPanic::HostedDestroyWithParkedThread);
        let works = Outcome::Done(SysResult::Ok);
        assert_eq!(
            step.outcome,
            if fidelity == Fidelity::Faithful {
                panic
            } else {
                works
            }
        );
    }
}

/// 16
#[test]
fn a_hosted_join_is_answered_and_dooms_the_joiners_next_call() {
    for exits in [false, true] {
        let (mut bench, main, ..) = pair(Profile::Hosted, Fidelity::Faithful);
        let worker = bench.thread(main);
        if exits {
            bench
                .kernel
                .exit_thread(worker, 4)
                .expect("a running thread");
        }
        let join = Syscall::JoinThread { tid: worker.tid };
        assert_eq!(bench.result(main, &join), SysResult::ResumeProcess);
        assert_eq!(bench.result(worker, &Syscall::Yield), SysResult::Ok);
        let undecodable = bench.kernel.call_words(main, 2, [0; 7]);
        assert_eq!(
            undecodable.expect("a running thread").outcome,
            Outcome::NoReply
        );
        assert_eq!(
            bench.panic(main, &Syscall::Yield),
            KernelPanic::HostedCallAfterJoin
        );
    }
    let (mut bench, main, ..) = pair(Profile::Hosted, Fidelity::Safe);
    let worker = bench.thread(main);
    bench.block(main, &Syscall::JoinThread { tid: worker.tid });
    let step = bench
        .kernel
        .exit_thread(worker, 4)
        .expect("a running thread");
    assert_eq!(only_wake(&step), (main, SysResult::Scalar1(4)));
}

/// 16
#[test]
fn a_shutdown_with_an_unanswered_call_panics() {
    for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
        let (mut bench, server, client, cid) = pair(Profile::Hosted, fidelity);
        bench.send(client, cid, blocking(1));
        bench.receive(server, 1);
        let panic = Outcome::Panic(KernelPanic::ShutdownWithUnansweredCall);
        let works = Outcome::Done(SysResult::Ok);
        let outcome = bench.outcome(server, &Syscall::Shutdown);
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

/// 16
#[test]
fn a_hosted_kernel_process_that_disconnects_panics() {
    let (mut bench, ..) = pair(Profile::Hosted, Fidelity::Faithful);
    let step = bench.kernel.crash_process(Pid::KERNEL).expect("hosted");
    assert_eq!(
        step.outcome,
        Outcome::Panic(KernelPanic::KernelProcessDisconnected)
    );
    let (mut bench, ..) = pair(Profile::Hosted, Fidelity::Safe);
    let step = bench.kernel.crash_process(Pid::KERNEL).expect("hosted");
    assert_eq!(step.outcome, Outcome::Ended);
    assert!(bench.kernel.process_ids().contains(&Pid::KERNEL));
}

/// 17
#[test]
fn hosted_errors_to_lends_carry_no_bytes_in_a_faithful_kernel() {
    for fidelity in [Fidelity::Faithful, Fidelity::Safe] {
        let (mut bench, _, client, _) = pair(Profile::Hosted, fidelity);
        let payload = b"lent".to_vec();
        let range = MemoryRange {
            address: 8,
            length: 4,
        };
        let body = MemoryBody {
            id: 1,
            range,
            offset: 0,
            valid: 0,
            payload: payload.clone(),
        };
        let send = Syscall::SendMessage {
            cid: Cid(30),
            message: Message::Borrow(body),
        };
        let result = bench.result(client, &send);
        let expected = if fidelity == Fidelity::Faithful {
            vec![]
        } else {
            payload
        };
        assert_eq!(
            (result.error(), result.payload()),
            (Some(Error::ServerNotFound), &expected[..])
        );
    }
}
