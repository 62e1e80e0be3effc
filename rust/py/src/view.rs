//! The shared part of a state, as the user's properties see it.

use crate::convert::value_to_python;
use crate::errors::misuse;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use xous_sim_kernel::Pid;
use xous_sim_userland::View as WorldView;
use xous_sim_userland::object::Object;
use xous_sim_userland::value::Value;

/// Names of objects, in order, and of processes.
#[derive(Clone)]
pub struct Names {
    /// Objects 1 and up.
    pub objects: Vec<String>,
    /// PIDs by name.
    pub processes: BTreeMap<String, Pid>,
}

/// A state to look at.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct View {
    values: BTreeMap<String, Py<PyAny>>,
    maps: BTreeMap<String, Vec<u8>>,
}

impl View {
    /// Copies what a property may ask for.
    pub fn new(py: Python<'_>, view: &WorldView<'_>, names: &Names) -> PyResult<Self> {
        let mut values = BTreeMap::new();
        for (name, object) in names.objects.iter().zip(&view.objects) {
            if let Some(value) = number(object) {
                values.insert(name.clone(), value_to_python(py, &value)?.unbind());
            }
        }
        let map = |pid: Pid| {
            let map = view.machine.connection_map(pid);
            map.map(|map| map.bytes().to_vec()).unwrap_or_default()
        };
        let maps = names
            .processes
            .iter()
            .map(|(name, &pid)| (name.clone(), map(pid)))
            .collect();
        Ok(Self { values, maps })
    }
}

/// What an object is worth to a property: a value, or whether a mutex is held.
fn number(object: &Object) -> Option<Value> {
    match object {
        Object::Atomic(value) | Object::Cell(value) => Some(value.clone()),
        Object::Mutex(holder) => Some(Value::Int(holder.is_some().into())),
        Object::Once(_) | Object::Heap(_) => None,
    }
}

#[pymethods]
impl View {
    fn value<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let value = self.values.get(name).map(|value| value.bind(py).clone());
        value.ok_or_else(|| {
            let known: Vec<&str> = self.values.keys().map(String::as_str).collect();
            misuse(format!(
                "there is no atomic, cell or mutex {name:?}; there are {}",
                known.join(", ")
            ))
        })
    }

    fn connection_map(&self, process: &str) -> PyResult<Vec<u8>> {
        let map = self.maps.get(process).cloned();
        map.ok_or_else(|| misuse(format!("there is no process {process:?}")))
    }
}
