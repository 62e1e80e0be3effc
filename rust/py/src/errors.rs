//! Our exceptions are Python classes; here they are raised.
//!
//! They are made where they arrive in Python, not here. So an error can be returned by whoever holds a lock: to make it at
//! once would take the interpreter lock, which another thread may hold while it waits for that very lock.

use pyo3::prelude::*;
use xous_sim_userland::behaviour::TraceError;

mod classes {
    use pyo3::import_exception;

    import_exception!(xous_sim.errors, DefectError);
    import_exception!(xous_sim.errors, MisuseError);
    import_exception!(xous_sim.errors, NondeterminismError);
    import_exception!(xous_sim.errors, PageError);
    import_exception!(xous_sim.errors, ProcessEndedError);
    import_exception!(xous_sim.errors, ReplayError);
    import_exception!(xous_sim.errors, ScenarioError);
    import_exception!(xous_sim.errors, TraceError);
    import_exception!(xous_sim._drivers.bodies, BodyDiffers);
}

/// An object of this package is used in a way that has no meaning.
pub fn misuse(message: impl Into<String>) -> PyErr {
    classes::MisuseError::new_err(message.into())
}

/// A scenario cannot be explored as it is written.
pub fn scenario(message: impl Into<String>) -> PyErr {
    classes::ScenarioError::new_err(message.into())
}

/// A scenario depends on something outside the simulator.
pub fn nondeterminism(message: impl Into<String>) -> PyErr {
    classes::NondeterminismError::new_err(message.into())
}

/// A schedule cannot be followed.
pub fn replay(message: impl Into<String>) -> PyErr {
    classes::ReplayError::new_err(message.into())
}

/// A body did something else than before; who it is for readers, the Python side knows.
fn differs(body: u16, before: String, after: String) -> PyErr {
    classes::BodyDiffers::new_err((body, before, after))
}

/// What a model failed with; an exception of a body's run comes back as it was.
pub fn trace(error: TraceError) -> PyErr {
    match error {
        TraceError::Tracer(source) => match source.downcast::<PyErr>() {
            Ok(error) => *error,
            Err(other) => scenario(other.to_string()),
        },
        TraceError::Nondeterminism {
            body,
            before,
            after,
        } => differs(body, before, after),
        other => scenario(other.to_string()),
    }
}

/// Something that this package holds to be impossible.
pub fn defect(message: impl Into<String>) -> PyErr {
    classes::DefectError::new_err(message.into())
}

/// A call that can never complete.
pub fn ended(message: impl Into<String>) -> PyErr {
    classes::ProcessEndedError::new_err(message.into())
}

/// Bytes that are no process page.
pub fn page_error(message: impl Into<String>) -> PyErr {
    classes::PageError::new_err(message.into())
}

/// A text that is no recorded trace.
pub fn trace_error(message: impl Into<String>) -> PyErr {
    classes::TraceError::new_err(message.into())
}
