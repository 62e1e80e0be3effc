//! Python bodies, run for a world that wants to know what they do.

use crate::convert::{records_from_python, value_to_python};
use crate::errors;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use xous_sim_userland::behaviour::{Recorded, TraceError, Tracer};
use xous_sim_userland::op::BodyId;
use xous_sim_userland::value::Value;
use xous_sim_userland::{View as WorldView, Watcher};

/// The bodies of the Python side.
pub struct PythonTracer {
    /// `run_body(number, observations)`.
    pub run_body: Py<PyAny>,
    /// `body_name(number)`.
    pub body_name: Py<PyAny>,
}

/// A Python exception on its way through the model.
pub fn failed(error: PyErr) -> TraceError {
    TraceError::Tracer(Box::new(error))
}

/// Whether there was no memory for Python.
pub fn is_out_of_memory(error: &TraceError) -> bool {
    let TraceError::Tracer(source) = error else {
        return false;
    };
    let error = source.downcast_ref::<PyErr>();
    error.is_some_and(|error| Python::attach(|py| error.is_instance_of::<PyMemoryError>(py)))
}

impl Tracer for PythonTracer {
    fn run(&mut self, body: BodyId, observations: &[Value]) -> Result<Vec<Recorded>, TraceError> {
        Python::attach(|py| {
            let seen: Vec<_> = observations
                .iter()
                .map(|v| value_to_python(py, v))
                .collect::<PyResult<_>>()?;
            let records = self
                .run_body
                .bind(py)
                .call1((body.0, PyList::new(py, seen)?))?;
            records_from_python(&records)
        })
        .map_err(failed)
    }

    fn name(&self, body: BodyId) -> Result<Option<String>, TraceError> {
        Python::attach(|py| self.body_name.bind(py).call1((body.0,))?.extract()).map_err(failed)
    }
}

/// The user's properties; each takes a view and returns a message or `None`.
pub struct PythonWatcher {
    /// Of every state.
    pub invariant: Option<Py<PyAny>>,
    /// Of every state in which all is quiet.
    pub finally: Option<Py<PyAny>>,
    /// Names of objects and processes, for the view.
    pub names: crate::view::Names,
}

impl PythonWatcher {
    fn ask(
        &self,
        property: Option<&Py<PyAny>>,
        view: &WorldView<'_>,
    ) -> Result<Option<String>, TraceError> {
        let Some(property) = property else {
            return Ok(None);
        };
        Python::attach(|py| {
            let view = crate::view::View::new(py, view, &self.names)?;
            property.bind(py).call1((view,))?.extract()
        })
        .map_err(failed)
    }
}

impl Watcher for PythonWatcher {
    fn invariant(&mut self, view: &WorldView<'_>) -> Result<Option<String>, TraceError> {
        self.ask(self.invariant.as_ref(), view)
    }

    fn finally(&mut self, view: &WorldView<'_>) -> Result<Option<String>, TraceError> {
        self.ask(self.finally.as_ref(), view)
    }

    fn has_invariant(&self) -> bool {
        self.invariant.is_some()
    }

    fn has_finally(&self) -> bool {
        self.finally.is_some()
    }
}

/// The names of a program, for views.
pub fn names_of(program: &xous_sim_userland::Program) -> crate::view::Names {
    let objects = program.objects.iter().map(|named| named.name.clone());
    let processes = &program.environment.process_names;
    crate::view::Names {
        objects: objects.collect(),
        processes: processes
            .iter()
            .map(|(pid, name)| (name.clone(), *pid))
            .collect(),
    }
}

/// What a model failed with, as an exception.
pub fn exception(error: TraceError) -> PyErr {
    errors::trace(error)
}
