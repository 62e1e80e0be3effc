//! Who can be starved by whom: every cell of the facts' table comes out of exploration.

use std::collections::BTreeMap;
use xous_sim_explore::{Exhaustive, Silent, Stop, Verdict};
use xous_sim_neighbours::bus1::*;
use xous_sim_step::Property;

const LIMIT: u64 = 8;

const ATTACK: Attack = Attack {
    limit: LIMIT,
    accounting: Accounting::Receiver(Rule::Half),
    attackers: Attackers::Flood,
    uids: 1,
    wanted: 1,
    on_refusal: OnRefusal::Drop,
    events: Events::Accounting,
    event_count: 0,
    past_refusals: false,
};

/// Each property that can be violated, with the steps of a shortest attack.
fn found(attack: Attack) -> BTreeMap<&'static str, usize> {
    let mut model = Contest::new(attack).expect("a case with a meaning");
    let search = Exhaustive {
        stop: Stop::WhenExplored,
        ..Exhaustive::default()
    };
    let Ok(report) = search.run(&mut model, &mut Silent);
    assert_ne!(report.verdict, Verdict::Incomplete);
    let kinds = report.counterexamples.iter();
    kinds
        .map(|c| (c.violation.property.0, c.schedule.0.len()))
        .collect()
}

fn names(properties: &[Property]) -> Vec<&'static str> {
    properties.iter().map(|property| property.0).collect()
}

fn assert_violated(attack: Attack, properties: &[Property]) {
    let kinds: Vec<&str> = found(attack).into_keys().collect();
    assert_eq!(kinds, names(properties), "{attack:?}");
}

#[test]
fn a_flood_starves_the_victim_only_where_the_receiver_pays_without_a_quota() {
    for (accounting, violated) in [
        (Accounting::Sender, &[][..]),
        (Accounting::Receiver(Rule::None), &[STARVED]),
        (Accounting::Receiver(Rule::Half), &[]),
        (Accounting::Receiver(Rule::PerUser), &[]),
        (Accounting::Requester, &[]),
    ] {
        assert_violated(
            Attack {
                accounting,
                ..ATTACK
            },
            violated,
        );
    }
}

#[test]
fn whoever_never_receives_stops_the_agent_for_everybody_only_where_the_sender_pays() {
    for (accounting, violated) in [
        (Accounting::Sender, &[RECEIVE_REFUSED, WAITS_FOR_EVER][..]),
        (Accounting::Receiver(Rule::None), &[]),
        (Accounting::Receiver(Rule::Half), &[]),
        (Accounting::Requester, &[]),
    ] {
        let attackers = Attackers::Ask;
        assert_violated(
            Attack {
                accounting,
                attackers,
                ..ATTACK
            },
            violated,
        );
    }
}

#[test]
fn an_agent_that_waits_for_room_waits_for_ever_and_the_victim_with_it() {
    let attack = Attack {
        attackers: Attackers::Ask,
        on_refusal: OnRefusal::Wait,
        ..ATTACK
    };
    assert_violated(attack, &[WAITS_FOR_EVER]);
    assert_violated(
        Attack {
            on_refusal: OnRefusal::Disconnect,
            ..attack
        },
        &[],
    );
}

#[test]
fn the_victim_gets_its_guaranteed_share_and_not_a_unit_more() {
    for rule in [Rule::Half, Rule::PerUser, Rule::Quasilinear] {
        for (uids, limit) in [(1, 16), (2, 5)] {
            let share = newcomer_share(limit, rule, uids.into()) as u8;
            let attack = Attack {
                limit,
                uids,
                accounting: Accounting::Receiver(rule),
                ..ATTACK
            };
            let wants = |wanted| found(Attack { wanted, ..attack });
            if share > 0 {
                assert!(!wants(share).contains_key("starved"), "{rule:?} {uids}");
            }
            assert!(wants(share + 1).contains_key("starved"), "{rule:?} {uids}");
        }
    }
}

#[test]
fn only_the_wrong_rules_depend_on_how_an_amount_is_cut_into_messages() {
    for rule in Rule::ALL {
        let attack = Attack {
            accounting: Accounting::Receiver(rule),
            attackers: Attackers::Chunk,
            limit: 5,
            ..ATTACK
        };
        let wrong = matches!(rule, Rule::TripleCharge | Rule::BeforeCharge);
        assert_eq!(found(attack).contains_key("chunking"), wrong, "{rule:?}");
    }
}

#[test]
fn a_stalled_subscriber_is_harmless_only_if_nobody_else_pays_and_nobody_is_vetoed() {
    let attack = Attack {
        attackers: Attackers::Subscribe,
        event_count: LIMIT as u8 + 1,
        past_refusals: true,
        ..ATTACK
    };
    let cases = [
        (
            Accounting::Sender,
            Events::Accounting,
            true,
            &[RECEIVE_REFUSED, STARVED][..],
        ),
        (
            Accounting::Receiver(Rule::Half),
            Events::Accounting,
            true,
            &[],
        ),
        (
            Accounting::Receiver(Rule::Half),
            Events::Accounting,
            false,
            &[VETOED],
        ),
        (Accounting::Requester, Events::Accounting, true, &[STARVED]),
        (Accounting::Requester, Events::Subscriber, true, &[]),
        (Accounting::Requester, Events::Credits(2), true, &[]),
    ];
    for (accounting, events, past_refusals, violated) in cases {
        let case = Attack {
            accounting,
            events,
            past_refusals,
            ..attack
        };
        assert_violated(case, violated);
    }
}
