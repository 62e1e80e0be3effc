//! What an operation on a machine did, as a Python object.

use crate::convert::{Words, value_to_python};
use crate::parts::violation_to_python;
use crate::results::wakes_to_python;
use pyo3::prelude::*;
use xous_sim_userland::machine::Effect;
use xous_sim_userland::object::Reply;

/// What an operation did.
#[pyclass(frozen, get_all, module = "xous_sim._native")]
pub struct Answer {
    status: &'static str,
    value: Py<PyAny>,
    wakes: Vec<Py<PyAny>>,
    spawned: Option<(u8, u16, Vec<Py<PyAny>>)>,
    ended: Vec<u8>,
    /// What is violated by it.
    violation: Option<Words>,
    /// The process that found no slot for a connection.
    exhausted: Option<u8>,
    /// What the caller gets, in words, then those whose operation is complete now.
    texts: Vec<String>,
    /// Whether the object of the operation is another one now.
    changed: bool,
}

impl Answer {
    /// Converts an effect.
    pub fn new(py: Python<'_>, effect: &Effect, changed: bool) -> PyResult<Self> {
        let (status, value) = match &effect.reply {
            Reply::Done(value) => ("done", value_to_python(py, value)?),
            Reply::Wait => ("wait", py.None().into_bound(py)),
            Reply::Blocked => ("blocked", py.None().into_bound(py)),
            Reply::Never => ("never", py.None().into_bound(py)),
        };
        let wakes = wakes_to_python(py, &effect.wakes)?;
        let spawned = match &effect.spawned {
            Some(new) => {
                let arguments = new
                    .arguments
                    .iter()
                    .map(|v| Ok(value_to_python(py, v)?.unbind()));
                let arguments = arguments.collect::<PyResult<Vec<_>>>()?;
                Some((new.caller.tid.0, new.body.0, arguments))
            }
            None => None,
        };
        Ok(Self {
            status,
            value: value.unbind(),
            wakes: wakes
                .into_iter()
                .map(|wake| wake.into_any().unbind())
                .collect(),
            spawned,
            ended: effect.ended.iter().map(|pid| pid.get()).collect(),
            violation: effect.violation.as_ref().map(violation_to_python),
            exhausted: effect.exhausted.map(|pid| pid.get()),
            texts: texts(effect),
            changed,
        })
    }
}

fn texts(effect: &Effect) -> Vec<String> {
    let reply = match &effect.reply {
        Reply::Done(value) => value.to_string(),
        Reply::Wait | Reply::Blocked => "waits".into(),
        Reply::Never => "ends".into(),
    };
    let wakes = effect.wakes.iter().map(|(_, value)| value.to_string());
    std::iter::once(reply).chain(wakes).collect()
}
