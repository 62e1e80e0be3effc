//! The bus: peers of users, the queues of their messages, and who is charged for each message while it waits.
//!
//! What is prepared is its sender's. From SEND on, a message is charged to one user on behalf of an actor, until it is
//! received or flushed. Then bytes and file descriptors are given back, the slice is the receiver's until it is
//! released, and handles until they are dropped.
//! Failed operations change nothing. Left out: the contents, and what a handle stands for.

mod charging;
mod receiving;
mod requesting;
mod sending;

use self::charging::Charge;
use super::quota::{Amounts, Quota, Uid};
use super::rule::Rule;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

/// A peer, by number.
pub type PeerId = usize;

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
    /// What it has prepared and not sent, or received and not released.
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

    fn is_gone(&self, peer: PeerId) -> bool {
        self.peers[peer].gone
    }

    fn check_peers(&self, peers: &[PeerId]) -> Result<(), BusError> {
        let known = peers.iter().all(|&peer| peer < self.peers.len());
        known.then_some(()).ok_or(BusError::UnknownPeer)
    }
}
