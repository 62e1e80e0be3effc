//! Depth-first search of all schedules: the simplest search, that the clever ones are compared with.
//!
//! Systematic testing as in P. Godefroid, "Model Checking for Programming Languages using VeriSoft" (POPL 1997), and
//! bounded by preemptions as in M. Musuvathi and S. Qadeer, "Iterative Context Bounding for Systematic Testing of
//! Multithreaded Programs" (PLDI 2007): first the schedules without a preemption, then those with one at most, and so
//! on. A preemption is a switch away from an agent that could have gone on. If nothing was cut off at some bound, all
//! schedules are covered. Departures: every bound is searched from the beginning instead of continuing where the
//! smaller one was cut off; no state is stored, so a schedule that comes to a state that it was in ends there, and the
//! search is then no proof.

use crate::estimate::estimate_until;
use crate::ledger::Ledger;
use crate::report::{Budget, Limits, Observer, Report, Stop};
use xous_sim_step::{Choice, Model, Schedule, Violations};

/// What was decided before the initial state, where the model begins behind a prefix.
#[derive(Clone, Copy, Debug, Default)]
pub struct Begun {
    /// The agent that took the last step.
    pub previous: Option<Choice>,
    /// Preemptions so far; they count against the bound.
    pub preemptions: u32,
}

/// Random descents from which it is estimated how many schedules there are, and how long they may be.
const PROBES: u32 = 32;
const PROBE_STEPS: usize = 1_000;

/// Depth-first search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dfs {
    /// What it may spend.
    pub limits: Limits,
    /// Whether the first violation ends it.
    pub stop: Stop,
    /// Preemptions at most; `None` deepens until nothing is cut off.
    pub max_preemptions: Option<u32>,
    /// Whether bounds are tried in turn, so that counterexamples have the fewest preemptions; otherwise all schedules
    /// are searched at once.
    pub deepening: bool,
    /// What was decided before the initial state.
    pub begun: Begun,
}

impl Dfs {
    /// Explores `model`; fails only if the model itself fails or the observer ends the search.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        let mut ledger = Ledger::open(self.limits, self.stop, observer);
        let deadline = self.limits.deadline;
        let estimate = estimate_until(model, 0, (PROBES, PROBE_STEPS), deadline);
        ledger.estimated_total = ledger.unless_out_of_memory(estimate)?.unwrap_or(None);
        let mut search = Search {
            model,
            ledger,
            begun: self.begun,
            path: Vec::new(),
            bound: u32::MAX,
            cut: false,
            cycle: false,
        };
        let limit = self.max_preemptions.unwrap_or(u32::MAX);
        let mut covered = None;
        let mut bound = if self.deepening { 0 } else { limit };
        loop {
            (search.bound, search.cut) = (bound, false);
            search.ledger.schedules = 0;
            let came_to = search.explore_all();
            let ended = search.ledger.unless_out_of_memory(came_to)?;
            let ended = ended.unwrap_or_else(|budget| Ended::Early(Some(budget)));
            let exhausted = match ended {
                Ended::Early(budget) => budget,
                Ended::Explored if search.cycle => Some(Budget::Cycle),
                Ended::Explored if !search.cut => None,
                Ended::Explored if bound < limit => {
                    covered = Some(bound);
                    bound += 1;
                    continue;
                }
                Ended::Explored => {
                    covered = Some(bound);
                    Some(Budget::Preemptions)
                }
            };
            let mut report = search.ledger.close(exhausted);
            report.covered_preemptions = covered;
            return Ok(report);
        }
    }
}

/// How the search of one bound ended.
enum Ended {
    Explored,
    /// A budget ran out, or (`None`) a violation was enough.
    Early(Option<Budget>),
}

/// A state on the path, and the choices in it that are not tried yet, last one first.
struct Frame<S> {
    state: S,
    fingerprint: u128,
    enabled: Vec<Choice>,
    untried: usize,
    preemptions: u32,
}

struct Search<'a, 'o, M: Model> {
    model: &'a mut M,
    ledger: Ledger<'o, M::Error>,
    begun: Begun,
    path: Vec<Frame<M::State>>,
    bound: u32,
    /// Whether the bound cut a schedule off.
    cut: bool,
    /// Whether a schedule came back to a state that it was in.
    cycle: bool,
}

impl<M: Model> Search<'_, '_, M> {
    /// All schedules within the bound.
    fn explore_all(&mut self) -> Result<Ended, M::Error> {
        self.path.clear();
        let initial = self.model.initial()?;
        let spent = self.begun.preemptions;
        let violations = self.model.violated_at_first();
        let mut ended = self.enter(initial, spent, &violations)?;
        while ended.is_none() {
            let Some(frame) = self.path.last_mut() else {
                return Ok(Ended::Explored);
            };
            if frame.untried == 0 {
                self.path.pop();
                continue;
            }
            frame.untried -= 1;
            let choice = frame.enabled[frame.untried];
            let preemptions = frame.preemptions + u32::from(self.preempts(choice));
            if preemptions > self.bound {
                self.cut = true;
                continue;
            }
            ended = self.take(choice, preemptions)?;
        }
        Ok(ended.expect("the loop ends when it is there"))
    }

    /// Whether a choice at the end of the path switches away from an agent that could go on.
    fn preempts(&self, choice: Choice) -> bool {
        let Some((last, before)) = self.path.split_last() else {
            return false;
        };
        let mut taken = before
            .iter()
            .rev()
            .map(|frame| frame.enabled[frame.untried]);
        let previous = taken
            .find(|choice| !choice.is_fault())
            .or(self.begun.previous);
        choice.preempts(previous, &last.enabled)
    }

    fn take(&mut self, choice: Choice, preemptions: u32) -> Result<Option<Ended>, M::Error> {
        let frame = self.path.last().expect("the path has a state");
        let mut state = frame.state.clone();
        let violations = self.model.apply(&mut state, choice)?;
        if let Some(budget) = self.ledger.step()? {
            return Ok(Some(Ended::Early(Some(budget))));
        }
        self.enter(state, preemptions, &violations)
    }

    /// Comes to a state: looks at it, and puts it on the path unless the schedule ends here.
    fn enter(
        &mut self,
        state: M::State,
        preemptions: u32,
        violations: &Violations,
    ) -> Result<Option<Ended>, M::Error> {
        let mut enabled = Vec::new();
        self.model.enabled(&state, &mut enabled)?;
        let broken = self.model.check(&state, &enabled)?;
        for violation in violations.iter().map(AsRef::as_ref).chain(&broken) {
            let path = &self.path;
            if self.ledger.found(violation, || schedule(path)) {
                return Ok(Some(Ended::Early(None)));
            }
        }
        let fingerprint = self.model.fingerprint(&state);
        let again = self
            .path
            .iter()
            .any(|frame| frame.fingerprint == fingerprint);
        self.cycle |= again;
        if again || enabled.is_empty() {
            let budget = self.ledger.complete(self.path.len());
            return Ok(budget.map(|budget| Ended::Early(Some(budget))));
        }
        self.path.push(Frame {
            untried: enabled.len(),
            state,
            fingerprint,
            enabled,
            preemptions,
        });
        Ok(None)
    }
}

/// The choices that were taken along a path; the last state's own among them.
fn schedule<S>(path: &[Frame<S>]) -> Schedule {
    Schedule(
        path.iter()
            .map(|frame| frame.enabled[frame.untried])
            .collect(),
    )
}
