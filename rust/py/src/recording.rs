//! Recordings for Python: what was recorded, as JSON and back, and rendered.

use crate::convert::Words;
use crate::errors::trace_error;
use pyo3::prelude::*;
use xous_sim_trace::{Document, Recording, Source, Step};

/// The slots in use after a step: process, CID, server.
type Slots = Vec<(String, u32, Option<String>)>;

/// A step in words: thread, operation, result, source; slots in use; whether it preempts.
type Told = (String, String, String, String, Slots, bool);

/// A recording.
#[pyclass(frozen, module = "xous_sim._native", name = "Recording")]
pub struct Recorded(pub Recording);

/// Where a step's code is, as `file:line`; may be empty.
pub fn source(step: &Step) -> String {
    let source = step.source.as_ref();
    source.map_or_else(String::new, |s| format!("{}:{}", s.file, s.line))
}

fn told(step: &Step) -> Told {
    let slots = step.after.used();
    let slots = slots.map(|slot| (slot.process.clone(), slot.cid, slot.server.clone()));
    (
        step.thread.clone(),
        step.operation.clone(),
        step.result.clone(),
        source(step),
        slots.collect(),
        step.preempts,
    )
}

#[pymethods]
impl Recorded {
    /// The recordings of a document.
    #[staticmethod]
    fn parse(text: &str) -> PyResult<Vec<Self>> {
        let document = Document::from_json(text).map_err(|e| trace_error(e.to_string()))?;
        Ok(document.traces.into_iter().map(Self).collect())
    }

    /// The same under another name, its source lines read by a function of file and line number.
    fn completed(&self, py: Python<'_>, scenario: &str, read: Py<PyAny>) -> PyResult<Self> {
        let mut recording = self.0.clone();
        recording.scenario = scenario.into();
        let sources = recording
            .steps
            .iter_mut()
            .filter_map(|step| step.source.as_mut());
        for source in sources {
            let Source { file, line, text } = source;
            *text = read.call1(py, (&*file, *line))?.extract(py)?;
        }
        Ok(Self(recording))
    }

    #[getter]
    fn scenario(&self) -> &str {
        &self.0.scenario
    }

    #[getter]
    fn schedule(&self) -> &str {
        &self.0.schedule
    }

    #[getter]
    fn preemptions(&self) -> usize {
        self.0.preemptions()
    }

    /// Property, subject, message.
    #[getter]
    pub fn violation(&self) -> Option<Words> {
        let violation = self.0.violation.clone();
        violation.map(|v| (v.property, v.subject, v.message))
    }

    #[getter]
    fn repeats_from(&self) -> Option<usize> {
        self.0.repeats_from
    }

    /// The steps in words.
    fn steps(&self) -> Vec<Told> {
        self.0.steps.iter().map(told).collect()
    }

    /// The recording as text with a column a thread.
    fn columns(&self, width: usize) -> String {
        xous_sim_trace::columns(&self.0, width)
    }

    /// The recording as a picture.
    fn svg(&self) -> String {
        xous_sim_trace::svg(&self.0)
    }

    /// The recording in the Trace Event Format.
    fn perfetto(&self) -> String {
        xous_sim_trace::perfetto(&self.0)
    }

    /// The recording as a Mermaid diagram.
    fn mermaid(&self) -> String {
        xous_sim_trace::mermaid(&self.0)
    }

    /// The recording as a table.
    fn table(&self) -> String {
        self.0.to_string()
    }
}

fn inner(recordings: &[Bound<'_, Recorded>]) -> Vec<Recording> {
    let inner = recordings.iter().map(|recorded| recorded.get().0.clone());
    inner.collect()
}

/// Recordings as a document.
#[pyfunction]
pub fn recordings_to_json(recordings: Vec<Bound<'_, Recorded>>) -> String {
    Document::new(inner(&recordings)).to_json()
}

/// Recordings as a page to step through.
#[pyfunction]
pub fn recordings_to_html(recordings: Vec<Bound<'_, Recorded>>) -> String {
    xous_sim_trace::html(&inner(&recordings))
}
