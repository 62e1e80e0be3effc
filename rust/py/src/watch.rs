//! Whoever watches a search from Python: Ctrl-C, and a callable that is told how far the search is.
//!
//! Searches report every few thousand steps. The interpreter lock is taken only a few times a second.

use crate::memory::Memory;
use crate::tracer::{failed, is_out_of_memory};
use pyo3::prelude::*;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use xous_sim_explore::{Observer, Progress};
use xous_sim_userland::behaviour::TraceError;

/// Between two looks at Ctrl-C, and between two calls of the callable.
const INTERVAL: Duration = Duration::from_millis(150);

/// An observer that is told a few times a second.
pub struct Watch {
    tell: Option<Py<PyAny>>,
    looked: Instant,
    memory: Memory,
}

#[expect(
    clippy::disallowed_methods,
    reason = "when somebody is told changes nothing that is found"
)]
fn now() -> Instant {
    Instant::now()
}

impl Watch {
    /// Looks for Ctrl-C, and calls `tell(states, frontier, schedules, transitions, estimated_total)`.
    pub fn new(tell: Option<Py<PyAny>>) -> Self {
        Self {
            tell,
            looked: now(),
            memory: Memory::new(),
        }
    }

    fn look(&self, progress: Progress) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            let Some(tell) = &self.tell else {
                return Ok(());
            };
            let numbers = (
                progress.states,
                progress.frontier,
                progress.schedules,
                progress.transitions,
                progress.estimated_total,
            );
            tell.call1(py, numbers).map(drop)
        })
    }
}

impl Observer<TraceError> for Watch {
    fn progress(&mut self, progress: Progress) -> ControlFlow<TraceError> {
        if self.looked.elapsed() < INTERVAL {
            return ControlFlow::Continue(());
        }
        let looked = self.look(progress);
        self.looked = now();
        match looked {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(failed(error)),
        }
    }

    fn lacks_memory_for(&mut self, bytes: u64) -> bool {
        self.memory.lacks(bytes)
    }

    fn is_out_of_memory(&self, error: &TraceError) -> bool {
        is_out_of_memory(error)
    }
}
