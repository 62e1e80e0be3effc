//! What the test programs share: buffers for memory messages, and how a program says that it has done all it should.
//!
//! The programs are built on `xous`, the real user-space library, and know nothing of the emulator. Left out is what the
//! library itself leaves to programs: each server has a fixed SID here, unless a program is about names.

use xous::{CID, MemoryFlags, MemoryMessage, MemoryRange, MemorySize, Message, Result, SID};

/// The exit status of a program that has done all it should. The library ends a program with status 0 when the kernel
/// goes away, and Rust with 101 on a panic.
pub const DONE: i32 = 42;

/// Ends the program: it has done all it should.
pub fn done() -> ! {
    std::process::exit(DONE)
}

/// The SID of a name of 16 bytes at most.
///
/// # Panics
///
/// When the name is longer.
#[must_use]
pub fn sid(name: &str) -> SID {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    SID::from_bytes(&bytes).expect("16 bytes are a SID")
}

/// The arguments of the program.
#[must_use]
pub fn arguments() -> Vec<String> {
    std::env::args().skip(1).collect()
}

/// Sends a blocking scalar and returns the one word that answers it.
///
/// # Errors
///
/// What the kernel answers instead.
///
/// # Panics
///
/// When the answer is not one word.
pub fn ask(server: CID, id: usize, argument: usize) -> core::result::Result<usize, xous::Error> {
    let message = Message::new_blocking_scalar(id, argument, 0, 0, 0);
    match xous::send_message(server, message)? {
        Result::Scalar1(value) => Ok(value),
        other => panic!("one word was expected, not {other:?}"),
    }
}

/// A buffer of these bytes, as the library makes them for messages: it is theirs to free once it is moved or returned.
///
/// # Panics
///
/// When there are no bytes.
#[must_use]
pub fn buffer(bytes: &[u8]) -> MemoryRange {
    // SAFETY: the range is never used; the library asks for one and only reads its own.
    let unused = unsafe { MemoryRange::new(1, 1) }.expect("neither is 0");
    let flags = MemoryFlags::R | MemoryFlags::W;
    let mapped = xous::arch::map_memory_post(None, None, bytes.len(), flags, unused);
    let mut range = mapped.expect("the library maps memory");
    // SAFETY: the library has just allocated so many bytes there, for nobody else.
    unsafe { range.as_slice_mut() }.copy_from_slice(bytes);
    range
}

/// The bytes of a buffer.
#[must_use]
pub fn bytes(range: &MemoryRange) -> &[u8] {
    // SAFETY: the ranges that the library hands out hold so many bytes, and any byte is a u8.
    unsafe { range.as_slice() }
}

/// The body of a memory message with this buffer.
#[must_use]
pub fn memory(id: usize, buf: MemoryRange, offset: usize, valid: usize) -> MemoryMessage {
    MemoryMessage {
        id,
        buf,
        offset: MemorySize::new(offset),
        valid: MemorySize::new(valid),
    }
}
