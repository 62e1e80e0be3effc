//! How a thread goes on: carrying out an operation, looking at its result, and what that does to other threads.
//!
//! Everything here runs once for each pair of local state and object; [`World`] remembers the outcomes.

use crate::behaviour::{Carried, Node, NodeId, TraceError};
use crate::local::{At, Local, News, Registers, keep, value_of};
use crate::machine::Effect;
use crate::object::{self, Holder, Misuse, Object, Reply};
use crate::op::{BodyId, Op, Operand, Register};
use crate::value::Value;
use crate::world::{BEGIN, DISABLED, Effects, Outcome, World};
use smallvec::SmallVec;
use std::sync::Arc;
use xous_sim_kernel::Caller;

impl World<'_> {
    /// A thread begins. `behind` says whether it may overlook a store.
    pub(crate) fn begin(
        &mut self,
        body: BodyId,
        rounds: u16,
        caller: Option<Caller>,
        arguments: &[Value],
        behind: bool,
    ) -> Result<Begun, TraceError> {
        self.behaviour(body)?;
        let registers = arguments.iter().cloned().enumerate();
        let local = Local {
            body,
            at: At::Ready(BEGIN),
            rounds_left: rounds.saturating_sub(1),
            news: SmallVec::new(),
            caller,
            registers: registers.map(|(i, value)| (i as Register, value)).collect(),
        };
        let settled = self.settle(local, BEGIN, behind)?;
        Ok(Begun {
            local: self.intern(settled.local),
            raised: settled.raised,
            caught_up: settled.caught_up,
        })
    }

    /// The thread that an operation starts, if it starts one.
    pub(crate) fn begin_spawned(
        &mut self,
        effect: &Effect,
        behind: bool,
    ) -> Result<Option<Begun>, TraceError> {
        let Some(spawned) = &effect.spawned else {
            return Ok(None);
        };
        let caller = Some(spawned.caller);
        self.begin(spawned.body, 1, caller, &spawned.arguments, behind)
            .map(Some)
    }

    /// Carries out the operation of a local state on an object: the slow path behind every look-up.
    pub(crate) fn compute(
        &mut self,
        performer: Performer,
        local: u32,
        object: u32,
    ) -> Result<Outcome, TraceError> {
        let upcoming = self.upcoming(local)?;
        let object_before = object;
        let (object, effect) = match self.perform(performer, &upcoming.op, object) {
            Ok(done) => done,
            Err(misuse) => return self.misused(&upcoming, object, &misuse),
        };
        let chose = matches!(upcoming.op, Op::Choose(n) if n > 1);
        let news = (chose || object != object_before).then_some(News::Changed);
        let Some(after) = self.reply(&upcoming, &effect.reply, news, false)? else {
            return Ok(Outcome {
                object: DISABLED,
                local,
                effects: 0,
            });
        };
        let begun = self.begin_spawned(&effect, false)?;
        let outcome = self.outcome(object, after, effect, begun)?;
        let (body, node) = (upcoming.before.body, upcoming.node);
        self.learn(body, node, object != object_before, outcome.effects);
        Ok(outcome)
    }

    /// The operation that a thread in this local state is about to perform.
    pub(crate) fn upcoming(&mut self, local: u32) -> Result<Upcoming, TraceError> {
        let before = self.locals[local].clone();
        let At::Ready(node) = before.at else {
            unreachable!("only a ready thread is enabled");
        };
        let behaviour = self.behaviour(before.body)?;
        let Node::Op(record, next) = behaviour.node(node) else {
            unreachable!("a ready thread is at an operation");
        };
        let value = |operand: &Operand| value_of(&before.registers, operand);
        Ok(Upcoming {
            op: record.op.map(value),
            node,
            next: *next,
            register: record.register,
            before,
        })
    }

    /// The thread after its operation; `None` if it has to wait. `news` is what that means for the loops that it is in, and
    /// `behind` says whether it may overlook a store.
    pub(crate) fn reply(
        &mut self,
        upcoming: &Upcoming,
        reply: &Reply,
        news: Option<News>,
        behind: bool,
    ) -> Result<Option<Settled>, TraceError> {
        let mut before = upcoming.before.clone();
        if let Some(news) = news {
            let outer = self.behaviour(before.body)?.loops(upcoming.node).to_vec();
            before.note(outer.into_iter().chain([upcoming.node]), news);
        }
        Ok(match reply {
            Reply::Wait => None,
            Reply::Blocked => Some(Settled::quietly(Local {
                at: At::Blocked(upcoming.node),
                ..before
            })),
            Reply::Never => Some(Settled::quietly(over(At::Killed, &before))),
            Reply::Done(value) => {
                let (next, register) = (upcoming.next, upcoming.register);
                Some(self.proceed(before, next, register, value.clone(), behind)?)
            }
        })
    }

    /// The object's number after an operation, and the operation's effect.
    pub(crate) fn perform(
        &mut self,
        performer: Performer,
        op: &Op<Value>,
        number: u32,
    ) -> Result<(u32, Effect), Misuse> {
        let Some(id) = op.object() else {
            return Ok((number, Effect::reply(touching_nothing(op, number)?)));
        };
        if id == crate::op::ObjectId::MACHINE {
            let mut machine = self.machines[number].clone();
            let effect = machine.apply(&self.program.environment, performer.caller, op)?;
            let after = self.machines.intern(machine);
            return Ok((after, effect));
        }
        let mut object = self.objects[number].clone();
        let reply = apply(&mut object, performer.holder, op)?;
        Ok((self.objects.intern(object), Effect::reply(reply)))
    }

    /// The real program would panic here.
    pub(crate) fn misused(
        &mut self,
        upcoming: &Upcoming,
        object: u32,
        misuse: &str,
    ) -> Result<Outcome, TraceError> {
        let after = Settled {
            local: over(At::Raised, &upcoming.before),
            raised: Some(misuse.into()),
            caught_up: false,
        };
        let outcome = self.outcome(object, after, Effect::reply(Reply::Never), None)?;
        let (body, node) = (upcoming.before.body, upcoming.node);
        self.learn(body, node, false, outcome.effects);
        Ok(outcome)
    }

    pub(crate) fn outcome(
        &mut self,
        object: u32,
        after: Settled,
        effect: Effect,
        begun: Option<Begun>,
    ) -> Result<Outcome, TraceError> {
        let spawned = begun.map(|begun| (begun.local, begun.raised));
        let local = self.intern(after.local);
        let effects = self.note(Effects {
            wakes: effect.wakes,
            killed: effect.ended,
            spawned,
            violation: effect.violation.map(Arc::new),
            raised: after.raised,
            exhausted: effect.exhausted,
            exited: self.infos[local as usize].exits,
        });
        Ok(Outcome {
            object,
            local,
            effects,
        })
    }

    /// The number of effects; 0 if there are none.
    pub(crate) fn note(&mut self, effects: Effects) -> u32 {
        let nothing = effects.wakes.is_empty()
            && effects.killed.is_empty()
            && effects.spawned.is_none()
            && effects.violation.is_none()
            && effects.raised.is_none()
            && effects.exhausted.is_none()
            && !effects.exited;
        if nothing {
            return 0;
        }
        self.effects.push(Arc::new(effects));
        (self.effects.len() - 1) as u32
    }

    /// A thread goes on behind an operation whose result is `value`.
    pub(crate) fn proceed(
        &mut self,
        mut local: Local,
        next: NodeId,
        register: Register,
        value: Value,
        behind: bool,
    ) -> Result<Settled, TraceError> {
        local.registers.push((register, value));
        self.settle(local, next, behind)
    }

    /// Follows a body from `node` to the next operation or the end, looking at results on the way. `behind` says whether
    /// there are stores that the thread has not seen: where it would wait it sees them, and goes on.
    pub(crate) fn settle(
        &mut self,
        local: Local,
        node: NodeId,
        mut behind: bool,
    ) -> Result<Settled, TraceError> {
        let was_behind = behind;
        let mut settled = self.follow_body(local, node, &mut behind)?;
        settled.caught_up = was_behind && !behind;
        Ok(settled)
    }

    fn follow_body(
        &mut self,
        mut local: Local,
        mut node: NodeId,
        behind: &mut bool,
    ) -> Result<Settled, TraceError> {
        loop {
            let behaviour = self.behaviour(local.body)?;
            match behaviour.node(node) {
                Node::Test(test, _) => {
                    let seen = test.observe(|operand| value_of(&local.registers, operand));
                    node = self.follow(local.body, node, &seen)?;
                }
                Node::Op(record, _) => {
                    local.registers = keep(&local.registers, &record.live);
                    let loops = behaviour.loops(node);
                    local.news.retain(|(head, _)| loops.contains(head));
                    local.at = At::Ready(node);
                    return Ok(Settled::quietly(local));
                }
                Node::Back(head, carried) => {
                    let head = *head;
                    let goes_round = go_round(&mut local, head, carried, behind);
                    if let Node::Op(record, _) = behaviour.node(head) {
                        local.registers = keep(&local.registers, &record.live);
                    }
                    if !goes_round {
                        local.at = At::Spinning(head);
                        return Ok(Settled::quietly(local));
                    }
                    node = head;
                }
                Node::End if local.rounds_left > 0 => {
                    local.rounds_left -= 1;
                    local.news.clear();
                    local.registers.clear();
                    node = BEGIN;
                }
                Node::End => return Ok(Settled::quietly(over(At::Ended, &local))),
                Node::Raise(message) => {
                    return Ok(Settled {
                        raised: Some(message.clone()),
                        local: over(At::Raised, &local),
                        caught_up: false,
                    });
                }
            }
        }
    }

    fn follow(&mut self, body: BodyId, node: NodeId, seen: &Value) -> Result<NodeId, TraceError> {
        let behaviour = self.behaviours[usize::from(body.0)].as_mut();
        let behaviour = behaviour.expect("a thread's body is traced");
        let known = behaviour.runs();
        let next = behaviour.follow(node, seen, &mut *self.tracer)?;
        let grown = behaviour.runs() > known;
        if self.anonymous && behaviour.tells_threads_apart() {
            return Err(self.give_anonymity_up());
        }
        if grown {
            self.foresight.grow();
            self.check_interests()?;
        }
        Ok(next)
    }
}

/// A thread that performs an operation, as the kernel knows it and as locks do.
#[derive(Clone, Copy)]
pub(crate) struct Performer {
    pub caller: Caller,
    pub holder: Holder,
}

/// A thread's new local state, and the exception that ended it, if one did.
pub(crate) struct Settled {
    pub local: Local,
    pub raised: Option<String>,
    /// Whether it yielded, and so has seen all stores.
    pub caught_up: bool,
}

/// The local state in which a thread begins.
pub(crate) struct Begun {
    pub local: u32,
    /// The exception that ended it before it came to an operation.
    pub raised: Option<String>,
    /// Whether it yielded, and so has seen all stores.
    pub caught_up: bool,
}

/// An operation that a thread is about to perform.
pub(crate) struct Upcoming {
    pub op: Op<Value>,
    before: Local,
    node: NodeId,
    next: NodeId,
    register: Register,
}

impl Settled {
    pub(crate) fn quietly(local: Local) -> Self {
        Self {
            local,
            raised: None,
            caught_up: false,
        }
    }
}

/// Takes a thread back to the head of a loop; false if it waits there, because its round did nothing and the next one
/// would do the same again.
///
/// A round that only looked may be left out of any execution. So whoever goes on after one is shown all stores, which
/// become visible in finite time; whoever has acted need not have seen them yet.
fn go_round(local: &mut Local, head: NodeId, carried: &Carried, behind: &mut bool) -> bool {
    let value = |register: Register| value_of(&local.registers, &Operand::Register(register));
    let differs = |&(before, now): &(Register, Register)| value(before) != value(now);
    let news = match carried.iter().any(differs) {
        true => Some(News::Acted),
        false => local.news_of(head),
    };
    let replaced: Registers = carried
        .iter()
        .map(|&(before, now)| (before, value(now)))
        .collect();
    for (register, value) in &mut local.registers {
        if let Some((_, new)) = replaced.iter().find(|(before, _)| before == register) {
            value.clone_from(new);
        }
    }
    local.news.retain(|(outer, _)| *outer < head);
    let goes_round = news.is_some() || *behind;
    if news != Some(News::Acted) {
        *behind = false;
    }
    goes_round
}

/// The state of a thread that is over; a started one still knows who it was.
fn over(at: At, local: &Local) -> Local {
    Local {
        caller: local.caller,
        ..Local::over(at)
    }
}

/// An operation that touches no object; `pick` is what is chosen.
pub fn touching_nothing(op: &Op<Value>, pick: u32) -> Result<Reply, Misuse> {
    match op {
        Op::Fence(order) => object::fence(*order),
        _ => Ok(Reply::Done(Value::Int(pick.into()))),
    }
}

/// An operation on an object other than the machine.
pub fn apply(object: &mut Object, who: Holder, op: &Op<Value>) -> Result<Reply, Misuse> {
    match (object, op) {
        (Object::Atomic(value), Op::Atomic(_, op, order, operands)) => {
            object::atomic(value, *op, *order, operands)
        }
        (Object::Mutex(holder), Op::Mutex(_, op)) => object::mutex(holder, *op, who),
        (Object::Once(cell), Op::Once(_, op, operand)) => {
            object::once(cell, *op, operand.as_ref(), who)
        }
        (Object::Cell(content), Op::Cell(_, op, operand)) => {
            object::cell(content, *op, operand.as_ref())
        }
        (Object::Heap(heap), Op::Heap(_, op, operand)) => heap.apply(*op, operand),
        _ => Err("an operation is applied to an object of another kind".into()),
    }
}
