//! The handle type that issue 482 proposes: a CID that cannot be copied, and whose drop disconnects.

use crate::native::Word;
use crate::xous;
use xous_sim_kernel::Sid;

/// An owned connection: neither `Copy` nor `Clone`, so there is one owner, and its end is the connection's.
///
/// Shared ownership is an [`Arc`](crate::sync::Arc) of it.
///
/// ```compile_fail
/// use xous_sim_userland::handle::Cid;
/// fn two(cid: Cid) -> (Cid, Cid) {
///     (cid.clone(), cid)
/// }
/// ```
#[derive(Debug)]
pub struct Cid(Option<Word>);

impl Cid {
    /// Connects, and owns the connection.
    #[track_caller]
    pub fn connect(sid: Sid) -> Self {
        Self(Some(xous::connect(sid).unwrap()))
    }

    /// The number, while somebody owns the connection.
    #[must_use]
    pub fn as_word(&self) -> &Word {
        self.0
            .as_ref()
            .expect("an owned connection has a CID until its drop")
    }

    /// The bare number; the connection is nobody's from now on.
    #[must_use]
    pub fn into_word(mut self) -> Word {
        self.0
            .take()
            .expect("an owned connection has a CID until its drop")
    }

    /// Owns the connection with this number.
    #[must_use]
    pub fn from_word(word: Word) -> Self {
        Self(Some(word))
    }
}

impl Drop for Cid {
    fn drop(&mut self) {
        if let Some(word) = self.0.take() {
            xous::disconnect(&word).unwrap();
        }
    }
}
