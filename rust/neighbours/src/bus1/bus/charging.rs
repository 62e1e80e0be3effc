//! Who is charged for a message, and how a charge is made and undone.

use super::{Accounting, Bus, Delivery, PeerId, Refusal};
use crate::bus1::quota::{Amounts, KINDS, Quota, Uid, add, subtract};

/// A charge that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Charge {
    /// Whose quota.
    pub user: Uid,
    pub actor: Uid,
    /// The peer whose own limit is charged too.
    pub peer: Option<PeerId>,
    pub amounts: Amounts,
}

impl Bus {
    /// Who is charged for a message.
    pub(super) fn charge_for(&self, from: PeerId, to: PeerId, amounts: Amounts) -> Charge {
        let actor = self.peers[from].uid;
        let (user, peer) = match self.accounting {
            Accounting::Sender | Accounting::Requester => (actor, None),
            Accounting::Receiver(_) => (self.peers[to].uid, Some(to)),
        };
        Charge {
            user,
            actor,
            peer,
            amounts,
        }
    }

    /// What a peer takes for itself.
    pub(super) fn own_charge(&self, peer: PeerId, amounts: Amounts) -> Charge {
        let uid = self.peers[peer].uid;
        Charge {
            user: uid,
            actor: uid,
            peer: Some(peer),
            amounts,
        }
    }

    /// Charges user and peer, or neither.
    pub(super) fn take(&mut self, charge: &Charge) -> Delivery {
        if let Some(peer) = charge.peer {
            let peer = &self.peers[peer];
            if peer.gone {
                return Err(Refusal::Gone);
            }
            if (0..KINDS).any(|kind| charge.amounts[kind] > peer.remaining[kind]) {
                return Err(Refusal::PeerLimit);
            }
        }
        if !self
            .quota_mut(charge.user)
            .charge(charge.actor, charge.amounts)
        {
            return Err(Refusal::Quota);
        }
        if let Some(peer) = charge.peer {
            subtract(&mut self.peers[peer].remaining, &charge.amounts);
        }
        Ok(())
    }

    pub(super) fn undo(&mut self, charge: &Charge) {
        let given_back = self
            .quota_mut(charge.user)
            .discharge(charge.actor, charge.amounts);
        given_back.expect("what was charged is given back once");
        if let Some(peer) = charge.peer {
            add(&mut self.peers[peer].remaining, &charge.amounts);
        }
    }

    pub(super) fn undo_taken(&mut self, charges: &[(Charge, Delivery)]) {
        for (charge, _) in charges.iter().filter(|(_, taken)| taken.is_ok()) {
            self.undo(charge);
        }
    }

    fn quota_mut(&mut self, uid: Uid) -> &mut Quota {
        let mut users = self.users.iter_mut();
        let user = users.find(|(known, _)| *known == uid);
        &mut user.expect("peers belong to users that are there").1
    }
}
