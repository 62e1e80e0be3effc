//! Two crates, one server: each counts its own users of what is the same connection.
//!
//! Several HAL APIs of the Baochip code shared one server but counted separately, so one API's last drop cut the
//! others; xous-core pull request 800 removed the counters there.

use super::{Idiom, refcounted_drop};

/// The refcounted drop, twice.
pub const IDIOM: Idiom = Idiom {
    name: "two_crates",
    prepare: refcounted_drop::prepare,
    crates: 2,
};
