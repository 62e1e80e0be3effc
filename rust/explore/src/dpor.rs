//! Optimal dynamic partial-order reduction: one execution for each way in which dependent steps can be ordered.
//!
//! Algorithm 2 of P. A. Abdulla, S. Aronis, B. Jonsson and K. Sagonas, "Source Sets: A Foundation for Optimal Dynamic
//! Partial Order Reduction" (JACM 64, 2017): an execution is followed to its end; wherever two of its steps race, a
//! wake-up tree notes a beginning of an execution in which they come in the other order. No state is stored.
//!
//! Departures. Dependence is seen on the executed steps (an atomic compare-and-exchange that fails is a read), so it
//! depends on the state, as the paper's happens-before assignments allow. Steps that wait (taking a lock) can be
//! disabled by others, which the paper's main text excludes: such a step races with every conflicting step that its
//! own thread had not seen, not only with the last one before it, and so does a step that waits or was cut off by the
//! death of its process when the execution ends. Whether a race can be reversed is tried on the model itself. Races are
//! looked for among the steps that are new since the search last turned back. A search that comes to a state twice on
//! one path does not go round and is no proof.

mod event_set;
mod races;
mod touched;
mod wakeup;

use crate::ledger::Ledger;
use crate::report::{Budget, Limits, Observer, Report, Stop};
use event_set::EventSet;
use smallvec::SmallVec;
use touched::Touched;
use wakeup::{Branch, Planned, Tree};
use xous_sim_step::{Choice, Footprint, Model, Schedule, Violations, WIDE};

/// Optimal dynamic partial-order reduction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dpor {
    /// What it may spend.
    pub limits: Limits,
    /// Whether the first violation ends it.
    pub stop: Stop,
}

impl Dpor {
    /// Explores `model`; fails only if the model itself fails or the observer ends the search.
    pub fn run<M: Model>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        match model.place_count() <= Footprint::<1>::PLACES {
            true => self.run_with::<M, 1>(model, observer),
            false => self.run_with::<M, WIDE>(model, observer),
        }
    }

    /// The same with footprints of so many words.
    fn run_with<M: Model, const W: usize>(
        &self,
        model: &mut M,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Report, M::Error> {
        let mut search = Search::<M, W> {
            model,
            ledger: Ledger::open(self.limits, self.stop, observer),
            nodes: Vec::new(),
            events: Vec::new(),
            latest: Vec::new(),
            touched: Touched::default(),
            fresh: 0,
            cycle: false,
            enabled: Vec::new(),
            sequence: Vec::new(),
        };
        let came_to = search.explore();
        let ended = search.ledger.unless_out_of_memory(came_to)?;
        let exhausted = match ended.unwrap_or_else(|budget| Ended::Early(Some(budget))) {
            Ended::Explored => search.cycle.then_some(Budget::Cycle),
            Ended::Early(budget) => budget,
        };
        Ok(search.ledger.close(exhausted))
    }
}

/// Executions between two estimates of how many there will be.
const ESTIMATES: u64 = 1 << 12;

/// How the search ended.
enum Ended {
    Explored,
    /// A budget ran out, or (`None`) a violation was enough.
    Early(Option<Budget>),
}

/// A step of the execution that is being followed.
struct Event<const W: usize> {
    planned: Planned<W>,
    /// What happened before it.
    past: EventSet,
    /// The events that it may be put before: those in conflict with it that nothing else puts before it or, where it
    /// waits, those that its agent had not seen.
    races: EventSet,
    /// Whether others could have disabled it.
    waits: bool,
    /// The event of the same agent before it.
    previous: Option<usize>,
}

/// An agent whose steps from a state are explored, and what its step there touches.
#[derive(Clone, Copy)]
struct Sleeper<const W: usize> {
    agent: u16,
    footprint: Footprint<W>,
}

type Sleepers<const W: usize> = SmallVec<[Sleeper<W>; 4]>;

/// The agent that is being explored from a state.
struct Current<const W: usize> {
    sleeper: Sleeper<W>,
    /// Its choices that are not tried yet, last one first, with what is owed behind each.
    untried: SmallVec<[(Choice, Tree<W>); 1]>,
}

/// A state of the execution that is being followed.
struct Node<S, const W: usize> {
    state: S,
    /// For noticing cycles; 0 where the model has none.
    fingerprint: u128,
    enabled: SmallVec<[Choice; 8]>,
    sleepers: Sleepers<W>,
    owed: Tree<W>,
    current: Option<Current<W>>,
    /// Agents that are explored from here.
    explored: u32,
}

struct Search<'a, 'o, M: Model, const W: usize> {
    model: &'a mut M,
    ledger: Ledger<'o, M::Error>,
    /// `nodes[i]` is the state before `events[i]`.
    nodes: Vec<Node<M::State, W>>,
    events: Vec<Event<W>>,
    /// The last event of each agent.
    latest: Vec<Option<usize>>,
    touched: Touched<W>,
    /// The first event whose races have not been looked for.
    fresh: usize,
    cycle: bool,
    /// Scratch space.
    enabled: Vec<Choice>,
    sequence: Vec<Planned<W>>,
}

impl<M: Model, const W: usize> Search<'_, '_, M, W> {
    fn explore(&mut self) -> Result<Ended, M::Error> {
        let initial = self.model.initial()?;
        self.nodes
            .push(Node::reached(initial, Sleepers::new(), Tree::default()));
        let violations = self.model.violated_at_first();
        let mut ended = self.look_at_last(&violations)?;
        while ended.is_none() {
            let Some(node) = self.nodes.last_mut() else {
                return Ok(Ended::Explored);
            };
            ended = match node.next_choice() {
                Some((choice, owed)) => self.take(choice, owed)?,
                None => {
                    self.turn_back();
                    None
                }
            };
        }
        Ok(ended.expect("the loop ends when it is there"))
    }

    /// Leaves the last state for good.
    fn turn_back(&mut self) {
        self.nodes.truncate(self.nodes.len() - 1);
        if let Some(event) = self.events.last() {
            let Planned { choice, footprint } = event.planned;
            let place = self.events.len() - 1;
            self.latest[usize::from(choice.agent)] = event.previous;
            self.touched.remove(place, footprint);
            self.events.truncate(place);
        }
        self.fresh = self.fresh.min(self.events.len());
    }

    /// Takes a choice from the last state.
    fn take(&mut self, choice: Choice, owed: Tree<W>) -> Result<Option<Ended>, M::Error> {
        let node = self
            .nodes
            .last_mut()
            .expect("a choice is taken from a state");
        let mut state = node.state.clone();
        let (violations, footprint) = self.model.take(&mut state, choice)?;
        let current = node.current.as_mut().expect("a choice belongs to an agent");
        current.sleeper.footprint = current.sleeper.footprint.union(footprint);
        let asleep = |sleeper: &&Sleeper<W>| !sleeper.footprint.conflicts(footprint);
        let sleepers = node.sleepers.iter().filter(asleep).copied().collect();
        let waits = self.model.may_wait(&node.state, choice.agent);
        let event = self.happen(Planned { choice, footprint }, waits);
        self.latest[usize::from(choice.agent)] = Some(self.events.len());
        self.touched.add(self.events.len(), footprint);
        self.events.push(event);
        self.nodes.push(Node::reached(state, sleepers, owed));
        if let Some(budget) = self.ledger.step()? {
            return Ok(Some(Ended::Early(Some(budget))));
        }
        self.look_at_last(&violations)
    }

    /// A step as an event behind those that have happened.
    fn happen(&mut self, planned: Planned<W>, waits: bool) -> Event<W> {
        let agent = usize::from(planned.choice.agent);
        if agent >= self.latest.len() {
            self.latest.resize(agent + 1, None);
        }
        let previous = self.latest[agent];
        let mut past = self.up_to(previous);
        let mut candidates = self.touched.conflicting(planned.footprint);
        candidates.remove_all(&past);
        let mut races = match waits {
            true => candidates.clone(),
            false => EventSet::default(),
        };
        while let Some(earlier) = candidates.last_before(self.events.len()) {
            races.add(earlier);
            past.add(earlier);
            past.add_all(&self.events[earlier].past);
            candidates.remove_all(&past);
        }
        Event {
            planned,
            past,
            races,
            waits,
            previous,
        }
    }

    /// Looks at the last state, to which the search has come, and notes what is to be explored from it.
    fn look_at_last(&mut self, violations: &Violations) -> Result<Option<Ended>, M::Error> {
        let (last, path) = self.nodes.split_last_mut().expect("there is a last state");
        self.enabled.clear();
        self.model.enabled(&last.state, &mut self.enabled)?;
        last.enabled.extend_from_slice(&self.enabled);
        let broken = self.model.check(&last.state, &self.enabled)?;
        for violation in violations.iter().map(AsRef::as_ref).chain(&broken) {
            let events = &self.events;
            if self.ledger.found(violation, || schedule(events)) {
                return Ok(Some(Ended::Early(None)));
            }
        }
        if self.model.may_cycle() {
            last.fingerprint = self.model.fingerprint(&last.state);
        }
        let same = |node: &Node<M::State, W>| node.fingerprint == last.fingerprint;
        let again = last.fingerprint != 0 && path.iter().any(same);
        if !again && last.begin() {
            return Ok(None);
        }
        self.cycle |= again;
        self.end(again)
    }

    /// The execution goes no further: its end is reached, or what follows is explored elsewhere.
    fn end(&mut self, again: bool) -> Result<Option<Ended>, M::Error> {
        self.reverse_races()?;
        self.fresh = self.events.len();
        let node = self.nodes.last().expect("an execution ends in a state");
        if !node.enabled.is_empty() && !again {
            self.ledger.redundant += 1;

            return Ok(None);
        }

        let budget = self.ledger.complete(self.events.len());
        if budget.is_some() || self.ledger.schedules.is_multiple_of(ESTIMATES) {
            self.estimate();
        }
        Ok(budget.map(|budget| Ended::Early(Some(budget))))
    }
}

impl<M: Model, const W: usize> Search<'_, '_, M, W> {
    /// Estimates how many executions there will be: the tree that is known so far is taken for the whole, and the branches
    /// of a node for equally large.
    fn estimate(&mut self) {
        let (mut done, mut share) = (0.0, 1.0);
        for node in &self.nodes {
            let branches = f64::from(node.explored) + 1.0 + node.owed.0.len() as f64;
            done += share * f64::from(node.explored) / branches;
            share /= branches;
        }
        self.ledger.estimated_total = Some(self.ledger.schedules as f64 / (done + share));
    }
}

impl<S, const W: usize> Node<S, W> {
    /// A state that was reached, with the agents that are explored elsewhere and what is owed to it.
    fn reached(state: S, sleepers: Sleepers<W>, owed: Tree<W>) -> Self {
        Self {
            state,
            fingerprint: 0,
            enabled: SmallVec::new(),
            sleepers,
            owed,
            current: None,
            explored: 0,
        }
    }

    /// Owes at least one agent, if one is awake; whether anything is to be explored from here.
    fn begin(&mut self) -> bool {
        let enabled = |agent: u16| self.enabled.iter().any(|choice| choice.agent == agent);
        self.owed
            .0
            .retain(|branch| enabled(branch.step.choice.agent));
        if self.owed.0.is_empty() {
            let awake = |choice: &&Choice| self.sleepers.iter().all(|s| s.agent != choice.agent);
            let first = self.enabled.iter().find(awake);
            self.current = first.map(|choice| self.all_choices(choice.agent, Vec::new()));
        }
        self.current.is_some() || !self.owed.0.is_empty()
    }

    /// The choice that is tried next, with what is owed behind it.
    fn next_choice(&mut self) -> Option<(Choice, Tree<W>)> {
        loop {
            if let Some(current) = &mut self.current {
                if let Some(next) = current.untried.pop() {
                    return Some(next);
                }
                self.sleepers.push(current.sleeper);
                self.explored += 1;
            }
            self.current = None;
            let (agent, branches) = self.owed.take_first()?;
            self.current = Some(self.all_choices(agent, branches));
        }
    }

    /// All choices of an agent, each with what is owed behind it.
    fn all_choices(&self, agent: u16, mut branches: Vec<Branch<W>>) -> Current<W> {
        let own = self
            .enabled
            .iter()
            .rev()
            .filter(|choice| choice.agent == agent);
        let untried = own.map(|&choice| {
            let owed = branches
                .iter()
                .position(|branch| branch.step.choice == choice);
            let owed = owed.map(|place| branches.swap_remove(place).then);
            (choice, owed.unwrap_or_default())
        });
        Current {
            untried: untried.collect(),
            sleeper: Sleeper {
                agent,
                footprint: Footprint::NOTHING,
            },
        }
    }
}

/// The choices of an execution.
fn schedule<const W: usize>(events: &[Event<W>]) -> Schedule {
    Schedule(events.iter().map(|event| event.planned.choice).collect())
}
