//! The wire protocol of hosted mode, as pure functions between bytes, packets, system calls and results.
//!
//! Models `rs/arch/hosted` and `k/arch/hosted` of xous-core on a 64-bit host: a key of 16 bytes answered by one byte,
//! then packets of nine little-endian words, some followed by the bytes of a memory message. Leaves out hosts whose
//! words have another size. Nothing here opens a socket, and nothing is reserved for bytes that have not arrived.

mod call;
mod decoder;
mod key;
mod packet;
mod result;

pub use call::{announced_by_call, call_packet, syscall};
pub use decoder::{Decoder, MAX_PAYLOAD, TooLong};
pub use key::Key;
pub use packet::{PACKET_BYTES, Packet};
pub use result::{announced_by_result, result_packet, sys_result};
