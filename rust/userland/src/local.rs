//! What a thread remembers between two operations: where it is in its body, and the results that it still holds.
//!
//! How little this is decides the speed of every search: a result that the body cannot reach any more is forgotten,
//! and nothing of one round of a repeated body survives into the next.

use crate::behaviour::NodeId;
use crate::op::{BodyId, Operand, Register};
use crate::value::Value;
use smallvec::SmallVec;
use xous_sim_kernel::Caller;

/// Where a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// About to perform the operation of this node.
    Ready(NodeId),
    /// Performing it: somebody else completes it.
    Blocked(NodeId),
    /// Spinning: waits for a change of a shared object, then goes on at this node.
    Spinning(NodeId),
    /// At the end of its body.
    Ended,
    /// Ended by an exception.
    Raised,
    /// Never to run again: its process died, or the kernel panicked.
    Killed,
}

/// The local state of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Local {
    /// What it executes.
    pub body: BodyId,
    /// Where it is.
    pub at: At,
    /// How often it will begin its body again.
    pub rounds_left: u16,
    /// The loops that it is in whose round will not simply be the same again, outermost first.
    pub news: SmallVec<[(NodeId, News); 1]>,
    /// Who it is, for threads that are started on the way; the others are known by their place.
    pub caller: Option<Caller>,
    /// Results that the body can still reach.
    pub registers: Registers,
}

/// Results by register, in ascending order.
pub type Registers = SmallVec<[(Register, Value); 2]>;

/// Why the next round of a loop may be another one than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum News {
    /// Others have changed what it reads, or will be seen to have.
    Changed,
    /// It has done something itself: the round cannot be left out of an execution.
    Acted,
}

impl Local {
    /// Notes what concerns the rounds of some loops.
    pub fn note(&mut self, heads: impl IntoIterator<Item = NodeId>, news: News) {
        for head in heads {
            match self.news.binary_search_by_key(&head, |(head, _)| *head) {
                Ok(place) => self.news[place].1 = self.news[place].1.max(news),
                Err(place) => self.news.insert(place, (head, news)),
            }
        }
    }

    /// What is new in the round of a loop.
    pub fn news_of(&self, head: NodeId) -> Option<News> {
        let found = self.news.iter().find(|(loop_head, _)| *loop_head == head);
        found.map(|(_, news)| *news)
    }

    /// A thread that is over. Nothing else of it matters.
    pub fn over(at: At) -> Self {
        Self {
            body: BodyId(0),
            at,
            rounds_left: 0,
            news: SmallVec::new(),
            caller: None,
            registers: Registers::new(),
        }
    }
}

/// The value of an operand.
pub fn value_of(registers: &Registers, operand: &Operand) -> Value {
    let register = |wanted: Register| {
        let found = registers.iter().find(|(register, _)| *register == wanted);
        &found.expect("a register that is read is live").1
    };
    match operand {
        Operand::Const(value) => value.clone(),
        Operand::Register(r) => register(*r).clone(),
        Operand::Field(r, n) => match register(*r) {
            Value::Tuple(parts) => parts.get(usize::from(*n)).cloned().unwrap_or(Value::Unit),
            other => other.clone(),
        },
    }
}

/// Only the registers in `live`.
pub fn keep(registers: &Registers, live: &[Register]) -> Registers {
    let alive = |(register, _): &&(Register, Value)| live.contains(register);
    registers.iter().filter(alive).cloned().collect()
}
