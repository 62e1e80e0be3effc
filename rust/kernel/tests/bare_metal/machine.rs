//! Setting up a kernel and its processor, and short words for calls.

use xous_sim_kernel::*;

pub const SERVICE: Sid = Sid([1, 2, 3, 4]);
pub const OTHER: Sid = Sid([5, 6, 7, 8]);

pub fn thread(pid: u8, tid: u8) -> Caller {
    Caller {
        pid: Pid::new(pid).expect("from 1"),
        tid: Tid(tid),
    }
}

/// A kernel with this many processes from PID 2.
pub fn boot(processes: usize) -> Kernel {
    let mut kernel = Kernel::new(Config::default());
    for _ in 0..processes {
        kernel.boot_process().expect("the process table has room");
    }
    kernel
}

pub fn done(kernel: &mut Kernel, caller: Caller, call: &Syscall) -> SysResult {
    match kernel.call(caller, call).expect("no misuse").outcome {
        Outcome::Done(result) => result,
        other => panic!("{call:?} gave {other:?}"),
    }
}

/// Gives the main thread of `pid` more threads, up to this TID.
pub fn with_threads(kernel: &mut Kernel, pid: u8, up_to: u8) {
    for tid in 3..=up_to {
        let call = Syscall::CreateThread {
            entry: 0x1_0000,
            stack: 0x7000_0000,
            stack_length: 4096,
            arguments: [0; 4],
        };
        assert_eq!(
            done(kernel, thread(pid, 2), &call),
            SysResult::ThreadId(Tid(tid))
        );
    }
}

/// A server of process `pid`, to which `clients` are connected by their CID 2.
pub fn with_server(kernel: &mut Kernel, pid: u8, clients: &[u8]) {
    done(
        kernel,
        thread(pid, 2),
        &Syscall::CreateServerWithAddress { sid: SERVICE },
    );
    for &client in clients {
        let connected = done(
            kernel,
            thread(client, 2),
            &Syscall::TryConnect { sid: SERVICE },
        );
        assert_eq!(connected, SysResult::ConnectionId(Cid(2)));
    }
}

pub fn park(kernel: &mut Kernel, caller: Caller) {
    let step = kernel
        .call(caller, &Syscall::ReceiveMessage { sid: SERVICE })
        .expect("no misuse");
    assert_eq!(step.outcome, Outcome::Blocked);
}

pub fn on(kernel: Kernel) -> BareMetal {
    BareMetal::new(kernel).expect("the default profile is hardware")
}

pub fn scalar() -> Syscall {
    Syscall::SendMessage {
        cid: Cid(2),
        message: Message::scalar(0, [0; 4]),
    }
}

pub fn blocking() -> Syscall {
    Syscall::SendMessage {
        cid: Cid(2),
        message: Message::blocking_scalar(0, [0; 4]),
    }
}

pub fn receive() -> Syscall {
    Syscall::ReceiveMessage { sid: SERVICE }
}

pub fn reply(sender: SenderWord) -> Syscall {
    Syscall::ReturnScalar1 { sender, value: 7 }
}

pub fn reply_and_receive(sender: SenderWord) -> Syscall {
    Syscall::ReplyAndReceiveNext {
        sender,
        arguments: [0, 7, 0, 0, 0],
        kind: 1,
        payload: Vec::new(),
    }
}

/// The running thread makes a call; who runs then?
pub fn after(machine: &mut BareMetal, call: &Syscall) -> Option<Caller> {
    machine.call(call).expect("no misuse");
    machine.running()
}

pub fn outcome(machine: &mut BareMetal, call: &Syscall) -> Outcome {
    machine.call(call).expect("no misuse").outcome
}

/// The sender word of the message that a call of the running thread sends or takes.
pub fn envelope_of(machine: &mut BareMetal, call: &Syscall) -> SenderWord {
    let step = machine.call(call).expect("no misuse");
    let results = step.wakes.into_iter().map(|wake| wake.result);
    let own = if let Outcome::Done(result) = step.outcome {
        Some(result)
    } else {
        None
    };
    let is_envelope = |result| match result {
        SysResult::MessageEnvelope(MessageEnvelope { sender, .. }) => Some(sender),
        _ => None,
    };
    results
        .chain(own)
        .find_map(is_envelope)
        .expect("an envelope")
}

/// PIDs that get a quantum in turn when only the timer acts.
pub fn quanta(machine: &mut BareMetal, count: usize) -> Vec<Caller> {
    let next = |machine: &mut BareMetal| {
        let running = machine.running().expect("somebody can run");
        machine.preempt();
        running
    };
    (0..count).map(|_| next(machine)).collect()
}

pub fn preempt_until(machine: &mut BareMetal, wanted: Caller) {
    for _ in 0..100 {
        if machine.running() != Some(wanted) {
            machine.preempt();
        }
    }
    assert_eq!(machine.running(), Some(wanted), "its turn comes");
}
