//! How servers, processes and threads begin and end, and what that does to everyone else.

mod support;
use support::*;
use xous_sim_kernel::*;

#[test]
fn destroying_a_server_frees_slots_and_wakes_blocked_senders_with_error_9() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.send(client, cid, blocking(5));
    let step = bench.step(server, &Syscall::DestroyServer { sid: sid(1) });
    assert_eq!(
        only_wake(&step),
        (client, SysResult::Error(Error::ServerNotFound))
    );
    assert!(bench.map_bytes(client).iter().all(|byte| *byte == 0));
    assert_eq!(
        bench.error(client, &Syscall::Disconnect { cid }),
        Error::ServerNotFound
    );
}

#[test]
fn a_dead_process_leaves_tombstones_and_blocked_senders() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    bench.send(client, cid, blocking(5));
    let serial = bench
        .kernel
        .server_behind(client.pid, cid)
        .expect("a live server");
    let step = bench
        .kernel
        .crash_process(server.pid)
        .expect("a live process");
    assert_eq!(
        (step.outcome, step.wakes, step.ended),
        (Outcome::Ended, vec![], vec![server.pid])
    );
    assert_eq!(bench.map_bytes(client)[0], 1);
    assert!(!bench.kernel.is_alive(serial));
    assert_eq!(
        bench.kernel.is_blocked(client),
        Some(BlockedOn::Reply { server: serial })
    );
}

#[test]
fn each_restart_of_a_server_costs_its_peers_a_slot_until_none_is_left() {
    let mut bench = Bench::hardware();
    let client = bench.boot();
    for _ in 0..32 {
        let server = bench.boot();
        bench.server(server, 1);
        bench.connect(client, 1);
        bench
            .kernel
            .crash_process(server.pid)
            .expect("a live process");
    }
    let server = bench.boot();
    bench.server(server, 1);
    assert_eq!(
        bench.error(client, &Syscall::TryConnect { sid: sid(1) }),
        Error::OutOfMemory
    );
    bench.result(client, &Syscall::Disconnect { cid: Cid(9) });
    assert_eq!(bench.connect(client, 1), Cid(9));
}

#[test]
fn destroying_a_server_wakes_its_parked_threads_lowest_first() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let (second, third) = (bench.thread(main), bench.thread(main));
    bench.server(main, 1);
    bench.park(third, 1);
    bench.park(second, 1);
    let step = bench.step(main, &Syscall::DestroyServer { sid: sid(1) });
    let woken: Vec<Caller> = step.wakes.iter().map(|wake| wake.thread).collect();
    assert_eq!(woken, [second, third]);
    assert!(
        step.wakes
            .iter()
            .all(|wake| wake.result == SysResult::Error(Error::ServerNotFound))
    );
}

#[test]
fn destroying_a_server_gives_lent_pages_back_and_frees_moved_ones() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    let (moved, lent) = (bench.map(client, 1), bench.map(client, 2));
    bench
        .kernel
        .write_memory(client.pid, lent.address, b"mine")
        .expect("writable");
    bench.send(client, cid, memory(MessageKind::Move, moved));
    bench.send(client, cid, memory(MessageKind::MutableBorrow, lent));
    let before = bench.kernel.memory(server.pid).cloned();
    bench.step(server, &Syscall::DestroyServer { sid: sid(1) });
    assert_eq!(
        bench
            .kernel
            .read_memory(client.pid, lent.address, 4)
            .as_deref(),
        Ok(&b"mine"[..])
    );
    assert!(
        bench
            .kernel
            .read_memory(client.pid, moved.address, 1)
            .is_err()
    );
    assert_ne!(bench.kernel.memory(server.pid).cloned(), before);
    assert!(
        bench
            .kernel
            .read_memory(server.pid, MESSAGE_BASE, 1)
            .is_err()
    );
}

#[test]
fn terminating_ends_the_caller_and_its_pid_is_given_out_again() {
    let mut bench = Bench::hardware();
    let (first, second) = (bench.boot(), bench.boot());
    let step = bench.step(first, &Syscall::TerminateProcess { code: 3 });
    assert_eq!(
        (step.outcome, step.ended),
        (Outcome::Ended, vec![first.pid])
    );
    assert_eq!(
        bench.kernel.call(first, &Syscall::Yield),
        Err(Misuse::NoProcess(first.pid))
    );
    assert_eq!(bench.boot().pid, first.pid);
    assert_eq!(bench.boot().pid.get(), second.pid.get() + 1);
}

#[test]
fn all_pids_can_be_taken() {
    for (profile, processes) in [(Profile::Hardware, 64), (Profile::Hosted, 32)] {
        let mut bench = Bench::new(profile, Fidelity::Faithful);
        for pid in 2..=processes {
            assert_eq!(bench.boot().pid.get(), pid);
        }
        assert_eq!(bench.kernel.boot_process(), Err(Error::ProcessNotFound));
    }
}

#[test]
fn a_created_process_waits_to_be_started() {
    let mut bench = Bench::hardware();
    let parent = bench.boot();
    let result = bench.result(parent, &Syscall::CreateProcess { words: [0; 7] });
    let SysResult::NewProcess {
        pid,
        cid: Some(cid),
    } = result
    else {
        panic!("{result:?}")
    };
    let child = Caller {
        pid,
        tid: Tid::INITIAL,
    };
    assert_eq!(
        bench.kernel.call(child, &Syscall::Yield),
        Err(Misuse::NotStarted(pid))
    );
    bench.kernel.start_process(pid).expect("not started yet");
    assert_eq!(
        bench.kernel.start_process(pid),
        Err(Misuse::AlreadyStarted(pid))
    );
    let server = bench.kernel.servers().pop().expect("the child's server");
    assert_eq!(
        bench.kernel.server_behind(parent.pid, cid),
        Some(server.serial)
    );
    let start = bench
        .kernel
        .thread_start(child)
        .expect("the child's main thread");
    assert_eq!(
        (server.owner, start.arguments),
        (pid, server.sid.to_words())
    );
    assert!(bench.map_bytes(child).iter().all(|byte| *byte == 0));
}

#[test]
fn a_hosted_child_asks_for_its_first_thread_from_the_phantom() {
    let mut bench = Bench::hosted();
    let parent = bench.boot();
    let result = bench.result(parent, &Syscall::CreateProcess { words: [1; 7] });
    let SysResult::NewProcess { pid, cid: None } = result else {
        panic!("{result:?}")
    };
    bench.kernel.start_process(pid).expect("not started yet");
    let phantom = Caller {
        pid,
        tid: Tid::PHANTOM,
    };
    assert_eq!(bench.thread(phantom).tid, Tid::INITIAL);
}

#[test]
fn shutdown_ends_every_process_and_server() {
    for (profile, outcome) in [
        (Profile::Hardware, Outcome::Ended),
        (Profile::Hosted, Outcome::Done(SysResult::Ok)),
    ] {
        let mut bench = Bench::new(profile, Fidelity::Faithful);
        let (first, second) = (bench.boot(), bench.boot());
        bench.server(first, 1);
        let step = bench.step(second, &Syscall::Shutdown);
        assert_eq!(
            (step.outcome, step.ended),
            (outcome, vec![first.pid, second.pid])
        );
        assert_eq!(bench.kernel.process_ids(), [Pid::KERNEL]);
        assert!(bench.kernel.servers().is_empty());
    }
}

#[test]
fn a_join_gets_the_exit_value_and_its_thread_id_is_free_again_on_hardware() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let worker = bench.thread(main);
    bench.block(main, &Syscall::JoinThread { tid: worker.tid });
    assert_eq!(
        bench.kernel.is_blocked(main),
        Some(BlockedOn::Join { tid: worker.tid })
    );
    let step = bench
        .kernel
        .exit_thread(worker, 42)
        .expect("a running thread");
    assert_eq!(only_wake(&step), (main, SysResult::Scalar1(42)));
    assert_eq!(
        bench.kernel.call(worker, &Syscall::Yield),
        Err(Misuse::NoThread(worker))
    );
    assert_eq!(bench.thread(main), worker);
}

#[test]
fn a_thread_cannot_join_itself() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    assert_eq!(
        bench.error(main, &Syscall::JoinThread { tid: main.tid }),
        Error::ThreadNotAvailable
    );
}

#[test]
fn hosted_gives_out_thirty_one_thread_ids_and_hardware_twenty_nine() {
    for (profile, last) in [(Profile::Hardware, 30), (Profile::Hosted, 32)] {
        let mut bench = Bench::new(profile, Fidelity::Faithful);
        let main = bench.boot();
        for tid in 3..=last {
            assert_eq!(bench.thread(main).tid, Tid(tid));
        }
        let create = Syscall::CreateThread {
            entry: 1,
            stack: 0x1000,
            stack_length: 0x1000,
            arguments: [0; 4],
        };
        assert_eq!(bench.error(main, &create), Error::ThreadNotAvailable);
    }
}

#[test]
fn a_stack_must_have_room_on_hardware() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let create = Syscall::CreateThread {
        entry: 1,
        stack: 8,
        stack_length: 8,
        arguments: [0; 4],
    };
    assert_eq!(bench.error(main, &create), Error::BadAddress);
}

#[test]
fn a_blocked_thread_cannot_call() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    bench.server(main, 1);
    bench.park(main, 1);
    assert_eq!(
        bench.kernel.call(main, &Syscall::Yield),
        Err(Misuse::Blocked(main))
    );
    assert_eq!(
        bench.kernel.exit_thread(main, 0),
        Err(Misuse::Blocked(main))
    );
}

#[test]
fn an_interrupt_wakes_who_waits_for_an_event() {
    let mut bench = Bench::hardware();
    let (main, other) = (bench.boot(), bench.boot());
    let claim = Syscall::ClaimInterrupt {
        irq: 3,
        handler: 0x1000,
        argument: 0,
    };
    assert_eq!(bench.result(main, &claim), SysResult::Ok);
    assert_eq!(bench.error(other, &claim), Error::InterruptInUse);
    bench.block(main, &Syscall::WaitEvent);
    let step = bench.kernel.interrupt(3).expect("no misuse");
    assert_eq!(only_wake(&step), (main, SysResult::Ok));
    assert_eq!(
        bench.error(other, &Syscall::FreeInterrupt { irq: 3 }),
        Error::InterruptNotFound
    );
    bench
        .kernel
        .crash_process(main.pid)
        .expect("a live process");
    assert_eq!(bench.result(other, &claim), SysResult::Ok);
}

#[test]
fn the_kernel_process_cannot_be_crashed_on_hardware() {
    let mut bench = Bench::hardware();
    assert_eq!(
        bench.kernel.crash_process(Pid::KERNEL),
        Err(Misuse::KernelProcess)
    );
    let nobody = Pid::new(9).expect("non-zero");
    assert_eq!(
        bench.kernel.crash_process(nobody),
        Err(Misuse::NoProcess(nobody))
    );
}

#[test]
fn undecodable_calls_fail_on_hardware_and_hang_when_hosted() {
    let zero_size = [0, 0, 0, 6, 0, 0, 0];
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let step = bench
        .kernel
        .call_words(main, 2, zero_size)
        .expect("a running thread");
    assert_eq!(
        step.outcome,
        Outcome::Done(SysResult::Error(Error::UnhandledSyscall))
    );
    let mut bench = Bench::hosted();
    let main = bench.boot();
    let step = bench
        .kernel
        .call_words(main, 2, zero_size)
        .expect("a running thread");
    assert_eq!(step.outcome, Outcome::NoReply);
    assert_eq!(
        bench.result(main, &Syscall::GetThreadId),
        SysResult::ThreadId(main.tid)
    );
}

#[test]
fn hardware_keeps_thirty_two_bits_of_a_word() {
    let mut bench = Bench::hardware();
    let main = bench.boot();
    let number = 33 | 1 << 32;
    let step = bench
        .kernel
        .call_words(main, number, [0; 7])
        .expect("a running thread");
    assert_eq!(step.outcome, Outcome::Done(SysResult::ProcessId(main.pid)));
}

#[test]
fn a_kernel_can_be_shared_between_threads() {
    fn check<T: Clone + Send + Sync + std::hash::Hash + Eq>() {}
    check::<Kernel>();
}

#[test]
fn a_faithful_hosted_kernel_is_not_told_that_a_thread_ends() {
    let mut bench = Bench::hosted();
    let main = bench.boot();
    let worker = bench.thread(main);
    let before = bench.kernel.clone();
    let step = bench
        .kernel
        .exit_thread(worker, 1)
        .expect("a running thread");
    assert_eq!((step.outcome, bench.kernel), (Outcome::Ended, before));
}

#[test]
fn a_message_for_a_thread_that_ended_while_parked_is_lost() {
    let mut bench = Bench::hardware();
    let (server, client) = (bench.boot(), bench.boot());
    let worker = bench.thread(server);
    bench.server(server, 1);
    let cid = bench.connect(client, 1);
    let index = bench.kernel.servers()[0].index;
    let sender = SenderWord::pack(client.pid, index, SlotIndex(9));
    let reply = Syscall::ReplyAndReceiveNext {
        sender,
        arguments: [0; 5],
        kind: 1,
        payload: vec![],
    };
    assert_eq!(bench.error(worker, &reply), Error::DoubleFree);
    bench
        .kernel
        .exit_thread(worker, 0)
        .expect("a running thread");
    assert_eq!(only_wake(&bench.send(client, cid, scalar(1))).0, worker);
    assert_eq!(bench.try_receive(server, 1), None);
    assert_eq!(bench.kernel.threads(server.pid), [Tid::INITIAL]);
}
