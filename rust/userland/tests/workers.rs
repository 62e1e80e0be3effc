//! States that are expanded together, by one thread or several, are expanded as one after the other: the same states in the same order, the same counterexamples.

use std::num::NonZeroUsize;
use xous_sim_explore::{Exhaustive, Report, Silent, Stop};
use xous_sim_kernel::Config;
use xous_sim_userland::idioms::{Clients, IDIOMS, Idiom, scenario};

fn explore(
    idiom: &Idiom,
    symmetry: bool,
    reduction: bool,
    workers: usize,
    together: usize,
) -> Report {
    let clients = Clients {
        threads: 4,
        rounds: 2,
        std_shadow: false,
        bystander: false,
    };
    let world = scenario(idiom, clients, Config::default()).expect("an idiom is no misuse");
    let mut world = match symmetry {
        true => world.with_symmetry(),
        false => world.with_anonymous_threads(),
    };
    let search = Exhaustive {
        stop: Stop::WhenExplored,
        reduction,
        workers: NonZeroUsize::new(workers).expect("somebody works"),
        together,
        ..Exhaustive::default()
    };
    loop {
        match search.run(&mut world, &mut Silent) {
            Ok(report) => return report,
            Err(_) => world.restart(),
        }
    }
}

fn told(report: &Report) -> (u64, u64, u64, Vec<String>) {
    let schedules = report
        .counterexamples
        .iter()
        .map(|c| c.schedule.to_string());
    (
        report.states,
        report.transitions,
        report.depth,
        schedules.collect(),
    )
}

#[test]
fn states_that_are_expanded_together_lead_where_they_lead_one_after_the_other() {
    let names = ["refcounted_drop", "mutex_guarded"];
    for idiom in IDIOMS.iter().filter(|idiom| names.contains(&idiom.name)) {
        for (symmetry, reduction) in [(false, false), (true, true)] {
            let alone = told(&explore(idiom, symmetry, reduction, 1, usize::MAX));
            for (workers, together) in [(1, 1), (1, 64), (3, 1), (3, 64)] {
                let found = told(&explore(idiom, symmetry, reduction, workers, together));
                assert_eq!(found, alone, "{} {symmetry} {reduction}", idiom.name);
            }
        }
    }
}
