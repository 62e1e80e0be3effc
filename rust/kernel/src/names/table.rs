//! The name table: who is registered, how many connections were given out, which token disconnects.
//!
//! Models the accounting of `services/xous-names/src/main.rs`: each connection that is given out counts, also a
//! repeated one of the same process, and nothing but the token (which sets it to 0) and a failed
//! ConnectForProcess (minus 1) lowers a count. Leaves out the count of a server without a limit, on which nothing
//! depends, and the placeholder challenge that a refused Lookup draws: nobody reads it, and drawing it would make
//! every poll of an unknown name a new state.

use std::collections::BTreeMap;

use super::protocol::Token;
use crate::Sid;
use crate::random::SidSource;

/// A registered name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Entry {
    sid: Sid,
    limit: Option<Limit>,
    token: Token,
}

/// A server's limit on connections; `given <= most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Limit {
    given: u32,
    most: u32,
}

/// All registered names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Table {
    entries: BTreeMap<String, Entry>,
    /// Where SIDs and tokens come from: the real server asks the kernel for both.
    random: SidSource,
    seed: u64,
}

/// Keeps the stream apart from the kernel's own of the same seed.
const STREAM: u64 = u64::from_le_bytes(*b"nameserv");

impl Table {
    pub(super) fn new(seed: u64) -> Table {
        Table {
            entries: BTreeMap::new(),
            random: SidSource::default(),
            seed: seed ^ STREAM,
        }
    }

    /// Enters a name: its fresh SID, or none if the name is taken.
    pub(super) fn register(&mut self, name: &str, most: Option<u32>) -> Option<Sid> {
        if self.entries.contains_key(name) {
            return None;
        }
        let sid = self.random.draw(self.seed);
        let limit = most.map(|most| Limit { given: 0, most });
        let token = self.random.draw(self.seed).0;
        self.entries
            .insert(name.to_owned(), Entry { sid, limit, token });
        Some(sid)
    }

    /// Takes out the entry with this SID; was there one?
    pub(super) fn unregister(&mut self, sid: Sid) -> bool {
        let before = self.entries.len();
        self.entries.retain(|_, entry| entry.sid != sid);
        self.entries.len() < before
    }

    /// Counts a connection to `name`: where to and the token, or none if unknown or over the limit.
    pub(super) fn connect(&mut self, name: &str) -> Option<(Sid, Token)> {
        let entry = self.entries.get_mut(name)?;
        if let Some(limit) = &mut entry.limit {
            if limit.given >= limit.most {
                return None;
            }
            limit.given += 1;
        }
        Some((entry.sid, entry.token))
    }

    /// Takes back a connection that the kernel refused.
    pub(super) fn take_back(&mut self, sid: Sid) {
        let entry = self.entries.values_mut().find(|entry| entry.sid == sid);
        if let Some(limit) = entry.and_then(|entry| entry.limit.as_mut()) {
            limit.given = limit.given.saturating_sub(1);
        }
    }

    /// With the right token the count becomes 0, whatever it was, and the token another.
    pub(super) fn disconnect(&mut self, name: &str, token: Token) -> bool {
        let Some(entry) = self
            .entries
            .get_mut(name)
            .filter(|entry| entry.token == token)
        else {
            return false;
        };
        entry.token = self.random.draw(self.seed).0;
        if let Some(limit) = &mut entry.limit {
            limit.given = 0;
        }
        true
    }

    /// Has every limited server given out exactly its limit?
    pub(super) fn trusted_init_done(&self) -> bool {
        self.entries
            .values()
            .filter_map(|entry| entry.limit)
            .all(|limit| limit.given == limit.most)
    }

    /// Connections that count against the limit of `name`.
    pub(super) fn given(&self, name: &str) -> Option<u32> {
        self.entries.get(name)?.limit.map(|limit| limit.given)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Sid)> {
        self.entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry.sid))
    }
}
