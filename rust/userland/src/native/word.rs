//! Results of operations in Rust bodies: registers until somebody looks.

use crate::native::run::{observe, panic};
use crate::op::{Comparison, Operand, Register, Test};
use crate::value::Value;
use std::rc::Rc;
use xous_sim_kernel::Error;

/// Where a result is.
#[derive(Clone, Debug)]
pub enum Held {
    /// In a register, which lives as long as this.
    Register(Rc<Register>),
    /// In a part of one.
    Field(Rc<Register>, u8),
    /// The body was thrown away.
    Nothing,
}

impl Held {
    /// The operand that reads it.
    pub fn operand(&self) -> Operand {
        match self {
            Self::Register(register) => Operand::Register(**register),
            Self::Field(register, part) => Operand::Field(**register, *part),
            Self::Nothing => Operand::Const(Value::Unit),
        }
    }

    /// One part of a tuple.
    pub fn part(&self, part: u8) -> Self {
        match self {
            Self::Register(register) => Self::Field(Rc::clone(register), part),
            other => other.clone(),
        }
    }
}

/// A number that an operation returned. Comparing it looks at it, passing it on does not.
#[derive(Clone, Debug)]
pub struct Word(pub(crate) Held);

impl Word {
    /// The operand that reads it.
    pub fn operand(&self) -> Operand {
        self.0.operand()
    }
}

impl From<&Word> for Operand {
    fn from(word: &Word) -> Self {
        word.operand()
    }
}

impl PartialEq<u32> for Word {
    fn eq(&self, other: &u32) -> bool {
        let constant = Operand::Const(Value::Int((*other).into()));
        let test = Test::Compare(self.operand(), Comparison::Equal, constant);
        observe(test, Value::Int(0)) == Value::Int(1)
    }
}

/// What a system call answered.
#[derive(Debug)]
#[must_use]
pub struct XousResult {
    pub(crate) held: Held,
    pub(crate) what: &'static str,
}

impl XousResult {
    /// Whether it succeeded. A body that was thrown away sees success.
    pub fn is_ok(&self) -> bool {
        let test = Test::IsOk(self.held.operand());
        observe(test, Value::Int(1)) == Value::Int(1)
    }

    /// The value of a success; a failure ends the body.
    pub fn unwrap(self) -> Word {
        if !self.is_ok() {
            let test = Test::ValueOf(self.held.operand());
            let error = observe(test, Value::Error(Error::UnknownError));
            panic(format!(
                "{} failed with {error} and was unwrapped",
                self.what
            ));
        }
        Word(self.held)
    }

    /// `let _ =`: nobody looks.
    pub fn ignore(self) {}
}
