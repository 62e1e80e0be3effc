//! The hosted kernel: real Xous programs, built for the desktop, run on the emulator and are watched.
//!
//! [`wire`] is the protocol between programs and kernel, and [`Exchange`] the kernel that speaks it; both are pure.
//! [`server`] puts them on a socket, and starts programs; [`watch`] is what looks at their connections meanwhile.

pub mod exchange;
mod recorder;
pub mod schedule;
pub mod server;
pub mod watch;
pub mod wire;

pub use exchange::Exchange;
pub use server::{Options, Server};
