//! The exact Xous kernel, as a value.
//!
//! [`Kernel`] reproduces the Xous microkernel where a program can see it: connection maps, servers and queues, messages,
//! memory, threads and processes, with the slot order, error numbers, tombstones and sender words of the real one
//! (betrusted-io/xous-core at commit 73c0946325283704a237a1accbfd91df7d472e12). It is pure: no input or output, no
//! threads, no time; equal calls on equal kernels give equal results.
//!
//! [`Config`] chooses the profile (hardware or hosted), the size of the connection map, whether connect reuses a
//! connection, and whether the defects of the real kernel are included. Where the real kernel panics, a call answers
//! [`Outcome::Panic`]; the library itself does not panic.
//!
//! Left out: scheduling (every driver decides who calls next), interrupt context, exceptions and the debugger.
//!
//! ```
//! use xous_sim_kernel::{Caller, Config, Kernel, Outcome, Sid, SysResult, Syscall, Tid};
//!
//! let mut kernel = Kernel::new(Config::default());
//! let pid = kernel.boot_process()?;
//! let main = Caller { pid, tid: Tid::INITIAL };
//! let sid = Sid::from_bytes(b"ticktimer-server").expect("16 bytes");
//! let step = kernel.call(main, &Syscall::Connect { sid })?;
//! assert_eq!(step.outcome, Outcome::Retry);
//! kernel.call(main, &Syscall::CreateServerWithAddress { sid })?;
//! let step = kernel.call(main, &Syscall::Connect { sid })?;
//! assert!(matches!(step.outcome, Outcome::Done(SysResult::ConnectionId(_))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod abi;
pub mod bare_metal;
mod config;
mod connection_map;
mod error;
mod ids;
mod inspect;
mod interrupts;
mod kernel;
mod lifecycle;
mod memory;
mod message;
mod misuse;
pub mod names;
pub mod page;
mod panic;
mod process;
mod queue;
mod queue_quota;
mod random;
mod server;
mod sorted_map;
mod step;
mod syscalls;
mod thread;

pub use abi::{DecodeError, MemoryFlags, ResultDecodeError, SysResult, Syscall};
pub use bare_metal::BareMetal;
pub use config::{Config, ConnectMode, Fidelity, Profile, Slots};
pub use connection_map::{Connection, ConnectionMap};
pub use error::Error;
pub use ids::{Caller, Cid, Pid, SenderWord, ServerIndex, ServerSerial, Sid, SlotIndex, Tid};
pub use inspect::ServerSnapshot;
pub use kernel::Kernel;
pub use memory::{
    DEFAULT_BASE, DEFAULT_SIZE, HEAP_BASE, HEAP_MAX, MESSAGE_BASE, MESSAGE_SIZE, Memory,
    MemoryFault, PAGE_SIZE, USER_AREA_END,
};
pub use message::{MemoryBody, MemoryRange, Message, MessageEnvelope, MessageKind, ScalarBody};
pub use misuse::Misuse;
pub use names::NameServer;
pub use page::{Page, PageError, PageLayout};
pub use panic::KernelPanic;
pub use queue::{Lent, Queue, Queued, Waiting};
pub use queue_quota::QueueQuota;
pub use step::{Outcome, Step, Wake};
pub use thread::{BlockedOn, ThreadStart};
