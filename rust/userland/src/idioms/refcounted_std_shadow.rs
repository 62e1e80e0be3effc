//! Refcounted drop beside a connection of std: the crate counts its users, but std's cached CID is not among them.
//!
//! Connecting to a server again gives the same CID, so a program that uses `Ticktimer` and also sleeps shares one slot
//! between the crate and std. Std caches the CID in a static of its own, for ever, and nobody counts it.

use super::{Client, Crate, refcounted_drop};
use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use crate::op::Operand;
use crate::value::{Connection, Value};
use crate::xous;
use std::rc::Rc;

struct Statics {
    std: Connection,
    counted: Rc<dyn Crate>,
}

/// A counted client, and a use of std once it is gone.
struct Beside<'a> {
    counted: Option<Box<dyn Client + 'a>>,
    connection: Word,
    std: Connection,
}

pub fn prepare(
    scenario: &mut Scenario,
    app: Process,
    server: Server,
) -> Result<Rc<dyn Crate>, Misuse> {
    let std = scenario.std_connection(app, server)?;
    let counted = refcounted_drop::prepare(scenario, app, server)?;
    Ok(Rc::new(Statics { std, counted }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        let counted = self.counted.open();
        Box::new(Beside {
            connection: counted.connection(),
            counted: Some(counted),
            std: self.std,
        })
    }
}

impl Client for Beside<'_> {
    fn connection(&self) -> Word {
        self.connection.clone()
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        self.counted = None;
        let std = Operand::Const(Value::Connection(self.std));
        xous::send_blocking_scalar(std, 0).ignore();
    }
}
