//! Persistent std: services that std uses never disconnect on drop.
//!
//! Proposed in xous-core issue 482 for the services that std talks to itself. The CID is cached as std does it: a static
//! atomic, 0 while nobody has connected, filled by whoever finds it empty.

use super::{Client, Crate};
use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use crate::sync::{AtomicU32, Order::Relaxed};
use crate::xous;
use std::rc::Rc;

struct Statics {
    server: Server,
    cached: AtomicU32,
}

struct Ticktimer(Word);

pub fn prepare(
    scenario: &mut Scenario,
    _app: Process,
    server: Server,
) -> Result<Rc<dyn Crate>, Misuse> {
    let cached = AtomicU32::new(scenario, "CACHED_CID", 0);
    Ok(Rc::new(Statics { server, cached }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        let cached = self.cached.load(Relaxed);
        if cached == 0 {
            let connection = xous::connect(self.server.sid).unwrap();
            self.cached.store_word(&connection, Relaxed);
            return Box::new(Ticktimer(connection));
        }
        Box::new(Ticktimer(cached))
    }
}

impl Client for Ticktimer {
    fn connection(&self) -> Word {
        self.0.clone()
    }
}
