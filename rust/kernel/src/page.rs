//! The process page: the 4,096 bytes at 0xFF80_1000 of every process, as typed content.
//!
//! Models each field of the riscv32 page (`kernel/src/arch/riscv/process.rs:62-86`) for both sizes of the
//! connection map: the content here, the tables of fields in [`layout`], bytes from content and back in
//! `codec`, listings for people in `dump`, and the page of a simulated process in `of_kernel`.
//! Leaves out what no program can tell: the scratch word and the registers of a running thread live in the
//! processor, so a page that is rendered from a simulated process shows them as they were last saved.

mod codec;
mod dump;
mod error;
pub mod layout;
mod of_kernel;

use crate::{Pid, ThreadStart, Tid};

pub use dump::FieldValue;
pub use error::PageError;
pub use layout::{Field, FieldKind, PageLayout};
pub use of_kernel::ASSUMED_START;

/// The thread that a process starts with.
const INITIAL_TID: usize = Tid::INITIAL.0 as usize;
/// Return address of every later thread: reaching it ends the thread.
pub const EXIT_THREAD: u32 = 0xFF80_3000;

/// The content of a process page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Which header it has. The connection map's length follows from it.
    pub layout: PageLayout,
    /// Temporary of the trap handler.
    pub scratch: u32,
    /// Current TID + 1: 1 to 31.
    pub hardware_thread: u32,
    /// Where mapped, incoming and heap memory go.
    pub memory: MemoryWords,
    /// One byte a slot: 0 free, 1 tombstone, n the server with index n - 2.
    pub connection_map: Vec<u8>,
    /// The process's own PID.
    pub pid: Pid,
    /// TID of the thread that was created last: 0 to 30.
    pub last_tid_allocated: u8,
    /// The contexts of TIDs 0 to 30.
    pub threads: [ThreadContext; layout::CONTEXTS],
}

/// The seven memory words of a page, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryWords {
    /// Start of the window for MapMemory.
    pub default_base: u32,
    /// Where the next search in that window starts.
    pub default_last: u32,
    /// Start of the window for incoming messages.
    pub message_base: u32,
    /// Where the next search in that window starts.
    pub message_last: u32,
    /// Start of the heap.
    pub heap_base: u32,
    /// Bytes of the heap.
    pub heap_size: u32,
    /// Most bytes that the heap may have.
    pub heap_max: u32,
}

impl MemoryWords {
    /// The words in the order of the page.
    pub const fn to_words(self) -> [u32; 7] {
        [
            self.default_base,
            self.default_last,
            self.message_base,
            self.message_last,
            self.heap_base,
            self.heap_size,
            self.heap_max,
        ]
    }

    /// The reverse of [`to_words`](Self::to_words).
    pub const fn from_words(words: [u32; 7]) -> MemoryWords {
        let [
            default_base,
            default_last,
            message_base,
            message_last,
            heap_base,
            heap_size,
            heap_max,
        ] = words;
        MemoryWords {
            default_base,
            default_last,
            message_base,
            message_last,
            heap_base,
            heap_size,
            heap_max,
        }
    }
}

impl Default for MemoryWords {
    /// As a new process has them, without the `big-heap` feature.
    fn default() -> MemoryWords {
        MemoryWords::from_words([
            0x6000_0000,
            0x6000_0000,
            0x4000_0000,
            0x4000_0000,
            0x2000_0000,
            0,
            0x0008_0000,
        ])
    }
}

/// The saved registers of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ThreadContext {
    /// x1 to x31.
    pub registers: [u32; 31],
    /// Where it goes on; 0 means that there is no such thread.
    pub sepc: u32,
}

impl ThreadContext {
    /// The context of a process's first thread: four arguments, stack top and entry.
    pub fn initial(start: &ThreadStart) -> ThreadContext {
        ThreadContext::started(start, 0)
    }

    /// The context of a later thread, whose return ends it. CreateThread has already put the stack pointer 16 bytes
    /// below the stack's end, aligned.
    pub fn later(start: &ThreadStart) -> ThreadContext {
        ThreadContext::started(start, EXIT_THREAD)
    }

    fn started(start: &ThreadStart, return_address: u32) -> ThreadContext {
        let mut context = ThreadContext {
            sepc: start.entry as u32,
            ..ThreadContext::default()
        };
        context.registers[0] = return_address;
        context.registers[1] = start.stack_top as u32;
        context.registers[9..13].copy_from_slice(&start.arguments.map(|argument| argument as u32));
        context
    }

    /// Is there such a thread?
    pub const fn exists(&self) -> bool {
        self.sepc != 0
    }
}

impl Page {
    /// The page of a process `pid` that starts its first thread, TID 2.
    ///
    /// `last_tid_allocated` is 0 because setting up a process does not touch it.
    pub fn initial(layout: PageLayout, pid: Pid, start: &ThreadStart) -> Page {
        let mut threads = [ThreadContext::default(); layout::CONTEXTS];
        threads[INITIAL_TID] = ThreadContext::initial(start);
        Page {
            layout,
            scratch: 0,
            hardware_thread: INITIAL_TID as u32 + 1,
            memory: MemoryWords::default(),
            connection_map: vec![0; layout.connection_slots()],
            pid,
            last_tid_allocated: 0,
            threads,
        }
    }

    /// The context of thread `tid`, if there is such a thread.
    pub fn thread(&self, tid: Tid) -> Option<&ThreadContext> {
        self.threads
            .get(usize::from(tid.0))
            .filter(|context| context.exists())
    }
}
