//! The bus: peers of users, the queues of their messages, and who is charged for each message while it waits.
//!
//! A message is charged to one user on behalf of an actor, from SEND until it is received or flushed. Then bytes and file
//! descriptors are given back, the slice is the receiver's until it is released, and handles until they are dropped.
//! Failed operations change nothing. Left out: the contents, and what a handle stands for.

use super::quota::{Amounts, KINDS, Quota, Uid, add, subtract};
use super::rule::Rule;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

/// A peer, by number.
pub type PeerId = usize;

/// Pool slices, the first kind of resource; handles, bytes and file descriptors follow.
const SLICES: usize = 0;
/// Handles.
const HANDLES: usize = 1;

/// Who pays for messages that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Accounting {
    /// Whoever sends, until the message is received; then the receiver, if it can.
    Sender,
    /// Whoever is to receive, within what the rule lets the sender take.
    Receiver(Rule),
    /// Whoever asked, for the request and for a reply that is reserved with it.
    Requester,
}

/// Why a message does not come to its receiver: EDQUOT, or a peer that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The user who pays has not enough, or the quota rule does not let the actor take so much.
    Quota,
    /// The receiving peer's own limit.
    PeerLimit,
    /// The peer is gone.
    Gone,
}

/// A call of the bus that has no meaning; it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusError {
    /// There is no such user.
    UnknownUser,
    /// There is no such peer.
    UnknownPeer,
    /// There is a user with this number.
    KnownUser,
    /// There is nothing that could be released under this number.
    NothingToRelease,
}

/// What became of one destination of a multicast.
pub type Delivery = Result<(), Refusal>;

/// A charge that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Charge {
    /// Whose quota.
    user: Uid,
    actor: Uid,
    /// The peer whose own limit is charged too.
    peer: Option<PeerId>,
    amounts: Amounts,
}

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Queued {
    from: PeerId,
    tag: u8,
    amounts: Amounts,
    charge: Charge,
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Received {
    /// Who sent it.
    pub from: PeerId,
    /// What the sender called it.
    pub tag: u8,
    /// What it took.
    pub amounts: Amounts,
    /// The number under which its slice and handles are released.
    pub slice: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Peer {
    uid: Uid,
    limits: Amounts,
    remaining: Amounts,
    queue: VecDeque<Queued>,
    /// What it has received and not released.
    held: Vec<Option<Charge>>,
    /// Replies that were reserved when it asked.
    reserved: VecDeque<Charge>,
    gone: bool,
}

/// Users, peers and their messages.
#[derive(Clone, Debug)]
pub struct Bus {
    accounting: Accounting,
    /// In the order in which they were added.
    users: Vec<(Uid, Quota)>,
    peers: Vec<Peer>,
}

impl Hash for Bus {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.peers.hash(state);
        for (_, quota) in &self.users {
            quota.remaining().hash(state);
            for (actor, _) in &self.users {
                (quota.share(*actor), quota.has_seen(*actor)).hash(state);
            }
        }
    }
}

impl Bus {
    /// Nobody is there.
    #[must_use]
    pub const fn new(accounting: Accounting) -> Self {
        Self {
            accounting,
            users: Vec::new(),
            peers: Vec::new(),
        }
    }

    /// Adds a user.
    ///
    /// # Errors
    ///
    /// If there is one with this number.
    pub fn add_user(&mut self, uid: Uid, limits: Amounts) -> Result<(), BusError> {
        if self.users.iter().any(|(known, _)| *known == uid) {
            return Err(BusError::KnownUser);
        }
        let rule = match self.accounting {
            Accounting::Receiver(rule) => rule,
            Accounting::Sender | Accounting::Requester => Rule::None,
        };
        self.users.push((uid, Quota::new(limits, rule, Some(uid))));
        Ok(())
    }

    /// Opens an endpoint of a user.
    ///
    /// # Errors
    ///
    /// If there is no such user.
    pub fn add_peer(&mut self, uid: Uid, limits: Amounts) -> Result<PeerId, BusError> {
        self.quota(uid).ok_or(BusError::UnknownUser)?;
        self.peers.push(Peer {
            uid,
            limits,
            remaining: limits,
            queue: VecDeque::new(),
            held: Vec::new(),
            reserved: VecDeque::new(),
            gone: false,
        });
        Ok(self.peers.len() - 1)
    }

    /// A user's quota.
    #[must_use]
    pub fn quota(&self, uid: Uid) -> Option<&Quota> {
        let mut users = self.users.iter();
        users
            .find(|(known, _)| *known == uid)
            .map(|(_, quota)| quota)
    }

    /// What is left of a peer's own limits.
    #[must_use]
    pub fn peer_remaining(&self, peer: PeerId) -> Option<Amounts> {
        self.peers.get(peer).map(|peer| peer.remaining)
    }

    /// Messages that wait for a peer.
    #[must_use]
    pub fn queued(&self, peer: PeerId) -> usize {
        self.peers.get(peer).map_or(0, |peer| peer.queue.len())
    }

    /// Messages of one peer that wait for another.
    #[must_use]
    pub fn queued_from(&self, from: PeerId, to: PeerId) -> usize {
        let queue = self.peers.get(to).map(|peer| peer.queue.iter());
        queue.map_or(0, |queue| {
            queue.filter(|queued| queued.from == from).count()
        })
    }

    /// Whether all limits are what they were at the beginning.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        let users = self.users.iter().map(|(_, quota)| quota);
        let users = users.map(|quota| quota.remaining() == quota.limits() && quota.users() == 0);
        let peers = self.peers.iter().map(|peer| peer.remaining == peer.limits);
        users.chain(peers).all(|whole| whole)
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
        let uid = self.peers[to].uid;
        let charge = Charge {
            user: uid,
            actor: uid,
            peer: Some(to),
            amounts,
        };
        Ok(self.deliver(from, to, amounts, tag, charge))
    }

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
        let Some(charge) = self.peers[to].reserved.pop_front() else {
            return self.send(from, to, amounts, tag);
        };
        self.peers[to].queue.push_back(Queued {
            from,
            tag,
            amounts,
            charge,
        });
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
        let uid = self.peers[peer].uid;
        let charge = Charge {
            user: uid,
            actor: uid,
            peer: None,
            amounts,
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
            let taken = self.take(&charge);
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
        let uid = self.peers[peer].uid;
        match self.accounting {
            Accounting::Requester => Charge {
                amounts,
                ..message.charge.clone()
            },
            Accounting::Sender | Accounting::Receiver(_) => Charge {
                user: uid,
                actor: uid,
                peer: Some(peer),
                amounts,
            },
        }
    }

    fn hold(&mut self, peer: PeerId, charge: Charge) -> usize {
        let held = &mut self.peers[peer].held;
        let free = held.iter().position(Option::is_none);
        let slice = free.unwrap_or(held.len());
        if slice == held.len() {
            held.push(None);
        }
        held[slice] = Some(charge);
        slice
    }

    /// Releases the slice of a received message, and drops its handles.
    ///
    /// # Errors
    ///
    /// If there is no such peer, or nothing to release under this number.
    pub fn release(&mut self, peer: PeerId, slice: usize) -> Result<(), BusError> {
        self.check_peers(&[peer])?;
        let held = &mut self.peers[peer].held;
        let charge = held.get_mut(slice).and_then(Option::take);
        let charge = charge.ok_or(BusError::NothingToRelease)?;
        while held.last().is_some_and(Option::is_none) {
            held.pop();
        }
        self.undo(&charge);
        Ok(())
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

    fn check_peers(&self, peers: &[PeerId]) -> Result<(), BusError> {
        let known = peers.iter().all(|&peer| peer < self.peers.len());
        known.then_some(()).ok_or(BusError::UnknownPeer)
    }

    /// Who is charged for a message.
    fn charge_for(&self, from: PeerId, to: PeerId, amounts: Amounts) -> Charge {
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

    fn deliver(
        &mut self,
        from: PeerId,
        to: PeerId,
        amounts: Amounts,
        tag: u8,
        charge: Charge,
    ) -> Delivery {
        if self.peers[to].gone || self.peers[from].gone {
            return Err(Refusal::Gone);
        }
        self.take(&charge)?;
        self.enqueue(from, to, amounts, tag, charge);
        Ok(())
    }

    fn enqueue(&mut self, from: PeerId, to: PeerId, amounts: Amounts, tag: u8, charge: Charge) {
        self.peers[to].queue.push_back(Queued {
            from,
            tag,
            amounts,
            charge,
        });
    }

    /// Charges user and peer, or neither.
    fn take(&mut self, charge: &Charge) -> Delivery {
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

    fn undo(&mut self, charge: &Charge) {
        let given_back = self
            .quota_mut(charge.user)
            .discharge(charge.actor, charge.amounts);
        given_back.expect("what was charged is given back once");
        if let Some(peer) = charge.peer {
            add(&mut self.peers[peer].remaining, &charge.amounts);
        }
    }

    fn undo_taken(&mut self, charges: &[(Charge, Delivery)]) {
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
