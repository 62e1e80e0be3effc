//! Processes on an exchange, without sockets: each call is a packet, each answer read back from one.

use xous_sim_hosted::Exchange;
use xous_sim_hosted::exchange::{Output, Setup};
use xous_sim_hosted::wire::{Key, call_packet, sys_result};
use xous_sim_kernel::{
    Caller, Cid, Config, Fidelity, Message, Pid, Profile, Sid, SysResult, Syscall, Tid,
};

/// An exchange with processes 2, 3 and 4.
pub struct Desk {
    pub exchange: Exchange,
    /// Answers that have come out and nobody has looked at.
    answers: Vec<(Caller, SysResult)>,
}

/// Thread `tid` of process `pid`.
pub fn thread(pid: u8, tid: u8) -> Caller {
    let pid = Pid::new(pid).expect("not 0");
    Caller { pid, tid: Tid(tid) }
}

pub const SID: Sid = Sid([1, 2, 3, 4]);
pub const OTHER: Sid = Sid([5, 6, 7, 8]);

impl Desk {
    pub fn new(fidelity: Fidelity) -> Desk {
        Desk::with(fidelity, false)
    }

    /// One on which calls and answers wait until they are chosen.
    #[allow(dead_code, reason = "not every test binary holds calls")]
    pub fn holding() -> Desk {
        Desk::with(Fidelity::Safe, true)
    }

    fn with(fidelity: Fidelity, hold: bool) -> Desk {
        let config = Config {
            profile: Profile::Hosted,
            fidelity,
            ..Config::default()
        };
        let mut exchange = Exchange::new(Setup {
            config,
            hold,
            ..Setup::default()
        });
        for number in 2..5 {
            let key = Key([number; 16]);
            exchange.invite(key, "program").expect("a free PID");
            exchange.join(key).expect("it was invited");
        }
        Desk {
            exchange,
            answers: Vec::new(),
        }
    }

    /// Makes a call; its answer, if it has one already.
    pub fn call(&mut self, at: Caller, call: &Syscall) -> Option<SysResult> {
        let packet = call_packet(at.tid.0.into(), call);
        self.exchange.receive(at.pid, packet).expect("a good call");
        self.answer(at)
    }

    /// The answer that a thread has got since the last time.
    pub fn answer(&mut self, at: Caller) -> Option<SysResult> {
        for output in self.exchange.take_output() {
            let Output::Send(pid, packet) = output else {
                continue;
            };
            let tid = Tid(u8::try_from(packet.thread).expect("a TID"));
            let lent = packet.payload.len();
            let result = sys_result(packet, lent).expect("a result");
            self.answers.push((Caller { pid, tid }, result));
        }
        let place = self.answers.iter().position(|(caller, _)| *caller == at)?;
        Some(self.answers.remove(place).1)
    }

    /// Lets a thread create a server with this SID.
    pub fn create(&mut self, at: Caller, sid: Sid) {
        let created = self.call(at, &Syscall::CreateServerWithAddress { sid });
        assert!(
            matches!(created, Some(SysResult::NewServerId(..))),
            "{created:?}"
        );
    }

    /// Connects a thread, which must work.
    pub fn connect(&mut self, at: Caller, sid: Sid) -> Cid {
        match self.call(at, &Syscall::Connect { sid }) {
            Some(SysResult::ConnectionId(cid)) => cid,
            other => panic!("a CID was expected, not {other:?}"),
        }
    }

    /// Sends a scalar that nobody answers.
    pub fn send(&mut self, at: Caller, cid: Cid) -> Option<SysResult> {
        let message = Message::scalar(0, [0; 4]);
        self.call(at, &Syscall::SendMessage { cid, message })
    }

    /// Sends a scalar and waits for its answer.
    pub fn ask(&mut self, at: Caller, cid: Cid) -> Option<SysResult> {
        let message = Message::blocking_scalar(0, [0; 4]);
        self.call(at, &Syscall::SendMessage { cid, message })
    }

    #[allow(dead_code, reason = "not every test binary disconnects")]
    pub fn disconnect(&mut self, at: Caller, cid: Cid) -> Option<SysResult> {
        self.call(at, &Syscall::Disconnect { cid })
    }
}
