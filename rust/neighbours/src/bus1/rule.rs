//! Quota rules: whether an acting user may take so much more of what a receiver has left.
//!
//! A rule looks at what remains of the limit, at what this actor has in flight already, and at how many users do. It is
//! exact: numbers are 64-bit, and what is computed from them is 128-bit.

/// What a charge looks like to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// What is left of the limit.
    pub remaining: u64,
    /// What the actor has in flight.
    pub share: u64,
    /// What it asks for.
    pub amount: u64,
    /// Users with something in flight, the actor included.
    pub users: u64,
    /// Users that ever had something in flight, the actor included.
    pub ever: u64,
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The mail of 2016: after the charge, the rest is at least the actor's share.
    Half,
    /// dbus-broker: after the charge, the rest is at least the share times the number of users.
    PerUser,
    /// r-fairdist: the same with n times a logarithm of n in place of n.
    Quasilinear,
    /// The limit alone.
    None,
    /// Wrong, historic: the rest has to be the share and three times the charge.
    TripleCharge,
    /// Wrong, historic: it looks at what remains before the charge, and counts users that have nothing in flight.
    BeforeCharge,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Half,
        Self::PerUser,
        Self::Quasilinear,
        Self::None,
        Self::TripleCharge,
        Self::BeforeCharge,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Half => "half",
            Self::PerUser => "per-user",
            Self::Quasilinear => "quasilinear",
            Self::None => "none",
            Self::TripleCharge => "triple-charge",
            Self::BeforeCharge => "before-charge",
        }
    }

    /// Whether the charge is allowed.
    #[must_use]
    pub fn allows(self, asking: Asking) -> bool {
        let [rest, share, amount] = [asking.remaining, asking.share, asking.amount].map(u128::from);
        if amount > rest {
            return false;
        }
        match self {
            Self::Half => rest >= share + 2 * amount,
            Self::PerUser => times(share + amount, u128::from(asking.users) + 1) <= rest + share,
            Self::Quasilinear => times(share + amount, quasilinear(asking.users)) <= rest + share,
            Self::None => true,
            Self::TripleCharge => rest >= share + 3 * amount,
            Self::BeforeCharge => times(share, asking.ever.into()) < rest,
        }
    }
}

/// A product; one that is too large is larger than anything that it is compared with.
fn times(a: u128, b: u128) -> u128 {
    a.saturating_mul(b)
}

/// The factor of r-fairdist: A(n) = (n + 1) * (ceil(log2(n + 1)) + 1).
fn quasilinear(users: u64) -> u128 {
    let n = u128::from(users) + 1;
    let logarithm = (n - 1).checked_ilog2().map_or(0, |log| log + 1);
    n * (u128::from(logarithm) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factors_of_the_quasilinear_rule_are_those_of_r_fairdist() {
        for (users, factor) in [(0, 1), (1, 4), (2, 9), (3, 12), (4, 20), (7, 32), (8, 45)] {
            assert_eq!(quasilinear(users), factor, "{users}");
        }
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let asking = Asking {
            remaining: u64::MAX,
            share: u64::MAX,
            amount: u64::MAX,
            users: u64::MAX,
            ever: u64::MAX,
        };
        for rule in Rule::ALL {
            assert_eq!(rule.allows(asking), rule == Rule::None, "{rule:?}");
        }
    }
}
