//! A process's memory: its pages on hardware, and the limits that both profiles answer with.
//!
//! A page is present or lent; its contents are kept without the zeros at its end, so untouched memory costs nothing.
//! Left out: physical addresses, page tables, lazy allocation and the end of RAM (a reserved page is simply present).
//! Hosted kernels track no pages: message bytes travel in payloads.

mod page;
mod transfer;

pub use page::MemoryFault;
pub(crate) use transfer::{can_give_back, give_back, lend, send, send_back};

use crate::abi::MemoryFlags;
use crate::error::Error;
use crate::message::MemoryRange;
use page::{Mapping, PageState};
use std::collections::BTreeMap;

/// Bytes of a page.
pub const PAGE_SIZE: u64 = 4096;
/// Where the kernel puts mappings whose address is left to it.
pub const DEFAULT_BASE: u64 = 0x6000_0000;
/// The window for them.
pub const DEFAULT_SIZE: u64 = 0x1000_0000;
/// Where memory of incoming messages appears.
pub const MESSAGE_BASE: u64 = 0x4000_0000;
/// The window for it: one superpage.
pub const MESSAGE_SIZE: u64 = 0x0040_0000;
/// Where the heap starts.
pub const HEAP_BASE: u64 = 0x2000_0000;
/// How large the heap may grow, at first.
pub const HEAP_MAX: u64 = 0x0008_0000;
/// The first address that is not a program's.
pub const USER_AREA_END: u64 = 0xFF00_0000;
const ADDRESS_SPACE: u64 = 1 << 32;

/// The two windows in which the kernel chooses addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    Default,
    Messages,
}

/// The memory of a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Memory {
    /// Bytes of heap.
    pub heap_size: u64,
    /// The limit of the heap.
    pub heap_max: u64,
    /// Where the search for a free address in the default window starts.
    pub default_last: u64,
    /// Where the search in the message window starts.
    pub message_last: u64,
    /// By address.
    pages: BTreeMap<u64, Mapping>,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            heap_size: 0,
            heap_max: HEAP_MAX,
            default_last: DEFAULT_BASE,
            message_last: MESSAGE_BASE,
            pages: BTreeMap::new(),
        }
    }
}

impl Memory {
    /// Maps zeroed pages.
    ///
    /// # Errors
    ///
    /// `BadAlignment`, `MemoryInUse` where a page lies already, `BadAddress` where no page may lie.
    pub(crate) fn map(&mut self, range: MemoryRange, flags: MemoryFlags) -> Result<(), Error> {
        aligned(range)?;
        let addresses = page_addresses(range)?;
        if self.any_page_in(range) {
            return Err(Error::MemoryInUse);
        }
        self.pages
            .extend(addresses.map(|address| (address, Mapping::zeroed(flags))));
        Ok(())
    }

    /// Unmaps pages, all that are there.
    ///
    /// # Errors
    ///
    /// `BadAlignment`; `BadAddress` when a page is missing or lent, after the others have been unmapped.
    pub(crate) fn unmap(&mut self, range: MemoryRange) -> Result<(), Error> {
        aligned(range)?;
        let (mut present, mut expected) = (Vec::new(), 0);
        for address in page_addresses(range)?.take_while(|address| *address <= self.highest_page())
        {
            expected += 1;
            if self.is_present(address) {
                present.push(address);
            }
        }
        let complete =
            expected == range.length.div_ceil(PAGE_SIZE) && present.len() as u64 == expected;
        for address in present {
            self.pages.remove(&address);
        }
        if complete {
            Ok(())
        } else {
            Err(Error::BadAddress)
        }
    }

    /// Takes flags away from pages.
    ///
    /// # Errors
    ///
    /// `BadAddress` when a page is missing or lent, `MemoryInUse` when a flag would be added.
    pub(crate) fn restrict(&mut self, range: MemoryRange, flags: MemoryFlags) -> Result<(), Error> {
        aligned(range)?;
        for address in page_addresses(range)? {
            let mapping = self.present_mut(address).ok_or(Error::BadAddress)?;
            if !mapping.flags.contains(flags) {
                return Err(Error::MemoryInUse);
            }
            mapping.flags = mapping.flags.intersection(flags);
        }
        Ok(())
    }

    /// A free address for `length` bytes: from the last one found on, then from the window's start.
    ///
    /// # Errors
    ///
    /// `BadAddress` when the window has no room.
    pub(crate) fn find_room(&mut self, window: Window, length: u64) -> Result<u64, Error> {
        let (base, size, last) = match window {
            Window::Default => (DEFAULT_BASE, DEFAULT_SIZE, self.default_last),
            Window::Messages => (MESSAGE_BASE, MESSAGE_SIZE, self.message_last),
        };
        let end = (base + size).checked_sub(length).ok_or(Error::BadAddress)?;
        let starts = (last..end)
            .step_by(PAGE_SIZE as usize)
            .chain((base..last.min(end)).step_by(PAGE_SIZE as usize));
        let is_free = |start: &u64| {
            !self.any_page_in(MemoryRange {
                address: *start,
                length,
            })
        };
        let found = { starts }.find(is_free).ok_or(Error::BadAddress)?;
        match window {
            Window::Default => self.default_last = found,
            Window::Messages => self.message_last = found,
        }
        Ok(found)
    }

    fn any_page_in(&self, range: MemoryRange) -> bool {
        self.pages
            .range(range.address..range.address.saturating_add(range.length))
            .next()
            .is_some()
    }

    fn highest_page(&self) -> u64 {
        self.pages
            .last_key_value()
            .map_or(0, |(address, _)| *address)
    }

    fn is_present(&self, address: u64) -> bool {
        self.pages
            .get(&address)
            .is_some_and(|mapping| mapping.state == PageState::Present)
    }

    fn present_mut(&mut self, address: u64) -> Option<&mut Mapping> {
        self.pages
            .get_mut(&address)
            .filter(|mapping| mapping.state == PageState::Present)
    }

    /// Whether every page of a range is there and not lent.
    pub(crate) fn all_present(&self, range: MemoryRange) -> bool {
        page_addresses(range)
            .is_ok_and(|mut addresses| addresses.all(|address| self.is_present(address)))
    }
}

fn aligned(range: MemoryRange) -> Result<(), Error> {
    match (range.address | range.length) % PAGE_SIZE {
        0 => Ok(()),
        _ => Err(Error::BadAlignment),
    }
}

/// The addresses of a range's pages; `BadAddress` beyond the 32-bit address space.
fn page_addresses(range: MemoryRange) -> Result<impl Iterator<Item = u64> + use<>, Error> {
    let end = range
        .address
        .checked_add(range.length)
        .filter(|end| *end <= ADDRESS_SPACE);
    let end = end.ok_or(Error::BadAddress)?;
    Ok((range.address..end).step_by(PAGE_SIZE as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: u64 = PAGE_SIZE;

    fn range(address: u64, pages: u64) -> MemoryRange {
        MemoryRange {
            address,
            length: pages * PAGE,
        }
    }

    #[test]
    fn room_is_searched_from_the_last_address_found() {
        let mut memory = Memory::default();
        let first = memory.find_room(Window::Default, 2 * PAGE).expect("room");
        memory
            .map(range(first, 2), MemoryFlags::RW)
            .expect("free pages");
        let second = memory.find_room(Window::Default, PAGE).expect("room");
        memory
            .map(range(second, 1), MemoryFlags::RW)
            .expect("free pages");
        memory.unmap(range(first, 2)).expect("mapped pages");
        assert_eq!((first, second), (DEFAULT_BASE, DEFAULT_BASE + 2 * PAGE));
        assert_eq!(
            memory.find_room(Window::Default, PAGE),
            Ok(DEFAULT_BASE + 3 * PAGE)
        );
    }

    #[test]
    fn a_window_wraps_around_and_fills_up() {
        let mut memory = Memory::default();
        let half = MESSAGE_SIZE / 2;
        for _ in 0..1 {
            let address = memory.find_room(Window::Messages, half).expect("room");
            memory
                .map(
                    MemoryRange {
                        address,
                        length: half,
                    },
                    MemoryFlags::RW,
                )
                .expect("free pages");
        }
        assert_eq!(
            memory.find_room(Window::Messages, MESSAGE_SIZE),
            Err(Error::BadAddress)
        );
        assert_eq!(
            memory.find_room(Window::Messages, half),
            Err(Error::BadAddress)
        );
        assert_eq!(
            memory.find_room(Window::Messages, half - PAGE),
            Ok(MESSAGE_BASE + half)
        );
        memory
            .unmap(MemoryRange {
                address: MESSAGE_BASE,
                length: half,
            })
            .expect("mapped pages");
        assert_eq!(memory.find_room(Window::Messages, half), Ok(MESSAGE_BASE));
    }

    #[test]
    fn pages_are_not_mapped_twice_and_unmapping_reports_gaps() {
        let mut memory = Memory::default();
        memory
            .map(range(0x1000, 2), MemoryFlags::RW)
            .expect("free pages");
        assert_eq!(
            memory.map(range(0x2000, 2), MemoryFlags::RW),
            Err(Error::MemoryInUse)
        );
        assert_eq!(memory.unmap(range(0x2000, 2)), Err(Error::BadAddress));
        assert_eq!(memory.unmap(range(0x1000, 1)), Ok(()));
        assert_eq!(memory, Memory::default());
        assert_eq!(
            memory.unmap(MemoryRange {
                address: 1,
                length: PAGE
            }),
            Err(Error::BadAlignment)
        );
    }

    #[test]
    fn flags_can_be_taken_but_not_added() {
        let mut memory = Memory::default();
        memory
            .map(range(0x1000, 1), MemoryFlags::RW)
            .expect("free pages");
        assert_eq!(memory.restrict(range(0x1000, 1), MemoryFlags::R), Ok(()));
        assert_eq!(
            memory.restrict(range(0x1000, 1), MemoryFlags::RW),
            Err(Error::MemoryInUse)
        );
        assert_eq!(
            memory.write(0x1000, &[1]),
            Err(MemoryFault::NotWritable(0x1000))
        );
    }
}
