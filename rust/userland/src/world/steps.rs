//! What is remembered of steps: each pair of local state and object is computed once, by the exact kernel and objects.

use super::World;
use super::memo::{DISABLED, Outcome, StepKey, Who};
use crate::behaviour::{Behaviour, Node, ROOT, TraceError};
use crate::local::{At, Local};
use crate::op::{BodyId, Op};
use crate::state::State;
use crate::value::Value;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::sync::Arc;
use xous_sim_kernel::Caller;
use xous_sim_step::{Choice, Violation};

/// The first node of a body.
pub(crate) const BEGIN: u32 = ROOT;

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
    /// Whether the thread is over.
    pub over: bool,
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

/// Ends of threads that the kernel was told of: by the machine's number and the thread, the machine's number afterwards
/// and the number of what that does to others.
pub(crate) type Exits = HashMap<(u32, Caller), (u32, u32), FxBuildHasher>;
/// Threads that were woken: by local state, number of the effects and which of their wakes, the local state afterwards.
pub(crate) type Wakes = HashMap<(u32, u32, u32), u32, FxBuildHasher>;
/// Threads that noticed a change: the local state before and afterwards.
pub(crate) type Alerts = HashMap<u32, u32, FxBuildHasher>;

/// What the step of `thread` depends on, whose local state is of this kind and has its number at `own` among those of the
/// state.
#[inline(always)]
pub(crate) fn key(
    kind: Kind,
    numbers: &[u32],
    own: usize,
    thread: usize,
    choice: Choice,
) -> StepKey {
    let local = numbers[own];
    match kind {
        Kind::Object {
            place, by_thread, ..
        } => StepKey {
            local,
            object: numbers[place as usize],
            who: match by_thread {
                true => Who::thread(thread),
                false => Who::ANYBODY,
            },
        },
        _ => StepKey {
            local,
            object: choice.pick.into(),
            who: Who::ANYBODY,
        },
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
            watches: spinning || self.has_loops_without_news(local),
            exits: !self.anonymous && matches!(local.at, At::Ended | At::Raised),
            in_kernel: matches!(local.at, At::Blocked(_)),
            over: matches!(local.at, At::Ended | At::Raised | At::Killed),
        }
    }

    fn has_loops_without_news(&self, local: &Local) -> bool {
        let (At::Ready(node) | At::Blocked(node)) = local.at else {
            return false;
        };
        let behaviour = self.behaviours[usize::from(local.body.0)].as_ref();
        let loops = behaviour.expect("a thread's body is traced").loops(node);
        loops.iter().any(|&head| local.news_of(head).is_none())
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

    #[inline(always)]
    fn key(&self, state: &State, thread: usize, choice: Choice) -> StepKey {
        let own = self.layout.thread(thread);
        let kind = self.infos[state.0[own] as usize].kind;
        key(kind, &state.0, own, thread, choice)
    }

    /// The outcome of a step that was taken before.
    pub(crate) fn known_outcome(
        &self,
        state: &State,
        thread: usize,
        choice: Choice,
    ) -> Option<Outcome> {
        match self.c11 {
            None => self.steps.get(self.key(state, thread, choice)).copied(),
            Some(_) => self.known_taken(state, thread, choice.pick),
        }
    }

    /// Appends the choices of a thread, whose memory is not weak. `numbers` are those of the state.
    #[inline(always)]
    pub(super) fn enabled_of_thread(
        &mut self,
        state: &State,
        numbers: &[u32],
        thread: usize,
        choices: &mut Vec<Choice>,
    ) -> Result<(), TraceError> {
        let local = numbers[self.layout.thread(thread)];
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
        Ok(())
    }

    /// Looks a step up, computing it where it is new.
    #[inline(always)]
    pub(crate) fn step(
        &mut self,
        state: &State,
        thread: usize,
        choice: Choice,
    ) -> Result<Outcome, TraceError> {
        let key = self.key(state, thread, choice);
        match self.steps.get(key) {
            Some(&outcome) => Ok(outcome),
            None => self.step_anew(state, thread, key),
        }
    }

    #[cold]
    fn step_anew(
        &mut self,
        state: &State,
        thread: usize,
        key: StepKey,
    ) -> Result<Outcome, TraceError> {
        let performer = self.performer(state, thread);
        let outcome = self.compute(performer, key.local, key.object)?;
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
