//! Our exceptions are Python classes; here they are looked up and raised.

use pyo3::prelude::*;
use pyo3::types::PyType;
use xous_sim_userland::behaviour::TraceError;

/// An exception of `xous_sim.errors` by its class's name.
fn raise(class: &str, message: String) -> PyErr {
    Python::attach(|py| {
        let found = py
            .import("xous_sim.errors")
            .and_then(|errors| errors.getattr(class));
        match found.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
            Ok(class) => PyErr::from_type(class, message),
            Err(error) => error,
        }
    })
}

/// An object of this package is used in a way that has no meaning.
pub fn misuse(message: impl Into<String>) -> PyErr {
    raise("MisuseError", message.into())
}

/// A scenario cannot be explored as it is written.
pub fn scenario(message: impl Into<String>) -> PyErr {
    raise("ScenarioError", message.into())
}

/// A scenario depends on something outside the simulator.
pub fn nondeterminism(message: impl Into<String>) -> PyErr {
    raise("NondeterminismError", message.into())
}

/// A schedule cannot be followed.
pub fn replay(message: impl Into<String>) -> PyErr {
    raise("ReplayError", message.into())
}

/// A body did something else than before; who it is for readers, the Python side knows.
fn differs(body: u16, before: String, after: String) -> PyErr {
    Python::attach(|py| {
        let found = py
            .import("xous_sim._drivers.bodies")
            .and_then(|bodies| bodies.getattr("BodyDiffers"));
        match found.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
            Ok(class) => PyErr::from_type(class, (body, before, after)),
            Err(error) => error,
        }
    })
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
    raise("DefectError", message.into())
}

/// A call that can never complete.
pub fn ended(message: impl Into<String>) -> PyErr {
    raise("ProcessEndedError", message.into())
}

/// Bytes that are no process page.
pub fn page_error(message: impl Into<String>) -> PyErr {
    raise("PageError", message.into())
}

/// A text that is no recorded trace.
pub fn trace_error(message: impl Into<String>) -> PyErr {
    raise("TraceError", message.into())
}
