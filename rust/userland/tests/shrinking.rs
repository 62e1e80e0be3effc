//! The race of the refcounted drop shrinks to its known forms, whatever random schedules it was found in.

use std::collections::{BTreeMap, BTreeSet};
use xous_sim_explore::{Counterexample, Execution, Limits, Random, Silent, Stop, shrink};
use xous_sim_kernel::Config;
use xous_sim_userland::World;
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::idioms::{Clients, IDIOMS, scenario};

/// Steps that shrinking one schedule may take.
const EFFORT: u64 = 1_000_000;

fn race(threads: usize, rounds: u16) -> World<'static> {
    let clients = Clients {
        threads,
        rounds,
        std_shadow: false,
        bystander: false,
    };
    let mut idioms = IDIOMS.iter();
    let idiom = idioms.find(|idiom| idiom.name == "refcounted_drop");
    scenario(idiom.expect("an idiom"), clients, Config::default()).expect("it fits the kernel")
}

/// Random schedules that fail, one of each kind at most.
fn failing(world: &mut World<'static>, seed: u64) -> Vec<Counterexample> {
    let random = Random {
        seed,
        stop: Stop::WhenExplored,
        limits: Limits {
            max_schedules: Some(200),
            ..Limits::default()
        },
        ..Random::default()
    };
    loop {
        match random.run(world, &mut Silent) {
            Err(TraceError::Restart) => world.restart(),
            other => {
                return other
                    .expect("Rust bodies are deterministic")
                    .counterexamples;
            }
        }
    }
}

/// The preemptions and the length of a schedule after shrinking.
fn cost_of_shrunk(world: &mut World<'static>, found: Counterexample) -> (usize, usize) {
    let shrunk = shrink(world, found.schedule, &found.violation, EFFORT);
    let shrunk = shrunk.expect("Rust bodies are deterministic");
    let followed = Execution::follow(world, &shrunk).expect("Rust bodies are deterministic");
    let followed = followed.expect("the schedule fits");
    let mut violations = followed.violations.iter();
    let first = violations.find(|(_, violation)| violation.is_like(&found.violation));
    assert_eq!(first.map(|(steps, _)| *steps), Some(shrunk.0.len()));
    (followed.preemptions, shrunk.0.len())
}

/// What is left of the failing schedules of so many searches, by what they violate, and how many there were of them.
type Forms = BTreeMap<&'static str, (u32, BTreeSet<(usize, usize)>)>;

fn forms(world: &mut World<'static>, searches: u64) -> Forms {
    let mut forms = Forms::new();
    for found in (0..searches)
        .flat_map(|seed| failing(world, seed))
        .collect::<Vec<_>>()
    {
        let (count, costs) = forms.entry(found.violation.property.0).or_default();
        *count += 1;
        costs.insert(cost_of_shrunk(world, found));
    }
    forms
}

#[test]
fn a_thousand_schedules_shrink_to_two_preemptions_that_sever_or_one_that_frees_a_slot_twice() {
    let forms = forms(&mut race(2, 1), 1_100);
    let (count, costs) = &forms["severed"];
    assert!(*count >= 1_000, "{count}");
    assert_eq!(*costs, BTreeSet::from([(2, 8)]));
    assert_eq!(forms["free-slot"].1, BTreeSet::from([(1, 10)]));
}

#[test]
fn what_a_further_client_does_is_dropped() {
    let forms = forms(&mut race(3, 1), 50);
    assert_eq!(forms["severed"].1, BTreeSet::from([(2, 8)]));
    assert_eq!(forms["free-slot"].1, BTreeSet::from([(1, 10)]));
}

#[test]
fn a_round_that_comes_before_costs_fewer_preemptions_than_one_that_is_left_out() {
    // A client that has another round to go could go on behind its disconnect, so it makes that round the first of all.
    let forms = forms(&mut race(2, 2), 50);
    assert_eq!(forms["severed"].1, BTreeSet::from([(2, 13)]));
    assert_eq!(forms["free-slot"].1, BTreeSet::from([(1, 15)]));
}
