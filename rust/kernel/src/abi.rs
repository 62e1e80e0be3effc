//! The application binary interface: syscalls and results, typed and as words.
//!
//! Words are `u64` throughout; [`crate::Config::truncate`] says how many bits a profile keeps. Payloads of hosted
//! memory messages are not words and are left to a wire codec.

mod decode;
mod encode;
mod result;
mod syscall;

pub use decode::DecodeError;
pub use result::{ResultDecodeError, SysResult};
pub use syscall::{MemoryFlags, Syscall};
