//! Programs over the Xous kernel, and the world that runs them for a search.
//!
//! | what | where |
//! |---|---|
//! | values, operations, shared objects | [`value`], [`op`], [`object`] |
//! | the kernel and what only an observer knows | [`machine`] |
//! | processes that may die, and servers that start again | [`mortal`] |
//! | what is known of a body | [`behaviour`] |
//! | bodies in Rust | [`native`], [`sync`], [`xous`], [`handle`] |
//! | the connection idioms | [`idioms`] |
//! | a program as a [`Model`](xous_sim_step::Model) | [`World`] |
//! | the default properties P1 to P7 | [`properties`], [`quiet`] |
//! | executions on a weak machine | [`c11`] |

mod advance;
pub mod behaviour;
pub mod c11;
mod check;
mod cut;
pub mod describe;
mod faults;
mod footprint;
mod future;
mod growth;
pub mod handle;
pub mod heap;
pub mod held;
pub mod idioms;
mod interner;
mod known;
mod local;
pub mod machine;
pub mod mortal;
pub mod names;
pub mod native;
pub mod object;
pub mod op;
pub mod program;
pub mod properties;
pub mod quiet;
mod record;
mod spread;
mod state;
mod symmetry;
pub mod sync;
pub mod value;
mod view;
mod world;
pub mod xous;

pub use advance::{apply, touching_nothing};
pub use local::{At, Local};
pub use program::{NamedObject, Program, ThreadPlan};
pub use record::culprit::{name_culprit, used_by};
pub use record::snapshot::{Pages, Threads, snapshot};
pub use record::{Detail, Performed, What, system};
pub use state::{Actor, State};
pub use view::{View, Watcher};
pub use world::World;
