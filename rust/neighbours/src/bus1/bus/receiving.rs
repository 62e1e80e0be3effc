//! RECV, and how what a peer holds goes away: released, flushed, or with its peer.

use super::charging::Charge;
use super::{Accounting, Bus, BusError, PeerId, Queued, Received, Refusal};
use crate::bus1::quota::KINDS;

/// Pool slices, the first kind of resource; handles, bytes and file descriptors follow.
const SLICES: usize = 0;
/// Handles.
const HANDLES: usize = 1;

impl Bus {
    /// Takes the next message. Only where the sender pays can this be refused: then the message stays.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn receive(&mut self, peer: PeerId) -> Result<Result<Option<Received>, Refusal>, BusError> {
        self.check_peers(&[peer])?;
        if self.peers[peer].gone {
            return Ok(Err(Refusal::Gone));
        }
        let Some(next) = self.peers[peer].queue.front().cloned() else {
            return Ok(Ok(None));
        };
        let kept = self.kept(peer, &next);
        match self.accounting {
            // What passes to the receiver was the receiver's all the time, or the requester's.
            Accounting::Receiver(_) | Accounting::Requester => {
                self.undo(&next.charge);
                self.take(&kept).expect("it was charged to the same limits");
            }
            Accounting::Sender => {
                if let Err(refusal) = self.take(&kept) {
                    return Ok(Err(refusal));
                }
                self.undo(&next.charge);
            }
        }
        self.peers[peer].queue.pop_front();
        let slice = self.hold(peer, kept);
        Ok(Ok(Some(Received {
            from: next.from,
            tag: next.tag,
            amounts: next.amounts,
            slice,
        })))
    }

    /// What a message that was received goes on to take: its slice and its handles, on behalf of whoever pays.
    fn kept(&self, peer: PeerId, message: &Queued) -> Charge {
        let mut amounts = [0; KINDS];
        amounts[SLICES] = message.charge.amounts[SLICES];
        amounts[HANDLES] = message.charge.amounts[HANDLES];
        match self.accounting {
            Accounting::Requester => Charge {
                amounts,
                ..message.charge.clone()
            },
            Accounting::Sender | Accounting::Receiver(_) => self.own_charge(peer, amounts),
        }
    }

    pub(super) fn hold(&mut self, peer: PeerId, charge: Charge) -> usize {
        let held = &mut self.peers[peer].held;
        let free = held.iter().position(Option::is_none);
        let slice = free.unwrap_or(held.len());
        if slice == held.len() {
            held.push(None);
        }
        held[slice] = Some(charge);
        slice
    }

    /// Releases the slice of a message that was received, or only prepared, and drops its handles.
    ///
    /// # Errors
    ///
    /// If there is no such peer, or nothing to release under this number.
    pub fn release(&mut self, peer: PeerId, slice: usize) -> Result<(), BusError> {
        self.check_peers(&[peer])?;
        let charge = self.held(peer, slice)?;
        self.forget(peer, slice);
        self.undo(&charge);
        Ok(())
    }

    /// What a peer holds under this number.
    pub(super) fn held(&self, peer: PeerId, slice: usize) -> Result<Charge, BusError> {
        let held = self.peers[peer].held.get(slice).cloned().flatten();
        held.ok_or(BusError::NothingToRelease)
    }

    /// Takes it away, and free numbers at the end, so that equal peers are equal.
    pub(super) fn forget(&mut self, peer: PeerId, slice: usize) {
        let held = &mut self.peers[peer].held;
        held[slice] = None;
        while held.last().is_some_and(Option::is_none) {
            held.pop();
        }
    }

    /// Flushes a peer: its queue, its slices and its reservations.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn reset(&mut self, peer: PeerId) -> Result<(), BusError> {
        self.check_peers(&[peer])?;
        let at = &mut self.peers[peer];
        let queued = std::mem::take(&mut at.queue)
            .into_iter()
            .map(|queued| queued.charge);
        let held = std::mem::take(&mut at.held).into_iter().flatten();
        let reserved = std::mem::take(&mut at.reserved);
        let charges: Vec<Charge> = queued.chain(held).chain(reserved).collect();
        charges.iter().for_each(|charge| self.undo(charge));
        Ok(())
    }

    /// Closes a peer for good. What it has sent stays where it is.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn disconnect(&mut self, peer: PeerId) -> Result<(), BusError> {
        self.reset(peer)?;
        self.peers[peer].gone = true;
        Ok(())
    }
}
