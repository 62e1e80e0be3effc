//! Quotas for a server's queue, which the real kernel has none of: what one process may take of the slots.
//!
//! The rules are those that bus1 and dbus-broker were built on. With R the empty slots, s the slots that hold messages and
//! unanswered calls of the sending process, and n the processes that have any, the sender included, one slot more is
//! given iff what remains then is at least (s + 1) times a factor. Left out are memory messages' pages: only slots count.

use crate::ids::Pid;
use crate::queue::Queue;

/// How the slots of a queue are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum QueueQuota {
    /// As today: whoever comes first.
    #[default]
    None,
    /// What remains is at least what the sender has then.
    Half,
    /// What remains is at least what the sender has then, for each process that has any.
    PerUser,
    /// The same with a logarithm of n as a further factor, as in r-fairdist.
    Quasilinear,
}

impl QueueQuota {
    /// Whether a process may take one slot more of a queue of `length` slots.
    #[must_use]
    pub fn allows(self, queue: &Queue, length: usize, sender: Pid) -> bool {
        if self == Self::None {
            return true;
        }
        let mut senders: Vec<Pid> = queue.clients().map(|client| client.pid).collect();
        let (used, share) = (
            senders.len(),
            senders.iter().filter(|&&pid| pid == sender).count(),
        );
        senders.push(sender);
        senders.sort_unstable();
        senders.dedup();
        self.lets(length - used, share, senders.len())
    }

    /// Whether a sender with `share` slots may take one of the `empty` ones, among `users` in all.
    fn lets(self, empty: usize, share: usize, users: usize) -> bool {
        let factor = match self {
            Self::None => return empty > 0,
            Self::Half => 2,
            Self::PerUser => users + 1,
            Self::Quasilinear => (users + 1) * (users.ilog2() as usize + 2),
        };
        empty + share >= (share + 1) * factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What greedy senders get of a queue, one after another.
    fn shares(rule: QueueQuota, length: usize, senders: usize) -> Vec<usize> {
        let mut empty = length;
        let take = |empty: &mut usize, users| {
            let mut share = 0;
            while *empty > 0 && rule.lets(*empty, share, users) {
                (*empty, share) = (*empty - 1, share + 1);
            }
            share
        };
        (1..=senders).map(|users| take(&mut empty, users)).collect()
    }

    #[test]
    fn a_flood_gets_what_its_rule_leaves_it_of_128_slots() {
        assert_eq!(shares(QueueQuota::None, 128, 2), [128, 0]);
        assert_eq!(shares(QueueQuota::Half, 128, 3), [64, 32, 16]);
        assert_eq!(shares(QueueQuota::PerUser, 128, 3), [64, 21, 10]);
        assert_eq!(shares(QueueQuota::Quasilinear, 128, 3), [32, 10, 7]);
    }
}
