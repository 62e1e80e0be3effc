//! Cases and what exploration finds in them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use xous_sim_explore::{Counterexample, Exhaustive, Report, Silent, Stop, Verdict};
use xous_sim_neighbours::capnp::*;
use xous_sim_step::Property;

pub const PLAIN: Kind = Kind::Plain { hops: 0 };
pub const CALLBACK: Kind = Kind::Plain { hops: 1 };

/// Rule V1 that goes on at the limit already.
pub const GENTLE: Reading = v1(Block::Above, Wake::At);

/// Rule V1, as strict and as lenient as it can be.
pub const V1S: [Reading; 4] = [
    Reading::V1,
    GENTLE,
    v1(Block::At, Wake::Below),
    v1(Block::At, Wake::At),
];

/// All rules for readers.
pub const RULES: [Reading; 5] = [V1S[0], V1S[1], V1S[2], V1S[3], Reading::V2];

const fn v1(block: Block, wake: Wake) -> Reading {
    Reading::All { block, wake }
}

/// Whether the limit itself stops the reader.
pub fn stops_at(reading: Reading) -> bool {
    matches!(
        reading,
        Reading::All {
            block: Block::At,
            ..
        }
    )
}

/// Whether it takes fewer words than the limit to let a stopped reader go on.
pub fn wakes_below(reading: Reading) -> bool {
    matches!(
        reading,
        Reading::All {
            wake: Wake::Below,
            ..
        }
    )
}

/// Whether so many words of calls, none of which can be given back, are too many.
pub fn too_many(reading: Reading, words: u64, limit: u64) -> bool {
    words > limit || stops_at(reading) && words == limit && words > 0
}

/// What a rule is called in a row.
pub fn name(reading: Reading) -> String {
    let Reading::All { block, wake } = reading else {
        return "V2".into();
    };
    format!("V1 blocks {block:?}, wakes {wake:?}")
}

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

/// One call with further hops between two vats with limits of their own.
pub fn recursion(limits: [Limit; 2], hops: u8, size: u64) -> Setup {
    Setup {
        limits: limits.to_vec(),
        link: 64,
        replies_wait: false,
        streams: vec![Stream {
            calls: vec![call(Kind::Plain { hops }, size)],
            ..Stream::default()
        }],
        memory: None,
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

/// Every limit with every size and every number of calls.
pub fn grid(
    limits: RangeInclusive<u64>,
    sizes: RangeInclusive<u64>,
    counts: RangeInclusive<usize>,
) -> impl Iterator<Item = (u64, u64, usize)> {
    limits.flat_map(move |limit| {
        let counts = counts.clone();
        let sizes = sizes.clone();
        sizes.flat_map(move |size| counts.clone().map(move |count| (limit, size, count)))
    })
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
