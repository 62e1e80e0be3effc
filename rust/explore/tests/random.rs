//! Random search draws every schedule equally often where it counts, and only real ones where it cannot.

mod spinning;
mod toy;

use proptest::prelude::*;
use spinning::Spinning;
use std::collections::BTreeMap;
use std::time::Duration;
use toy::ends::Ends;
use toy::{Op, Toy, programs};
use xous_sim_explore::{
    Budget, Dfs, Execution, Limits, Random, Report, Silent, Stop, Verdict, estimate_schedules,
};
use xous_sim_step::Model;

fn schedules(max_schedules: u64) -> Limits {
    Limits {
        max_schedules: Some(max_schedules),
        ..Limits::default()
    }
}

fn all() -> Random {
    Random {
        stop: Stop::WhenExplored,
        ..Random::default()
    }
}

fn run<M: Model>(random: Random, model: &mut M) -> Report
where
    M::Error: std::fmt::Debug,
{
    random
        .run(model, &mut Silent)
        .expect("these models never fail")
}

/// How many schedules there are, by following each.
fn number(toy: &Toy) -> u64 {
    let dfs = Dfs {
        stop: Stop::WhenExplored,
        ..Dfs::default()
    };
    dfs.run(&mut toy.clone(), &mut Silent)
        .expect("a toy never fails")
        .schedules
}

/// How often each schedule is the first one, over seeds.
fn drawn(toy: &Toy, random: Random, seeds: u64) -> BTreeMap<String, u64> {
    let mut model = Ends(toy.clone());
    let mut drawn = BTreeMap::new();
    for seed in 0..seeds {
        let report = run(Random { seed, ..random }, &mut model);
        let line = report.counterexamples[0].schedule.to_string();
        *drawn.entry(line).or_default() += 1;
    }
    drawn
}

/// Pearson's statistic for the claim that all `classes` are equally likely.
fn chi_square(drawn: &BTreeMap<String, u64>, classes: u64) -> f64 {
    let all: u64 = drawn.values().sum();
    let expected = all as f64 / classes as f64;
    let seen: f64 = drawn
        .values()
        .map(|&n| (n as f64 - expected).powi(2) / expected)
        .sum();
    seen + (classes - drawn.len() as u64) as f64 * expected
}

/// What the statistic exceeds once in a few ten thousand times: its mean and four standard deviations.
fn bound(classes: u64) -> f64 {
    let freedom = (classes - 1) as f64;
    freedom + 4.0 * (2.0 * freedom).sqrt()
}

/// Programs in which a walk that draws step by step has favourites.
fn uneven() -> Vec<Toy> {
    let section = [Op::Lock(0), Op::Append(0), Op::Unlock(0)];
    vec![
        Toy::new(vec![vec![Op::Append(0)], vec![Op::Append(0); 6]]),
        Toy::new(vec![section.to_vec(), section.to_vec(), vec![Op::Read(1)]]),
        Toy::new(vec![vec![Op::Choose(2), Op::SkipUnless, Op::Read(0)]; 2]),
        Toy::new(vec![vec![Op::Kill(1)], vec![Op::Write(0, 1); 5]]),
    ]
}

#[test]
fn counted_schedules_are_equally_likely() {
    for toy in uneven() {
        let classes = number(&toy);
        let drawn = drawn(&toy, Random::default(), 100 * classes);
        let statistic = chi_square(&drawn, classes);
        assert!(statistic < bound(classes), "{statistic}: {drawn:?}");
    }
}

#[test]
fn the_bound_tells_uniform_draws_from_step_by_step_ones() {
    for toy in uneven() {
        let classes = number(&toy);
        let mut model = Ends(toy);
        let mut drawn = BTreeMap::new();
        for seed in 0..100 * classes {
            let schedule = xous_sim_explore::random_walk(&mut model, seed, 100);
            let line = schedule.expect("a toy never fails").to_string();
            *drawn.entry(line).or_default() += 1;
        }
        assert!(chi_square(&drawn, classes) > bound(classes), "{drawn:?}");
    }
}

#[test]
fn schedules_of_one_search_are_all_met_when_it_walks_often_enough() {
    let mut toy = Toy::new(vec![vec![Op::Append(0), Op::Read(0), Op::Fail(0x12)]; 3]);
    toy.threads[2] = vec![Op::Append(0), Op::Read(0), Op::Fail(0x23)];
    let exhaustive = Dfs {
        stop: Stop::WhenExplored,
        ..Dfs::default()
    };
    let known = exhaustive
        .run(&mut toy, &mut Silent)
        .expect("a toy never fails");
    let report = run(all(), &mut toy);
    assert!(report.counterexamples.len() > 1);
    assert_eq!(report.counterexamples.len(), known.counterexamples.len());
    assert_eq!(report.verdict, Verdict::Violated);
}

#[test]
fn agents_with_steps_left_are_preferred_where_nothing_is_counted() {
    // The first thread sees the write in one of 91 schedules; drawn step by step, in one of 4,096.
    let early = vec![Op::Read(0), Op::Fail(1)];
    let late = [vec![Op::Read(1); 11], vec![Op::Write(0, 1)]].concat();
    let toy = Toy::new(vec![early, late]);
    let uncounted = Random {
        max_counted: 0,
        limits: schedules(1_000),
        ..Random::default()
    };
    let found = (0..20).filter(|&seed| {
        let report = run(Random { seed, ..uncounted }, &mut toy.clone());
        report.verdict == Verdict::Violated
    });
    assert_eq!(found.count(), 20);
}

#[test]
fn an_agent_with_many_picks_is_not_preferred_where_nothing_is_counted() {
    let toy = Toy::new(vec![vec![Op::Choose(5)], vec![Op::Read(0)]]);
    let uncounted = Random {
        max_counted: 0,
        ..Random::default()
    };
    let drawn = drawn(&toy, uncounted, 1_000);
    let second_first = drawn.iter().filter(|(line, _)| line.starts_with("x1:1"));
    let second_first: u64 = second_first.map(|(_, n)| n).sum();
    assert!((450..550).contains(&second_first), "{second_first}");
}

#[test]
fn no_number_of_walks_is_a_proof() {
    let mut toy = Toy::new(vec![vec![Op::Write(0, 1)]]);
    for max_counted in [0, 1_000] {
        let report = run(
            Random {
                max_counted,
                limits: schedules(50),
                ..all()
            },
            &mut toy,
        );
        assert_eq!(report.verdict, Verdict::Incomplete);
        assert_eq!(report.exhausted, Some(Budget::Schedules));
        assert_eq!(report.schedules, 50);
    }
}

#[test]
fn without_limits_ten_thousand_schedules_are_enough() {
    let report = run(all(), &mut uneven()[0]);
    assert_eq!(report.schedules, Limits::DEFAULT_SCHEDULES);
}

#[test]
fn time_ends_it_while_it_counts_and_while_it_walks() {
    let at_once = Limits {
        deadline: Limits::after(Duration::ZERO),
        ..Limits::default()
    };
    let mut long = Toy::new(vec![vec![Op::Append(0); 6]; 3]);
    for max_counted in [0, 10, u64::MAX] {
        let report = run(
            Random {
                max_counted,
                limits: at_once,
                ..all()
            },
            &mut long,
        );
        assert_eq!(report.exhausted, Some(Budget::Time), "{max_counted}");
    }
}

#[test]
fn a_program_without_a_step_has_one_schedule_whatever_the_time() {
    let ample = Limits {
        deadline: Limits::after(Duration::from_secs(3_600)),
        ..Limits::default()
    };
    for max_counted in [0, 10] {
        let random = Random {
            max_counted,
            limits: ample,
            ..all()
        };
        assert_eq!(run(random, &mut Toy::new(vec![vec![]])).schedules, 1);
    }
}

#[test]
fn a_program_that_may_go_on_for_ever_is_not_counted_and_its_walks_end() {
    let random = Random {
        limits: schedules(20),
        ..all()
    };
    let report = run(random, &mut Spinning);
    assert_eq!((report.schedules, report.states), (20, 0));
    assert_eq!(report.depth, 10_000);
}

#[test]
fn more_schedules_than_a_number_holds_are_not_counted() {
    let mut toy = Toy::new(vec![vec![Op::Choose(40); 250]]);
    let report = run(
        Random {
            limits: schedules(1),
            ..all()
        },
        &mut toy,
    );
    assert_eq!((report.states, report.estimated_total), (0, Some(f64::MAX)));
}

#[test]
fn an_estimate_is_right_on_average() {
    for toy in uneven() {
        let exact = number(&toy) as f64;
        let estimate = estimate_schedules(&mut toy.clone(), 1, 20_000, 100);
        let ratio = estimate.expect("a toy never fails") / exact;
        assert!((0.9..1.1).contains(&ratio), "{ratio}");
    }
}

#[test]
fn an_estimate_of_independent_threads_is_soon_exact() {
    let mut toy = Toy::new(vec![vec![Op::Read(0); 8]; 3]);
    let exact = run(all(), &mut toy).estimated_total.expect("it is counted");
    let estimate = estimate_schedules(&mut toy, 5, 1_000, 100).expect("a toy never fails");
    assert!((0.8..1.25).contains(&(estimate / exact)), "{estimate}");
}

proptest! {
    #[test]
    fn counting_finds_as_many_schedules_as_following_them(toy in programs()) {
        let report = run(Random { limits: schedules(1), ..all() }, &mut toy.clone());
        prop_assert_eq!(report.estimated_total, Some(number(&toy) as f64));
        prop_assert!(report.states > 0);
    }

    #[test]
    fn equal_seeds_give_equal_searches(toy in programs(), seed: u64, max_counted in 0..200_u64) {
        let random = Random { seed, max_counted, limits: schedules(20), ..all() };
        let lines = |report: Report| {
            let found = report.counterexamples.into_iter();
            let lines: Vec<_> = found.map(|c| (c.schedule.to_string(), c.violation)).collect();
            (lines, report.transitions, report.depth, report.estimated_total)
        };
        let (once, twice) = (run(random, &mut toy.clone()), run(random, &mut toy.clone()));
        prop_assert_eq!(lines(once), lines(twice));
    }

    #[test]
    fn every_counterexample_ends_in_its_violation_whatever_is_counted(
        toy in programs(), seed: u64, max_counted in 0..200_u64,
    ) {
        let random = Random { seed, max_counted, limits: schedules(200), ..all() };
        let mut toy = toy;
        for found in run(random, &mut toy).counterexamples {
            let followed = Execution::follow(&mut toy, &found.schedule).expect("a toy never fails");
            let violations = followed.expect("the schedule fits").violations;
            let ends = violations.iter().any(|(steps, violation)| {
                *steps == found.schedule.0.len() && violation.is_like(&found.violation)
            });
            prop_assert!(ends, "{}", found.schedule);
        }
    }
}
