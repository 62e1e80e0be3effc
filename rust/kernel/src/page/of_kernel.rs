//! The process page of a simulated process, rendered from what the kernel knows of it.
//!
//! Models the connection map, the PID, the memory words, the last TID given out and a context for each thread, as it
//! was when the thread started: what its registers hold since then is its own affair. Leaves out the entry and the
//! stack of a booted process's main thread, which no call named (they come from the program's image): they are
//! shown as [`ASSUMED_START`]. Which thread is the current one is up to the scheduler; without one it is the lowest
//! that can run.

use super::{MemoryWords, Page, PageLayout, ThreadContext, layout};
use crate::{Caller, Kernel, Memory, Pid, Slots, ThreadStart, Tid};

/// Shown for a main thread whose entry is not modelled.
pub const ASSUMED_START: ThreadStart = ThreadStart {
    entry: 0x0001_0000,
    stack_top: 0x8000_0000,
    arguments: [0; 4],
};

impl Kernel {
    /// The 4,096-byte page of a process, as content; none for hosted kernels, which have no page, and for a PID that
    /// is free.
    ///
    /// A process that has never run has no thread in it yet and says PID 1.
    pub fn page(&self, pid: Pid) -> Option<Page> {
        let connections = self
            .connection_map(pid)
            .filter(|_| self.config().is_hardware())?;
        let mut page = Page::initial(self.config().slots.into(), Pid::KERNEL, &ASSUMED_START);
        page.connection_map = connections.bytes().to_vec();
        page.threads = [ThreadContext::default(); layout::CONTEXTS];
        if self.is_started(pid) {
            self.fill_in_started(&mut page, pid)?;
        }
        Some(page)
    }

    fn fill_in_started(&self, page: &mut Page, pid: Pid) -> Option<()> {
        page.pid = pid;
        page.memory = memory_words(self.memory(pid)?);
        page.last_tid_allocated = self.last_tid_allocated(pid)?.0;
        page.hardware_thread = u32::from(self.lowest_runnable(pid).0) + 1;
        for tid in self.threads(pid) {
            page.threads[usize::from(tid.0)] = context(tid, self.thread_start(Caller { pid, tid }));
        }
        Some(())
    }

    /// The lowest thread that can run, else the main thread.
    fn lowest_runnable(&self, pid: Pid) -> Tid {
        let runnable = |tid: &Tid| self.is_blocked(Caller { pid, tid: *tid }).is_none();
        self.threads(pid)
            .into_iter()
            .find(runnable)
            .unwrap_or(Tid::INITIAL)
    }
}

impl From<Slots> for PageLayout {
    fn from(slots: Slots) -> PageLayout {
        match slots {
            Slots::Classic => PageLayout::Classic,
            Slots::Extended => PageLayout::Extended,
        }
    }
}

fn memory_words(memory: &Memory) -> MemoryWords {
    MemoryWords {
        default_last: memory.default_last as u32,
        message_last: memory.message_last as u32,
        heap_size: memory.heap_size as u32,
        heap_max: memory.heap_max as u32,
        ..MemoryWords::default()
    }
}

/// A start without an entry stands for a program's image, which is not modelled; its arguments are known.
fn context(tid: Tid, start: Option<ThreadStart>) -> ThreadContext {
    let start = match start.unwrap_or(ASSUMED_START) {
        known if known.entry != 0 => known,
        known => ThreadStart {
            arguments: known.arguments,
            ..ASSUMED_START
        },
    };
    if tid == Tid::INITIAL {
        ThreadContext::initial(&start)
    } else {
        ThreadContext::later(&start)
    }
}
