//! Pages between processes: lend, send (move) and give back (`kernel/src/services.rs`, `kernel/src/mem.rs:436-510`).
//!
//! The receiver's address is chosen in its message window. All pages are checked before the first one goes.

use super::page::{Mapping, PageState};
use super::{Memory, PAGE_SIZE, Window, page_addresses};
use crate::abi::MemoryFlags;
use crate::error::Error;
use crate::message::MemoryRange;
use crate::queue::Lent;

/// Lends pages, which the lender cannot use until they are back. Returns their address in the borrower.
///
/// # Errors
///
/// `BadAddress` for an empty range, a missing or lent page, or a full window; `BadAlignment`.
pub(crate) fn lend(
    lender: &mut Memory,
    borrower: &mut Memory,
    range: MemoryRange,
    mutable: bool,
) -> Result<u64, Error> {
    let address = prepare(lender, borrower, range)?;
    for (from, to) in pairs(range, address) {
        let page = lender.present_mut(from).expect("all pages were checked");
        let writable = mutable && page.flags.contains(MemoryFlags::W);
        let flags = if writable {
            MemoryFlags::RW
        } else {
            MemoryFlags::R
        };
        page.state = PageState::Lent;
        let contents = std::mem::take(&mut page.contents);
        borrower.pages.insert(
            to,
            Mapping {
                flags,
                state: PageState::Present,
                contents,
            },
        );
    }
    Ok(address)
}

/// Moves pages for good. Returns their address in the receiver.
///
/// # Errors
///
/// As for [`lend`].
pub(crate) fn send(
    sender: &mut Memory,
    receiver: &mut Memory,
    range: MemoryRange,
) -> Result<u64, Error> {
    let address = prepare(sender, receiver, range)?;
    for (from, to) in pairs(range, address) {
        let page = sender.pages.remove(&from).expect("all pages were checked");
        receiver.pages.insert(to, page);
    }
    Ok(address)
}

/// Whether the pages of a lend can go back: all are in the borrower, and missing in the lender.
pub(crate) fn can_give_back(lender: &Memory, borrower: &Memory, lent: Lent) -> bool {
    borrower.all_present(lent.range)
        && pairs(lent.range, lent.client_address).all(|(_, home)| {
            lender
                .pages
                .get(&home)
                .is_some_and(|page| page.state == PageState::Lent)
        })
}

/// Gives lent pages back, with what the borrower made of their bytes.
///
/// # Errors
///
/// `BadAddress` when the borrower unmapped a page, or the lender has no such page.
pub(crate) fn give_back(
    lender: &mut Memory,
    borrower: &mut Memory,
    lent: Lent,
) -> Result<(), Error> {
    if !can_give_back(lender, borrower, lent) {
        return Err(Error::BadAddress);
    }
    for (away, home) in pairs(lent.range, lent.client_address) {
        let page = borrower
            .pages
            .remove(&away)
            .expect("all pages were checked");
        let mine = lender.pages.get_mut(&home).expect("all pages were checked");
        mine.state = PageState::Present;
        mine.contents = page.contents;
    }
    Ok(())
}

/// Undoes a [`send`] that led nowhere.
///
/// # Errors
///
/// `BadAddress` when a page is no longer where it was sent.
pub(crate) fn send_back(
    sender: &mut Memory,
    receiver: &mut Memory,
    sent: Lent,
) -> Result<(), Error> {
    if !receiver.all_present(sent.range) {
        return Err(Error::BadAddress);
    }
    for (away, home) in pairs(sent.range, sent.client_address) {
        let page = receiver
            .pages
            .remove(&away)
            .expect("all pages were checked");
        sender.pages.insert(home, page);
    }
    Ok(())
}

fn prepare(from: &Memory, to: &mut Memory, range: MemoryRange) -> Result<u64, Error> {
    let address = to.find_room(Window::Messages, range.length)?;
    if !from.all_present(range) {
        return Err(Error::BadAddress);
    }
    Ok(address)
}

/// The page addresses of a range, each with the address as far into the other process's range.
fn pairs(range: MemoryRange, other: u64) -> impl Iterator<Item = (u64, u64)> {
    let addresses = page_addresses(range).into_iter().flatten();
    addresses.zip((other..).step_by(PAGE_SIZE as usize))
}

#[cfg(test)]
mod tests {
    use super::super::{MESSAGE_BASE, MemoryFault};
    use super::*;

    const RANGE: MemoryRange = MemoryRange {
        address: 0x6000_0000,
        length: 2 * PAGE_SIZE,
    };
    const LENT: Lent = Lent {
        client_address: RANGE.address,
        range: MemoryRange {
            address: MESSAGE_BASE,
            length: RANGE.length,
        },
    };

    fn pair() -> (Memory, Memory) {
        let mut client = Memory::default();
        client.map(RANGE, MemoryFlags::RW).expect("free pages");
        client.write(RANGE.address, b"hello").expect("writable");
        (client, Memory::default())
    }

    #[test]
    fn a_lent_page_is_the_borrowers_until_it_is_back() {
        let (mut client, mut server) = pair();
        assert_eq!(
            lend(&mut client, &mut server, RANGE, true),
            Ok(MESSAGE_BASE)
        );
        assert_eq!(
            client.read(RANGE.address, 5),
            Err(MemoryFault::Lent(RANGE.address))
        );
        server
            .write(MESSAGE_BASE, b"J")
            .expect("a mutable borrow is writable");
        assert_eq!(give_back(&mut client, &mut server, LENT), Ok(()));
        assert_eq!(client.read(RANGE.address, 5).as_deref(), Ok(&b"Jello"[..]));
        assert_eq!(
            server.read(MESSAGE_BASE, 1),
            Err(MemoryFault::Unmapped(MESSAGE_BASE))
        );
    }

    #[test]
    fn a_borrow_is_read_only() {
        let (mut client, mut server) = pair();
        lend(&mut client, &mut server, RANGE, false).expect("present pages");
        assert_eq!(
            server.write(MESSAGE_BASE, b"J"),
            Err(MemoryFault::NotWritable(MESSAGE_BASE))
        );
        assert_eq!(
            lend(&mut client, &mut server, RANGE, false),
            Err(Error::BadAddress)
        );
    }

    #[test]
    fn a_moved_page_is_gone() {
        let (mut client, mut server) = pair();
        assert_eq!(send(&mut client, &mut server, RANGE), Ok(MESSAGE_BASE));
        assert_eq!(
            client.read(RANGE.address, 1),
            Err(MemoryFault::Unmapped(RANGE.address))
        );
        assert_eq!(server.read(MESSAGE_BASE, 5).as_deref(), Ok(&b"hello"[..]));
        assert_eq!(
            send(&mut client, &mut server, RANGE),
            Err(Error::BadAddress)
        );
    }
}
