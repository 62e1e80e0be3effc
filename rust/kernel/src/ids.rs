//! The names that programs and the kernel use for things: PID, TID, CID, SID, server index, queue slot, sender word.
//!
//! Each is a newtype that carries its range or bit layout as constants. [`ServerSerial`] is the model's own: a ghost
//! identity that no program can see.

use std::fmt;
use std::num::NonZeroU8;

/// A process ID, 1 and up; PID 1 is the kernel's own process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid(NonZeroU8);

impl Pid {
    /// The kernel's own process.
    pub const KERNEL: Pid = Pid(NonZeroU8::MIN);

    /// The PID of this number; there is no PID 0.
    pub const fn new(number: u8) -> Option<Pid> {
        match NonZeroU8::new(number) {
            Some(number) => Some(Pid(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0.get()
    }
}

/// A thread ID within a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tid(pub u8);

impl Tid {
    /// The phantom that the hosted kernel makes for every process and that nobody runs.
    pub const PHANTOM: Tid = Tid(1);
    /// A process's main thread.
    pub const INITIAL: Tid = Tid(2);
}

/// One thread of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Caller {
    /// The process.
    pub pid: Pid,
    /// Its thread.
    pub tid: Tid,
}

/// A connection ID: slot of the process's connection map plus 2, so 0 and 1 are never valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cid(pub u32);

impl Cid {
    /// The CID of slot 0.
    pub const FIRST: u32 = 2;

    /// The CID of a slot.
    pub const fn from_slot(slot: usize) -> Cid {
        Cid(slot as u32 + Self::FIRST)
    }

    /// The slot, unless the CID is below 2; it may lie beyond the map.
    pub const fn slot(self) -> Option<usize> {
        match self.0.checked_sub(Self::FIRST) {
            Some(slot) => Some(slot as usize),
            None => None,
        }
    }
}

/// A server ID: 16 bytes as four little-endian words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sid(pub [u32; 4]);

impl Sid {
    /// The SID of up to 16 bytes; only complete groups of four count, the rest stay 0. `None` for more than 16.
    pub fn from_bytes(bytes: &[u8]) -> Option<Sid> {
        if bytes.len() > 16 {
            return None;
        }
        let mut words = [0; 4];
        for (word, group) in words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_le_bytes(group.try_into().expect("chunks_exact(4) gives four bytes"));
        }
        Some(Sid(words))
    }

    /// The 16 bytes.
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        for (group, word) in bytes.chunks_exact_mut(4).zip(self.0) {
            group.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The SID in four argument words, each truncated to 32 bits.
    pub fn from_words(words: [u64; 4]) -> Sid {
        Sid(words.map(|word| word as u32))
    }

    /// The SID as four argument words.
    pub fn to_words(self) -> [u64; 4] {
        self.0.map(u64::from)
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a:08x}-{b:08x}-{c:08x}-{d:08x}")
    }
}

/// An index into the server table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerIndex(pub u8);

impl ServerIndex {
    /// Entries of the server table, system-wide (`kernel/src/services.rs:22`).
    pub const COUNT: usize = 128;
}

/// An index into a server's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotIndex(pub u16);

/// A ghost identity: the number of the server's creation, which tells a reused index or a duplicate SID from the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerSerial(pub u32);

/// The word that names a received message when it is answered (`kernel/src/server.rs:41-72`).
///
/// Answering uses the server index and the slot only: the PID bits are ignored, and there is no generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SenderWord(pub u64);

impl SenderWord {
    /// The lowest bit of the client's PID.
    pub const PID_SHIFT: u32 = 24;
    /// The lowest bit of the server index.
    pub const SERVER_SHIFT: u32 = 16;
    /// The bits of the queue slot.
    pub const SLOT_MASK: u64 = 0xFFFF;

    /// The word for a message of `client` that sits in `slot` of `server`.
    pub const fn pack(client: Pid, server: ServerIndex, slot: SlotIndex) -> SenderWord {
        SenderWord(
            (client.get() as u64) << Self::PID_SHIFT
                | (server.0 as u64) << Self::SERVER_SHIFT
                | slot.0 as u64,
        )
    }

    /// The client's PID, unless the bits are 0.
    pub const fn client(self) -> Option<Pid> {
        Pid::new((self.0 >> Self::PID_SHIFT) as u8)
    }

    /// The server index, which may lie beyond the table.
    pub const fn server(self) -> ServerIndex {
        ServerIndex((self.0 >> Self::SERVER_SHIFT) as u8)
    }

    /// The queue slot, which may lie beyond the queue.
    pub const fn slot(self) -> SlotIndex {
        SlotIndex((self.0 & Self::SLOT_MASK) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_servers_sid_has_the_documented_words() {
        let sid = Sid::from_bytes(b"xous-name-server").expect("16 bytes");
        assert_eq!(sid.0, [0x7375_6f78, 0x6d61_6e2d, 0x6573_2d65, 0x7265_7672]);
        assert_eq!(&sid.to_bytes(), b"xous-name-server");
    }

    #[test]
    fn an_incomplete_group_of_a_sid_stays_zero() {
        assert_eq!(
            Sid::from_bytes(b"abcdef"),
            Some(Sid([0x6463_6261, 0, 0, 0]))
        );
        assert_eq!(Sid::from_bytes(&[1; 17]), None);
    }

    #[test]
    fn a_sender_word_unpacks_to_what_was_packed() {
        let pid = Pid::new(7).expect("non-zero");
        let word = SenderWord::pack(pid, ServerIndex(127), SlotIndex(63));
        assert_eq!(word, SenderWord(0x077F_003F));
        assert_eq!(
            (word.client(), word.server(), word.slot()),
            (Some(pid), ServerIndex(127), SlotIndex(63))
        );
    }

    #[test]
    fn the_first_cid_is_two() {
        assert_eq!(Cid::from_slot(0), Cid(2));
        assert_eq!((Cid(1).slot(), Cid(33).slot()), (None, Some(31)));
    }
}
