//! Packets out of a stream of bytes that arrives in pieces of any size.
//!
//! Memory is taken for bytes that have arrived, never for a length that a peer has merely named, and a length beyond
//! [`MAX_PAYLOAD`] ends the stream. The real hosted kernel has no such bound; on hardware a process's window for
//! messages has 4 MiB in all.

use super::packet::{PACKET_BYTES, Packet};

/// The most bytes that one memory message may have.
pub const MAX_PAYLOAD: u64 = 16 << 20;

/// A packet that announces more than [`MAX_PAYLOAD`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packet announced {0} bytes of memory, more than {MAX_PAYLOAD}")]
pub struct TooLong(pub u64);

/// Bytes that have arrived and are not yet a packet.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    /// How many of them have become packets.
    taken: usize,
}

impl Decoder {
    /// Adds what has arrived.
    pub fn extend(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next packet, if all of it has arrived; `announced` tells from its words how many bytes follow them.
    ///
    /// # Errors
    ///
    /// [`TooLong`].
    pub fn next(
        &mut self,
        announced: impl FnOnce(&Packet) -> u64,
    ) -> Result<Option<Packet>, TooLong> {
        let Some((head, rest)) = self.bytes[self.taken..].split_first_chunk() else {
            return Ok(None);
        };
        let mut packet = Packet::of_head(head);
        let length = announced(&packet);
        if length > MAX_PAYLOAD {
            return Err(TooLong(length));
        }
        let length = length as usize;
        let Some(payload) = rest.get(..length) else {
            return Ok(None);
        };
        packet.payload = payload.to_vec();
        self.taken += PACKET_BYTES + length;
        self.release();
        Ok(Some(packet))
    }

    /// Whether part of a packet has arrived and the rest has not.
    #[must_use]
    pub const fn is_within_packet(&self) -> bool {
        self.taken < self.bytes.len()
    }

    /// Gives a large buffer back once all of it has become packets.
    fn release(&mut self) {
        const KEPT: usize = 1 << 16;
        if self.taken == self.bytes.len() {
            self.taken = 0;
            self.bytes.clear();
            self.bytes.shrink_to(KEPT);
        }
    }
}
