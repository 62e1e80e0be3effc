//! The two layouts of the process page: one table of fields each, which rendering, parsing and dumping all follow.
//!
//! Models the header (offsets 0 to 127) of today's page with 32 connection slots and of the proposed page with
//! 32 + 14, and the 31 thread contexts behind it, which are the same in both. Offsets are written out rather
//! than computed, so that a reader can hold the table against the kernel's `ProcessImpl`
//! (`kernel/src/arch/riscv/process.rs:62-86`, `kernel/src/services.rs:202-231`); tests check that they are gapless.
//! Leaves out the ARM and hosted variants: ARM has the same fields elsewhere, hosted has no page to look at.

/// Bytes in a process page.
pub const PAGE_BYTES: usize = 4096;
/// Virtual address of the page in every process.
pub const PAGE_ADDRESS: u32 = 0xFF80_1000;
/// Bytes in front of the thread contexts. The trap code computes a context's address from it, so it is fixed.
pub const HEADER_BYTES: usize = 128;
/// Thread contexts in a page: TIDs 0 to 30.
pub const CONTEXTS: usize = 31;
/// Bytes of one thread context: 31 registers and `sepc`.
pub const CONTEXT_BYTES: usize = 128;
/// The words of a thread context, in order.
pub const REGISTER_NAMES: [&str; 32] = [
    "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
    "sepc",
];

/// Which header a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PageLayout {
    /// Today's page: 32 connection slots.
    Classic,
    /// The proposed page: 32 + 14 connection slots, taken from the padding.
    Extended,
}

/// What lies at a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Temporary of the trap handler.
    Scratch,
    /// Current TID + 1.
    HardwareThread,
    /// One of the seven memory words, by its place in [`MemoryWords`](super::MemoryWords).
    Memory(usize),
    /// One byte for each connection slot.
    ConnectionMap,
    /// The process's own PID.
    Pid,
    /// Where the circular search for a free thread context starts.
    LastTidAllocated,
    /// Bytes that nothing uses: zero.
    Padding,
    /// The 31 thread contexts.
    Threads,
}

/// A row of a layout's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The kernel's name for it; bytes that the compiler put in are called `(padding)`.
    pub name: &'static str,
    /// First byte.
    pub offset: usize,
    /// Length in bytes.
    pub size: usize,
    /// What lies there.
    pub kind: FieldKind,
}

impl Field {
    const fn new(name: &'static str, offset: usize, size: usize, kind: FieldKind) -> Field {
        Field {
            name,
            offset,
            size,
            kind,
        }
    }

    /// The bytes of this field.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.size
    }
}

impl PageLayout {
    /// The table of this layout, in the order of offsets, without gaps.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            PageLayout::Classic => &CLASSIC,
            PageLayout::Extended => &EXTENDED,
        }
    }

    /// Connection slots in this layout.
    pub const fn connection_slots(self) -> usize {
        match self {
            PageLayout::Classic => 32,
            PageLayout::Extended => 46,
        }
    }

    /// Bytes in front of the thread contexts that hold nothing.
    pub fn spare_bytes(self) -> usize {
        self.fields()
            .iter()
            .filter(|field| field.kind == FieldKind::Padding)
            .map(|field| field.size)
            .sum()
    }
}

/// First byte of the context of thread `tid`.
pub const fn context_offset(tid: usize) -> usize {
    HEADER_BYTES + CONTEXT_BYTES * tid
}

const CLASSIC: [Field; 17] = [
    Field::new("scratch", 0, 4, FieldKind::Scratch),
    Field::new("hardware_thread", 4, 4, FieldKind::HardwareThread),
    Field::new("mem_default_base", 8, 4, FieldKind::Memory(0)),
    Field::new("mem_default_last", 12, 4, FieldKind::Memory(1)),
    Field::new("mem_message_base", 16, 4, FieldKind::Memory(2)),
    Field::new("mem_message_last", 20, 4, FieldKind::Memory(3)),
    Field::new("mem_heap_base", 24, 4, FieldKind::Memory(4)),
    Field::new("mem_heap_size", 28, 4, FieldKind::Memory(5)),
    Field::new("mem_heap_max", 32, 4, FieldKind::Memory(6)),
    Field::new("connection_map", 36, 32, FieldKind::ConnectionMap),
    Field::new("pid", 68, 1, FieldKind::Pid),
    Field::new("_reserved", 69, 1, FieldKind::Padding),
    Field::new("(padding)", 70, 2, FieldKind::Padding),
    Field::new("last_tid_allocated", 72, 1, FieldKind::LastTidAllocated),
    Field::new("(padding)", 73, 3, FieldKind::Padding),
    Field::new("_padding", 76, 52, FieldKind::Padding),
    Field::new("threads", 128, 3968, FieldKind::Threads),
];

const EXTENDED: [Field; 16] = [
    Field::new("scratch", 0, 4, FieldKind::Scratch),
    Field::new("hardware_thread", 4, 4, FieldKind::HardwareThread),
    Field::new("mem_default_base", 8, 4, FieldKind::Memory(0)),
    Field::new("mem_default_last", 12, 4, FieldKind::Memory(1)),
    Field::new("mem_message_base", 16, 4, FieldKind::Memory(2)),
    Field::new("mem_message_last", 20, 4, FieldKind::Memory(3)),
    Field::new("mem_heap_base", 24, 4, FieldKind::Memory(4)),
    Field::new("mem_heap_size", 28, 4, FieldKind::Memory(5)),
    Field::new("mem_heap_max", 32, 4, FieldKind::Memory(6)),
    Field::new("connection_map", 36, 46, FieldKind::ConnectionMap),
    Field::new("pid", 82, 1, FieldKind::Pid),
    Field::new("_reserved", 83, 1, FieldKind::Padding),
    Field::new("last_tid_allocated", 84, 1, FieldKind::LastTidAllocated),
    Field::new("(padding)", 85, 3, FieldKind::Padding),
    Field::new("_padding", 88, 40, FieldKind::Padding),
    Field::new("threads", 128, 3968, FieldKind::Threads),
];
