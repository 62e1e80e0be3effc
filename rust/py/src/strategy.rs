//! The searches, as Python's strategies ask for them: a new one is a variant, a line that makes it, a line that runs it.

use crate::errors::misuse;
use crate::told::Samples;
use pyo3::prelude::*;
use std::num::NonZeroUsize;
use std::time::Duration;
use xous_sim_explore::{
    Begun, Below, Budget, Departure, Dfs, Dpor, Effort, Exhaustive, Keeper, Limits, Observer, Pct,
    Random, Report, Stop, shrink,
};
use xous_sim_step::{Model, Schedule};
use xous_sim_userland::World;

/// What a strategy says of itself; what its search does not know is left out.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Keywords {
    search: String,
    #[pyo3(default)]
    symmetry: bool,
    #[pyo3(default)]
    reduction: bool,
    #[pyo3(default = true)]
    shortest: bool,
    #[pyo3(default)]
    workers: usize,
    /// For tests: what is found does not depend on it.
    #[pyo3(default)]
    together: Option<usize>,
    #[pyo3(default)]
    pub checkpoint: Option<String>,
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
    /// The reductions, in words.
    pub fn reductions(&self) -> String {
        let Self {
            symmetry,
            reduction,
            ..
        } = self;
        format!("symmetry {symmetry}, reduction {reduction}")
    }

    fn limits(&self) -> Limits {
        Limits {
            max_states: self.max_states,
            max_schedules: self.max_schedules,
            deadline: self
                .max_seconds
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .and_then(Limits::after),
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
pub struct Strategy {
    search: Search,
    limits: Limits,
    /// Whether counterexamples are made as easy to follow as they can be; otherwise they stay as found.
    shortest: bool,
}

#[derive(Clone, Debug)]
enum Search {
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
pub const EFFORT: u64 = 1 << 18;

/// Random executions are no longer than this,
const LONG_SAMPLE: usize = 10_000;
/// and no longer than this behind a search that hit a limit, because real bodies follow them too,
const SHORT_SAMPLE: usize = 1_000;
/// nor longer than all that the search did, but as long as this.
const SHORTEST_SAMPLE: u64 = 100;
/// What they may take beyond the time of the search.
const MOMENT: Duration = Duration::from_millis(200);

impl Strategy {
    /// Makes the search that the keywords name.
    pub fn new(keywords: &Keywords, stop_at_first: bool) -> PyResult<Self> {
        let limits = keywords.limits();
        let stop = match stop_at_first {
            true => Stop::AtFirstViolation,
            false => Stop::WhenExplored,
        };
        let search = match keywords.search.as_str() {
            "exhaustive" => {
                let threads = match keywords.symmetry {
                    true => Threads::Interchangeable,
                    false => Threads::ToldApart,
                };
                let default = Exhaustive::default();
                let search = Exhaustive {
                    limits,
                    stop,
                    reduction: keywords.reduction,
                    shortest: keywords.shortest,
                    workers: NonZeroUsize::new(keywords.workers).unwrap_or(default.workers),
                    together: keywords.together.unwrap_or(default.together),
                };
                Search::Exhaustive(search, threads)
            }
            "dpor" => Search::Dpor(Dpor { limits, stop }),
            "pct" => Search::Pct(Pct {
                limits,
                stop,
                seed: keywords.seed,
                depth: keywords.depth,
            }),
            "random" => Search::Random(Random {
                limits,
                stop,
                seed: keywords.seed,
                ..Random::default()
            }),
            "dfs" => Search::Dfs(Dfs {
                limits,
                stop,
                max_preemptions: keywords.max_preemptions,
                deepening: keywords.deepening,
                begun: Begun::default(),
            }),
            other => return Err(misuse(format!("there is no search {other:?}"))),
        };
        Ok(Self {
            search,
            limits,
            shortest: keywords.shortest,
        })
    }

    /// Whether it visits states, so that it need not come to one twice.
    pub fn visits_states(&self) -> bool {
        matches!(self.search, Search::Exhaustive(..))
    }

    /// Preemptions of the schedules that it looks at, at most.
    pub fn max_preemptions(&self) -> usize {
        let bound = match &self.search {
            Search::Dfs(dfs) => dfs.max_preemptions,
            _ => None,
        };
        bound.map_or(usize::MAX, |bound| bound as usize)
    }

    /// What may be spent on making a counterexample easier to follow.
    pub fn effort(&self, steps: u64) -> Effort {
        Effort {
            steps,
            deadline: self.limits.deadline,
        }
    }

    /// What may be spent on random executions behind the search: they are as long as its limits suggest, and they end a
    /// moment after its time.
    pub fn samples(&self, found: &Report) -> Samples {
        let limited = matches!(
            found.exhausted,
            Some(Budget::States | Budget::Time | Budget::Memory)
        );
        let most = if limited { SHORT_SAMPLE } else { LONG_SAMPLE };
        let moment = Limits::after(MOMENT);
        Samples {
            steps: most.min(found.transitions.max(SHORTEST_SAMPLE) as usize),
            deadline: self
                .limits
                .deadline
                .and_then(|at| moment.map(|m| m.max(at))),
        }
    }

    /// The same for those before a search, by which it learns of the bodies.
    pub fn warm_up(&self) -> Samples {
        let states = self.limits.max_states.unwrap_or(u64::MAX);
        Samples {
            steps: (LONG_SAMPLE as u64).min(states) as usize,
            deadline: self.limits.deadline,
        }
    }

    /// Which threads it takes for the same.
    pub fn threads(&self) -> Threads {
        match self.search {
            Search::Exhaustive(_, threads) => threads,
            _ => Threads::Anonymous,
        }
    }

    /// Searches. What is found without storing states, which need not be short, is eased. A keeper is of use to a search
    /// that visits states only.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
        keeper: Option<&mut dyn Keeper<M::Error>>,
    ) -> Result<Report, M::Error> {
        let mut report = self.search.run(model, observer, keeper)?;
        if self.eases() {
            ease(model, &mut report, self.effort(EFFORT))?;
        }
        Ok(report)
    }

    /// Searches what lies below a prefix; the inner error is a prefix that does not fit.
    pub fn run_below<M: Model>(
        &self,
        model: &mut M,
        prefix: Schedule,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Result<Report, Departure>, M::Error> {
        let mut below = match Below::new(model, prefix)? {
            Ok(below) => below,
            Err(departure) => return Ok(Err(departure)),
        };
        let mut search = self.search.clone();
        if let Search::Dfs(dfs) = &mut search {
            dfs.begun = below.begun();
        }
        let mut report = search.run(&mut below, observer, None)?;
        below.lift(&mut report);
        if self.eases() {
            ease(model, &mut report, self.effort(EFFORT))?;
        }
        Ok(Ok(report))
    }

    /// Whether what is found is to be eased.
    fn eases(&self) -> bool {
        self.shortest && !self.visits_states()
    }
}

impl Search {
    fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
        keeper: Option<&mut dyn Keeper<M::Error>>,
    ) -> Result<Report, M::Error> {
        match self {
            Self::Exhaustive(search, _) => search.run_kept(model, observer, keeper),
            Self::Dfs(search) => search.run(model, observer),
            Self::Dpor(search) => search.run(model, observer),
            Self::Pct(search) => search.run(model, observer),
            Self::Random(search) => search.run(model, observer),
        }
    }
}

/// Makes counterexamples as easy to follow as they can be made with so much effort each.
pub fn ease<M: Model>(model: &mut M, report: &mut Report, effort: Effort) -> Result<(), M::Error> {
    for found in &mut report.counterexamples {
        let schedule = std::mem::take(&mut found.schedule);
        found.schedule = shrink(model, schedule, &found.violation, effort)?;
    }
    Ok(())
}
