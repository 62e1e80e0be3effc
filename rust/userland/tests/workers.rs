//! Several threads search as one does: the same states in the same order, the same counterexamples.

use std::num::NonZeroUsize;
use xous_sim_explore::{Exhaustive, Report, Silent, Stop};
use xous_sim_kernel::Config;
use xous_sim_userland::idioms::{Clients, IDIOMS, Idiom, scenario};

fn explore(idiom: &Idiom, symmetry: bool, reduction: bool, workers: usize) -> Report {
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
fn several_workers_find_what_one_finds() {
    let names = ["refcounted_drop", "mutex_guarded"];
    for idiom in IDIOMS.iter().filter(|idiom| names.contains(&idiom.name)) {
        for (symmetry, reduction) in [(false, false), (true, true)] {
            let one = told(&explore(idiom, symmetry, reduction, 1));
            let several = told(&explore(idiom, symmetry, reduction, 3));
            assert_eq!(several, one, "{} {symmetry} {reduction}", idiom.name);
        }
    }
}
