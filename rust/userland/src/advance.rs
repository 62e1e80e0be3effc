//! How a thread goes on: carrying out an operation, looking at its result, and what that does to other threads.
//!
//! Everything here runs once for each pair of local state and object; [`World`] remembers the outcomes.

use crate::behaviour::{Node, NodeId, TraceError};
use crate::local::{At, Local, Registers, keep, value_of};
use crate::machine::Effect;
use crate::object::{self, Misuse, Object, Reply};
use crate::op::{BodyId, Op, Operand, Register};
use crate::value::Value;
use crate::world::{BEGIN, DISABLED, Effects, Outcome, World};
use std::sync::Arc;
use xous_sim_kernel::Caller;

impl World<'_> {
    /// The local state of a thread that begins, and the exception that ends it if it never comes to an operation.
    pub(crate) fn begin(
        &mut self,
        body: BodyId,
        rounds: u16,
        caller: Option<Caller>,
        arguments: &[Value],
    ) -> Result<(u32, Option<String>), TraceError> {
        self.behaviour(body)?;
        let registers = arguments.iter().cloned().enumerate();
        let local = Local {
            body,
            at: At::Ready(BEGIN),
            rounds_left: rounds.saturating_sub(1),
            dirty: false,
            caller,
            registers: registers.map(|(i, value)| (i as Register, value)).collect(),
        };
        let settled = self.settle(local, BEGIN)?;
        Ok((self.intern(settled.local), settled.raised))
    }

    /// Carries out the operation of a local state on an object: the slow path behind every look-up.
    pub(crate) fn compute(
        &mut self,
        caller: Caller,
        local: u32,
        object: u32,
    ) -> Result<Outcome, TraceError> {
        let before = self.locals[local].clone();
        let At::Ready(node) = before.at else {
            unreachable!("only a ready thread is enabled");
        };
        let behaviour = self.behaviour(before.body)?;
        let Node::Op(record, next) = behaviour.node(node) else {
            unreachable!("a ready thread is at an operation");
        };
        let (next, register) = (*next, record.register);
        let op = record
            .op
            .map(|operand: &Operand| value_of(&before.registers, operand));
        let (body, object_before) = (before.body, object);
        let (object, effect) = match self.perform(caller, &op, object) {
            Ok(done) => done,
            Err(misuse) => return self.misused(&before, node, object, &misuse),
        };
        let after = match &effect.reply {
            Reply::Wait => {
                return Ok(Outcome {
                    object: DISABLED,
                    local,
                    effects: 0,
                });
            }
            Reply::Blocked => Settled::quietly(Local {
                at: At::Blocked(node),
                ..before
            }),
            Reply::Never => Settled::quietly(over(At::Killed, &before)),
            Reply::Done(value) => self.proceed(before, next, register, value.clone())?,
        };
        let outcome = self.outcome(object, after, effect)?;
        self.learn(body, node, object != object_before, outcome.effects);
        Ok(outcome)
    }

    /// The object's number after an operation, and the operation's effect.
    pub(crate) fn perform(
        &mut self,
        caller: Caller,
        op: &Op<Value>,
        number: u32,
    ) -> Result<(u32, Effect), Misuse> {
        let Some(id) = op.object() else {
            let pick = Value::Int(u64::from(number));
            return Ok((number, Effect::reply(Reply::Done(pick))));
        };
        if id == crate::op::ObjectId::MACHINE {
            let mut machine = self.machines[number].clone();
            let effect = machine.apply(&self.program.environment, caller, op)?;
            let after = self.machines.intern(machine);
            return Ok((after, effect));
        }
        let mut object = self.objects[number].clone();
        let reply = apply(&mut object, caller, op)?;
        Ok((self.objects.intern(object), Effect::reply(reply)))
    }

    /// The real program would panic here.
    fn misused(
        &mut self,
        before: &Local,
        node: NodeId,
        object: u32,
        misuse: &str,
    ) -> Result<Outcome, TraceError> {
        let after = Settled {
            local: over(At::Raised, before),
            raised: Some(misuse.into()),
        };
        let outcome = self.outcome(object, after, Effect::reply(Reply::Never))?;
        self.learn(before.body, node, false, outcome.effects);
        Ok(outcome)
    }

    fn outcome(
        &mut self,
        object: u32,
        after: Settled,
        effect: Effect,
    ) -> Result<Outcome, TraceError> {
        let spawned = match effect.spawned {
            Some(s) => Some(self.begin(s.body, 1, Some(s.caller), &s.arguments)?),
            None => None,
        };
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
    ) -> Result<Settled, TraceError> {
        local.registers.push((register, value));
        self.settle(local, next)
    }

    /// Follows a body from `node` to the next operation or the end, looking at results on the way.
    pub(crate) fn settle(
        &mut self,
        mut local: Local,
        mut node: NodeId,
    ) -> Result<Settled, TraceError> {
        loop {
            let behaviour = self.behaviour(local.body)?;
            let watches = behaviour.watches(node);
            match behaviour.node(node) {
                Node::Test(test, _) => {
                    let seen = test.observe(|operand| value_of(&local.registers, operand));
                    node = self.follow(local.body, node, &seen)?;
                }
                Node::Op(record, next) if record.op == Op::Yield => {
                    let (next, register) = (*next, record.register);
                    local.registers = keep(&local.registers, &record.live);
                    local.registers.push((register, Value::Unit));
                    if !local.dirty {
                        local.at = At::Spinning(next);
                        return Ok(Settled::quietly(local));
                    }
                    local.dirty = false;
                    node = next;
                }
                Node::Op(record, _) => {
                    local.registers = keep(&local.registers, &record.live);
                    local.dirty &= watches;
                    local.at = At::Ready(node);
                    return Ok(Settled::quietly(local));
                }
                Node::Back(head) => {
                    let head = *head;
                    if !local.dirty {
                        local.registers = self.live_at(local.body, head, &local.registers);
                        local.at = At::Spinning(head);
                        return Ok(Settled::quietly(local));
                    }
                    local.dirty = false;
                    node = head;
                }
                Node::End if local.rounds_left > 0 => {
                    local.rounds_left -= 1;
                    local.dirty = false;
                    local.registers.clear();
                    node = BEGIN;
                }
                Node::End => return Ok(Settled::quietly(over(At::Ended, &local))),
                Node::Raise(message) => {
                    return Ok(Settled {
                        raised: Some(message.clone()),
                        local: over(At::Raised, &local),
                    });
                }
            }
        }
    }

    /// The registers that a thread needs from `node` on; all of them where the node does not say.
    fn live_at(&self, body: BodyId, node: NodeId, registers: &Registers) -> Registers {
        let behaviour = self.behaviours[usize::from(body.0)].as_ref();
        match behaviour.expect("a thread's body is traced").node(node) {
            Node::Op(record, _) => keep(registers, &record.live),
            _ => registers.clone(),
        }
    }

    fn follow(&mut self, body: BodyId, node: NodeId, seen: &Value) -> Result<NodeId, TraceError> {
        let behaviour = self.behaviours[usize::from(body.0)].as_mut();
        let behaviour = behaviour.expect("a thread's body is traced");
        let known = behaviour.runs();
        let next = behaviour.follow(node, seen, &mut *self.tracer)?;
        if behaviour.runs() > known {
            self.foresight.grow();
        }
        if self.anonymous && behaviour.tells_threads_apart() {
            return Err(self.give_anonymity_up());
        }
        Ok(next)
    }
}

/// A thread's new local state, and the exception that ended it, if one did.
pub(crate) struct Settled {
    pub local: Local,
    pub raised: Option<String>,
}

impl Settled {
    pub(crate) fn quietly(local: Local) -> Self {
        Self {
            local,
            raised: None,
        }
    }
}

/// The state of a thread that is over; a started one still knows who it was.
fn over(at: At, local: &Local) -> Local {
    Local {
        caller: local.caller,
        ..Local::over(at)
    }
}

/// An operation on an object other than the machine.
pub fn apply(object: &mut Object, caller: Caller, op: &Op<Value>) -> Result<Reply, Misuse> {
    match (object, op) {
        (Object::Atomic(value), Op::Atomic(_, op, _, operands)) => {
            object::atomic(value, *op, operands)
        }
        (Object::Mutex(holder), Op::Mutex(_, op)) => object::mutex(holder, *op, caller),
        (Object::Once(cell), Op::Once(_, op, operand)) => {
            object::once(cell, *op, operand.as_ref(), caller)
        }
        (Object::Cell(content), Op::Cell(_, op, operand)) => {
            object::cell(content, *op, operand.as_ref())
        }
        (Object::Heap(heap), Op::Heap(_, op, operand)) => heap.apply(*op, operand),
        _ => Err("an operation is applied to an object of another kind".into()),
    }
}
