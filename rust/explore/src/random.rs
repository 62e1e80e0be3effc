//! Random walk that is uniform over schedules: every complete schedule is as likely as any other.
//!
//! A walk that draws each step from what is enabled prefers schedules with few alternatives on their way: of two agents
//! with 1 and 20 steps, the one step comes last once in a million walks, but in one of 21 schedules. Here each choice is
//! drawn in proportion to the number of complete schedules behind it (P. Flajolet, P. Zimmermann and B. Van Cutsem, "A
//! Calculus for the Random Generation of Labelled Combinatorial Structures", 1994), after all states were visited and
//! counted once (see [`Counted`]). With a cycle, or with too many states to visit, choices are drawn by the steps that
//! agents seem to have left (see [`Remaining`]), which is uniform only for the simplest programs, and executions end
//! after [`MAX_STEPS`] steps.
//!
//! A walk goes on behind a violation, unless the search ends there. Walks are drawn with replacement, and however many
//! there are, they prove nothing.
//!
//! [`MAX_STEPS`]: crate::sample::MAX_STEPS

use crate::counted::{Counted, Counting, END};
use crate::draws::Draws;
use crate::ledger::Ledger;
use crate::remaining::Remaining;
use crate::report::{Limits, Observer, Report, Stop};
use crate::sample::{Ending, complete, sample};
use xous_sim_step::{Choice, Model};

/// Random search.
#[derive(Clone, Copy, Debug)]
pub struct Random {
    /// What it may spend; [`Limits::DEFAULT_SCHEDULES`] without a limit of schedules or time. Counting takes time too.
    pub limits: Limits,
    /// Whether the first violation ends it.
    pub stop: Stop,
    /// Equal seeds give equal schedules.
    pub seed: u64,
    /// States that are visited for counting at most; with more of them it is not uniform. A few hundred bytes each.
    pub max_counted: u64,
}

impl Default for Random {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            stop: Stop::default(),
            seed: 0,
            max_counted: 250_000,
        }
    }
}

impl Random {
    /// Explores `model`; fails only if the model itself fails or the observer ends the search.
    ///
    /// The report's `estimated_total` is the number of schedules if they were counted, and `states` how many states
    /// there are; if not, `states` is 0. Its `transitions` are the steps of counting and of walking.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        let mut ledger = Ledger::open(self.limits.for_sampling(), self.stop, observer);
        let mut states = 0;
        let came_to = self.draw(model, &mut ledger, &mut states);
        let ending = ledger.unless_out_of_memory(came_to)?.unwrap_or_else(Some);
        let mut report = ledger.close(ending);
        report.states = states;
        Ok(report)
    }

    /// Counts, as far as that can be, and draws; `states` becomes how many there are.
    fn draw<M: Model>(
        &self,
        model: &mut M,
        ledger: &mut Ledger<'_, M::Error>,
        states: &mut u64,
    ) -> Result<Ending, M::Error> {
        let mut draws = Draws::seeded(self.seed);
        Ok(match Counted::count(model, self.max_counted, ledger)? {
            Counting::Ended(budget) => Some(budget),
            Counting::Uncountable => sample(model, ledger, &mut Remaining::of_nothing(draws))?,
            Counting::Done(graph) => {
                *states = graph.states;
                ledger.estimated_total = Some(graph.total);
                walk_graph(&graph, ledger, &mut draws)?
            }
        })
    }
}

/// Walks through the graph until something ends the search.
fn walk_graph<E>(
    graph: &Counted,
    ledger: &mut Ledger<'_, E>,
    draws: &mut Draws,
) -> Result<Ending, E> {
    let mut path = Vec::new();
    loop {
        path.clear();
        if let Some(ending) = walk_to_end(graph, ledger, draws, &mut path)? {
            return Ok(ending);
        }
        if let Some(budget) = complete(ledger, path.len()) {
            return Ok(Some(budget));
        }
    }
}

/// Walks until the execution is complete, or something ends the search.
fn walk_to_end<E>(
    graph: &Counted,
    ledger: &mut Ledger<'_, E>,
    draws: &mut Draws,
    path: &mut Vec<Choice>,
) -> Result<Option<Ending>, E> {
    if ledger.found_any(&graph.violations_at_first, path) {
        return Ok(Some(None));
    }
    let mut next = graph.begin;
    while next != END {
        let way = graph.draw(next, draws);
        path.push(way.choice);
        if ledger.found_any(graph.violations_of_step(way), path) {
            return Ok(Some(None));
        }
        if let Some(budget) = ledger.step()? {
            return Ok(Some(Some(budget)));
        }
        if ledger.found_any(graph.violations_there(way), path) {
            return Ok(Some(None));
        }
        next = way.then;
    }
    Ok(None)
}
