//! Executions on a weak machine: which object is what to the memory, and what an operation does to it.
//!
//! Atomics are locations of [`xous_sim_memory::Memory`], cells are plain variables, whose races it finds. Everything else
//! is an object whose users are ordered one behind the other: a successful operation on a mutex, a OnceLock, the reference
//! counts or the kernel acquires what earlier ones released, and releases. For the reference counts that is more than
//! Rust's `Arc` promises, whose clones are relaxed; for the kernel it is what entering and leaving it does on one hart.
//! Starting and joining a thread are kernel calls too.
//!
//! The whole memory is one place of the [`State`](crate::State); the places of atomics hold the newest values, which is
//! what properties see.

mod departures;
mod interest;
mod steps;
mod ways;

pub use departures::{BodyOrders, caveats};
use steps::Key;
pub(crate) use steps::Taken;
pub use ways::Way;

use crate::interner::Interner;
use crate::object::Object;
use crate::op::{BodyId, ObjectId};
use crate::program::Program;
use crate::value::Value;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::BTreeMap;
use std::sync::Arc;
use xous_sim_kernel::{Caller, Pid, Tid};
use xous_sim_memory::{Interest, Memory, ObjectId as Meeting, ThreadId};

/// Which executions there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryModel {
    /// Every load reads the newest store, whatever orders are asked for.
    #[default]
    SequentiallyConsistent,
    /// Loads may read older stores, as C11 allows; data races of cells are found.
    C11,
}

/// The object that all kernel calls meet in.
const KERNEL: Meeting = Meeting(ObjectId::MACHINE.0);

/// What an object is to the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Location(usize),
    Variable,
    Meeting,
}

/// What every object of a program is to the memory.
#[derive(Clone, Debug)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// The roles of a program's objects.
    #[must_use]
    pub fn of(program: &Program) -> Self {
        let mut locations = 0..;
        let role = |object: &Object| match object {
            Object::Atomic(_) => Role::Location(locations.next().expect("there is no last number")),
            Object::Cell(_) => Role::Variable,
            Object::Mutex(_) | Object::Once(_) | Object::Heap(_) => Role::Meeting,
        };
        let objects = program.objects.iter().map(|named| &named.object);
        Self(objects.map(role).collect())
    }

    /// The memory of a program before its threads begin; of each thread is said what it may access.
    #[must_use]
    pub fn memory(
        program: &Program,
        interests: impl IntoIterator<Item = Arc<Interest>>,
    ) -> Memory<Value> {
        let value = |object: &Object| match object {
            Object::Atomic(value) => Some(value.clone()),
            _ => None,
        };
        let objects = program.objects.iter();
        let values = objects.filter_map(|named| value(&named.object)).collect();
        let threads = program.threads.iter().map(|plan| thread(plan.caller));
        Memory::new(values, threads.zip(interests))
    }

    fn role(&self, id: ObjectId) -> Role {
        let index = usize::from(id.0).checked_sub(1);
        let role = index.and_then(|index| self.0.get(index));
        role.copied().unwrap_or(Role::Meeting)
    }
}

/// A thread as the memory knows it.
fn thread(caller: Caller) -> ThreadId {
    ThreadId(u16::from_be_bytes([caller.pid.get(), caller.tid.0]))
}

/// Who a thread of the memory is.
fn caller(thread: ThreadId) -> Option<Caller> {
    let [pid, tid] = thread.0.to_be_bytes();
    let (pid, tid) = (Pid::new(pid)?, Tid(tid));
    Some(Caller { pid, tid })
}

/// What a world keeps of its weak memory.
pub(crate) struct C11 {
    roles: Roles,
    memories: Interner<Memory<Value>>,
    steps: HashMap<Key, Arc<[Taken]>, FxBuildHasher>,
    /// What each body may access, as far as was known when memories began to rely on it.
    interests: BTreeMap<BodyId, Arc<Interest>>,
    /// Threads that were shown all stores by the last step, because they had yielded.
    caught_up: Vec<Caller>,
}

impl C11 {
    pub fn new(program: &Program) -> Self {
        Self {
            roles: Roles::of(program),
            memories: Interner::default(),
            steps: HashMap::default(),
            interests: BTreeMap::new(),
            caught_up: Vec::new(),
        }
    }
}
