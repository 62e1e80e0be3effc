//! The values that programs compute with: what an operation returns and what a later one takes.

use std::fmt;
use xous_sim_kernel::{Cid, Error, Pid, ServerSerial};

/// A connection as a program holds it: the number that the kernel knows, and what it was opened for.
///
/// `opened_for` is a ghost: no program can see it. It lets the properties tell a connection that still reaches its
/// server from one that was cut or that reaches another server by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Connection {
    /// The process whose connection map the CID indexes.
    pub pid: Pid,
    /// The connection ID.
    pub cid: Cid,
    /// The server that the connection reached when it was opened.
    pub opened_for: ServerSerial,
}

/// The result of an operation, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Success with nothing to say.
    Unit,
    /// A number. Booleans are 0 and 1.
    Int(u64),
    /// A connection.
    Connection(Connection),
    /// The modelled system's error.
    Error(Error),
    /// Several values: a scalar answer, a message envelope.
    Tuple(Box<[Value]>),
    /// A strong reference to an allocation of the [`Heap`](crate::heap::Heap).
    Strong(u16),
    /// A weak reference to one.
    Weak(u16),
}

impl Value {
    /// The number that a program sees where it compares this value; `None` where there is none.
    #[must_use]
    pub fn as_int(&self) -> Option<u64> {
        match self {
            Self::Int(n) => Some(*n),
            Self::Connection(c) => Some(c.cid.0.into()),
            Self::Unit => Some(0),
            Self::Error(_) | Self::Tuple(_) | Self::Strong(_) | Self::Weak(_) => None,
        }
    }

    /// Whether this is a success.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !matches!(self, Self::Error(_))
    }

    /// All connections in this value.
    pub fn connections(&self) -> impl Iterator<Item = Connection> + '_ {
        self.parts().iter().filter_map(|part| match part {
            Self::Connection(c) => Some(*c),
            _ => None,
        })
    }

    /// The allocations that this value keeps.
    pub fn strong_references(&self) -> impl Iterator<Item = u16> + '_ {
        self.parts().iter().filter_map(|part| match part {
            Self::Strong(n) => Some(*n),
            _ => None,
        })
    }

    /// The parts of a tuple; of any other value, itself.
    fn parts(&self) -> &[Self] {
        match self {
            Self::Tuple(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit => f.write_str("Ok"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Connection(c) => write!(f, "CID {}", c.cid.0),
            Self::Error(e) => write!(f, "{e}"),
            Self::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(Self::to_string).collect();
                write!(f, "({})", parts.join(", "))
            }
            Self::Strong(n) => write!(f, "Arc {n}"),
            Self::Weak(n) => write!(f, "Weak {n}"),
        }
    }
}
