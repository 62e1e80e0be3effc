//! Arc pool, strong: one common connection of the process, which the pool keeps for ever.
//!
//! From a comment on xous-core issue 482: `static COMMON: OnceLock<Arc<CID>>`. The pool's own reference is never
//! dropped, so nobody ever disconnects.

use super::{Client, Crate};
use crate::handle::Cid;
use crate::native::{Process, Scenario, Server, Word};
use crate::object::Misuse;
use crate::sync::OnceLock;
use crate::xous;
use std::rc::Rc;

struct Statics {
    server: Server,
    common: OnceLock,
}

struct Common(Word);

pub fn prepare(
    scenario: &mut Scenario,
    _app: Process,
    server: Server,
) -> Result<Rc<dyn Crate>, Misuse> {
    let common = OnceLock::new(scenario, "COMMON");
    Ok(Rc::new(Statics { server, common }))
}

impl Crate for Statics {
    fn open(&self) -> Box<dyn Client + '_> {
        let connect = || {
            let cid = Cid::connect(self.server.sid);
            xous::persist(cid.as_word());
            cid
        };
        Box::new(Common(self.common.get_or_init(connect)))
    }
}

impl Client for Common {
    fn connection(&self) -> Word {
        self.0.clone()
    }
}
