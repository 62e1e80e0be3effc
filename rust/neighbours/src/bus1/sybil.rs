//! Colluding users: what is left for a newcomer when so many of them have taken all that they can get, one after another.

use super::rule::{Asking, Rule};

/// Units of a limit at most for [`sybils_needed`], which counts users one by one.
pub const MAX_UNITS: u64 = 1 << 32;

/// The most that a user can have in flight that begins when so many units are left to `users` users, itself included.
fn most(rule: Rule, remaining: u64, users: u64) -> u64 {
    let (mut low, mut high) = (0, remaining);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        match reaches(rule, remaining, users, middle) {
            true => low = middle,
            false => high = middle - 1,
        }
    }
    low
}

/// Whether a user can take so many units, one at a time: the last of them is the hardest.
fn reaches(rule: Rule, remaining: u64, users: u64, units: u64) -> bool {
    rule.allows(Asking {
        remaining: remaining - (units - 1),
        share: units - 1,
        amount: 1,
        users,
        ever: users,
    })
}

/// What each of the users gets, and what remains in the end.
#[must_use]
pub fn greedy_shares(limit: u64, rule: Rule, users: u64) -> (Vec<u64>, u64) {
    let (mut remaining, mut live) = (limit, 0);
    let mut shares = Vec::new();
    for _ in 0..users {
        let share = most(rule, remaining, live + 1);
        live += u64::from(share > 0);
        remaining -= share;
        shares.push(share);
    }
    (shares, remaining)
}

/// What a newcomer gets when so many users have taken all that they can get.
#[must_use]
pub fn newcomer_share(limit: u64, rule: Rule, users: u64) -> u64 {
    let (shares, remaining) = greedy_shares(limit, rule, users);
    let live = shares.iter().filter(|&&share| share > 0).count() as u64;
    most(rule, remaining, live + 1)
}

/// How many users must collude until a newcomer gets fewer than `units`; `None` if the limit has more than [`MAX_UNITS`].
#[must_use]
pub fn sybils_needed(limit: u64, units: u64, rule: Rule) -> Option<u64> {
    if limit > MAX_UNITS {
        return None;
    }
    let (mut remaining, mut live) = (limit, 0);
    loop {
        let share = most(rule, remaining, live + 1);
        if share < units || share == 0 {
            return Some(live);
        }
        remaining -= share;
        live += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_the_half_rule_the_closed_form_of_the_facts_holds() {
        for limit in 1..=300_u64 {
            for units in 1..=20 {
                let few = |m: u32| limit.div_ceil(1 << m) < 2 * units;
                let closed = (0..20).find(|&m| few(m)).map(u64::from);
                assert_eq!(
                    sybils_needed(limit, units, Rule::Half),
                    closed,
                    "{limit} {units}"
                );
            }
        }
    }

    #[test]
    fn shares_are_those_of_single_charges() {
        assert_eq!(greedy_shares(1024, Rule::PerUser, 4).0, [512, 170, 85, 51]);
        assert_eq!(greedy_shares(1024, Rule::Quasilinear, 3).0, [256, 85, 56]);
        assert_eq!(greedy_shares(1024, Rule::None, 2), (vec![1024, 0], 0));
    }

    #[test]
    fn the_victim_of_the_mail_still_gets_its_share() {
        assert_eq!(newcomer_share(1024, Rule::Half, 1), 256);
        assert_eq!(newcomer_share(1024, Rule::PerUser, 1), 170);
        assert_eq!(newcomer_share(1024, Rule::None, 1), 0);
    }

    #[test]
    fn without_a_rule_one_user_is_enough() {
        assert_eq!(sybils_needed(1024, 1, Rule::None), Some(1));
        assert_eq!(sybils_needed(1 << 33, 1, Rule::None), None);
    }
}
