//! A kernel with short words for what the tests do all the time.
//!
//! Each helper insists on the outcome that its name promises.

#![allow(dead_code, reason = "each test crate uses a part of this")]

use xous_sim_kernel::*;

/// A kernel under test.
pub struct Bench {
    pub kernel: Kernel,
}

/// A configuration of a profile and a fidelity.
pub fn config(profile: Profile, fidelity: Fidelity) -> Config {
    Config {
        profile,
        fidelity,
        ..Config::default()
    }
}

/// The SID whose words are all this number.
pub fn sid(number: u32) -> Sid {
    Sid([number; 4])
}

/// A blocking scalar with this message id.
pub fn blocking(id: u64) -> Message {
    Message::blocking_scalar(id, [0; 4])
}

/// A scalar with this message id.
pub fn scalar(id: u64) -> Message {
    Message::scalar(id, [0; 4])
}

/// A memory message of a kind.
pub fn memory(kind: MessageKind, range: MemoryRange) -> Message {
    Message::from_words(kind, [7, range.address, range.length, 0, 0])
}

impl Bench {
    pub fn new(profile: Profile, fidelity: Fidelity) -> Bench {
        Bench {
            kernel: Kernel::new(config(profile, fidelity)),
        }
    }

    pub fn hardware() -> Bench {
        Bench::new(Profile::Hardware, Fidelity::Faithful)
    }

    pub fn hosted() -> Bench {
        Bench::new(Profile::Hosted, Fidelity::Faithful)
    }

    /// A new process; its main thread.
    pub fn boot(&mut self) -> Caller {
        let pid = self.kernel.boot_process().expect("a free PID");
        Caller {
            pid,
            tid: Tid::INITIAL,
        }
    }

    /// Another thread of a process.
    pub fn thread(&mut self, of: Caller) -> Caller {
        let create = Syscall::CreateThread {
            entry: 0x1000,
            stack: 0x2000,
            stack_length: 0x1000,
            arguments: [0; 4],
        };
        match self.result(of, &create) {
            SysResult::ThreadId(tid) => Caller { pid: of.pid, tid },
            other => panic!("no thread: {other:?}"),
        }
    }

    pub fn step(&mut self, caller: Caller, syscall: &Syscall) -> Step {
        self.kernel
            .call(caller, syscall)
            .expect("the thread can call")
    }

    pub fn outcome(&mut self, caller: Caller, syscall: &Syscall) -> Outcome {
        self.step(caller, syscall).outcome
    }

    pub fn result(&mut self, caller: Caller, syscall: &Syscall) -> SysResult {
        match self.outcome(caller, syscall) {
            Outcome::Done(result) => result,
            other => panic!("{syscall:?} gave {other:?}"),
        }
    }

    pub fn error(&mut self, caller: Caller, syscall: &Syscall) -> Error {
        let result = self.result(caller, syscall);
        result
            .error()
            .unwrap_or_else(|| panic!("{syscall:?} gave {result:?}"))
    }

    pub fn block(&mut self, caller: Caller, syscall: &Syscall) -> Step {
        let step = self.step(caller, syscall);
        assert_eq!(step.outcome, Outcome::Blocked, "{syscall:?}");
        step
    }

    pub fn panic(&mut self, caller: Caller, syscall: &Syscall) -> KernelPanic {
        match self.outcome(caller, syscall) {
            Outcome::Panic(reason) => reason,
            other => panic!("{syscall:?} gave {other:?}"),
        }
    }

    /// Creates a server; the creator's connection to it.
    pub fn server(&mut self, caller: Caller, number: u32) -> Cid {
        match self.result(
            caller,
            &Syscall::CreateServerWithAddress { sid: sid(number) },
        ) {
            SysResult::NewServerId(_, cid) => cid,
            other => panic!("no server: {other:?}"),
        }
    }

    pub fn connect(&mut self, caller: Caller, number: u32) -> Cid {
        match self.result(caller, &Syscall::TryConnect { sid: sid(number) }) {
            SysResult::ConnectionId(cid) => cid,
            other => panic!("no connection: {other:?}"),
        }
    }

    /// Fills a process's map, one server a slot, with servers 1000 and up.
    pub fn fill_map(&mut self, owner: Caller, client: Caller) {
        let slots = self
            .kernel
            .connection_map(client.pid)
            .expect("a process")
            .bytes()
            .len() as u32;
        for number in 1000..1000 + slots {
            let create = Syscall::CreateServerWithAddress { sid: sid(number) };
            self.step(owner, &create);
            let _ = self.step(client, &Syscall::TryConnect { sid: sid(number) });
        }
    }

    pub fn send(&mut self, caller: Caller, cid: Cid, message: Message) -> Step {
        self.step(caller, &Syscall::SendMessage { cid, message })
    }

    pub fn try_receive(&mut self, caller: Caller, number: u32) -> Option<MessageEnvelope> {
        match self.result(caller, &Syscall::TryReceiveMessage { sid: sid(number) }) {
            SysResult::MessageEnvelope(envelope) => Some(envelope),
            SysResult::None => None,
            other => panic!("no message: {other:?}"),
        }
    }

    pub fn receive(&mut self, caller: Caller, number: u32) -> MessageEnvelope {
        self.try_receive(caller, number).expect("a queued message")
    }

    /// Parks a thread on its server.
    pub fn park(&mut self, caller: Caller, number: u32) {
        self.block(caller, &Syscall::ReceiveMessage { sid: sid(number) });
    }

    pub fn map(&mut self, caller: Caller, pages: u64) -> MemoryRange {
        let size = pages * PAGE_SIZE;
        let map = Syscall::MapMemory {
            physical: 0,
            address: 0,
            size,
            flags: MemoryFlags::RW,
        };
        match self.result(caller, &map) {
            SysResult::MemoryRange(range) => range,
            other => panic!("no memory: {other:?}"),
        }
    }

    pub fn map_bytes(&self, caller: Caller) -> &[u8] {
        self.kernel
            .connection_map(caller.pid)
            .expect("a process")
            .bytes()
    }
}

/// The one wake of a step.
pub fn only_wake(step: &Step) -> (Caller, SysResult) {
    let [wake] = &step.wakes[..] else {
        panic!("one wake expected: {step:?}")
    };
    (wake.thread, wake.result.clone())
}

/// The message that a wake brings.
pub fn woken_with(step: &Step) -> MessageEnvelope {
    match only_wake(step).1 {
        SysResult::MessageEnvelope(envelope) => envelope,
        other => panic!("a message expected: {other:?}"),
    }
}
