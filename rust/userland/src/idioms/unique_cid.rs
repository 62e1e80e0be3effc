//! Unique CID: every client has a connection of its own and disconnects it when it goes.
//!
//! Proposed in xous-core issue 482 together with a kernel whose `connect` never gives the same CID twice; the handle is
//! neither `Copy` nor `Clone`, so its drop is the only one.

use super::{Client, Crate};
use crate::handle::Cid;
use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use std::rc::Rc;

struct Statics {
    server: Server,
}

pub fn prepare(
    _scenario: &mut Scenario,
    _app: Process,
    server: Server,
) -> Result<Rc<dyn Crate>, Misuse> {
    Ok(Rc::new(Statics { server }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        Box::new(Cid::connect(self.server.sid))
    }
}

impl Client for Cid {
    fn connection(&self) -> Word {
        self.as_word().clone()
    }
}
