use xous_sim_userland::handle::Cid;
use xous_sim_userland::op::ObjectId;
use xous_sim_userland::sync::Arc;

fn share(heap: ObjectId, cid: Cid) -> (Arc, Cid) {
    (Arc::new(heap, cid), cid)
}

fn main() {
    let _ = share;
}
