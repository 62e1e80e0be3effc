//! The calls that have arrived and are not answered yet, one for each thread at most.

use super::Address;
use std::collections::BTreeMap;
use xous_sim_kernel::{Message, Pid, SysResult, Syscall};

/// A call as the kernel gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A call.
    Call(Syscall),
    /// Words that are no call; the real kernel never answers them.
    Undecodable(u64, [u64; 7]),
}

impl Asked {
    /// The call's number.
    pub(super) const fn number(&self) -> u64 {
        match self {
            Asked::Call(syscall) => syscall.number(),
            Asked::Undecodable(number, _) => *number,
        }
    }
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The kernel has not seen it, or is to see it again when things have changed.
    Waiting(Asked),
    /// The kernel has it, and will answer.
    InKernel,
    /// It is answered, and the answer is held.
    Answered(SysResult),
}

/// A call under way.
#[derive(Debug)]
struct UnderWay {
    stage: Stage,
    /// Bytes that its answer gives back.
    lent: usize,
}

/// All calls under way.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: BTreeMap<Address, UnderWay>,
    /// Those that the kernel sent back, oldest first.
    deferred: Vec<Address>,
}

impl Calls {
    pub(super) fn contains(&self, at: Address) -> bool {
        self.calls.contains_key(&at)
    }

    pub(super) fn count(&self, pid: Pid) -> usize {
        self.of(pid).count()
    }

    /// Bytes of memory messages that a process has sent and the kernel has not seen.
    pub(super) fn bytes(&self, pid: Pid) -> usize {
        let waiting = self.of(pid).filter_map(|(_, call)| match &call.stage {
            Stage::Waiting(Asked::Call(syscall)) => syscall.message().and_then(Message::memory),
            _ => None,
        });
        waiting.map(|body| body.payload.len()).sum()
    }

    pub(super) fn insert(&mut self, at: Address, asked: Asked) {
        let lent = match &asked {
            Asked::Call(syscall) => syscall
                .message()
                .filter(|message| message.kind().is_lend())
                .and_then(Message::memory)
                .map_or(0, |body| body.payload.len()),
            Asked::Undecodable(..) => 0,
        };
        let stage = Stage::Waiting(asked);
        self.calls.insert(at, UnderWay { stage, lent });
    }

    /// Hands a waiting call to the kernel.
    pub(super) fn start(&mut self, at: Address) -> Option<Asked> {
        let stage = &mut self.calls.get_mut(&at)?.stage;
        let before = std::mem::replace(stage, Stage::InKernel);
        if let Stage::Waiting(asked) = before {
            return Some(asked);
        }
        *stage = before;
        None
    }

    /// Keeps the answer of a call that is in the kernel.
    pub(super) fn hold(&mut self, at: Address, result: &SysResult) {
        if let Some(call) = self.calls.get_mut(&at) {
            call.stage = Stage::Answered(result.clone());
        }
    }

    /// The answer that is held for a thread.
    pub(super) fn held(&self, at: Address) -> Option<&SysResult> {
        match &self.calls.get(&at)?.stage {
            Stage::Answered(result) => Some(result),
            _ => None,
        }
    }

    /// The threads whose call may be made, or whose answer is held.
    pub(super) fn movable(&self) -> Vec<Address> {
        let calls = self.calls.iter();
        let movable = calls.filter(|(at, call)| match call.stage {
            Stage::Waiting(_) => !self.deferred.contains(at),
            Stage::Answered(_) => true,
            Stage::InKernel => false,
        });
        movable.map(|(at, _)| *at).collect()
    }

    /// What a thread waits to call.
    pub(super) fn waiting(&self, at: Address) -> Option<&Asked> {
        match &self.calls.get(&at)?.stage {
            Stage::Waiting(asked) => Some(asked),
            _ => None,
        }
    }

    /// The kernel sent a call back, to be made again when things have changed.
    pub(super) fn defer(&mut self, at: Address, asked: Asked) {
        if let Some(call) = self.calls.get_mut(&at) {
            call.stage = Stage::Waiting(asked);
            self.deferred.push(at);
        }
    }

    /// Things have changed.
    pub(super) fn take_deferred(&mut self) -> Vec<Address> {
        std::mem::take(&mut self.deferred)
    }

    /// A call is answered: how many bytes it lent.
    pub(super) fn finish(&mut self, at: Address) -> Option<usize> {
        self.calls.remove(&at).map(|call| call.lent)
    }

    /// A process is gone, and so are its calls.
    pub(super) fn forget(&mut self, pid: Pid) {
        self.calls.retain(|at, _| at.pid != pid);
        self.deferred.retain(|at| at.pid != pid);
    }

    fn of(&self, pid: Pid) -> impl Iterator<Item = (&Address, &UnderWay)> {
        let thread = |thread| Address { pid, thread };
        self.calls.range(thread(0)..=thread(u64::MAX))
    }
}
