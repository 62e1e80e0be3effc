//! What is remembered of steps: each pair of local state and object is computed once, by the exact kernel and objects.

use super::World;
use crate::behaviour::{Behaviour, Node, ROOT, TraceError};
use crate::local::{At, Local};
use crate::op::{BodyId, Op};
use crate::state::{Layout, State};
use crate::value::Value;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::sync::Arc;
use xous_sim_kernel::Caller;
use xous_sim_step::{Choice, Violation};

/// The first node of a body.
pub(crate) const BEGIN: u32 = ROOT;

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

impl Effects {
    /// What is violated, where that is the only effect.
    pub(crate) fn only_violation(&self) -> Option<Arc<Violation>> {
        let elsewhere = !self.wakes.is_empty()
            || !self.killed.is_empty()
            || self.spawned.is_some()
            || self.raised.is_some()
            || self.exhausted.is_some()
            || self.exited;
        self.violation.clone().filter(|_| !elsewhere)
    }
}

/// What a step depends on: its thread's local state, its object (or what is picked), and who performs it where that
/// matters.
type StepKey = (u32, u32, u32);
/// The steps that were taken before.
pub(crate) type Memo = HashMap<StepKey, Outcome, FxBuildHasher>;

/// What the step of a thread, whose local state is of this kind, depends on.
#[inline]
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

impl World<'_> {
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

    #[inline]
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
    pub(super) fn step(
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
