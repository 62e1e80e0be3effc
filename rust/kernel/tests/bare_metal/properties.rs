//! Random calls: the processor is never given to a thread that cannot run, and never wasted.

use crate::machine::*;
use proptest::prelude::*;
use xous_sim_kernel::*;

fn any_call() -> impl Strategy<Value = Syscall> {
    let sender = SenderWord::pack(
        Pid::KERNEL,
        xous_sim_kernel::ServerIndex(0),
        xous_sim_kernel::SlotIndex(0),
    );
    let create = Syscall::CreateThread {
        entry: 0x1_0000,
        stack: 0x7000_0000,
        stack_length: 4096,
        arguments: [0; 4],
    };
    prop::sample::select(vec![
        scalar(),
        blocking(),
        receive(),
        reply(sender),
        reply_and_receive(sender),
        create,
        Syscall::Yield,
        Syscall::WaitEvent,
        Syscall::Connect { sid: OTHER },
        Syscall::JoinThread { tid: Tid(3) },
        Syscall::DestroyServer { sid: SERVICE },
        Syscall::TerminateProcess { code: 0 },
    ])
}

/// The processor is never given to a thread that cannot run, and never idles while one can.
fn check_running(machine: &BareMetal) {
    let kernel = machine.kernel();
    let can_run = |caller: Caller| {
        kernel.threads(caller.pid).contains(&caller.tid) && kernel.is_blocked(caller).is_none()
    };
    let of_process = |pid: Pid| {
        kernel
            .threads(pid)
            .into_iter()
            .map(move |tid| Caller { pid, tid })
    };
    match machine.running() {
        Some(running) => assert!(can_run(running), "{running:?}"),
        None if kernel.panicked().is_some() => {}
        None => {
            let mut programs = kernel
                .process_ids()
                .into_iter()
                .filter(|&pid| pid != Pid::KERNEL);
            assert!(!programs.any(|pid| of_process(pid).any(can_run)));
        }
    }
}

proptest! {
    #[test]
    fn the_processor_is_never_wasted(calls in prop::collection::vec(prop::option::of(any_call()), 1..60)) {
        let mut kernel = boot(3);
        with_server(&mut kernel, 3, &[2, 4]);
        let mut machine = on(kernel);
        for call in calls {
            match call {
                Some(call) if machine.running().is_some() => drop(machine.call(&call).expect("no misuse")),
                _ => machine.preempt(),
            }
            check_running(&machine);
        }
    }
}
