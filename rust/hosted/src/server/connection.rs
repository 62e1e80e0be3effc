//! One connection: bytes that have arrived, bytes that are to be sent, and how long it may take over them.

use crate::wire::{Decoder, Key, Packet, TooLong, announced_by_call};
use mio::net::TcpStream;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;
use xous_sim_kernel::Pid;

/// While so many bytes lie ready for a client, nothing more is read from it. What is added then are answers to calls that
/// it has made already, one a thread at most.
const MUCH_OUTPUT: usize = 1 << 20;

/// Who is at the other end.
#[derive(Debug)]
pub(super) enum Peer {
    /// Somebody who has sent so many bytes of a key.
    Nameless(Vec<u8>),
    /// A process.
    Process(Pid),
    /// Nobody any more: what is left is sent, and then it is closed.
    Gone,
}

/// What reading came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// All that there was.
    All,
    /// As much as is taken at once; there may be more.
    Part,
    /// The other end has closed.
    Closed,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) peer: Peer,
    pub(super) input: Decoder,
    /// Whether the other end has said that it closes. That is told once, and stands behind what it sent last: so it is
    /// read to the end.
    pub(super) ends: bool,
    output: Vec<u8>,
    /// How much of the output has been sent.
    sent: usize,
    /// When the key or the packet that has begun to arrive must be complete.
    input_due: Option<Instant>,
    /// When some of what is to be sent must have been taken.
    output_due: Option<Instant>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, key_due: Instant) -> Connection {
        Connection {
            stream,
            peer: Peer::Nameless(Vec::new()),
            input: Decoder::default(),
            ends: false,
            output: Vec::new(),
            sent: 0,
            input_due: Some(key_due),
            output_due: None,
        }
    }

    /// Takes what has arrived.
    pub(super) fn receive(&mut self, scratch: &mut [u8]) -> Received {
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return Received::Closed,
                Ok(length) => {
                    self.take(&scratch[..length]);
                    let full = length == scratch.len() || self.ends || cfg!(not(unix));
                    return if full { Received::Part } else { Received::All };
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Received::All,
                Err(_) => return Received::Closed,
            }
        }
    }

    /// First the key, then packets.
    fn take(&mut self, mut bytes: &[u8]) {
        if let Peer::Nameless(key) = &mut self.peer {
            let missing = (Key::BYTES - key.len()).min(bytes.len());
            key.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
        }
        self.input.extend(bytes);
    }

    /// The next packet that is complete. Another one that has begun behind it has its own time.
    pub(super) fn next_packet(&mut self) -> Result<Option<Packet>, TooLong> {
        let next = self.input.next(announced_by_call)?;
        if next.is_some() {
            self.input_due = None;
        }
        Ok(next)
    }

    /// The key of somebody who is not a process yet.
    pub(super) fn key(&self) -> Option<Key> {
        match &self.peer {
            Peer::Nameless(key) => key.as_slice().try_into().ok().map(Key),
            Peer::Process(_) | Peer::Gone => None,
        }
    }

    pub(super) const fn is_nameless(&self) -> bool {
        matches!(self.peer, Peer::Nameless(_))
    }

    pub(super) fn push(&mut self, packet: &Packet) {
        packet.write_to(&mut self.output);
    }

    pub(super) fn push_byte(&mut self, byte: u8) {
        self.output.push(byte);
    }

    /// Sends as much as can be sent now.
    ///
    /// # Errors
    ///
    /// When the other end is gone.
    pub(super) fn send(&mut self) -> io::Result<()> {
        while self.sent < self.output.len() {
            match self.stream.write(&self.output[self.sent..]) {
                Ok(length) => {
                    self.sent += length;
                    self.output_due = None;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        const KEPT: usize = 1 << 16;
        self.sent = 0;
        self.output.clear();
        self.output.shrink_to(KEPT);
        Ok(())
    }

    pub(super) const fn has_output(&self) -> bool {
        self.sent < self.output.len()
    }

    /// Whether it is to read before anything more is read from it.
    pub(super) const fn is_full(&self) -> bool {
        self.output.len() - self.sent > MUCH_OUTPUT
    }

    /// Sets a time for what has begun and is not over, and takes it from what is. While nothing is read from it, it is not
    /// to blame for a packet that is not complete.
    pub(super) fn set_due(&mut self, due: Instant) {
        if !self.is_nameless() {
            let begun = self.input.is_within_packet() && !self.is_full();
            self.input_due = begun.then_some(self.input_due.unwrap_or(due));
        }
        let left = self.has_output();
        self.output_due = left.then_some(self.output_due.unwrap_or(due));
    }

    /// Why it is to be cut off at this time, if so.
    pub(super) fn is_late(&self, now: Instant) -> Option<&'static str> {
        let over = |due: Option<Instant>| due.is_some_and(|due| due <= now);
        if over(self.input_due) {
            Some("it stopped within a packet")
        } else if over(self.output_due) {
            Some("it did not read its answers")
        } else {
            None
        }
    }
}
