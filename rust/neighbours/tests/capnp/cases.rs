//! Cases and what exploration finds in them.

use std::collections::BTreeSet;
use xous_sim_explore::{Counterexample, Exhaustive, Report, Silent, Stop, Verdict};
use xous_sim_neighbours::capnp::*;
use xous_sim_step::Property;

pub const PLAIN: Kind = Kind::Plain { hops: 0 };
pub const CALLBACK: Kind = Kind::Plain { hops: 1 };

/// Both rules for readers.
pub const RULES: [Reading; 2] = [Reading::V1, Reading::V2];

/// Rule V1 that goes on at the limit already.
pub const GENTLE: Reading = Reading::All {
    block: Block::Above,
    wake: Wake::At,
};

pub fn call(kind: Kind, words: u64) -> Call {
    Call {
        kind,
        words,
        result: 1,
    }
}

/// A stream of equal calls.
pub fn stream(calls: usize, words: u64, finish: Finish) -> Stream {
    Stream {
        calls: vec![call(PLAIN, words); calls],
        finish,
        window: Window::None,
    }
}

/// Vat A calls vat B, which has a limit.
pub fn pair(limit: Limit, streams: Vec<Stream>) -> Setup {
    Setup {
        limits: vec![Limit::None, limit],
        link: 64,
        replies_wait: false,
        streams,
        memory: None,
    }
}

pub fn words(limit: u64, release: Release, reading: Reading) -> Limit {
    Limit::Words {
        limit,
        release,
        reading,
    }
}

/// Everything that exploration finds, a shortest counterexample of each kind.
pub fn explore(setup: &Setup) -> Report {
    let mut model = Capnp::new(setup.clone()).expect("a case with a meaning");
    let search = Exhaustive {
        stop: Stop::WhenExplored,
        ..Exhaustive::default()
    };
    let Ok(report) = search.run(&mut model, &mut Silent);
    assert_ne!(report.verdict, Verdict::Incomplete);
    report
}

/// The properties that are violated.
pub fn violated(setup: &Setup) -> BTreeSet<Property> {
    let kinds = explore(setup).counterexamples.into_iter();
    kinds
        .map(|c: Counterexample| c.violation.property)
        .collect()
}

/// Whether it can come to a deadlock.
pub fn deadlocks(setup: &Setup) -> bool {
    violated(setup).contains(&DEADLOCK)
}

/// A sweep: how many cases there were, and in how many of them the closed form says that something goes wrong.
#[derive(Default)]
pub struct Sweep {
    cases: u64,
    wrong: u64,
}

impl Sweep {
    /// Compares one case with the closed form.
    pub fn compare(&mut self, case: &str, found: bool, expected: bool) {
        assert_eq!(found, expected, "{case}");
        self.cases += 1;
        self.wrong += u64::from(expected);
    }

    /// Prints the counts; a sweep that never or always goes wrong compares nothing.
    pub fn report(self, row: &str) {
        println!("row {row}: {} cases, {} go wrong", self.cases, self.wrong);
        assert!(self.wrong > 0 && self.wrong < self.cases, "row {row}");
    }

    /// The same for a row in which nothing goes wrong.
    pub fn report_sound(self, row: &str) {
        println!("row {row}: {} cases, none goes wrong", self.cases);
        assert!(self.cases > 0 && self.wrong == 0, "row {row}");
    }
}
