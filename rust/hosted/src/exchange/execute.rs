//! A call's way through the kernel, and its answers' way out.

use super::calls::Asked;
use super::moves::Moves;
use super::{Address, Ending, Exchange, Output};
use crate::watch::{Aim, Observation};
use crate::wire::{self, Key};
use xous_sim_kernel::{Caller, Error, Misuse, Outcome, Pid, Step, SysResult, Syscall};

impl Exchange {
    /// Takes a call that waits, and those that it lets succeed.
    pub(super) fn admit(&mut self, at: Address) {
        if self.execute(at) {
            self.repeat_calls();
        }
        self.serve_names();
    }

    /// Makes the calls again that were sent back. Held, they may be chosen again.
    pub(super) fn repeat_calls(&mut self) {
        let due = self.calls.take_deferred();
        if self.moves.is_none() {
            for at in due {
                self.execute(at);
            }
        }
    }

    /// Makes a call that waits; answers whether calls that were sent back may succeed now.
    fn execute(&mut self, at: Address) -> bool {
        let Some(asked) = self.calls.start(at) else {
            return false;
        };
        let aim = match &asked {
            Asked::Call(syscall) => Aim::of(&self.kernel, at.pid, syscall),
            Asked::Undecodable(..) => None,
        };
        let Ok((caller, step)) = self.call(at, &asked) else {
            self.answer(at, &SysResult::Error(Error::InvalidThread));
            return false;
        };
        if step.outcome == Outcome::Retry {
            self.send_back(at, asked);
            return false;
        }
        self.note_process(&asked, &step);
        self.observe(caller, &asked, aim, &step);
        self.apply(Some(at), step);
        may_let_others_succeed(&asked)
    }

    fn observe(&mut self, caller: Caller, asked: &Asked, aim: Option<Aim>, step: &Step) {
        let seen = Observation {
            caller,
            syscall: match asked {
                Asked::Call(syscall) => syscall,
                Asked::Undecodable(..) => &Syscall::Invalid,
            },
            aim,
            step,
            kernel: &self.kernel,
        };
        self.watch.observe(&seen);
        if let Some(recorder) = &mut self.recorder {
            let preempts = self.moves.as_ref().is_some_and(Moves::preempts);
            recorder.call(&seen, preempts);
        }
    }

    /// A process that a program has created waits for whoever has its key.
    fn note_process(&mut self, asked: &Asked, step: &Step) {
        let Asked::Call(Syscall::CreateProcess { words }) = asked else {
            return;
        };
        if let Outcome::Done(SysResult::NewProcess { pid, .. }) = step.outcome {
            self.expect(pid, Key::from_words(*words), "child");
        }
    }

    fn call(&mut self, at: Address, asked: &Asked) -> Result<(Caller, Step), Misuse> {
        let caller = self.caller(at, asked)?;
        let step = match asked {
            Asked::Call(syscall) => self.kernel.call(caller, syscall),
            Asked::Undecodable(number, words) => self.kernel.call_words(caller, *number, *words),
        };
        Ok((caller, step?))
    }

    /// The thread that calls. The kernel does not care whether it gave that TID out.
    fn caller(&mut self, at: Address, asked: &Asked) -> Result<Caller, Misuse> {
        let nobody = Misuse::NoProcess(at.pid);
        let caller = at.caller().ok_or(nobody)?;
        let asks_for_tid = matches!(asked, Asked::Call(Syscall::CreateThread { .. }));
        if at.thread >= Address::NAMELESS && !asks_for_tid {
            return Err(nobody);
        }
        self.kernel.adopt_thread(caller)?;
        Ok(caller)
    }

    /// A call that has to be made again.
    fn send_back(&mut self, at: Address, asked: Asked) {
        match self.is_faithful() && self.moves.is_none() {
            true => self.answer(at, &SysResult::RetryCall),
            false => self.calls.defer(at, asked),
        }
    }

    /// Sends what a step answers, wakes first, and closes the connections of processes that it ended.
    pub(super) fn apply(&mut self, caller: Option<Address>, step: Step) {
        for wake in step.wakes {
            self.answer(Address::of(wake.thread), &wake.result);
        }
        match (step.outcome, caller) {
            (Outcome::Done(result), Some(at)) => {
                let everything_ended = !step.ended.is_empty();
                self.answer(at, &result);
                if everything_ended {
                    self.end(Ending::Shutdown);
                }
            }
            // The thread waits for an answer, or calls again: the kernel does not know.
            (Outcome::NoReply, Some(at)) => drop(self.calls.finish(at)),
            (Outcome::Panic(reason), _) => self.end(Ending::Panicked(reason.to_string())),
            _ => {}
        }
        for pid in step.ended {
            self.close(pid);
        }
    }

    /// Answers a call. A thread that waits for nothing gets an answer from a faithful kernel only: its library panics on
    /// it.
    pub(super) fn answer(&mut self, at: Address, result: &SysResult) {
        let moves = self.moves.as_ref();
        if moves.is_some_and(|moves| moves.holds_answer_of(at)) && self.calls.contains(at) {
            self.calls.hold(at, result);
            return;
        }
        let lent = self.calls.finish(at);
        if lent.is_some() || self.is_faithful() {
            let always = !self.is_faithful();
            // Bytes for a thread that has lent none, whose TID a dead one had, are sent to it by a faithful kernel.
            let own = lent.filter(|lent| always || *lent > 0);
            let bytes = own.unwrap_or(result.payload().len());
            let packet = wire::result_packet(at.thread, result, bytes, always);
            self.output.push(Output::Send(at.pid, packet));
        }
    }

    fn close(&mut self, pid: Pid) {
        self.calls.forget(pid);
        self.keys.forget(pid);
        self.output.push(Output::Close(pid));
    }
}

/// Whether a call can make room in a queue, or bring the server that a connect waits for.
fn may_let_others_succeed(asked: &Asked) -> bool {
    !matches!(
        asked,
        Asked::Call(
            Syscall::SendMessage { .. }
                | Syscall::TrySendMessage { .. }
                | Syscall::Connect { .. }
                | Syscall::ConnectForProcess { .. }
        )
    )
}
