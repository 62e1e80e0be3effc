//! What is known of a system before its first step: the kernel, processes, servers, threads, the layout of a page.
//!
//! All of it is for readers, and all of it may be left out: a system without a Xous kernel has threads only, or not
//! even those (a renderer then takes them from the steps).

use serde::{Deserialize, Serialize};

/// Which Xous it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kernel {
    /// The build: `hardware` or `hosted`.
    pub profile: String,
    /// Connections of a process at most.
    pub slots: u32,
    /// What `connect` gives a process that is connected already: `reuse` or `unique`.
    pub connect: String,
    /// Whether its defects are included: `faithful` or `safe`.
    pub mode: String,
    /// The memory model: `sc` or `c11`.
    pub memory: String,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// For readers; unique.
    pub name: String,
    /// Its PID.
    pub pid: u8,
    /// The size of its connection map; 0 where there is none.
    pub slots: u32,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// For readers.
    pub name: String,
    /// The process that owns it; `None` if that is no process of the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A thread, or whoever else takes steps: a process that dies is one, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thread {
    /// For readers; unique.
    pub name: String,
    /// The process that it belongs to, where there are processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
}

/// What the bytes of a process page mean: a header of named fields, then equal contexts of named words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageLayout {
    /// Length in bytes.
    pub size: usize,
    /// The fields in front of the contexts.
    pub fields: Vec<Field>,
    /// How many contexts there are.
    pub contexts: usize,
    /// The first byte of the first context.
    pub contexts_at: usize,
    /// The names of a context's words of four bytes.
    pub words: Vec<String>,
}

/// A named part of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The kernel's name for it.
    pub name: String,
    /// First byte.
    pub offset: usize,
    /// Length in bytes.
    pub size: usize,
}
