//! The searches, as Python's strategies ask for them: a new one is a variant, a line that makes it, a line that runs it.

use crate::errors::misuse;
use pyo3::prelude::*;
use std::time::Duration;
use xous_sim_explore::{
    Dfs, Dpor, Exhaustive, Limits, Observer, Pct, Random, Report, Stop, shrink,
};
use xous_sim_step::Model;
use xous_sim_userland::World;

/// What a strategy says of itself; what its search does not know is left out.
#[derive(FromPyObject, Default)]
#[pyo3(from_item_all)]
pub struct Keywords {
    search: String,
    #[pyo3(default)]
    symmetry: bool,
    #[pyo3(default)]
    reduction: bool,
    #[pyo3(default)]
    depth: u32,
    #[pyo3(default)]
    seed: u64,
    #[pyo3(default)]
    deepening: bool,
    #[pyo3(default)]
    max_preemptions: Option<u32>,
    #[pyo3(default)]
    max_states: Option<u64>,
    #[pyo3(default)]
    max_schedules: Option<u64>,
    #[pyo3(default)]
    max_seconds: Option<f64>,
}

impl Keywords {
    /// An exhaustive search without limits.
    pub fn exhaustive(symmetry: bool) -> Self {
        Self {
            search: "exhaustive".into(),
            symmetry,
            reduction: true,
            ..Self::default()
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            max_states: self.max_states,
            max_schedules: self.max_schedules,
            max_time: self
                .max_seconds
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        }
    }
}

/// Which threads a search takes for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// None, and the kernel learns of the end of each.
    ToldApart,
    /// None, but the kernel does not learn of their ends where nobody could notice.
    Anonymous,
    /// Those of the same body.
    Interchangeable,
}

impl Threads {
    /// The world as such a search wants it.
    pub fn prepare<'a>(self, world: World<'a>) -> World<'a> {
        match self {
            Self::ToldApart => world,
            Self::Anonymous => world.with_anonymous_threads(),
            Self::Interchangeable => world.with_symmetry(),
        }
    }
}

/// A search that was chosen, with its settings.
#[derive(Clone, Debug)]
pub enum Strategy {
    /// Every state once.
    Exhaustive(Exhaustive, Threads),
    /// Every schedule.
    Dfs(Dfs),
    /// One schedule for each order of dependent steps.
    Dpor(Dpor),
    /// Schedules by random priorities.
    Pct(Pct),
    /// Random schedules.
    Random(Random),
}

/// Steps that may be spent on making a counterexample easier to follow.
const EFFORT: u64 = 1 << 18;

impl Strategy {
    /// Makes the search that the keywords name.
    pub fn new(keywords: &Keywords, stop_at_first: bool) -> PyResult<Self> {
        let limits = keywords.limits();
        let stop = match stop_at_first {
            true => Stop::AtFirstViolation,
            false => Stop::WhenExplored,
        };
        Ok(match keywords.search.as_str() {
            "exhaustive" => {
                let threads = match keywords.symmetry {
                    true => Threads::Interchangeable,
                    false => Threads::ToldApart,
                };
                let search = Exhaustive {
                    limits,
                    stop,
                    reduction: keywords.reduction,
                    shortest: true,
                };
                Self::Exhaustive(search, threads)
            }
            "dpor" => Self::Dpor(Dpor { limits, stop }),
            "pct" => Self::Pct(Pct {
                limits,
                stop,
                seed: keywords.seed,
                depth: keywords.depth,
            }),
            "random" => Self::Random(Random {
                limits,
                stop,
                seed: keywords.seed,
                ..Random::default()
            }),
            "dfs" => Self::Dfs(Dfs {
                limits,
                stop,
                max_preemptions: keywords.max_preemptions,
                deepening: keywords.deepening,
            }),
            other => return Err(misuse(format!("there is no search {other:?}"))),
        })
    }

    /// Which threads it takes for the same.
    pub fn threads(&self) -> Threads {
        match self {
            Self::Exhaustive(_, threads) => *threads,
            _ => Threads::Anonymous,
        }
    }

    /// Searches. What a search without stored states finds is made as easy to follow as it can be.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        let mut report = match self {
            Self::Exhaustive(search, _) => return search.run(model, observer),
            Self::Dfs(search) => search.run(model, observer),
            Self::Dpor(search) => search.run(model, observer),
            Self::Pct(search) => search.run(model, observer),
            Self::Random(search) => search.run(model, observer),
        }?;
        for found in &mut report.counterexamples {
            let schedule = std::mem::take(&mut found.schedule);
            found.schedule = shrink(model, schedule, &found.violation, EFFORT)?;
        }
        Ok(report)
    }
}
