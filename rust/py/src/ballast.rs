//! A block of memory that is held back: where an allocation fails it is given up, and the search that needs more is told.
//!
//! Rust ends the process when an allocation fails. A search looks at what is left now and then, and ends in time; but other
//! threads allocate between two looks, and what a system says that it will give is not always what it gives.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

/// As much as searches allocate between two looks, and enough to tell what they have found.
const SIZE: usize = 32 << 20;
const LAYOUT: Layout = match Layout::from_size_align(SIZE, 16) {
    Ok(layout) => layout,
    Err(_) => panic!("a power of two fits"),
};

/// The block, if it is held.
static BLOCK: AtomicPtr<u8> = AtomicPtr::new(null_mut());

/// Holds a block back, unless one is held already; whether there is one now.
pub fn hold() -> bool {
    if is_held() {
        return true;
    }
    // SAFETY: The layout is not empty.
    let block = unsafe { System.alloc(LAYOUT) };
    let first = BLOCK.compare_exchange(null_mut(), block, Ordering::AcqRel, Ordering::Acquire);
    if first.is_err() && !block.is_null() {
        // SAFETY: The block was allocated with this layout just now, and nobody else knows of it.
        unsafe { System.dealloc(block, LAYOUT) };
    }
    is_held()
}

/// Whether a block is held. It is not if an allocation has failed since.
pub fn is_held() -> bool {
    !BLOCK.load(Ordering::Acquire).is_null()
}

/// Gives the block up; whether one was held.
fn give_up() -> bool {
    let block = BLOCK.swap(null_mut(), Ordering::AcqRel);
    if block.is_null() {
        return false;
    }
    // SAFETY: The block was allocated with this layout, and whoever swaps it out is the only one who has it.
    unsafe { System.dealloc(block, LAYOUT) };
    true
}

/// The system's allocator, which tries once more without the block.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: Everything is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: The caller promises what the system's allocator asks for.
        let first = unsafe { System.alloc(layout) };
        match first.is_null() && give_up() {
            // SAFETY: As above.
            true => unsafe { System.alloc(layout) },
            false => first,
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: The caller promises what the system's allocator asks for.
        let first = unsafe { System.alloc_zeroed(layout) };
        match first.is_null() && give_up() {
            // SAFETY: As above.
            true => unsafe { System.alloc_zeroed(layout) },
            false => first,
        }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: The caller promises what the system's allocator asks for; if it fails, `old` is as it was.
        let first = unsafe { System.realloc(old, layout, size) };
        match first.is_null() && give_up() {
            // SAFETY: As above.
            true => unsafe { System.realloc(old, layout, size) },
            false => first,
        }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: The caller promises what the system's allocator asks for.
        unsafe { System.dealloc(old, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_was_given_up_is_held_no_more() {
        assert!(hold() && hold() && is_held());
        assert!(give_up() && !give_up() && !is_held());
    }
}
