//! Defects of ours: a panic of the Rust code becomes an exception like any other, and says where it was.

use crate::errors;
use pyo3::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// What the last panic said of itself, and where it was.
static LAST: Mutex<String> = Mutex::new(String::new());

/// From now on panics are noted instead of printed.
pub fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let noted = panic.to_string().replace('\n', " ");
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = noted;
    }));
}

/// Runs without the interpreter lock. What `run` works on must not be used again after a panic.
pub fn detached<T: Send>(py: Python<'_>, run: impl FnOnce() -> T + Send) -> PyResult<T> {
    let ran = py.detach(|| catch_unwind(AssertUnwindSafe(run)));
    ran.map_err(|_| {
        let noted = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        errors::defect(format!(
            "this is a defect of xous_sim, please report it: {noted}"
        ))
    })
}
