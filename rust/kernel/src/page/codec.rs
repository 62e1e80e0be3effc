//! The process page as bytes: content to bytes and back, both led by the layout's table.
//!
//! Models the page's `repr(C)`, little endian. Parsing is stricter than the kernel, which never checks its
//! own page: a value that it could not have written is an error. Leaves out the `big-heap` feature's other
//! heap limit as a case of its own: any heap words are accepted.

use super::layout::{self, CONTEXT_BYTES, CONTEXTS, Field, FieldKind, PAGE_BYTES, PageLayout};
use super::{MemoryWords, Page, PageError, ThreadContext};
use crate::Pid;

/// A server table of 128 entries, each stored as its index + 2.
const MAX_MAP_BYTE: u8 = 129;

impl Page {
    /// The 4,096 bytes.
    ///
    /// # Panics
    /// If `connection_map` was given another length than the layout's.
    pub fn render(&self) -> [u8; PAGE_BYTES] {
        let mut bytes = [0; PAGE_BYTES];
        for field in self.layout.fields() {
            self.render_field(field, &mut bytes[field.range()]);
        }
        bytes
    }

    fn render_field(&self, field: &Field, bytes: &mut [u8]) {
        match field.kind {
            FieldKind::Scratch => put_word(bytes, self.scratch),
            FieldKind::HardwareThread => put_word(bytes, self.hardware_thread),
            FieldKind::Memory(index) => put_word(bytes, self.memory.to_words()[index]),
            FieldKind::ConnectionMap => bytes.copy_from_slice(&self.connection_map),
            FieldKind::Pid => bytes[0] = self.pid.get(),
            FieldKind::LastTidAllocated => bytes[0] = self.last_tid_allocated,
            FieldKind::Padding => {}
            FieldKind::Threads => render_threads(&self.threads, bytes),
        }
    }

    /// The content of 4,096 bytes.
    ///
    /// # Errors
    /// When a kernel with this layout cannot have written them; the error names the first such offset.
    pub fn parse(bytes: &[u8], layout: PageLayout) -> Result<Page, PageError> {
        if bytes.len() != PAGE_BYTES {
            return Err(PageError::WrongLength { found: bytes.len() });
        }
        let mut draft = Draft::new(layout);
        for field in layout.fields() {
            draft.parse_field(field, &bytes[field.range()])?;
        }
        Ok(draft.page)
    }
}

/// A page under construction, whose every field is replaced before it is handed out.
struct Draft {
    page: Page,
}

impl Draft {
    fn new(layout: PageLayout) -> Draft {
        Draft {
            page: Page {
                layout,
                scratch: 0,
                hardware_thread: 1,
                memory: MemoryWords::default(),
                connection_map: Vec::new(),
                pid: Pid::KERNEL,
                last_tid_allocated: 0,
                threads: [ThreadContext::default(); CONTEXTS],
            },
        }
    }

    fn parse_field(&mut self, field: &Field, bytes: &[u8]) -> Result<(), PageError> {
        let page = &mut self.page;
        match field.kind {
            FieldKind::Scratch => page.scratch = word(bytes),
            FieldKind::HardwareThread => page.hardware_thread = hardware_thread(field, bytes)?,
            FieldKind::Memory(index) => page.memory = with_word(page.memory, index, word(bytes)),
            FieldKind::ConnectionMap => page.connection_map = connection_map(field, bytes)?,
            FieldKind::Pid => page.pid = pid(field, bytes)?,
            FieldKind::LastTidAllocated => {
                page.last_tid_allocated = last_tid_allocated(field, bytes)?
            }
            FieldKind::Padding => padding(field, bytes)?,
            FieldKind::Threads => page.threads = parse_threads(bytes),
        }
        Ok(())
    }
}

fn hardware_thread(field: &Field, bytes: &[u8]) -> Result<u32, PageError> {
    let value = word(bytes);
    let in_range = (1..=CONTEXTS as u32).contains(&value);
    in_range
        .then_some(value)
        .ok_or_else(|| out_of_range(field, 0, value, "1 to 31: the current TID + 1"))
}

fn connection_map(field: &Field, bytes: &[u8]) -> Result<Vec<u8>, PageError> {
    match bytes.iter().position(|&byte| byte > MAX_MAP_BYTE) {
        None => Ok(bytes.to_vec()),
        Some(slot) => {
            let expected = "0 (free), 1 (tombstone) or 2 to 129 (a server's index + 2)";
            Err(out_of_range(field, slot, bytes[slot].into(), expected))
        }
    }
}

fn pid(field: &Field, bytes: &[u8]) -> Result<Pid, PageError> {
    Pid::new(bytes[0])
        .ok_or_else(|| out_of_range(field, 0, bytes[0].into(), "a PID, which is never 0"))
}

fn last_tid_allocated(field: &Field, bytes: &[u8]) -> Result<u8, PageError> {
    let in_range = usize::from(bytes[0]) < CONTEXTS;
    in_range
        .then_some(bytes[0])
        .ok_or_else(|| out_of_range(field, 0, bytes[0].into(), "a TID: 0 to 30"))
}

fn padding(field: &Field, bytes: &[u8]) -> Result<(), PageError> {
    match bytes.iter().position(|&byte| byte != 0) {
        None => Ok(()),
        Some(at) => Err(PageError::PaddingNotZero {
            field: field.name,
            offset: field.offset + at,
            value: bytes[at],
        }),
    }
}

fn out_of_range(field: &Field, at: usize, value: u32, expected: &'static str) -> PageError {
    PageError::OutOfRange {
        field: field.name,
        offset: field.offset + at,
        value,
        expected,
    }
}

fn render_threads(threads: &[ThreadContext; CONTEXTS], bytes: &mut [u8]) {
    for (context, bytes) in threads.iter().zip(bytes.chunks_exact_mut(CONTEXT_BYTES)) {
        for (value, bytes) in context.words().iter().zip(bytes.chunks_exact_mut(4)) {
            put_word(bytes, *value);
        }
    }
}

fn parse_threads(bytes: &[u8]) -> [ThreadContext; CONTEXTS] {
    let word_at = |tid: usize, index: usize| {
        let offset = layout::context_offset(tid) - layout::HEADER_BYTES + 4 * index;
        word(&bytes[offset..offset + 4])
    };
    std::array::from_fn(|tid| ThreadContext {
        registers: std::array::from_fn(|register| word_at(tid, register)),
        sepc: word_at(tid, 31),
    })
}

impl ThreadContext {
    /// x1 to x31 and `sepc`, in the order of the page.
    pub(super) fn words(&self) -> [u32; 32] {
        std::array::from_fn(|index| self.registers.get(index).copied().unwrap_or(self.sepc))
    }
}

fn with_word(memory: MemoryWords, index: usize, value: u32) -> MemoryWords {
    let mut words = memory.to_words();
    words[index] = value;
    MemoryWords::from_words(words)
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes.try_into().expect("the table gives words four bytes"))
}

fn put_word(bytes: &mut [u8], value: u32) {
    bytes.copy_from_slice(&value.to_le_bytes());
}
