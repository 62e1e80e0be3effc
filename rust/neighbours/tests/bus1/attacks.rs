//! Who can be starved by whom: every cell of the facts' table comes out of exploration.

use std::collections::BTreeMap;
use xous_sim_explore::{Exhaustive, Report, Silent, Stop, Verdict};
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

fn explore(attack: Attack, stop: Stop) -> Report {
    let mut model = Contest::new(attack).expect("a case with a meaning");
    let search = Exhaustive {
        stop,
        ..Exhaustive::default()
    };
    let Ok(report) = search.run(&mut model, &mut Silent);
    assert_ne!(report.verdict, Verdict::Incomplete);
    report
}

/// Each property that can be violated, with the steps of a shortest attack.
fn found(attack: Attack) -> BTreeMap<&'static str, usize> {
    let kinds = explore(attack, Stop::WhenExplored).counterexamples;
    kinds
        .iter()
        .map(|c| (c.violation.property.0, c.schedule.0.len()))
        .collect()
}

/// The first property that is violated, with the steps of a shortest attack.
fn first(attack: Attack) -> Option<(Property, usize)> {
    let report = explore(attack, Stop::AtFirstViolation);
    let first = report.counterexamples.first()?;
    Some((first.violation.property, first.schedule.0.len()))
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
    let (mut cases, mut starved) = (0, 0);
    for rule in [Rule::Half, Rule::PerUser, Rule::Quasilinear, Rule::None] {
        for (uids, limit) in (0..=10).map(|limit| (1, limit)).chain([(2, 3), (2, 4)]) {
            let share = newcomer_share(limit, rule, uids.into()) as u8;
            for wanted in share.max(1)..=share + 1 {
                let attack = Attack {
                    limit,
                    uids,
                    wanted,
                    accounting: Accounting::Receiver(rule),
                    ..ATTACK
                };
                let found = first(attack).is_some_and(|(property, _)| property == STARVED);
                assert_eq!(found, wanted > share, "{attack:?}");
                cases += 1;
                starved += u32::from(found);
            }
        }
    }
    println!("share of the victim: {cases} cases, starved in {starved}");
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

/// Compares the shortest attack with what it should take.
fn assert_steps(attack: Attack, property: Property, steps: u64) {
    let steps = steps as usize;
    assert_eq!(found(attack).get(property.0), Some(&steps), "{attack:?}");
}

#[test]
fn the_shortest_attacks_take_as_many_steps_as_there_are_units_to_use_up() {
    for limit in 1..=9 {
        let attack = Attack { limit, ..ATTACK };
        let accounting = Accounting::Receiver(Rule::None);
        // Each unit of the agent, and then the victim.
        assert_steps(
            Attack {
                accounting,
                ..attack
            },
            STARVED,
            limit + 1,
        );
        // A request and a reply for each unit, and then a request that the agent cannot receive.
        let sender_pays = Attack {
            attackers: Attackers::Ask,
            accounting: Accounting::Sender,
            ..attack
        };
        assert_steps(sender_pays, RECEIVE_REFUSED, 2 * limit + 2);
        assert_steps(sender_pays, WAITS_FOR_EVER, 2 * limit + 3);
    }
}

#[test]
fn replies_fill_an_attacker_up_to_the_share_of_the_agent_before_it_waits_for_room() {
    for rule in [Rule::Half, Rule::PerUser, Rule::Quasilinear] {
        for limit in 1..=9 {
            let attack = Attack {
                limit,
                accounting: Accounting::Receiver(rule),
                attackers: Attackers::Ask,
                on_refusal: OnRefusal::Wait,
                ..ATTACK
            };
            // Requests and replies that are let through, one more that is not, and what the victim asks meanwhile.
            let replies = newcomer_share(limit, rule, 0);
            let steps = (replies > 0).then(|| 2 * replies as usize + 4);
            let waits = found(attack).get(WAITS_FOR_EVER.0).copied();
            assert_eq!(waits, steps, "{attack:?}");
        }
    }
}

/// What has to remain for the first unit of a newcomer beside so many users.
fn first_unit_needs(rule: Rule, users: u64) -> u64 {
    match rule {
        Rule::Half => 2,
        Rule::PerUser => users + 2,
        // A(2), A(3) and A(4) of r-fairdist.
        Rule::Quasilinear => [4, 9, 12, 20][users as usize],
        _ => 1,
    }
}

#[test]
fn as_many_colluders_as_are_counted_starve_the_victim_with_no_unit_more_than_it_takes() {
    for rule in [Rule::Half, Rule::PerUser, Rule::Quasilinear, Rule::None] {
        for limit in 1..=9 {
            let colluders = sybils_needed(limit, 1, rule).expect("a small limit");
            if !(1..=3).contains(&colluders) {
                continue;
            }
            let attack = Attack {
                limit,
                uids: colluders as u8,
                accounting: Accounting::Receiver(rule),
                ..ATTACK
            };
            // Each has one unit at least, or it would not be counted among the users.
            let units =
                colluders.max((limit + 1).saturating_sub(first_unit_needs(rule, colluders)));
            let expected = Some((STARVED, units as usize + 1));
            assert_eq!(first(attack), expected, "{attack:?}");
        }
    }
}
