//! Mutex-guarded: the count and the system call happen under one lock.
//!
//! The textbook repair of the refcounted drop. On Xous it has its price: std's Mutex is a service of the ticktimer.

use super::{Client, Crate};
use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use crate::sync::{AtomicU32, Mutex, Order::Relaxed};
use crate::xous;
use std::rc::Rc;

struct Statics {
    server: Server,
    guard: Mutex,
    refcount: AtomicU32,
}

struct Ticktimer<'a> {
    connection: Word,
    statics: &'a Statics,
}

pub fn prepare(
    scenario: &mut Scenario,
    _app: Process,
    server: Server,
) -> Result<Rc<dyn Crate>, Misuse> {
    Ok(Rc::new(Statics {
        server,
        guard: Mutex::new(scenario, "GUARD"),
        refcount: AtomicU32::new(scenario, "REFCOUNT", 0),
    }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        let _guard = self.guard.lock();
        self.refcount.fetch_add(1, Relaxed);
        let connection = xous::connect(self.server.sid).unwrap();
        Box::new(Ticktimer {
            connection,
            statics: self,
        })
    }
}

impl Client for Ticktimer<'_> {
    fn connection(&self) -> Word {
        self.connection.clone()
    }
}

impl Drop for Ticktimer<'_> {
    fn drop(&mut self) {
        let statics = self.statics;
        let _guard = statics.guard.lock();
        if statics.refcount.fetch_sub(1, Relaxed) == 1 {
            xous::disconnect(&self.connection).unwrap();
        }
    }
}
