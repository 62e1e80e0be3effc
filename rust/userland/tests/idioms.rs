//! What the search finds about the idioms, in the scenario of the verdict table.

use xous_sim_explore::{Execution, Exhaustive, Report, Silent, Verdict};
use xous_sim_kernel::{Config, ConnectMode};
use xous_sim_step::Schedule;
use xous_sim_userland::World;
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::idioms::{Clients, IDIOMS, Idiom, scenario};

const TWO: Clients = Clients {
    threads: 2,
    rounds: 2,
    std_shadow: false,
    bystander: true,
};

fn idiom(name: &str) -> &'static Idiom {
    IDIOMS
        .iter()
        .find(|idiom| idiom.name == name)
        .expect("an idiom of this name")
}

fn world(name: &str, clients: Clients, connect: ConnectMode) -> World<'static> {
    let config = Config {
        connect,
        ..Config::default()
    };
    scenario(idiom(name), clients, config).expect("the scenario fits the kernel")
}

fn explore(world: &mut World<'static>) -> Report {
    loop {
        match Exhaustive::default().run(world, &mut Silent) {
            Err(TraceError::Restart) => world.restart(),
            other => return other.expect("Rust bodies are deterministic"),
        }
    }
}

fn violated(name: &str, clients: Clients, connect: ConnectMode) -> Option<&'static str> {
    let report = explore(&mut world(name, clients, connect));
    let first = report.counterexamples.first();
    assert_eq!(first.is_none(), report.verdict == Verdict::Sound);
    first.map(|counterexample| counterexample.violation.property.0)
}

#[test]
fn the_refcounted_drop_severs_a_user_in_eight_steps() {
    let report = explore(&mut world("refcounted_drop", TWO, ConnectMode::Reuse));
    let counterexample = &report.counterexamples[0];
    assert_eq!(counterexample.violation.property.0, "severed");
    assert_eq!(counterexample.schedule.0.len(), 8);
}

#[test]
fn a_spin_lock_on_both_sides_removes_the_race_and_one_on_drops_alone_does_not() {
    assert_eq!(
        violated("disconnect_locked_held", TWO, ConnectMode::Reuse),
        None
    );
    assert_eq!(
        violated("disconnect_locked", TWO, ConnectMode::Reuse),
        Some("severed")
    );
    assert_eq!(
        violated("disconnect_locked_checked", TWO, ConnectMode::Reuse),
        Some("severed")
    );
}

#[test]
fn a_weak_pool_is_unsound_as_long_as_connect_gives_a_cid_again() {
    assert_eq!(
        violated("arc_pool_weak", TWO, ConnectMode::Reuse),
        Some("severed")
    );
    assert_eq!(violated("arc_pool_weak", TWO, ConnectMode::Unique), None);
}

#[test]
fn an_owned_cid_needs_a_kernel_that_gives_unique_ones() {
    assert_eq!(
        violated("unique_cid", TWO, ConnectMode::Reuse),
        Some("severed")
    );
    assert_eq!(violated("unique_cid", TWO, ConnectMode::Unique), None);
}

#[test]
fn a_lock_around_count_and_call_does_not_protect_the_connection_of_std() {
    let shadow = Clients {
        std_shadow: true,
        ..TWO
    };
    assert_eq!(violated("mutex_guarded", TWO, ConnectMode::Reuse), None);
    assert_eq!(
        violated("mutex_guarded", shadow, ConnectMode::Reuse),
        Some("severed")
    );
}

#[test]
fn every_counterexample_violates_the_same_property_when_it_is_followed() {
    for idiom in &IDIOMS {
        let mut world = world(idiom.name, TWO, ConnectMode::Reuse);
        for counterexample in explore(&mut world).counterexamples {
            let schedule: &Schedule = &counterexample.schedule;
            let followed = Execution::follow(&mut world, schedule)
                .expect("Rust bodies are deterministic")
                .expect("the schedule fits");
            let (step, violation) = followed.violations.first().expect("it is a counterexample");
            assert_eq!(violation, &counterexample.violation, "{}", idiom.name);
            assert_eq!(*step, schedule.0.len(), "{}", idiom.name);
        }
    }
}

#[test]
fn bodies_are_run_as_often_for_three_clients_as_for_two() {
    let three = Clients { threads: 3, ..TWO };
    for name in ["refcounted_drop", "disconnect_locked_held", "unique_cid"] {
        let (mut a, mut b) = (
            world(name, TWO, ConnectMode::Unique),
            world(name, three, ConnectMode::Unique),
        );
        explore(&mut a);
        explore(&mut b);
        assert!(
            b.body_runs() <= a.body_runs() + 4,
            "{name}: {} and {}",
            a.body_runs(),
            b.body_runs()
        );
    }
}

#[test]
fn interchanging_equal_clients_changes_no_verdict_and_no_length_and_saves_states() {
    let three = Clients {
        threads: 3,
        rounds: 1,
        ..TWO
    };
    for idiom in &IDIOMS {
        for connect in [ConnectMode::Reuse, ConnectMode::Unique] {
            let plain = explore(&mut world(idiom.name, three, connect));
            let mut symmetric = world(idiom.name, three, connect).with_symmetry();
            let reduced = explore(&mut symmetric);
            let summary = |report: &Report| {
                let first = report.counterexamples.first();
                first.map(|c| (c.violation.property, c.schedule.0.len()))
            };
            assert_eq!(
                summary(&plain),
                summary(&reduced),
                "{} {connect:?}",
                idiom.name
            );
            assert!(reduced.states <= plain.states, "{}", idiom.name);
            for counterexample in reduced.counterexamples {
                let followed = Execution::follow(&mut symmetric, &counterexample.schedule)
                    .expect("Rust bodies are deterministic")
                    .expect("the schedule fits");
                assert_eq!(followed.violations[0].0, counterexample.schedule.0.len());
            }
        }
    }
}
