//! The contract of a modelled system: states, choices, transitions, properties.

use crate::{Choice, Footprint, Known};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A property that an execution can violate, by its stable name (`severed`, `deadlock`, ...).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Property(pub &'static str);

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// One way in which an execution went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which property does not hold.
    pub property: Property,
    /// What it concerns, as far as a search that collects violations should tell them apart (the name of a server,
    /// of an invariant). May be empty.
    pub subject: String,
    /// The sentence for a reader.
    pub message: String,
    /// A hash of property and subject: searches meet the same violations over and over.
    kind: u64,
}

impl Violation {
    /// A violation of `property`.
    #[must_use]
    pub fn new(property: Property, subject: String, message: String) -> Self {
        let mut hasher = DefaultHasher::new();
        (property, &subject).hash(&mut hasher);
        Self {
            kind: hasher.finish(),
            property,
            subject,
            message,
        }
    }

    /// Whether both violate the same property and concern the same, going by 64-bit hashes of these few words.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let like = self.kind == other.kind;
        debug_assert!(!like || (self.property, &self.subject) == (other.property, &other.subject));
        like
    }
}

/// What a step violates: almost always nothing, and rarely more than one property. A single word, because every step of a
/// search returns it; shared, because a search meets the same violations again and again.
#[derive(Clone, Debug, Default)]
pub struct Violations(Option<Box<Violated>>);

/// At least one violation.
#[derive(Clone, Debug)]
struct Violated {
    first: Arc<Violation>,
    more: Vec<Arc<Violation>>,
}

impl Violations {
    /// Whether nothing is violated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Violation>> {
        let violated = self.0.iter();
        violated.flat_map(|violated| std::iter::once(&violated.first).chain(&violated.more))
    }

    fn push(&mut self, violation: Arc<Violation>) {
        match &mut self.0 {
            Some(violated) => violated.more.push(violation),
            None => {
                let (first, more) = (violation, Vec::new());
                self.0 = Some(Box::new(Violated { first, more }));
            }
        }
    }
}

impl Extend<Arc<Violation>> for Violations {
    fn extend<I: IntoIterator<Item = Arc<Violation>>>(&mut self, violations: I) {
        violations
            .into_iter()
            .for_each(|violation| self.push(violation));
    }
}

/// What an agent may yet read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Future<const W: usize = 1> {
    /// By its next step; `None` if it waits for others to give it one, or is over.
    pub next: Option<Footprint<W>>,
    /// By that step and all later ones.
    pub all: Footprint<W>,
}

/// A system that a search can drive.
///
/// The methods take `&mut self` because a model may learn about itself while it is searched (a traced program runs
/// its bodies only when it must). What it learns must never change the meaning of a state.
pub trait Model {
    /// A state. Cloning is part of the inner loop of every search, so it should be a flat copy.
    type State: Clone + Send + Sync;
    /// Why the model itself can fail: a body of the user that is not deterministic, for instance.
    type Error;
    /// A step that was looked up in what is [known](Model::Known).
    type Step: Copy + Send + Sync;
    /// What several threads may use at once; [`Unknown`](crate::Unknown) where there is no such thing.
    type Known<'k>: Known<Self::State, Self::Step>
    where
        Self: 'k;

    /// The state in which every execution begins.
    fn initial(&mut self) -> Result<Self::State, Self::Error>;

    /// What is violated before anybody takes a step, beside what the initial state violates as [a state](Model::check). To
    /// be asked after [`Model::initial`].
    fn violated_at_first(&self) -> Violations {
        Violations::default()
    }

    /// Appends the choices that are enabled in `state`, in a fixed order. Faults are among them; a state in which nothing
    /// else is enabled is quiet all the same, because nobody can rely on a fault.
    fn enabled(
        &mut self,
        state: &Self::State,
        choices: &mut Vec<Choice>,
    ) -> Result<(), Self::Error>;

    /// Replaces `choices` by those of one agent that are enabled, in the same order; none if there is no such agent yet.
    fn enabled_of(
        &mut self,
        state: &Self::State,
        agent: u16,
        choices: &mut Vec<Choice>,
    ) -> Result<(), Self::Error> {
        choices.clear();
        self.enabled(state, choices)?;
        choices.retain(|choice| choice.agent == agent);
        Ok(())
    }

    /// Takes an enabled choice: `state` becomes the state after it. Returns what this very step violates.
    fn apply(&mut self, state: &mut Self::State, choice: Choice)
    -> Result<Violations, Self::Error>;

    /// Replaces a state by the representative of all states that are equivalent to it: those from which the same
    /// properties can be violated in as many steps. By default every state is its own.
    fn canonicalize(&mut self, _state: &mut Self::State) {}

    /// Which agent takes each agent's place when `state` is replaced by its representative; empty if all stay.
    fn places(&self, _state: &Self::State) -> Vec<u16> {
        Vec::new()
    }

    /// A 128-bit fingerprint: equal states have equal ones, and a search takes equal ones for equal states.
    fn fingerprint(&self, state: &Self::State) -> u128;

    /// How many places steps touch, as far as is known: footprints should be wide enough for them.
    fn place_count(&self) -> usize {
        0
    }

    /// What the step from `before` to `after` by `choice` read and wrote, its agent's own place among it. By default every
    /// two steps conflict.
    fn footprint<const W: usize>(
        &self,
        _before: &Self::State,
        _choice: Choice,
        _after: &Self::State,
    ) -> Footprint<W> {
        Footprint::EVERYTHING
    }

    /// As [`Model::apply`], and tells what the step touched: its [footprint](Model::footprint).
    fn take<const W: usize>(
        &mut self,
        state: &mut Self::State,
        choice: Choice,
    ) -> Result<(Violations, Footprint<W>), Self::Error> {
        let before = state.clone();
        let violations = self.apply(state, choice)?;
        Ok((violations, self.footprint(&before, choice, state)))
    }

    /// What the next step of `agent` may read and write at most, whether it is enabled or not; `None` if there is no
    /// step that the agent is about to take.
    fn pending<const W: usize>(&self, _state: &Self::State, _agent: u16) -> Option<Footprint<W>> {
        Some(Footprint::EVERYTHING)
    }

    /// The place where an agent's own state is: everybody who ends the agent writes there. By default everything.
    fn own_place<const W: usize>(&self, _agent: u16) -> Footprint<W> {
        Footprint::EVERYTHING
    }

    /// What the next step of `agent` and all later ones may read and write at most, whatever happens, as far as is known
    /// so far: see [`Model::knowledge`]. By default everything.
    fn future<const W: usize>(&mut self, _state: &Self::State, _agent: u16) -> Future<W> {
        Future {
            next: Some(Footprint::EVERYTHING),
            all: Footprint::EVERYTHING,
        }
    }

    /// Grows whenever the model has learned something by which a [`Model::future`] may have become larger. A search that
    /// relied on futures must begin again if knowledge has grown meanwhile.
    fn knowledge(&self) -> u64 {
        0
    }

    /// Whether the next step of `agent` can be disabled by others.
    fn may_wait(&self, _state: &Self::State, _agent: u16) -> bool {
        true
    }

    /// How many agents there are in `state`; they are numbered from 0.
    fn agents(&self, state: &Self::State) -> usize;

    /// What several threads may use at once; `None` if the model is not made for that.
    fn known(&self) -> Option<Self::Known<'_>> {
        None
    }

    /// Bytes that it may need at once, soon, to remember more of what it learns.
    fn growth(&self) -> u64 {
        0
    }

    /// Whether an execution may come to the same state twice, as far as is known.
    fn may_cycle(&self) -> bool {
        true
    }

    /// Whether a choice that can be made again and again is made in the end, if its agent acts again and again. By default
    /// all but faults are.
    fn is_made_in_the_end(&self, _state: &Self::State, choice: Choice) -> bool {
        !choice.is_fault()
    }

    /// What to say of agents that go round for ever from `state` on.
    fn livelock(&self, _state: &Self::State, agents: &[u16]) -> Violation {
        let message = format!("agents {agents:?} go round for ever");
        Violation::new(Property("livelock"), String::new(), message)
    }

    /// The properties of a state, as opposed to those of a step: deadlocks, invariants, final conditions.
    fn check(
        &mut self,
        state: &Self::State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, Self::Error>;
}
