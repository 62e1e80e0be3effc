//! Syscalls to words: the inverse of decoding, payloads aside.

use super::Syscall;
use crate::ids::{Pid, Sid};
use crate::message::Message;

impl Syscall {
    /// The call's number and its argument words.
    pub fn encode(&self) -> (u64, [u64; 7]) {
        (self.number(), self.arguments())
    }

    /// The call's number.
    pub const fn number(&self) -> u64 {
        match self {
            Syscall::Invalid => 0,
            Syscall::MapMemory { .. } => 2,
            Syscall::Yield => 3,
            Syscall::ReturnToParent { .. } => 4,
            Syscall::ClaimInterrupt { .. } => 5,
            Syscall::FreeInterrupt { .. } => 6,
            Syscall::SwitchTo { .. } => 7,
            Syscall::ReadyThreads { .. } => 8,
            Syscall::WaitEvent => 9,
            Syscall::IncreaseHeap { .. } => 10,
            Syscall::DecreaseHeap { .. } => 11,
            Syscall::UpdateMemoryFlags { .. } => 12,
            Syscall::SetMemRegion { .. } => 13,
            Syscall::CreateServerWithAddress { .. } => 14,
            Syscall::ReceiveMessage { .. } => 15,
            Syscall::SendMessage { .. } => 16,
            Syscall::Connect { .. } => 17,
            Syscall::CreateThread { .. } => 18,
            Syscall::UnmapMemory { .. } => 19,
            Syscall::ReturnMemory { .. } => 20,
            Syscall::CreateProcess { .. } => 21,
            Syscall::TerminateProcess { .. } => 22,
            Syscall::Shutdown => 23,
            Syscall::TrySendMessage { .. } => 24,
            Syscall::TryConnect { .. } => 25,
            Syscall::ReturnScalar1 { .. } => 26,
            Syscall::ReturnScalar2 { .. } => 27,
            Syscall::TryReceiveMessage { .. } => 28,
            Syscall::CreateServer => 29,
            Syscall::ConnectForProcess { .. } => 30,
            Syscall::CreateServerId => 31,
            Syscall::GetThreadId => 32,
            Syscall::GetProcessId => 33,
            Syscall::DestroyServer { .. } => 34,
            Syscall::Disconnect { .. } => 35,
            Syscall::JoinThread { .. } => 36,
            Syscall::SetExceptionHandler { .. } => 37,
            Syscall::AdjustProcessLimit { .. } => 38,
            Syscall::ReturnScalar5 { .. } => 40,
            Syscall::ReplyAndReceiveNext { .. } => 41,
            Syscall::PlatformSpecific { .. } => 46,
        }
    }

    fn arguments(&self) -> [u64; 7] {
        match self {
            Syscall::Invalid
            | Syscall::Yield
            | Syscall::WaitEvent
            | Syscall::Shutdown
            | Syscall::CreateServer
            | Syscall::CreateServerId
            | Syscall::GetThreadId
            | Syscall::GetProcessId => [0; 7],
            Syscall::MapMemory {
                physical,
                address,
                size,
                flags,
            } => words(&[*physical, *address, *size, flags.0.into()]),
            Syscall::ReturnToParent { pid, cpu } => words(&[pid.get().into(), *cpu]),
            Syscall::ClaimInterrupt {
                irq,
                handler,
                argument,
            } => words(&[*irq, *handler, *argument]),
            Syscall::SwitchTo { pid, tid } => words(&[pid.get().into(), *tid]),
            Syscall::FreeInterrupt { irq: word }
            | Syscall::ReadyThreads { pid: word }
            | Syscall::DecreaseHeap { delta: word }
            | Syscall::TerminateProcess { code: word } => words(&[*word]),
            Syscall::IncreaseHeap { delta, flags } => words(&[*delta, flags.0.into()]),
            Syscall::UpdateMemoryFlags { range, flags, pid } => words(&[
                range.address,
                range.length,
                flags.0.into(),
                pid.map_or(0, Pid::get).into(),
            ]),
            Syscall::SetMemRegion { words: four } => words(four),
            Syscall::CreateServerWithAddress { sid }
            | Syscall::ReceiveMessage { sid }
            | Syscall::Connect { sid }
            | Syscall::TryConnect { sid }
            | Syscall::TryReceiveMessage { sid }
            | Syscall::DestroyServer { sid } => words(&sid.to_words()),
            Syscall::SendMessage { cid, message } | Syscall::TrySendMessage { cid, message } => {
                send_words(cid.0, message)
            }
            Syscall::CreateThread {
                entry,
                stack,
                stack_length,
                arguments: [a, b, c, d],
            } => [*entry, *stack, *stack_length, *a, *b, *c, *d],
            Syscall::UnmapMemory { range } => words(&[range.address, range.length]),
            Syscall::ReturnMemory {
                sender,
                range,
                offset,
                valid,
                ..
            } => words(&[sender.0, range.address, range.length, *offset, *valid]),
            Syscall::CreateProcess { words } | Syscall::PlatformSpecific { words } => *words,
            Syscall::ReturnScalar1 { sender, value } => words(&[sender.0, *value]),
            Syscall::ReturnScalar2 {
                sender,
                values: [a, b],
            } => words(&[sender.0, *a, *b]),
            Syscall::ConnectForProcess { pid, sid } => connect_words(*pid, *sid),
            Syscall::Disconnect { cid } => words(&[cid.0.into()]),
            Syscall::JoinThread { tid } => words(&[tid.0.into()]),
            Syscall::SetExceptionHandler { pc, sp } => words(&[*pc, *sp]),
            Syscall::AdjustProcessLimit {
                index,
                current,
                new,
            } => words(&[*index, *current, *new]),
            Syscall::ReturnScalar5 {
                sender,
                values: [a, b, c, d, e],
            } => words(&[sender.0, *a, *b, *c, *d, *e]),
            Syscall::ReplyAndReceiveNext {
                sender,
                arguments: [a, b, c, d, e],
                kind,
                ..
            } => [sender.0, *a, *b, *c, *d, *e, *kind],
        }
    }
}

/// The given words, then zeros.
fn words(given: &[u64]) -> [u64; 7] {
    let mut all = [0; 7];
    all[..given.len()].copy_from_slice(given);
    all
}

fn send_words(cid: u32, message: &Message) -> [u64; 7] {
    let [a, b, c, d, e] = message.to_words();
    [cid.into(), message.kind().syscall_number(), a, b, c, d, e]
}

fn connect_words(pid: Pid, sid: Sid) -> [u64; 7] {
    let [a, b, c, d] = sid.to_words();
    words(&[pid.get().into(), a, b, c, d])
}

#[cfg(test)]
mod tests {
    use crate::abi::Syscall;

    #[test]
    fn every_call_is_decoded_from_what_it_is_encoded_to() {
        for number in 0..64 {
            let call = Syscall::decode(number, [2, 1, 3, 4, 5, 6, 7]).expect("decodable arguments");
            let (again, arguments) = call.encode();
            assert!(again == number || call == Syscall::Invalid);
            assert_eq!(Syscall::decode(again, arguments), Ok(call));
        }
    }
}
