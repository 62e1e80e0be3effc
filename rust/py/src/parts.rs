//! Trees of schedules that were split, as Python hands their parts on to other processes.

use crate::convert::Words;
use pyo3::prelude::*;
use xous_sim_explore::Split as Found;
use xous_sim_step::{Property, Violation};

/// A tree that was split.
#[pyclass(frozen, get_all, module = "xous_sim._native")]
pub struct Split {
    /// Where the parts begin: a line and its preemptions each.
    parts: Vec<(String, u32)>,
    /// The preemptions of each schedule that ends above the parts.
    complete: Vec<u32>,
    /// What is violated above the parts: violation, line and preemptions each.
    counterexamples: Vec<(Words, String, u32)>,
    /// States that were expanded.
    states: u64,
    /// Steps that were taken.
    transitions: u64,
    /// Bodies by which states are told apart, as far as is known.
    sensitive_bodies: Vec<u16>,
}

impl Split {
    /// Converts a tree.
    pub fn new(split: Found, sensitive_bodies: Vec<u16>) -> Self {
        let parts = split.parts.iter();
        let counterexamples = split.counterexamples.into_iter();
        Self {
            parts: parts
                .map(|part| (part.schedule.to_string(), part.preemptions))
                .collect(),
            complete: split.complete,
            counterexamples: counterexamples
                .map(|(found, preemptions)| {
                    let line = found.schedule.to_string();
                    (violation_to_python(&found.violation), line, preemptions)
                })
                .collect(),
            states: split.states,
            transitions: split.transitions,
            sensitive_bodies,
        }
    }
}

/// A violation for Python.
pub fn violation_to_python(violation: &Violation) -> Words {
    (
        violation.property.to_string(),
        violation.subject.clone(),
        violation.message.clone(),
    )
}

/// A violation from Python. The names of properties are few, and kept for ever.
pub fn violation_from_python((property, subject, message): Words) -> Violation {
    Violation::new(Property(property.leak()), subject, message)
}
