//! Refcounted drop: a static counter of live clients, and the last one to go disconnects.
//!
//! What the client libraries of Xous do today (30 counters in 29 files), and what API.md and the Xous Book teach.

use super::{Client, Crate};
use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use crate::sync::{AtomicU32, Order::Relaxed};
use crate::xous;
use std::rc::Rc;

struct Statics {
    server: Server,
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
    let refcount = AtomicU32::new(scenario, "REFCOUNT", 0);
    Ok(Rc::new(Statics { server, refcount }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
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
        if self.statics.refcount.fetch_sub(1, Relaxed) == 1 {
            xous::disconnect(&self.connection).unwrap();
        }
    }
}
