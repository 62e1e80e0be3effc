//! Requests, and replies and events that are reserved before they are sent, by whoever asked for them.

use super::charging::Charge;
use super::{Accounting, Bus, BusError, Delivery, PeerId, Refusal};
use crate::bus1::quota::Amounts;

impl Bus {
    /// Sends a request. Where the requester pays, a reply of such amounts is reserved with it; else this is `send`.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn request(
        &mut self,
        from: PeerId,
        to: PeerId,
        amounts: Amounts,
        reply: Amounts,
        tag: u8,
    ) -> Result<Delivery, BusError> {
        self.check_peers(&[from, to])?;
        if self.accounting != Accounting::Requester {
            return self.send(from, to, amounts, tag);
        }
        let reservation = self.charge_for(from, to, reply);
        if let Err(refusal) = self.take(&reservation) {
            return Ok(Err(refusal));
        }
        let sent = self.send(from, to, amounts, tag)?;
        match sent {
            Ok(()) => self.peers[from].reserved.push_back(reservation),
            Err(_) => self.undo(&reservation),
        }
        Ok(sent)
    }

    /// Replies. A reply that was reserved is never refused; else this is `send`.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn reply(
        &mut self,
        from: PeerId,
        to: PeerId,
        amounts: Amounts,
        tag: u8,
    ) -> Result<Delivery, BusError> {
        self.check_peers(&[from, to])?;
        if self.is_gone(from) {
            return Ok(Err(Refusal::Gone));
        }
        let Some(charge) = self.peers[to].reserved.pop_front() else {
            return self.send(from, to, amounts, tag);
        };
        self.enqueue(from, to, amounts, tag, charge);
        Ok(Ok(()))
    }

    /// Reserves replies or events that a peer will pay for: so many of such amounts, all or none.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn reserve(
        &mut self,
        peer: PeerId,
        amounts: Amounts,
        count: usize,
    ) -> Result<Delivery, BusError> {
        self.check_peers(&[peer])?;
        if self.is_gone(peer) {
            return Ok(Err(Refusal::Gone));
        }
        let charge = Charge {
            peer: None,
            ..self.own_charge(peer, amounts)
        };
        for taken in 0..count {
            if let Err(refusal) = self.take(&charge) {
                (0..taken).for_each(|_| self.undo(&charge));
                return Ok(Err(refusal));
            }
        }
        self.peers[peer].reserved.extend(vec![charge; count]);
        Ok(Ok(()))
    }

    /// Reservations of a peer that are left.
    #[must_use]
    pub fn reserved(&self, peer: PeerId) -> usize {
        self.peers.get(peer).map_or(0, |peer| peer.reserved.len())
    }
}
