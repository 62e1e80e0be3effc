//! The memory orders of bodies as Python carries them from one process to another.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use xous_sim_memory as memory;
use xous_sim_memory::{Passage, Passages};
use xous_sim_userland::c11::{self, BodyOrders};
use xous_sim_userland::op::BodyId;
use xous_sim_userland::{Program, World};

/// A body, its copies, whether it uses seq_cst, the locations that it accesses, those in weaker orders, its passages.
pub type Orders = (u16, usize, bool, Vec<u16>, Vec<u16>, Vec<Passing>);
/// From and to which location; whether it acquires, releases, and depends on the value.
type Passing = (u16, u16, bool, bool, bool);

/// Those of all bodies, as far as is known.
pub fn of(world: &World<'_>) -> Vec<Orders> {
    let one = |BodyOrders {
                   body,
                   copies,
                   orders,
                   passages,
               }: BodyOrders| {
        let passages = passages.0.into_iter();
        let passages = passages.map(|p| (p.from, p.to, p.acquires, p.releases, p.depends));
        let accessed = orders.accessed.into_iter().collect();
        let weaker = orders.weaker.into_iter().collect();
        (
            body.0,
            copies,
            orders.seq_cst,
            accessed,
            weaker,
            passages.collect(),
        )
    };
    world.body_orders().into_iter().map(one).collect()
}

/// What a proof has to be read with. Of one body several processes may know a part each.
pub fn caveats(program: &Program, orders: Vec<Orders>) -> Vec<String> {
    let mut bodies: BTreeMap<BodyId, BodyOrders> = BTreeMap::new();
    for part in orders.into_iter().map(from_python) {
        match bodies.entry(part.body) {
            Entry::Vacant(entry) => drop(entry.insert(part)),
            Entry::Occupied(entry) => entry.into_mut().join(part),
        }
    }
    let bodies: Vec<BodyOrders> = bodies.into_values().collect();
    c11::caveats(program, &bodies)
}

fn from_python((body, copies, seq_cst, accessed, weaker, passages): Orders) -> BodyOrders {
    let passage = |(from, to, acquires, releases, depends)| Passage {
        from,
        to,
        acquires,
        releases,
        depends,
    };
    BodyOrders {
        body: BodyId(body),
        copies,
        orders: memory::Orders {
            seq_cst,
            accessed: accessed.into_iter().collect(),
            weaker: weaker.into_iter().collect(),
        },
        passages: Passages(passages.into_iter().map(passage).collect()),
    }
}
