//! One page: its flags, whether it is lent, its bytes; and a program's reads and writes.

use super::{ADDRESS_SPACE, Memory, PAGE_SIZE};
use crate::abi::MemoryFlags;

/// Why a program's access to memory faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum MemoryFault {
    /// The process does not exist.
    #[error("there is no such process")]
    NoProcess,
    /// No page lies there (hosted: no pages are tracked).
    #[error("no page is mapped at {0:#x}")]
    Unmapped(u64),
    /// The page is lent and not back yet.
    #[error("the page at {0:#x} is lent to a server")]
    Lent(u64),
    /// The page may not be read.
    #[error("the page at {0:#x} is not readable")]
    NotReadable(u64),
    /// The page may not be written, as one that was lent with Borrow.
    #[error("the page at {0:#x} is not writable")]
    NotWritable(u64),
}

/// Whether the process can use the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PageState {
    Present,
    Lent,
}

/// A page of a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mapping {
    pub(super) flags: MemoryFlags,
    pub(super) state: PageState,
    /// Without the zeros at the end; empty while lent.
    pub(super) contents: Vec<u8>,
}

impl Mapping {
    pub(super) const fn zeroed(flags: MemoryFlags) -> Mapping {
        Mapping {
            flags,
            state: PageState::Present,
            contents: Vec::new(),
        }
    }

    fn byte(&self, offset: usize) -> u8 {
        self.contents.get(offset).copied().unwrap_or(0)
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if self.contents.len() < end {
            self.contents.resize(end, 0);
        }
        self.contents[offset..end].copy_from_slice(bytes);
        let used = self
            .contents
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        self.contents.truncate(used);
    }
}

impl Memory {
    /// The bytes at an address.
    ///
    /// # Errors
    ///
    /// As a fault of the program would be, at the first byte that cannot be read.
    pub fn read(&self, address: u64, length: u64) -> Result<Vec<u8>, MemoryFault> {
        let mut bytes = Vec::new();
        for (page, offset, count) in pieces(address, length) {
            let mapping = self.access(page, MemoryFlags::R, MemoryFault::NotReadable)?;
            bytes.extend((offset..offset + count).map(|offset| mapping.byte(offset)));
        }
        Ok(bytes)
    }

    /// Writes bytes at an address; either all of them or none.
    ///
    /// # Errors
    ///
    /// As a fault of the program would be, at the first byte that cannot be written.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        let length = bytes.len() as u64;
        for (page, _, _) in pieces(address, length) {
            self.access(page, MemoryFlags::W, MemoryFault::NotWritable)?;
        }
        let mut rest = bytes;
        for (page, offset, count) in pieces(address, length) {
            let (piece, later) = rest.split_at(count);
            self.pages
                .get_mut(&page)
                .expect("the access was checked")
                .write(offset, piece);
            rest = later;
        }
        Ok(())
    }

    fn access(
        &self,
        page: u64,
        flag: MemoryFlags,
        refused: fn(u64) -> MemoryFault,
    ) -> Result<&Mapping, MemoryFault> {
        let mapping = self.pages.get(&page).ok_or(MemoryFault::Unmapped(page))?;
        match mapping.state {
            PageState::Lent => Err(MemoryFault::Lent(page)),
            PageState::Present if mapping.flags.contains(flag) => Ok(mapping),
            PageState::Present => Err(refused(page)),
        }
    }
}

/// The parts of a range that lie in one page each: page address, offset and count. Addresses beyond 32 bits are cut to
/// the first page there, which is never mapped.
fn pieces(address: u64, length: u64) -> impl Iterator<Item = (u64, usize, usize)> {
    let address = address.min(ADDRESS_SPACE);
    let end = address.saturating_add(length);
    let first_page = address - address % PAGE_SIZE;
    (first_page..end)
        .step_by(PAGE_SIZE as usize)
        .map(move |page| {
            let from = address.max(page);
            let to = end.min(page + PAGE_SIZE);
            (page, (from - page) as usize, (to - from) as usize)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::MemoryRange;

    fn two_pages() -> Memory {
        let mut memory = Memory::default();
        memory
            .map(
                MemoryRange {
                    address: 0x1000,
                    length: 0x2000,
                },
                MemoryFlags::RW,
            )
            .expect("free pages");
        memory
    }

    #[test]
    fn writes_across_pages_are_read_back() {
        let mut memory = two_pages();
        memory.write(0x1FFE, &[1, 2, 3, 4]).expect("writable");
        assert_eq!(memory.read(0x1FFD, 6), Ok(vec![0, 1, 2, 3, 4, 0]));
    }

    #[test]
    fn zeroed_memory_equals_memory_that_was_never_written() {
        let mut memory = two_pages();
        memory.write(0x1800, &[7; 100]).expect("writable");
        memory.write(0x1800, &[0; 100]).expect("writable");
        assert_eq!(memory, two_pages());
    }

    #[test]
    fn a_fault_names_the_page_and_writes_nothing() {
        let mut memory = two_pages();
        assert_eq!(
            memory.write(0x2FFF, &[1, 2]),
            Err(MemoryFault::Unmapped(0x3000))
        );
        assert_eq!(memory, two_pages());
        assert_eq!(
            memory.read(u64::MAX, 2),
            Err(MemoryFault::Unmapped(1 << 32))
        );
    }
}
