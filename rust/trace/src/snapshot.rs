//! What a state looks like: connection maps, shared objects, process pages, and places of any other kind.
//!
//! A snapshot is complete but for the pages, of which it holds the bytes that differ from the snapshot before; before
//! the first snapshot every byte is 0.

use serde::{Deserialize, Serialize};

/// A state, as a reader wants to see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Snapshot {
    /// The slots that are in use, and the free ones that somebody still believes to be his.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<Slot>,
    /// Atomics, locks, plain variables and reference counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectState>,
    /// What has changed in the process pages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageBytes>,
    /// Anything else: queues, links, tables, quotas.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// The processes that are dead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dead: Vec<String>,
}

/// What a slot of a connection map holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SlotState {
    /// Nothing.
    Free,
    /// A server whose process died.
    Tombstone,
    /// A connection to a live server.
    Server,
}

/// A slot of a connection map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The process, by name.
    pub process: String,
    /// The connection ID: the slot plus 2.
    pub cid: u32,
    /// What it holds.
    pub state: SlotState,
    /// What it reaches, by name, where it reaches something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Whether the connection is meant to stay.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub persistent: bool,
    /// Who holds a handle of it that is good: threads and objects, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<String>,
    /// Who holds a handle of this CID that was opened for something else, or was cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
}

impl Slot {
    /// A slot that nobody holds: a connection to `server`, or a tombstone.
    #[must_use]
    pub fn new(process: &str, cid: u32, server: Option<&str>) -> Self {
        Self {
            process: process.into(),
            cid,
            state: match server {
                Some(_) => SlotState::Server,
                None => SlotState::Tombstone,
            },
            server: server.map(String::from),
            persistent: false,
            holders: Vec::new(),
            stale: Vec::new(),
        }
    }

    /// Whether the connection map has something there.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.state != SlotState::Free
    }
}

/// A shared object and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectState {
    /// For readers; unique among objects of its kind.
    pub name: String,
    /// `atomic`, `mutex`, `once`, `cell`, `arc`, or any other word.
    pub kind: String,
    /// What it holds, in words.
    pub value: String,
}

/// Bytes of a process page that have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageBytes {
    /// The process, by name.
    pub process: String,
    /// Where, in ascending order.
    pub changes: Vec<ByteRange>,
}

/// Bytes and where they begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByteRange {
    /// The first byte's place in the page.
    pub offset: usize,
    /// The bytes; hexadecimal digits in JSON.
    #[serde(with = "hexadecimal")]
    pub bytes: Vec<u8>,
}

impl PageBytes {
    /// What has changed from one page to another of the same length; `None` if nothing has.
    #[must_use]
    pub fn difference(process: &str, before: &[u8], after: &[u8]) -> Option<Self> {
        let mut changes: Vec<ByteRange> = Vec::new();
        for (offset, (_, &byte)) in before
            .iter()
            .zip(after)
            .enumerate()
            .filter(|(_, (a, b))| a != b)
        {
            match changes.last_mut() {
                Some(last) if last.offset + last.bytes.len() == offset => last.bytes.push(byte),
                _ => changes.push(ByteRange {
                    offset,
                    bytes: vec![byte],
                }),
            }
        }
        (!changes.is_empty()).then(|| Self {
            process: process.into(),
            changes,
        })
    }
}

/// A named box and what is in it, a line each: for what is neither a connection nor a shared object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// For readers; unique.
    pub name: String,
    /// Its contents, in order.
    pub lines: Vec<String>,
}

/// Bytes as hexadecimal digits.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&digits)
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(deserializer)?;
        parse(&digits).ok_or_else(|| {
            D::Error::custom("bytes are pairs of hexadecimal digits, such as \"02ff\"")
        })
    }

    fn parse(digits: &str) -> Option<Vec<u8>> {
        let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let pairs = (0..digits.len()).step_by(2);
        let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        all.then(|| pairs.map(byte).collect()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_has_changed_turns_one_page_into_the_other(
            (before, after) in (1_usize..200).prop_flat_map(|n| (
                prop::collection::vec(0_u8..3, n),
                prop::collection::vec(0_u8..3, n),
            ))
        ) {
            let mut page = before.clone();
            let changed = PageBytes::difference("app", &before, &after);
            for range in changed.iter().flat_map(|changed| &changed.changes) {
                page[range.offset..][..range.bytes.len()].copy_from_slice(&range.bytes);
            }
            prop_assert_eq!(&page, &after);
            prop_assert_eq!(changed.is_none(), before == after);
        }
    }
}
