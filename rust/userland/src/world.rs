//! The world as a model that searches drive: threads that follow their traced bodies over shared objects.
//!
//! A step of a thread depends on two numbers only, its local state's and its object's. So each such pair is computed
//! once, by the exact kernel and the exact objects, and remembered; in the inner loop of a search a step is one
//! look-up. Bodies run only where a thread meets an observation for the first time.

mod memo;
mod model;
mod steps;

pub(crate) use memo::{DISABLED, Memo, Outcome};
pub(crate) use steps::{Alerts, BEGIN, Effects, Exits, Kind, LocalInfo, Wakes, key};

use crate::advance::Performer;
use crate::behaviour::{Behaviour, Node, TraceError, Tracer};
use crate::c11::{C11, MemoryModel};
use crate::faults::Fate;
use crate::future::Foresight;
use crate::growth::Grows;
use crate::interner::Interner;
use crate::local::{At, Local};
use crate::machine::Machine;
use crate::object::{Holder, Object};
use crate::op::Op;
use crate::program::Program;
use crate::state::{Actor, Layout, State};
use crate::value::Value;
use crate::view::Watcher;
use hashbrown::{HashMap, HashSet};
use rustc_hash::FxBuildHasher;
use std::sync::Arc;
use xous_sim_kernel::Caller;
use xous_sim_step::{Choice, Violation};

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
    pub(crate) exits: Exits,
    pub(crate) wakes: Wakes,
    pub(crate) alerts: Alerts,
    pub(crate) fates: Fates,
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
    pub(crate) invariants: Invariants,
    /// The same for the final condition.
    pub(crate) finals: Invariants,
    /// States in which all is quiet and well, so many at most that they take little room: every schedule ends in one.
    pub(crate) at_rest: HashSet<State, FxBuildHasher>,
}

/// What comes next for mortal processes, by the machine's number and the process.
pub(crate) type Fates = HashMap<(u32, usize), Option<Fate>, FxBuildHasher>;
/// What was said of the shared part of states.
pub(crate) type Invariants = HashMap<Vec<u32>, Option<String>, FxBuildHasher>;

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
            exits: Exits::default(),
            wakes: Wakes::default(),
            alerts: Alerts::default(),
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
            at_rest: HashSet::default(),
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
        self.wakes.clear();
        self.alerts.clear();
        self.fates.clear();
        self.invariants.clear();
        self.finals.clear();
        self.at_rest.clear();
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

    /// What grows with the states that are visited.
    pub(crate) fn tables(&self) -> [&dyn Grows; 10] {
        [
            &self.locals,
            &self.infos,
            &self.machines,
            &self.objects,
            &self.effects,
            &self.steps,
            &self.exits,
            &self.wakes,
            &self.invariants,
            &self.finals,
        ]
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

    /// Thread `n` as it performs an operation.
    pub(crate) fn performer(&self, state: &State, thread: usize) -> Performer {
        Performer {
            caller: self.caller(state, thread),
            holder: Holder::Thread(thread as u16),
        }
    }

    /// Who thread `n` is to the kernel.
    pub fn caller(&self, state: &State, thread: usize) -> Caller {
        match self.program.threads.get(thread) {
            Some(plan) => plan.caller,
            None => self
                .local(state, thread)
                .caller
                .expect("a started thread knows who it is"),
        }
    }
}
