//! A user's quota: the limits of one receiver, and what of them each acting user has in flight.
//!
//! Charges are all or nothing over several kinds of resources. What is not asked for is not looked at: a message without
//! file descriptors is not refused for want of them. The receiver itself is held by the limit alone.

use super::rule::{Asking, Rule};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

/// A user, by number.
pub type Uid = u32;

/// Kinds of resources at most.
pub const KINDS: usize = 4;

/// Amounts of each kind of resource.
pub type Amounts = [u64; KINDS];

/// Adds amounts of each kind, where it is known that they fit.
pub(super) fn add(to: &mut Amounts, amounts: &Amounts) {
    to.iter_mut()
        .zip(amounts)
        .for_each(|(to, amount)| *to += amount);
}

/// Subtracts amounts of each kind, where it is known that there is as much.
pub(super) fn subtract(from: &mut Amounts, amounts: &Amounts) {
    from.iter_mut()
        .zip(amounts)
        .for_each(|(from, amount)| *from -= amount);
}

/// A call that has no meaning; it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// A user gives back more than it has in flight.
    MoreThanCharged,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entry {
    amounts: Amounts,
}

/// The limits of one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    rule: Rule,
    owner: Option<Uid>,
    limits: Amounts,
    remaining: Amounts,
    /// Users with something in flight.
    shares: HashMap<Uid, Entry, FxBuildHasher>,
    /// Users that ever had something in flight; kept for the one rule that looks at it.
    seen: HashMap<Uid, (), FxBuildHasher>,
}

impl Quota {
    /// Nothing is in flight.
    #[must_use]
    pub fn new(limits: Amounts, rule: Rule, owner: Option<Uid>) -> Self {
        Self {
            rule,
            owner,
            limits,
            remaining: limits,
            shares: HashMap::default(),
            seen: HashMap::default(),
        }
    }

    /// The limits.
    #[must_use]
    pub const fn limits(&self) -> Amounts {
        self.limits
    }

    /// What is left of the limits.
    #[must_use]
    pub const fn remaining(&self) -> Amounts {
        self.remaining
    }

    /// Users with something in flight.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.shares.len() as u64
    }

    /// What a user has in flight.
    #[must_use]
    pub fn share(&self, uid: Uid) -> Amounts {
        self.shares
            .get(&uid)
            .map_or([0; KINDS], |entry| entry.amounts)
    }

    /// Whether the rule remembers the user: always if it has something in flight.
    pub(super) fn has_seen(&self, uid: Uid) -> bool {
        self.shares.contains_key(&uid) || self.seen.contains_key(&uid)
    }

    /// Charges all amounts, or none of them; whether it did.
    pub fn charge(&mut self, uid: Uid, amounts: Amounts) -> bool {
        if amounts == [0; KINDS] {
            return true;
        }
        let known = self.shares.get(&uid).map(|entry| entry.amounts);
        if !self.allows(uid, known, amounts) {
            return false;
        }
        subtract(&mut self.remaining, &amounts);
        add(&mut self.shares.entry(uid).or_default().amounts, &amounts);
        if self.rule == Rule::BeforeCharge {
            self.seen.insert(uid, ());
        }
        true
    }

    /// Whether a charge would be allowed.
    #[must_use]
    pub fn would_allow(&self, uid: Uid, amounts: Amounts) -> bool {
        let known = self.shares.get(&uid).map(|entry| entry.amounts);
        self.allows(uid, known, amounts)
    }

    fn allows(&self, uid: Uid, known: Option<Amounts>, amounts: Amounts) -> bool {
        let users = self.users() + u64::from(known.is_none());
        let ever = match self.rule {
            Rule::BeforeCharge => self.seen.len() as u64 + u64::from(!self.seen.contains_key(&uid)),
            _ => 0,
        };
        let share = known.unwrap_or([0; KINDS]);
        let own = self.owner == Some(uid);
        (0..KINDS).filter(|&kind| amounts[kind] > 0).all(|kind| {
            let asking = Asking {
                remaining: self.remaining[kind],
                share: share[kind],
                amount: amounts[kind],
                users,
                ever,
            };
            match own {
                true => Rule::None.allows(asking),
                false => self.rule.allows(asking),
            }
        })
    }

    /// Gives all amounts back.
    ///
    /// # Errors
    ///
    /// If the user has less in flight of any kind; then nothing is given back.
    pub fn discharge(&mut self, uid: Uid, amounts: Amounts) -> Result<(), Misuse> {
        if amounts == [0; KINDS] {
            return Ok(());
        }
        let entry = self.shares.get_mut(&uid).ok_or(Misuse::MoreThanCharged)?;
        if (0..KINDS).any(|kind| amounts[kind] > entry.amounts[kind]) {
            return Err(Misuse::MoreThanCharged);
        }
        subtract(&mut entry.amounts, &amounts);
        add(&mut self.remaining, &amounts);
        if entry.amounts == [0; KINDS] {
            self.shares.remove(&uid);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Amounts = [1024, 0, 0, 0];

    fn unit(amount: u64) -> Amounts {
        [amount, 0, 0, 0]
    }

    fn greedy(quota: &mut Quota, uid: Uid) -> u64 {
        while quota.charge(uid, unit(1)) {}
        quota.share(uid)[0]
    }

    #[test]
    fn greedy_users_get_the_shares_of_the_facts() {
        let table: [(Rule, &[u64]); 3] = [
            (Rule::Half, &[512, 256, 128, 64, 32, 16, 8, 4, 2, 1, 0]),
            (Rule::PerUser, &[512, 170, 85, 51]),
            (Rule::Quasilinear, &[256, 85, 56]),
        ];
        for (rule, shares) in table {
            let mut quota = Quota::new(LIMIT, rule, None);
            let found: Vec<u64> = (0..shares.len() as Uid)
                .map(|uid| greedy(&mut quota, uid))
                .collect();
            assert_eq!(found, shares, "{rule:?}");
        }
    }

    #[test]
    fn under_the_half_rule_one_unit_is_stranded() {
        let mut quota = Quota::new(LIMIT, Rule::Half, None);
        for uid in 0..20 {
            greedy(&mut quota, uid);
        }
        assert_eq!(quota.remaining()[0], 1);
    }

    #[test]
    fn a_refused_kind_rolls_all_kinds_back() {
        let mut quota = Quota::new([10, 10, 2, 0], Rule::Half, None);
        assert!(!quota.charge(1, [1, 1, 2, 0]));
        assert_eq!((quota.remaining(), quota.users()), ([10, 10, 2, 0], 0));
    }

    #[test]
    fn the_owner_is_held_by_the_limit_alone() {
        let mut quota = Quota::new(LIMIT, Rule::PerUser, Some(7));
        assert!(!quota.charge(8, unit(513)));
        assert!(quota.charge(7, unit(1024)));
        assert!(!quota.charge(7, unit(1)));
    }

    #[test]
    fn the_historic_rule_lets_one_large_charge_pass_and_stops_small_ones_at_half() {
        let mut quota = Quota::new(LIMIT, Rule::BeforeCharge, None);
        assert_eq!(greedy(&mut quota, 1), 512);
        assert!(Quota::new(LIMIT, Rule::BeforeCharge, None).charge(1, unit(1024)));
    }

    #[test]
    fn giving_back_too_much_changes_nothing() {
        let mut quota = Quota::new(LIMIT, Rule::Half, None);
        assert!(quota.charge(1, unit(5)));
        assert_eq!(quota.discharge(1, unit(6)), Err(Misuse::MoreThanCharged));
        assert_eq!(quota.discharge(2, unit(1)), Err(Misuse::MoreThanCharged));
        assert_eq!(quota.share(1), unit(5));
    }
}
