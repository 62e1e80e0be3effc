//! Breadth-first search of all reachable states, each visited once.
//!
//! Explicit-state model checking as in G. J. Holzmann, "The SPIN Model Checker" (2003), chapter 8, with the
//! breadth-first order, so that the first counterexample is a shortest one. Departures: states are kept as 128-bit
//! fingerprints (hash compaction: Stern and Dill, CHARME 1995) instead of as vectors. States are replaced by the
//! representatives that the model names (symmetry), and in each state only the choices of a persistent set are taken
//! (partial-order reduction). Reduction keeps a counterexample of each kind, but not a shortest one: where something was
//! left out and a violation found, a search without reduction looks for a shorter one, as far as that is affordable. States
//! behind a violation are visited like others; what was found behind another violation is looked for again without one
//! before it.

mod block;
mod found;
mod frontier;
mod persistent;
mod resume;
mod search;
mod team;

use crate::checkpoint::Keeper;
use crate::effort::Effort;
use crate::ledger::Ledger;
use crate::livelock::{Livelock, find_livelock};
use crate::report::{Budget, Limits, Observer, Progress, Report, Stop, Verdict, is_behind};
use crate::shrink::alone;
use crate::walk::random_walk_until;
use resume::Resumed;
use search::{Ending, Search};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Instant;
use team::Team;
use xous_sim_step::{Footprint, Model, WIDE};

/// Exhaustive breadth-first search.
#[derive(Clone, Copy, Debug)]
pub struct Exhaustive {
    /// What it may spend.
    pub limits: Limits,
    /// Whether the first violation ends it.
    pub stop: Stop,
    /// Whether choices are left out that partial-order reduction proves needless.
    pub reduction: bool,
    /// Whether a violation that was found with choices left out is looked for again without leaving any out, so that
    /// its schedule is a shortest one, as far as that is affordable, and is then smoothed. Otherwise it stays as found.
    pub shortest: bool,
    /// Threads that search.
    pub workers: NonZeroUsize,
    /// As soon as so many states of a level are left they are expanded together, which is quicker. What is found does not
    /// depend on it.
    pub together: usize,
}

/// Fewer states are not worth being expanded together.
const TOGETHER: usize = 1 << 6;

impl Default for Exhaustive {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            stop: Stop::default(),
            reduction: false,
            shortest: false,
            workers: NonZeroUsize::MIN,
            together: TOGETHER,
        }
    }
}

/// Random executions that let the model learn about itself before reduction relies on what it knows, and that tell how
/// deep the search will go.
const REHEARSALS: u64 = 8;
const REHEARSAL_STEPS: usize = 1_000;
/// How many times as many states as with reduction may be spent on a shorter counterexample.
const FOR_SHORTNESS: u64 = 8;
/// Steps that may be spent on a counterexample without another violation before it, however small the search was.
const FOR_STANDING_ALONE: u64 = 1 << 16;

/// What rehearsals tell.
struct Rehearsed {
    /// Steps of the longest one.
    longest: u64,
    /// Whether all of them were as long as they are without limits.
    whole: bool,
}

impl Exhaustive {
    /// Explores `model`; fails only if the model itself fails or the observer ends the search.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        self.run_kept(model, observer, None)
    }

    /// The same, kept by `keeper`: it goes on from a checkpoint if there is one, and leaves one if it ends early. A search
    /// that went on from a checkpoint of a reduced one is run once more if it learned anything.
    pub fn run_kept<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
        keeper: Option<&mut dyn Keeper<M::Error>>,
    ) -> Result<Report, M::Error> {
        match !self.reduction || model.place_count() <= Footprint::<1>::PLACES {
            true => self.run_with::<M, 1>(model, observer, keeper),
            false => self.run_with::<M, WIDE>(model, observer, keeper),
        }
    }

    /// The same with footprints of so many words.
    fn run_with<M: Model, const W: usize>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
        mut keeper: Option<&mut dyn Keeper<M::Error>>,
    ) -> Result<Report, M::Error> {
        let started = now();
        let team = Team::of(self.workers);
        let rehearsed = self.rehearse(model, observer)?;
        let mut resume = true;
        loop {
            let mut search = Search::<M, W>::new(*self, model, started)?;
            search.longest = rehearsed.longest;
            search.rehearsed = rehearsed.whole;
            if let Some(keeper) = keeper.as_mut().filter(|_| resume)
                && let Some(checkpoint) = keeper.load()?
            {
                match search.resume(&checkpoint, observer)? {
                    Resumed::Whole => {}
                    Resumed::OutOfMemory => return Ok(search.report(Ending::OutOf(Budget::Memory))),
                    Resumed::OfAnother => {
                        keeper.refuse().map_or(Ok(()), Err)?;
                        search = Search::new(*self, model, started)?;
                        search.longest = rehearsed.longest;
                        search.rehearsed = rehearsed.whole;
                    }
                }
            }
            let ending = search.expand_all(&team, observer, &mut keeper)?;
            let (pruned, too_much) = (search.pruned, search.pruned_too_much());
            let report = search.report(ending);
            let violated = report.verdict == Verdict::Violated;
            let enough =
                report.exhausted.is_some() || (violated && self.stop == Stop::AtFirstViolation);
            if too_much && !enough {
                resume = false;
                continue;
            }
            if let Some(keeper) = keeper.filter(|_| report.exhausted.is_none()) {
                keeper.finish()?;
            }
            let mut report = match pruned && violated && self.shortest {
                true => self.shorter(report, model, &team, observer, started)?,
                false => report,
            };
            if self.shortest && self.stop == Stop::WhenExplored {
                stand_alone(model, &mut report, self.limits.deadline)?;
            }
            return self.look_for_livelock(report, model, observer, started);
        }
    }

    /// Lets the model learn about itself. What it learns is always the same, unless a limit is in the way: so a search that is
    /// taken up again may rely on what the one before relied on.
    fn rehearse<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Rehearsed, M::Error> {
        let enough = self.limits.max_states.unwrap_or(u64::MAX);
        let steps = REHEARSAL_STEPS.min(usize::try_from(enough).unwrap_or(REHEARSAL_STEPS));
        let mut rehearsed = Rehearsed {
            longest: 0,
            whole: steps == REHEARSAL_STEPS,
        };
        for seed in 0..REHEARSALS {
            match random_walk_until(model, seed, steps, self.limits.deadline) {
                Err(error) if observer.is_out_of_memory(&error) => {
                    rehearsed.whole = false;
                    break;
                }
                walked => rehearsed.longest = rehearsed.longest.max(walked?.0.len() as u64),
            }
        }
        rehearsed.whole &= !is_behind(self.limits.deadline);
        Ok(rehearsed)
    }

    /// Adds a livelock to the report, if there is one; a model that cannot cycle has none.
    fn look_for_livelock<M: Model>(
        &self,
        mut report: Report,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
        started: Instant,
    ) -> Result<Report, M::Error> {
        let over = self.stop == Stop::AtFirstViolation && report.verdict == Verdict::Violated;
        if over || report.exhausted.is_some() || !model.may_cycle() {
            return Ok(report);
        }
        let mut steady = Steady {
            observer,
            progress: report.progress(),
        };
        let mut ledger = Ledger::open(self.limits, self.stop, &mut steady);
        let came_to = find_livelock(model, &mut ledger);
        match ledger
            .unless_out_of_memory(came_to)?
            .unwrap_or_else(Livelock::Unknown)
        {
            Livelock::None => {}
            Livelock::Found(counterexample) => {
                report.verdict = Verdict::Violated;
                report.counterexamples.push(counterexample);
            }
            Livelock::Unknown(budget) => {
                report.exhausted = Some(budget);
                if report.verdict == Verdict::Sound {
                    report.verdict = Verdict::Incomplete;
                }
            }
        }
        report.elapsed = started.elapsed();
        Ok(report)
    }

    /// The same report with shortest counterexamples, if they can be found without reduction.
    fn shorter<M: Model>(
        &self,
        report: Report,
        model: &mut M,
        team: &Team,
        observer: &mut dyn Observer<M::Error>,
        started: Instant,
    ) -> Result<Report, M::Error> {
        let affordable = report.states.saturating_mul(FOR_SHORTNESS);
        let mut plain = Self {
            reduction: false,
            ..*self
        };
        let limits = &mut plain.limits;
        limits.max_states = Some(
            limits
                .max_states
                .map_or(affordable, |max| max.min(affordable)),
        );
        let mut search = Search::<M, 1>::new(plain, model, started)?;
        let ending = search.expand_all(team, observer, &mut None)?;
        let shortest = search.report(ending);
        Ok(
            match shortest.verdict == Verdict::Violated && shortest.exhausted.is_none() {
                true => shortest,
                false => report,
            },
        )
    }
}

/// Puts a shortest schedule that violates nothing else first in place of each one that does, where it is found.
fn stand_alone<M: Model>(
    model: &mut M,
    report: &mut Report,
    deadline: Option<Instant>,
) -> Result<(), M::Error> {
    let affordable = report.transitions.saturating_mul(FOR_SHORTNESS);
    let effort = Effort {
        steps: affordable.max(FOR_STANDING_ALONE),
        deadline,
    };
    for found in &mut report.counterexamples {
        let schedule = std::mem::take(&mut found.schedule);
        found.schedule = alone(model, schedule, &found.violation, effort)?;
    }
    Ok(())
}

/// Somebody who watches a search that has seen all states, and looks at them once more.
struct Steady<'a, E> {
    observer: &'a mut dyn Observer<E>,
    progress: Progress,
}

impl<E> Observer<E> for Steady<'_, E> {
    fn progress(&mut self, _: Progress) -> ControlFlow<E> {
        self.observer.progress(self.progress)
    }

    fn lacks_memory_for(&mut self, bytes: u64) -> bool {
        self.observer.lacks_memory_for(bytes)
    }

    fn is_out_of_memory(&self, error: &E) -> bool {
        self.observer.is_out_of_memory(error)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "limits and reports read the clock"
)]
fn now() -> Instant {
    Instant::now()
}
