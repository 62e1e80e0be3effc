use xous_sim_userland::handle::Cid;
use xous_sim_userland::native::Word;

fn number(cid: Cid) -> (Word, Cid) {
    (cid.into_word(), cid)
}

fn main() {
    let _ = number;
}
