//! What every correct rule keeps, whatever users do.

use proptest::prelude::*;
use xous_sim_neighbours::bus1::*;

const RULES: [Rule; 3] = [Rule::Half, Rule::PerUser, Rule::Quasilinear];
/// A user who has done nothing so far.
const NEWCOMER: Uid = 99;

/// What a user does: it charges as much as it can of an amount, or gives everything back.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Charge(Uid, u64),
    GiveBack(Uid),
}

fn deeds(users: Uid) -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (0..users, 1..80_u64).prop_map(|(uid, amount)| Deed::Charge(uid, amount)),
        1 => (0..users).prop_map(Deed::GiveBack),
    ];
    prop::collection::vec(deed, 0..60)
}

fn run(quota: &mut Quota, deeds: &[Deed]) {
    for deed in deeds {
        match *deed {
            Deed::Charge(uid, amount) => {
                let least = (1..=amount).rev();
                let _ = least
                    .into_iter()
                    .any(|part| quota.charge(uid, [part, 0, 0, 0]));
            }
            Deed::GiveBack(uid) => {
                let share = quota.share(uid);
                quota
                    .discharge(uid, share)
                    .expect("it has as much in flight");
            }
        }
    }
}

fn greedy(quota: &mut Quota, uid: Uid) -> u64 {
    while quota.charge(uid, [1, 0, 0, 0]) {}
    quota.share(uid)[0]
}

proptest! {
    #[test]
    fn nobody_is_starved_below_the_guaranteed_share(
        rule in prop::sample::select(&RULES[..]),
        limit in 0..400_u64,
        (users, deeds) in (1..6_u32).prop_flat_map(|users| (Just(users), deeds(users))),
    ) {
        let mut quota = Quota::new([limit, 0, 0, 0], rule, None);
        run(&mut quota, &deeds);
        prop_assert!(greedy(&mut quota, NEWCOMER) >= newcomer_share(limit, rule, users.into()));
    }

    #[test]
    fn what_is_left_and_what_is_charged_are_the_limit(
        rule in prop::sample::select(&Rule::ALL[..]),
        limit in 0..400_u64,
        deeds in deeds(6),
    ) {
        let mut quota = Quota::new([limit, 0, 0, 0], rule, None);
        run(&mut quota, &deeds);
        let shares: u64 = (0..6).map(|uid| quota.share(uid)[0]).sum();
        prop_assert_eq!(quota.remaining()[0] + shares, limit);
    }

    #[test]
    fn colluders_gain_nothing_by_another_order_than_one_after_another(
        rule in prop::sample::select(&RULES[..]),
        limit in 1..200_u64,
        deeds in deeds(3),
    ) {
        let mut quota = Quota::new([limit, 0, 0, 0], rule, None);
        run(&mut quota, &deeds);
        prop_assert!(quota.remaining()[0] >= greedy_shares(limit, rule, 3).1);
    }
}
