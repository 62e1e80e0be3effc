//! Disconnect-locked, checked: the possible solution of xous-core issue 482 as it is worded.
//!
//! Drop sets an AtomicBool before it checks the count and clears it after disconnect; constructors check it and wait.
//! They only look: nothing stops a drop that begins right behind the look.

use super::{Client, Crate};
use crate::native::{Process, Scenario, Server, Word, spin_while};
use crate::object::Misuse;
use crate::sync::AtomicU32;
use crate::sync::Order::{Acquire, Relaxed, Release};
use crate::xous;
use std::rc::Rc;

struct Statics {
    server: Server,
    refcount: AtomicU32,
    dropping: AtomicU32,
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
        refcount: AtomicU32::new(scenario, "REFCOUNT", 0),
        dropping: AtomicU32::new(scenario, "DROPPING", 0),
    }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        spin_while(|| self.dropping.load(Acquire) == 1);
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
        statics.dropping.store(1, Release);
        if statics.refcount.fetch_sub(1, Relaxed) == 1 {
            xous::disconnect(&self.connection).unwrap();
        }
        statics.dropping.store(0, Release);
    }
}
