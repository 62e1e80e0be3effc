//! A packet: the thread, eight words, and perhaps the bytes of a memory message.

/// Bytes of a packet without its payload: nine words of 64 bits.
pub const PACKET_BYTES: usize = 9 * size_of::<u64>();

/// What travels in either direction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// The thread that calls, or is answered: its TID, or a number from 65536 on of a thread that has none yet.
    pub thread: u64,
    /// A call's number and seven arguments, or a result's tag and seven words.
    pub words: [u64; 8],
    /// The bytes of a memory message, exactly as many as the words announce.
    pub payload: Vec<u8>,
}

impl Packet {
    /// The packet as it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(PACKET_BYTES + self.payload.len());
        self.write_to(&mut bytes);
        bytes
    }

    /// Puts the packet behind what is to be sent already.
    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.thread.to_le_bytes());
        for word in self.words {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend_from_slice(&self.payload);
    }

    /// The packet of these bytes, as yet without a payload.
    pub(super) fn of_head(head: &[u8; PACKET_BYTES]) -> Packet {
        let mut words = head.chunks_exact(size_of::<u64>()).map(word);
        Packet {
            thread: words.next().expect("a head has nine words"),
            words: std::array::from_fn(|_| words.next().expect("a head has nine words")),
            payload: Vec::new(),
        }
    }
}

fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("a word has eight bytes"))
}
