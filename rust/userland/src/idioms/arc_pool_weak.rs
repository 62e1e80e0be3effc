//! Arc pool, weak: the pool holds a `Weak`, and the drop of the last user's `Arc` disconnects.
//!
//! The variant of the common connection that frees its slot: `static POOL: Mutex<Weak<CID>>`. The lock guards the pool,
//! not the drop: the last `Arc` goes, and its CID is disconnected some steps later.

use super::{Client, Crate};
use crate::handle::Cid;
use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use crate::op::ObjectId;
use crate::sync::{Arc, Mutex, WeakCell};
use std::rc::Rc;

struct Statics {
    server: Server,
    heap: ObjectId,
    lock: Mutex,
    pool: WeakCell,
}

/// The connection is read once; the reference keeps it.
struct User {
    connection: Word,
    _reference: Arc,
}

pub fn prepare(
    scenario: &mut Scenario,
    _app: Process,
    server: Server,
) -> Result<Rc<dyn Crate>, Misuse> {
    Ok(Rc::new(Statics {
        server,
        heap: scenario.heap(),
        lock: Mutex::new(scenario, "POOL"),
        pool: WeakCell::new(scenario, "pool"),
    }))
}

impl Statics {
    fn get(&self) -> Arc {
        let _guard = self.lock.lock();
        if let Some(weak) = self.pool.get(self.heap) {
            if let Some(user) = weak.upgrade() {
                return user;
            }
            weak.release();
        }
        let user = Arc::new(self.heap, Cid::connect(self.server.sid));
        self.pool.set(&user.downgrade());
        user
    }
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        let reference = self.get();
        Box::new(User {
            connection: reference.cid(),
            _reference: reference,
        })
    }
}

impl Client for User {
    fn connection(&self) -> Word {
        self.connection.clone()
    }
}
