//! What arrives: packets become calls, or are refused before the kernel sees them.

use super::calls::Asked;
use super::{Address, Cut, Exchange};
use crate::wire::{self, Packet};
use xous_sim_kernel::{Error, MessageKind, Pid, SysResult, Syscall};

/// Bytes that a process may have lying in queues, beside messages of one page.
const QUEUED_BYTES: usize = 64 << 20;
const PAGE: usize = 4096;
/// Threads of a process, beside those that have no TID yet.
const MOST_CALLS: usize = 64;

const SEND_MESSAGE: u64 = 16;
const TRY_SEND_MESSAGE: u64 = 24;

impl Exchange {
    /// A packet has arrived from a process that has joined.
    ///
    /// # Errors
    ///
    /// Why the process is to be cut off, where it is; nothing has happened then.
    pub fn receive(&mut self, pid: Pid, mut packet: Packet) -> Result<(), Cut> {
        let at = Address {
            pid,
            thread: packet.thread,
        };
        if self.ending.is_some() || self.kernel.connection_map(pid).is_none() {
            return Ok(());
        }
        if self.calls.contains(at) {
            return Err(Cut::SecondCall(at.thread));
        }
        if self.calls.count(pid) >= MOST_CALLS {
            return Err(Cut::TooManyThreads);
        }
        self.check_connection(&mut packet)?;
        let room = self.has_room_for(pid, packet.payload.len());
        let asked = self.asked(packet);
        self.calls.insert(at, asked);
        match room {
            true if self.moves.is_some() && at.caller().is_some() => {}
            true => self.admit(at),
            false => self.answer(at, &SysResult::Error(Error::OutOfMemory)),
        }
        Ok(())
    }

    /// A connection beyond 32 bits, which is none: CID 0 is none either. The real kernel reads its low half from some
    /// calls and panics on others.
    fn check_connection(&self, packet: &mut Packet) -> Result<(), Cut> {
        let [number, cid, kind, ..] = packet.words;
        if !matches!(number, SEND_MESSAGE | TRY_SEND_MESSAGE) || cid <= u64::from(u32::MAX) {
            return Ok(());
        }
        let blocking_scalar = MessageKind::BlockingScalar.syscall_number();
        if !self.is_faithful() {
            packet.words[1] = 0;
        } else if number == SEND_MESSAGE || kind == blocking_scalar {
            return Err(Cut::WideConnection);
        }
        Ok(())
    }

    fn has_room_for(&self, pid: Pid, payload: usize) -> bool {
        payload <= PAGE
            || self.kernel.queued_bytes(pid) + self.calls.bytes(pid) + payload <= QUEUED_BYTES
    }

    /// What the kernel is asked; a safe one answers what cannot be decoded as hardware does.
    fn asked(&self, packet: Packet) -> Asked {
        let [number, arguments @ ..] = packet.words;
        match wire::syscall(packet) {
            Ok(call) => Asked::Call(call),
            Err(_) if self.is_faithful() => Asked::Undecodable(number, arguments),
            Err(_) => Asked::Call(Syscall::Invalid),
        }
    }
}
