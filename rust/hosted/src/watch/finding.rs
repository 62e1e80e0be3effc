//! What watching finds: a property that is violated, where, and how it came to that.

use std::fmt;
use xous_sim_kernel::{Caller, Cid};

/// A property that real programs are watched for; see [`crate::watch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// A connection was cut that a thread still used.
    Severed,
    /// A message reached another server.
    Misdelivered,
    /// A slot was disconnected that was free already.
    FreeSlot,
    /// A slot is lost to a server that died.
    Tombstone,
    /// A sender waits for ever.
    Hanging,
    /// A call was never answered.
    Unanswered,
}

impl Property {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Property::Severed => "severed",
            Property::Misdelivered => "misdelivered",
            Property::FreeSlot => "free-slot",
            Property::Tombstone => "tombstone",
            Property::Hanging => "hanging",
            Property::Unanswered => "unanswered",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is violated.
    pub property: Property,
    /// The thread that met it.
    pub thread: Caller,
    /// The connection, where it is about one.
    pub cid: Option<Cid>,
    /// What happened, in words.
    pub message: String,
    /// What happened to the connection's slot before, oldest first.
    pub history: Vec<String>,
    /// The number of the call, from 1 on.
    pub call: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, call) = (self.property.name(), self.call);
        let (pid, tid) = (self.thread.pid.get(), self.thread.tid.0);
        write!(f, "{name}: process {pid}, thread {tid}")?;
        if let Some(cid) = self.cid {
            write!(f, ", CID {}", cid.0)?;
        }
        write!(f, ", call {call}: {}", self.message)?;
        let mut history = self.history.iter();
        history.try_for_each(|event| write!(f, "\n    {event}"))
    }
}
