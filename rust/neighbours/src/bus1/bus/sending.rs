//! SEND: what is prepared, sent to one peer, or to several.

use super::charging::Charge;
use super::{Bus, BusError, Delivery, PeerId, Queued, Refusal};
use crate::bus1::quota::Amounts;

impl Bus {
    /// Takes what a message will need, before it is sent: it is its sender's own until `post` or `release`. Returns the
    /// number under which it is held.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn prepare(
        &mut self,
        peer: PeerId,
        amounts: Amounts,
    ) -> Result<Result<usize, Refusal>, BusError> {
        self.check_peers(&[peer])?;
        if self.is_gone(peer) {
            return Ok(Err(Refusal::Gone));
        }
        let charge = self.own_charge(peer, amounts);
        let taken = self.take(&charge);
        Ok(taken.map(|()| self.hold(peer, charge)))
    }

    /// Sends what was prepared: from then on whoever pays for messages that wait is charged. If it is refused, it stays
    /// its sender's.
    ///
    /// # Errors
    ///
    /// If there is no such peer, or nothing is held under this number.
    pub fn post(
        &mut self,
        from: PeerId,
        to: PeerId,
        prepared: usize,
        tag: u8,
    ) -> Result<Delivery, BusError> {
        self.check_peers(&[from, to])?;
        let own = self.held(from, prepared)?;
        self.undo(&own);
        let sent = self.send(from, to, own.amounts, tag)?;
        match sent {
            Ok(()) => self.forget(from, prepared),
            Err(_) => self
                .take(&own)
                .expect("what was given back just now is there"),
        }
        Ok(sent)
    }

    /// Sends a message: a request whose reply is not reserved, an event, anything that nobody asked for.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn send(
        &mut self,
        from: PeerId,
        to: PeerId,
        amounts: Amounts,
        tag: u8,
    ) -> Result<Delivery, BusError> {
        self.check_peers(&[from, to])?;
        let charge = self.charge_for(from, to, amounts);
        Ok(self.deliver(from, to, amounts, tag, charge))
    }

    /// Sends a message for which its receiver pays out of its own limits, whatever the accounting: an event that was
    /// subscribed.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn send_at_expense_of_receiver(
        &mut self,
        from: PeerId,
        to: PeerId,
        amounts: Amounts,
        tag: u8,
    ) -> Result<Delivery, BusError> {
        self.check_peers(&[from, to])?;
        let charge = self.own_charge(to, amounts);
        Ok(self.deliver(from, to, amounts, tag, charge))
    }

    /// Sends to several peers: to all or to none, unless `past_refusals` lets it go on past those that are full.
    ///
    /// # Errors
    ///
    /// If there is no such peer.
    pub fn multicast(
        &mut self,
        from: PeerId,
        to: &[PeerId],
        amounts: Amounts,
        tag: u8,
        past_refusals: bool,
    ) -> Result<Result<Vec<Delivery>, Refusal>, BusError> {
        self.check_peers(&[from])?;
        self.check_peers(to)?;
        let mut charges = Vec::new();
        for &to in to {
            let charge = self.charge_for(from, to, amounts);
            let taken = self.admit(from, to, &charge);
            if let (Err(refusal), false) = (taken, past_refusals) {
                self.undo_taken(&charges);
                return Ok(Err(refusal));
            }
            charges.push((charge, taken));
        }
        let mut deliveries = Vec::new();
        for (&to, (charge, taken)) in to.iter().zip(charges) {
            if taken.is_ok() {
                self.enqueue(from, to, amounts, tag, charge);
            }
            deliveries.push(taken);
        }
        Ok(Ok(deliveries))
    }

    pub(super) fn deliver(
        &mut self,
        from: PeerId,
        to: PeerId,
        amounts: Amounts,
        tag: u8,
        charge: Charge,
    ) -> Delivery {
        self.admit(from, to, &charge)?;
        self.enqueue(from, to, amounts, tag, charge);
        Ok(())
    }

    /// Charges for a message, if both peers are there.
    fn admit(&mut self, from: PeerId, to: PeerId, charge: &Charge) -> Delivery {
        if self.is_gone(from) || self.is_gone(to) {
            return Err(Refusal::Gone);
        }
        self.take(charge)
    }

    pub(super) fn enqueue(
        &mut self,
        from: PeerId,
        to: PeerId,
        amounts: Amounts,
        tag: u8,
        charge: Charge,
    ) {
        self.peers[to].queue.push_back(Queued {
            from,
            tag,
            amounts,
            charge,
        });
    }
}
