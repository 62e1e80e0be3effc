//! Connections that end with their server: the kernel frees their slots, and whoever holds one may still give it back.
//!
//! The kernel answers `ServerNotFound` to that (`kernel/src/server.rs:301-470`: DestroyServer leaves no tombstone), which is no mistake of the
//! program. A second disconnect of the same connection is one.

use crate::machine::{Environment, Machine};
use crate::properties;
use crate::value::{Connection, Value};
use std::collections::BTreeSet;
use xous_sim_kernel::{Cid, Kernel, Pid};
use xous_sim_step::Violation;

impl Machine {
    /// P3 of a disconnect, before the kernel carries it out.
    pub(crate) fn disconnect_of_free_slot(
        &mut self,
        pid: Pid,
        what: &Value,
        cid: u64,
    ) -> Option<Violation> {
        let violation = properties::disconnect_of_free_slot(&self.kernel, pid, cid, what)?;
        let is_meant = |cut: &Connection| match what {
            Value::Connection(connection) => cut == connection,
            _ => (cut.pid, u64::from(cut.cid.0)) == (pid, cid),
        };
        let given_back = self.cut.iter().copied().find(is_meant);
        match given_back {
            Some(connection) => {
                self.cut.remove(&connection);
                None
            }
            None => Some(violation),
        }
    }

    /// Notes the connections that there were `before` a server was destroyed, and are no more.
    pub(crate) fn note_cut(&mut self, environment: &Environment, before: &Kernel) {
        let after = connections(&self.kernel, environment);
        let before = connections(before, environment);
        self.cut.extend(before.difference(&after));
    }
}

/// All connections of the scenario's processes.
fn connections(kernel: &Kernel, environment: &Environment) -> BTreeSet<Connection> {
    let of_process = |&pid: &Pid| {
        let slots = kernel
            .connection_map(pid)
            .map_or(0, |map| map.bytes().len());
        let cids = (0..slots).map(Cid::from_slot);
        cids.filter_map(move |cid| {
            let opened_for = kernel.server_behind(pid, cid)?;
            Some(Connection {
                pid,
                cid,
                opened_for,
            })
        })
    };
    let processes = environment.process_names.keys();
    processes.flat_map(of_process).collect()
}
