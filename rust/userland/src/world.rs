//! The world as a model that searches drive: threads that follow their traced bodies over shared objects.
//!
//! A step of a thread depends on two numbers only, its local state's and its object's. So each such pair is computed
//! once, by the exact kernel and the exact objects, and remembered; in the inner loop of a search a step is one
//! look-up. Bodies run only where a thread meets an observation for the first time.

use crate::behaviour::{Behaviour, Node, ROOT, TraceError, Tracer};
use crate::c11::{C11, MemoryModel};
use crate::faults::Fate;
use crate::future::Foresight;
use crate::interner::Interner;
use crate::local::{At, Local};
use crate::machine::Machine;
use crate::object::Object;
use crate::op::{BodyId, Op};
use crate::program::Program;
use crate::properties;
use crate::state::{Actor, Layout, State};
use crate::value::Value;
use crate::view::Watcher;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::sync::Arc;
use xous_sim_kernel::Caller;
use xous_sim_step::{Choice, Footprint, Future, Known, Model, Violation, Violations};

/// What a look-up of a step yields.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    /// The object's number after the step, or [`DISABLED`].
    pub object: u32,
    /// The thread's number after the step.
    pub local: u32,
    /// Number of the further effects, 0 for none.
    pub effects: u32,
}

/// The operation cannot happen in this state of its object.
pub(crate) const DISABLED: u32 = u32::MAX;
/// For steps that touch no object, and for threads whose identity does not matter.
const NOTHING: u32 = u32::MAX;

/// What the inner loop must know of a local state.
#[derive(Clone, Copy)]
pub(crate) struct LocalInfo {
    pub kind: Kind,
    /// Whether changes of objects concern it: it spins, or may spin.
    pub watches: bool,
    /// Whether the thread is over and has yet to tell the kernel.
    pub exits: bool,
    /// Whether the thread is inside a system call.
    pub in_kernel: bool,
}

/// What a thread in this local state can do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An operation on an object. `by_thread`: its result depends on who performs it.
    Object {
        place: u32,
        by_thread: bool,
        may_wait: bool,
    },
    /// A choice among so many.
    Choose(u16),
    /// Nothing: it waits for another thread, or is over.
    Idle,
}

/// Effects beyond the thread and its object.
#[derive(Clone, Default)]
pub(crate) struct Effects {
    pub wakes: Vec<(Caller, Value)>,
    pub killed: Vec<xous_sim_kernel::Pid>,
    /// The number of the local state in which a new thread begins, and the exception that ends it at once.
    pub spawned: Option<(u32, Option<String>)>,
    pub violation: Option<Arc<Violation>>,
    /// The exception that ended the thread.
    pub raised: Option<String>,
    pub exhausted: Option<xous_sim_kernel::Pid>,
    pub exited: bool,
}

/// What a step depends on: its thread's local state, its object (or what is picked), and who performs it where that
/// matters.
type StepKey = (u32, u32, u32);
/// The steps that were taken before.
pub(crate) type Memo = HashMap<StepKey, Outcome, FxBuildHasher>;

/// What the step of a thread, whose local state is of this kind, depends on.
pub(crate) fn key(
    layout: Layout,
    kind: Kind,
    state: &State,
    thread: usize,
    choice: Choice,
) -> StepKey {
    let local = state.0[layout.thread(thread)];
    match kind {
        Kind::Object {
            place, by_thread, ..
        } => {
            let who = if by_thread { thread as u32 } else { NOTHING };
            (local, state.0[place as usize], who)
        }
        _ => (local, u32::from(choice.pick), NOTHING),
    }
}

/// A program and whoever can run its bodies, as a model.
pub struct World<'a> {
    pub(crate) program: Program,
    pub(crate) layout: Layout,
    pub(crate) tracer: Box<dyn Tracer + 'a>,
    pub(crate) behaviours: Vec<Option<Behaviour>>,
    pub(crate) locals: Interner<Local>,
    pub(crate) infos: Vec<LocalInfo>,
    pub(crate) machines: Interner<Machine>,
    pub(crate) objects: Interner<Object>,
    pub(crate) effects: Vec<Arc<Effects>>,
    pub(crate) steps: Memo,
    pub(crate) exits: HashMap<(u32, Caller), (u32, u32), FxBuildHasher>,
    /// By the machine's number and the mortal process.
    pub(crate) fates: HashMap<(u32, usize), Option<Fate>, FxBuildHasher>,
    /// Whether any body may spin, so that changes must be told to the threads.
    pub(crate) any_spins: bool,
    /// Whether nothing can tell threads apart, as far as is known. Then the kernel is not told of their ends, which
    /// nothing could notice, and equal threads may be interchanged.
    pub(crate) anonymous: bool,
    /// The threads of each class of equal ones.
    pub(crate) classes: Vec<Vec<usize>>,
    /// Places of objects that know who holds them.
    pub(crate) held_objects: Vec<usize>,
    pub(crate) foresight: Foresight,
    /// The weak memory, where there is one.
    pub(crate) c11: Option<Box<C11>>,
    pub(crate) watcher: Option<Box<dyn Watcher + 'a>>,
    /// Exceptions of threads that never came to an operation.
    pub(crate) raised_at_once: Vec<Violation>,
    /// Violations of the user's own properties by shared part, so that each part is looked at once.
    pub(crate) invariants: HashMap<Vec<u32>, Option<String>, FxBuildHasher>,
    /// The same for the final condition.
    pub(crate) finals: HashMap<Vec<u32>, Option<String>, FxBuildHasher>,
}

impl<'a> World<'a> {
    /// A world in which nothing has run yet.
    pub fn new(program: Program, tracer: Box<dyn Tracer + 'a>) -> Self {
        let layout = Layout {
            threads: program.threads.len(),
            objects: program.objects.len() + 1,
            mortals: program.environment.mortals.len(),
        };
        Self {
            program,
            layout,
            tracer,
            behaviours: Vec::new(),
            locals: Interner::default(),
            infos: Vec::new(),
            machines: Interner::default(),
            objects: Interner::default(),
            effects: vec![Arc::new(Effects::default())],
            steps: Memo::default(),
            exits: HashMap::default(),
            fates: HashMap::default(),
            any_spins: false,
            anonymous: false,
            classes: Vec::new(),
            held_objects: Vec::new(),
            foresight: Foresight::default(),
            c11: None,
            watcher: None,
            raised_at_once: Vec::new(),
            invariants: HashMap::default(),
            finals: HashMap::default(),
        }
    }

    /// Asks for executions of a memory model. To begin with; on a weak machine threads are told apart by what they know,
    /// whatever is asked for afterwards.
    #[must_use]
    pub fn with_memory(mut self, model: MemoryModel) -> Self {
        if model == MemoryModel::C11 {
            self.layout.objects += 1;
            self.c11 = Some(Box::new(C11::new(&self.program)));
        }
        self
    }

    /// Does not tell the kernel of the ends of threads, as long as nothing can notice.
    #[must_use]
    pub fn with_anonymous_threads(mut self) -> Self {
        self.anonymous = self.c11.is_none();
        self
    }

    /// The same, and lets equal threads be interchanged.
    #[must_use]
    pub fn with_symmetry(mut self) -> Self {
        if self.c11.is_some() {
            return self;
        }
        let held = |object: &Object| matches!(object, Object::Mutex(_) | Object::Once(_));
        let objects = self.program.objects.iter().enumerate();
        let held = objects.filter(|(_, named)| held(&named.object));
        self.held_objects = held.map(|(n, _)| self.layout.object(n + 1)).collect();
        self.classes = self.find_classes();
        self.with_anonymous_threads()
    }

    /// Threads can be told apart: the search begins again without classes.
    pub(crate) fn give_anonymity_up(&mut self) -> TraceError {
        self.anonymous = false;
        self.classes.clear();
        TraceError::Restart
    }

    /// Adds the user's own properties.
    #[must_use]
    pub fn watched_by(mut self, watcher: Box<dyn Watcher + 'a>) -> Self {
        self.watcher = Some(watcher);
        self
    }

    /// Forgets all states, but not what is known of the bodies: for a search that must begin again.
    pub fn restart(&mut self) {
        self.locals = Interner::default();
        self.infos.clear();
        self.machines = Interner::default();
        self.objects = Interner::default();
        self.effects.truncate(1);
        self.steps.clear();
        self.exits.clear();
        self.fates.clear();
        self.invariants.clear();
        self.finals.clear();
        self.raised_at_once.clear();
        self.foresight = Foresight::default();
        self.c11 = self.c11.take().map(|_| Box::new(C11::new(&self.program)));
        self.any_spins = self.behaviours.iter().flatten().any(Behaviour::spins);
        let mut known = self.behaviours.iter().flatten();
        if known.any(Behaviour::tells_threads_apart) {
            self.anonymous = false;
            self.classes.clear();
        }
    }

    /// How often bodies were run to learn what they do.
    pub fn body_runs(&self) -> u64 {
        self.behaviours.iter().flatten().map(Behaviour::runs).sum()
    }

    /// The bodies of which it is known that they spin or could tell equal threads apart: knowing more of them, more states
    /// count as different.
    pub fn sensitive_bodies(&self) -> Vec<u16> {
        let known = self.behaviours.iter().enumerate();
        let sensitive = known.filter(|(_, behaviour)| {
            let known = behaviour.as_ref();
            known.is_some_and(|b| b.spins() || b.tells_threads_apart())
        });
        sensitive.map(|(body, _)| body as u16).collect()
    }

    /// What the scenario is.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// How many threads there are in `state`.
    pub fn thread_count(&self, state: &State) -> usize {
        self.layout.thread_count(state)
    }

    /// How many agents there are in `state`.
    pub(crate) fn agent_count(&self, state: &State) -> usize {
        self.layout.thread_count(state) + self.layout.mortals
    }

    /// Who takes the step of a choice.
    pub fn actor(&self, choice: Choice) -> Actor {
        self.layout.actor(choice.agent)
    }

    /// The local state of a thread.
    pub fn local(&self, state: &State, thread: usize) -> &Local {
        &self.locals[state.0[self.layout.thread(thread)]]
    }

    /// The operation that a thread is about to perform or is performing, with its values.
    pub fn operation(&self, state: &State, thread: usize) -> Option<(Op<Value>, &str)> {
        let local = self.local(state, thread);
        let (At::Ready(node) | At::Blocked(node) | At::Spinning(node)) = local.at else {
            return None;
        };
        let behaviour = self.behaviours[usize::from(local.body.0)].as_ref()?;
        let Node::Op(record, _) = behaviour.node(node) else {
            return None;
        };
        let op = record
            .op
            .map(|operand| crate::local::value_of(&local.registers, operand));
        Some((op, &record.source))
    }

    /// Who thread `n` is.
    pub fn caller(&self, state: &State, thread: usize) -> Caller {
        match self.program.threads.get(thread) {
            Some(plan) => plan.caller,
            None => self
                .local(state, thread)
                .caller
                .expect("a started thread knows who it is"),
        }
    }

    /// The number of a local state; what the inner loop must know of it is noted with it.
    pub(crate) fn intern(&mut self, local: Local) -> u32 {
        let number = self.locals.intern(local);
        if number as usize == self.infos.len() {
            let info = self.describe(number);
            self.infos.push(info);
        }
        number
    }

    fn describe(&self, number: u32) -> LocalInfo {
        let local = &self.locals[number];
        let kind = match local.at {
            At::Ready(node) => self.kind(local.body, node),
            _ => Kind::Idle,
        };
        let spinning = matches!(local.at, At::Spinning(_));
        LocalInfo {
            kind,
            watches: spinning || (self.may_spin(local) && !local.dirty),
            exits: !self.anonymous && matches!(local.at, At::Ended | At::Raised),
            in_kernel: matches!(local.at, At::Blocked(_)),
        }
    }

    fn may_spin(&self, local: &Local) -> bool {
        let (At::Ready(node) | At::Blocked(node)) = local.at else {
            return false;
        };
        let behaviour = self.behaviours[usize::from(local.body.0)].as_ref();
        behaviour.expect("a thread's body is traced").watches(node)
    }

    fn kind(&self, body: BodyId, node: u32) -> Kind {
        let behaviour = self.behaviours[usize::from(body.0)].as_ref();
        let Node::Op(record, _) = behaviour.expect("a thread's body is traced").node(node) else {
            unreachable!("a thread waits only at operations");
        };
        let object = match (&record.op, record.op.object()) {
            (_, Some(object)) => object,
            (Op::Fence(_), None) if self.c11.is_some() => return self.fence_kind(),
            (Op::Choose(n), None) => return Kind::Choose(*n),
            (_, None) => return Kind::Choose(1),
        };
        Kind::Object {
            place: self.layout.object(usize::from(object.0)) as u32,
            by_thread: !matches!(record.op, Op::Atomic(..) | Op::Cell(..) | Op::Heap(..)),
            may_wait: record.op.may_wait(),
        }
    }

    fn key(&self, state: &State, thread: usize, choice: Choice) -> StepKey {
        let local = state.0[self.layout.thread(thread)];
        key(
            self.layout,
            self.infos[local as usize].kind,
            state,
            thread,
            choice,
        )
    }

    /// The outcome of a step that was taken before.
    pub(crate) fn known_outcome(
        &self,
        state: &State,
        thread: usize,
        choice: Choice,
    ) -> Option<&Outcome> {
        match self.c11 {
            None => self.steps.get(&self.key(state, thread, choice)),
            Some(_) => self.known_taken(state, thread, choice.pick),
        }
    }

    /// Looks a step up, computing it where it is new.
    fn step(
        &mut self,
        state: &State,
        thread: usize,
        choice: Choice,
    ) -> Result<Outcome, TraceError> {
        let key = self.key(state, thread, choice);
        if let Some(outcome) = self.steps.get(&key) {
            return Ok(*outcome);
        }
        let caller = self.caller(state, thread);
        let outcome = self.compute(caller, key.0, key.1)?;
        self.steps.insert(key, outcome);
        Ok(outcome)
    }

    /// The behaviour of a body, traced where nobody has executed it yet.
    pub(crate) fn behaviour(&mut self, body: BodyId) -> Result<&mut Behaviour, TraceError> {
        let index = usize::from(body.0);
        if index >= self.behaviours.len() {
            self.behaviours.resize_with(index + 1, || None);
        }
        if self.behaviours[index].is_none() {
            let behaviour = Behaviour::trace(body, &mut *self.tracer)?;
            self.foresight.grow();
            let told_apart = behaviour.tells_threads_apart();
            let first_that_spins = behaviour.spins() && !self.any_spins;
            self.behaviours[index] = Some(behaviour);
            if first_that_spins {
                return Err(TraceError::Restart);
            }
            if self.anonymous && told_apart {
                return Err(self.give_anonymity_up());
            }
            self.check_interests()?;
        }
        Ok(self.behaviours[index].as_mut().expect("it was just traced"))
    }
}

impl Model for World<'_> {
    type State = State;
    type Error = TraceError;

    fn initial(&mut self) -> Result<State, TraceError> {
        let mut state = State(smallvec::SmallVec::new());
        for thread in 0..self.program.threads.len() {
            let plan = &self.program.threads[thread];
            let (body, rounds) = (plan.body, plan.rounds);
            let name = plan.name.clone();
            let begun = self.begin(body, rounds, None, &[], false)?;
            let raised = begun.raised;
            let raised = raised.map(|message| properties::exception(&name, &message));
            self.raised_at_once.extend(raised);
            state.0.push(begun.local);
        }
        state
            .0
            .push(self.machines.intern(self.program.machine.clone()));
        for named in &self.program.objects {
            state.0.push(self.objects.intern(named.object.clone()));
        }
        if self.c11.is_some() {
            let memory = self.first_memory();
            state.0.push(memory);
        }
        for thread in 0..self.program.threads.len() {
            if self.infos[state.0[thread] as usize].exits {
                self.exit(&mut state, thread, &mut Violations::default())?;
            }
        }
        Ok(state)
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), TraceError> {
        if self.c11.is_some() {
            return self.enabled_c11(state, choices);
        }
        for thread in 0..self.layout.thread_count(state) {
            let local = state.0[self.layout.thread(thread)];
            let agent = self.layout.agent(thread);
            match self.infos[local as usize].kind {
                Kind::Idle => {}
                Kind::Choose(n) => choices.extend((0..n).map(|pick| Choice { agent, pick })),
                Kind::Object { may_wait, .. } => {
                    let choice = Choice::of(agent);
                    if !may_wait || self.step(state, thread, choice)?.object != DISABLED {
                        choices.push(choice);
                    }
                }
            }
        }
        if self.layout.mortals > 0 {
            self.enabled_fates(state, choices);
        }
        Ok(())
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, TraceError> {
        let thread = match self.actor(choice) {
            Actor::Thread(thread) => thread,
            Actor::Process(mortal) => return self.suffer(state, mortal),
        };
        let place = self.layout.thread(thread);
        let before = self.infos[state.0[place] as usize].kind;
        let outcome = match self.c11 {
            None => self.step(state, thread, choice)?,
            Some(_) => self.step_c11(state, thread, choice.pick)?,
        };
        state.0[place] = outcome.local;
        let mut changed = false;
        if let Kind::Object { place, .. } = before {
            changed = state.0[place as usize] != outcome.object;
            state.0[place as usize] = outcome.object;
        }
        let mut violations = Violations::default();
        if outcome.effects != 0 {
            self.spread(state, thread, outcome.effects, &mut violations)?;
        }
        if changed && self.any_spins {
            self.tell_spinning(state, thread, &mut violations)?;
        }
        Ok(violations)
    }

    fn canonicalize(&mut self, state: &mut State) {
        self.sort_threads(state);
    }

    fn places(&self, state: &State) -> Vec<u16> {
        World::places(self, state)
    }

    fn fingerprint(&self, state: &State) -> u128 {
        state.fingerprint()
    }

    fn footprint(&self, before: &State, choice: Choice, after: &State) -> Footprint {
        self.footprint_of_step(before, choice, after)
    }

    fn pending(&self, state: &State, agent: u16) -> Option<Footprint> {
        self.pending_footprint(state, agent)
    }

    fn own_place(&self, agent: u16) -> Footprint {
        match self.layout.actor(agent) {
            Actor::Thread(thread) => Footprint::NOTHING.writing(self.layout.thread(thread)),
            Actor::Process(_) => Footprint::NOTHING.writing(self.layout.object(0)),
        }
    }

    fn future(&mut self, state: &State, agent: u16) -> Future {
        match self.layout.actor(agent) {
            Actor::Thread(thread) => self.thread_future(state, thread),
            Actor::Process(mortal) => self.mortal_future(state, mortal),
        }
    }

    fn knowledge(&self) -> u64 {
        self.learned()
    }

    fn may_wait(&self, state: &State, agent: u16) -> bool {
        let Actor::Thread(thread) = self.layout.actor(agent) else {
            return true;
        };
        let local = state.0[self.layout.thread(thread)];
        matches!(
            self.infos[local as usize].kind,
            Kind::Object { may_wait: true, .. }
        )
    }

    fn agents(&self, state: &State) -> usize {
        self.agent_count(state)
    }

    fn known(&self) -> Option<Box<dyn Known<State> + '_>> {
        self.known_part()
    }

    fn may_cycle(&self) -> bool {
        self.any_spins
    }

    fn livelock(&self, state: &State, agents: &[u16]) -> Violation {
        let name = |agent: &u16| match self.layout.actor(*agent) {
            Actor::Thread(thread) => self.thread_name(state, thread),
            Actor::Process(mortal) => self.program.environment.mortals[mortal].name.clone(),
        };
        properties::livelock(&agents.iter().map(name).collect::<Vec<_>>())
    }

    fn check(
        &mut self,
        state: &State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, TraceError> {
        if let Some(violation) = self.raised_at_once.first() {
            return Ok(Some(violation.clone()));
        }
        let broken = match &self.watcher {
            Some(watcher) if watcher.has_invariant() => self.check_invariant(state)?,
            _ => None,
        };
        match enabled.iter().all(|choice| choice.is_fault()) && broken.is_none() {
            true => self.check_quiet(state),
            false => Ok(broken),
        }
    }
}

/// The first node of a body.
pub(crate) const BEGIN: u32 = ROOT;
