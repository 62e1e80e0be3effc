//! Reference-counted allocations, and who keeps them.

use crate::object::{Misuse, Reply, option};
use crate::op::HeapOp;
use crate::value::Value;
use std::collections::BTreeSet;

/// The allocations behind `Arc` and `Weak`. A number is free again when no reference of either kind is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Heap(Vec<Option<Allocation>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Allocation {
    strong: u32,
    weak: u32,
    /// Strong references that the scenario itself made and nobody has dropped: it holds them for its threads.
    of_scenario: u32,
    content: Value,
}

impl Heap {
    /// An operation on reference-counted allocations.
    pub fn apply(&mut self, op: HeapOp, operand: &Value) -> Result<Reply, Misuse> {
        let done = |value| Ok(Reply::Done(value));
        match op {
            HeapOp::New => done(Value::Strong(self.allocate(operand.clone()))),
            HeapOp::Clone => {
                let n = strong(operand)?;
                self.get(n)?.strong += 1;
                done(Value::Strong(n))
            }
            HeapOp::Get => done(self.get(strong(operand)?)?.content.clone()),
            HeapOp::Downgrade => {
                let n = strong(operand)?;
                self.get(n)?.weak += 1;
                done(Value::Weak(n))
            }
            HeapOp::Drop | HeapOp::DropOfScenario => {
                let n = strong(operand)?;
                let allocation = self.get(n)?;
                let own = u32::from(op == HeapOp::DropOfScenario);
                allocation.of_scenario = allocation.of_scenario.saturating_sub(own);
                allocation.strong -= 1;
                let last = (allocation.strong == 0).then(|| allocation.content.clone());
                self.free_if_unused(n);
                Ok(option(last))
            }
            HeapOp::Upgrade => {
                let n = weak(operand)?;
                let allocation = self.slot(n)?;
                let alive = allocation.strong > 0;
                allocation.strong += u32::from(alive);
                Ok(option(alive.then_some(Value::Strong(n))))
            }
            HeapOp::DropWeak => {
                let n = weak(operand)?;
                let allocation = self.slot(n)?;
                let fewer = allocation.weak.checked_sub(1);
                allocation.weak = fewer.ok_or("a Weak is dropped twice")?;
                self.free_if_unused(n);
                done(Value::Unit)
            }
        }
    }

    /// The scenario itself has a strong reference more.
    pub fn hold(&mut self, n: u16) -> Result<(), Misuse> {
        self.get(n)?.of_scenario += 1;
        Ok(())
    }

    /// The allocations that a strong reference keeps which somebody can reach: those in `arcs`, and the scenario's own.
    pub(crate) fn kept_by(&self, arcs: &BTreeSet<u16>) -> impl Iterator<Item = (usize, &Value)> {
        let numbered = self.0.iter().enumerate();
        numbered.filter_map(|(n, slot)| {
            let slot = slot.as_ref()?;
            let reached = slot.of_scenario > 0 || arcs.contains(&(n as u16));
            (slot.strong > 0 && reached).then_some((n, &slot.content))
        })
    }

    /// The allocations: number, strong and weak references, content.
    pub fn allocations(&self) -> impl Iterator<Item = (usize, u32, u32, &Value)> {
        let numbered = self.0.iter().enumerate();
        numbered.filter_map(|(n, slot)| {
            let slot = slot.as_ref()?;
            Some((n, slot.strong, slot.weak, &slot.content))
        })
    }

    fn allocate(&mut self, content: Value) -> u16 {
        let allocation = Some(Allocation {
            strong: 1,
            weak: 0,
            of_scenario: 0,
            content,
        });
        let free = self.0.iter().position(Option::is_none);
        let n = free.unwrap_or(self.0.len());
        if n == self.0.len() {
            self.0.push(allocation);
        } else {
            self.0[n] = allocation;
        }
        u16::try_from(n).expect("the budgets end a body long before 65,536 allocations")
    }

    /// An allocation with a strong reference.
    fn get(&mut self, n: u16) -> Result<&mut Allocation, Misuse> {
        let allocation = self.slot(n)?;
        if allocation.strong == 0 {
            return Err("an Arc is used after its drop".into());
        }
        Ok(allocation)
    }

    fn slot(&mut self, n: u16) -> Result<&mut Allocation, Misuse> {
        let slot = self.0.get_mut(usize::from(n)).and_then(Option::as_mut);
        slot.ok_or_else(|| "an Arc or a Weak is used after its drop".into())
    }

    fn free_if_unused(&mut self, n: u16) {
        let slot = &mut self.0[usize::from(n)];
        if slot.as_ref().is_some_and(|a| a.strong == 0 && a.weak == 0) {
            *slot = None;
        }
        while self.0.last().is_some_and(Option::is_none) {
            self.0.pop();
        }
    }
}

fn strong(operand: &Value) -> Result<u16, Misuse> {
    match operand {
        Value::Strong(n) => Ok(*n),
        other => Err(format!("{other} is not an Arc")),
    }
}

fn weak(operand: &Value) -> Result<u16, Misuse> {
    match operand {
        Value::Weak(n) => Ok(*n),
        other => Err(format!("{other} is not a Weak")),
    }
}
