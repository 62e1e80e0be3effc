//! bus1: who pays for a message that waits, and how much one user can take from another.
//!
//! Modelled are users, their peers, what messages take (pool slices, handles, bytes, file descriptors), unicast and
//! multicast, the limits of peers and of users, reset and disconnect, and the accounting policies that were
//! discussed when bus1 was designed. Left out are the contents of messages, nodes and handles as objects, the order of
//! concurrent multicasts, and memory beyond the number of slices. See `docs/bus1.md`.

mod attack;
mod bus;
mod model;
mod quota;
mod rule;
mod sybil;
mod tell;

pub use attack::{Attack, AttackError, Attackers, Events, OnRefusal};
pub use bus::{Accounting, Bus, BusError, Delivery, PeerId, Received, Refusal};
pub use model::{CHUNKING, Contest, NOT_DRAINED, RECEIVE_REFUSED, STARVED, VETOED, WAITS_FOR_EVER};
pub use quota::{Amounts, KINDS, Misuse, Quota, Uid};
pub use rule::{Asking, Rule};
pub use sybil::{MAX_UNITS, greedy_shares, newcomer_share, sybils_needed};
