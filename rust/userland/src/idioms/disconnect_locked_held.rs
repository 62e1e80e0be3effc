//! Disconnect-locked, held: constructors hold the AtomicBool too while they count and connect.
//!
//! The stronger reading of the possible solution of xous-core issue 482: a spin lock around both sides.

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
    hold: AtomicU32,
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
        hold: AtomicU32::new(scenario, "HOLD", 0),
    }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        spin_while(|| self.hold.swap(1, Acquire) == 1);
        self.refcount.fetch_add(1, Relaxed);
        let connection = xous::connect(self.server.sid).unwrap();
        self.hold.store(0, Release);
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
        spin_while(|| statics.hold.swap(1, Acquire) == 1);
        if statics.refcount.fetch_sub(1, Relaxed) == 1 {
            xous::disconnect(&self.connection).unwrap();
        }
        statics.hold.store(0, Release);
    }
}
