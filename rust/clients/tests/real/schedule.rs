//! Real programs, scheduled: the same seed gives the same order, and some seed shows what a free run does not.

use crate::support::{Ran, Run};
use std::collections::BTreeSet;
use std::time::Duration;
use xous_sim_clients::DONE;
use xous_sim_hosted::schedule::Strategy;
use xous_sim_hosted::watch::Property;

const PCT: Strategy = Strategy::Pct {
    depth: 3,
    moves: 60,
};
/// The exit status of `refcounted app` when a call reached another server.
const WRONG_SERVER: i32 = 45;
/// The first seed with which the random strategy shows it.
const SEED: u64 = 38;

fn refcounted(run: Run) -> Ran {
    let services = ["ticktimer-server", "log", "other"];
    let serving = |run: Run, service| run.serving(&format!("refcounted {service}"));
    services
        .into_iter()
        .fold(run, serving)
        .client("refcounted app")
        .run()
}

/// Every program of this package, few rounds of each.
fn everything(strategy: Strategy, seed: u64) -> Vec<Vec<String>> {
    let run = || Run::scheduled(strategy, seed);
    let mut crowd = run()
        .serving("crowd server one")
        .serving("crowd server three");
    for _ in 0..8 {
        crowd = crowd.client("crowd client one three 2");
    }
    let runs = [
        run()
            .serving("scalars server")
            .client("scalars client 3")
            .ends_well(),
        run()
            .serving("memory server")
            .client("memory client")
            .ends_well(),
        crowd.ends_well(),
        run().client("threads 1").ends_well(),
        run().client("restart").ends_well(),
        run().client("syscalls").ends_well(),
        run()
            .serving("name_service")
            .serving("name_service server clock")
            .client("name_service client clock")
            .ends_well(),
        Run::scheduled_with_names(strategy, seed)
            .serving("std_names server clock")
            .client("std_names client clock")
            .ends_well(),
        refcounted(run()),
    ];
    runs.into_iter().map(|ran| ran.order).collect()
}

#[test]
fn some_seed_cuts_a_connection_that_is_used_and_leads_it_elsewhere() {
    let ran = refcounted(Run::scheduled(Strategy::Random, SEED));
    assert_eq!(ran.codes, [Some(WRONG_SERVER)]);
    assert_eq!(ran.found[..2], [Property::Severed, Property::Misdelivered]);
}

#[test]
fn as_many_free_runs_do_not_show_it() {
    for _ in 0..=SEED {
        let ran = refcounted(Run::freely());
        assert_eq!((ran.codes, ran.found), (vec![Some(DONE)], vec![]));
    }
}

#[test]
fn a_seed_gives_the_same_order_of_calls_again() {
    for strategy in [Strategy::Random, PCT] {
        let orders = (0..3).map(|_| refcounted(Run::scheduled(strategy, SEED)).order);
        assert_eq!(orders.collect::<BTreeSet<_>>().len(), 1);
    }
}

#[test]
fn the_order_does_not_depend_on_how_long_it_takes_to_start_the_programs() {
    let orders = [0, 3, 30].map(|pause| {
        let run = Run::scheduled(Strategy::Random, SEED).pausing(Duration::from_millis(pause));
        refcounted(run).order
    });
    assert_eq!(BTreeSet::from(orders).len(), 1);
}

#[test]
fn other_seeds_give_other_orders() {
    let orders = (0..5).map(|seed| refcounted(Run::scheduled(Strategy::Random, seed)).order);
    assert_eq!(orders.collect::<BTreeSet<_>>().len(), 5);
}

#[test]
#[ignore = "takes minutes"]
fn a_seed_gives_the_same_order_of_calls_of_every_program_in_100_of_100_runs() {
    for strategy in [Strategy::Random, PCT] {
        let first = everything(strategy, 1);
        for run in 1..100 {
            let again = everything(strategy, 1);
            for (program, (order, other)) in first.iter().zip(&again).enumerate() {
                assert_eq!(order, other, "{strategy:?}, run {run}, program {program}");
            }
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn each_strategy_has_a_seed_below_100_that_leads_a_connection_elsewhere() {
    for strategy in [Strategy::Random, PCT] {
        let codes = (0..100).map(|seed| refcounted(Run::scheduled(strategy, seed)).codes);
        let wrong = codes.filter(|codes| *codes == [Some(WRONG_SERVER)]);
        assert!(wrong.count() > 0, "{strategy:?}");
    }
}
