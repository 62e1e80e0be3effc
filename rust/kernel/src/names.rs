//! xous-names: the server that gives out connections by name, as a pure state machine.
//!
//! Models the name table with its connection limits and disconnect tokens, the requests of
//! `services/xous-names/src/main.rs` (one file here for each concern: `protocol` has the opcodes' requests and
//! responses, `table` the entries and their accounting, `server` the single-threaded loop, `connect_page` the raw
//! page of operations 6 and 7, `client` what the library makes of a response, `broker` what is asked of the kernel,
//! `crash` how it ends).
//! It keeps the real server's defects in the faithful mode: counts that no kernel `Disconnect` lowers, requests
//! beyond a limit that wait for ever, one token for all holders, and the requests that crash it.
//! The safe mode replaces crashes only; counting and waiting are the protocol and stay.
//! Leaves out rkyv's bytes, delays (the beat that a refused Register waits for), messages of the wrong kind,
//! and the messages themselves: whoever drives it receives requests and sends the answers.

mod broker;
mod client;
mod connect_page;
mod crash;
mod protocol;
mod server;
mod table;

pub use broker::{ConnectForProcess, ConnectRefused};
pub use client::{connected, disconnected, registered, trusted_init_done, unregistered};
pub use connect_page::{
    CONNECT_PAGE_BYTES, decode_request, decode_response, encode_request, encode_response,
};
pub use crash::Crash;
pub use protocol::{Answer, ClientToken, ConnectCode, Request, Response, Token};
pub use server::NameServer;

/// The fixed SID of the name server, `xous-name-server`.
pub const NAME_SERVER_SID: crate::Sid =
    crate::Sid([0x7375_6f78, 0x6d61_6e2d, 0x6573_2d65, 0x7265_7672]);
