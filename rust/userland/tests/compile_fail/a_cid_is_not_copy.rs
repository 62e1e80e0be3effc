use xous_sim_userland::handle::Cid;

fn two(cid: Cid) -> (Cid, Cid) {
    (cid, cid)
}

fn main() {
    let _ = two;
}
