//! MapMemory, UnmapMemory, IncreaseHeap, DecreaseHeap, UpdateMemoryFlags, AdjustProcessLimit.
//!
//! A hosted kernel maps nothing and only answers. Left out: device memory (a physical address maps zeroed pages).

use super::{Call, done};
use crate::abi::{MemoryFlags, SysResult};
use crate::error::Error;
use crate::ids::Pid;
use crate::memory::{DEFAULT_BASE, DEFAULT_SIZE, HEAP_BASE, PAGE_SIZE, USER_AREA_END, Window};
use crate::message::MemoryRange;
use crate::panic::KernelPanic;
use crate::step::Answer;

/// Maps zeroed pages, at an address of the kernel's choice if `address` is 0.
pub(super) fn map_memory(
    call: &mut Call<'_>,
    physical: u64,
    [address, size]: [u64; 2],
    flags: MemoryFlags,
) -> Answer {
    let config = call.kernel.config;
    if address >= USER_AREA_END {
        return Err(Error::BadAddress.into());
    }
    if !size.is_multiple_of(PAGE_SIZE) {
        return Err(Error::BadAlignment.into());
    }
    if physical != 0 && config.is_faithful() && !config.is_hardware() {
        return Err(KernelPanic::HostedMapPhysical.into());
    }
    if size >= DEFAULT_SIZE {
        return Err(Error::BadAddress.into());
    }
    let range = match config.is_hardware() {
        true => map_pages(call, address, size, flags)?,
        false => MemoryRange {
            address: if address == 0 { DEFAULT_BASE } else { address },
            length: size,
        },
    };
    done(SysResult::MemoryRange(range))
}

fn map_pages(
    call: &mut Call<'_>,
    address: u64,
    length: u64,
    flags: MemoryFlags,
) -> Result<MemoryRange, Error> {
    let memory = &mut call.process().memory;
    let address = match address {
        0 => memory.find_room(Window::Default, length)?,
        chosen => chosen,
    };
    let range = MemoryRange { address, length };
    memory.map(range, flags)?;
    Ok(range)
}

/// Unmaps pages.
pub(super) fn unmap_memory(call: &mut Call<'_>, range: MemoryRange) -> Answer {
    if call.kernel.config.is_hardware() {
        call.process().memory.unmap(range)?;
    }
    done(SysResult::Ok)
}

/// Grows the heap; a delta of 0 asks where it is.
pub(super) fn increase_heap(call: &mut Call<'_>, delta: u64, flags: MemoryFlags) -> Answer {
    let is_hardware = call.kernel.config.is_hardware();
    let memory = &mut call.process().memory;
    if delta == 0 {
        let length = memory.heap_size.max(PAGE_SIZE);
        return done(SysResult::MemoryRange(MemoryRange {
            address: HEAP_BASE,
            length,
        }));
    }
    if !delta.is_multiple_of(PAGE_SIZE) {
        return Err(Error::BadAlignment.into());
    }
    let new_size = memory
        .heap_size
        .checked_add(delta)
        .filter(|size| *size <= memory.heap_max);
    let new_size = new_size.ok_or(Error::OutOfMemory)?;
    let grown = MemoryRange {
        address: HEAP_BASE.saturating_add(memory.heap_size),
        length: delta,
    };
    if is_hardware {
        memory.map(grown, flags)?;
    }
    memory.heap_size = new_size;
    done(SysResult::MemoryRange(grown))
}

/// Shrinks the heap.
pub(super) fn decrease_heap(call: &mut Call<'_>, delta: u64) -> Answer {
    let is_hardware = call.kernel.config.is_hardware();
    let memory = &mut call.process().memory;
    if !delta.is_multiple_of(PAGE_SIZE) {
        return Err(Error::BadAlignment.into());
    }
    let length = memory
        .heap_size
        .checked_sub(delta)
        .ok_or(Error::OutOfMemory)?;
    if is_hardware && delta != 0 {
        memory.unmap(MemoryRange {
            address: HEAP_BASE.saturating_add(length),
            length: delta,
        })?;
    }
    memory.heap_size = length;
    done(SysResult::MemoryRange(MemoryRange {
        address: HEAP_BASE,
        length,
    }))
}

/// Takes flags from the caller's pages; nobody can name another process.
pub(super) fn update_memory_flags(
    call: &mut Call<'_>,
    range: MemoryRange,
    flags: MemoryFlags,
    pid: Option<Pid>,
) -> Answer {
    if pid.is_some() {
        return Err(Error::ProcessNotChild.into());
    }
    if !call.kernel.config.is_hardware() {
        return Err(Error::MemoryInUse.into());
    }
    call.process().memory.restrict(range, flags)?;
    done(SysResult::Ok)
}

/// Limit 1 is the heap's maximum, limit 2 its size: changed if `current` is right, answered in any case.
pub(super) fn adjust_process_limit(
    call: &mut Call<'_>,
    index: u64,
    current: u64,
    new: u64,
) -> Answer {
    let memory = &mut call.process().memory;
    let now = match index {
        1 => {
            if memory.heap_max == current {
                memory.heap_max = new;
            }
            memory.heap_max
        }
        2 => {
            if memory.heap_size == current && new < memory.heap_max {
                memory.heap_size = new;
            }
            memory.heap_size
        }
        _ => return Err(Error::InvalidLimit.into()),
    };
    done(SysResult::Scalar2(index, now))
}
