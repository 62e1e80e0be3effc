//! The connection idioms of Xous in Rust: how programs open a connection and let it go again, one idiom a file.
//!
//! Each is a type for a crate's statics, which opens clients, and a type for a client whose `Drop` lets go, as in the
//! real programs. Whether an idiom is sound is nowhere written down: that is what a search is for.

mod arc_pool_strong;
mod arc_pool_weak;
mod disconnect_locked;
mod disconnect_locked_checked;
mod disconnect_locked_held;
mod mutex_guarded;
mod persistent_std;
mod refcounted_drop;
mod refcounted_std_shadow;
mod scenario;
mod two_crates;
mod unique_cid;

pub use scenario::{Clients, scenario};

use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use std::rc::Rc;

/// The statics of a crate that uses an idiom; opens clients.
pub trait Crate {
    /// `Client::new()`. Dropping the client is the real client's drop.
    fn open(&self) -> Box<dyn Client + '_>;
}

/// A client of a server, as long as it lives.
pub trait Client {
    /// The connection that it talks through.
    fn connection(&self) -> Word;
}

/// Declares the statics of one crate.
pub type Prepare = fn(&mut Scenario, Process, Server) -> Result<Rc<dyn Crate>, Misuse>;

/// An idiom.
pub struct Idiom {
    /// Its name.
    pub name: &'static str,
    /// Declares the statics of a crate.
    pub prepare: Prepare,
    /// How many crates use it for the same server, each with statics of its own.
    pub crates: usize,
}

const fn idiom(name: &'static str, prepare: Prepare) -> Idiom {
    Idiom {
        name,
        prepare,
        crates: 1,
    }
}

/// All idioms.
pub const IDIOMS: [Idiom; 11] = [
    idiom("refcounted_drop", refcounted_drop::prepare),
    idiom("refcounted_std_shadow", refcounted_std_shadow::prepare),
    two_crates::IDIOM,
    idiom("disconnect_locked", disconnect_locked::prepare),
    idiom(
        "disconnect_locked_checked",
        disconnect_locked_checked::prepare,
    ),
    idiom("disconnect_locked_held", disconnect_locked_held::prepare),
    idiom("mutex_guarded", mutex_guarded::prepare),
    idiom("unique_cid", unique_cid::prepare),
    idiom("arc_pool_strong", arc_pool_strong::prepare),
    idiom("arc_pool_weak", arc_pool_weak::prepare),
    idiom("persistent_std", persistent_std::prepare),
];
