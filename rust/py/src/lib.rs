//! `xous_sim._native`: the modelled world, the searches and the kernel, as Python objects.
//!
//! This crate only converts. What users see, and its documentation, is the Python package around it.

mod answer;
mod ballast;
mod bare;
mod config;
mod convert;
mod defect;
mod departure;
mod drawn;
mod errors;
mod hosted;
mod idioms;
mod kept;
mod kernel;
mod live;
mod machine;
mod memory;
mod neighbours;
mod orders;
mod page;
mod parts;
mod recorder;
mod recording;
mod reexecution;
mod results;
mod search;
mod strategy;
mod threads;
mod told;
mod tracer;
mod view;
mod watch;

use pyo3::prelude::*;

/// The module.
#[pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::answer::Answer;
    #[pymodule_export]
    use crate::bare::{can_act, exhaustion, fates, look, operation_in_words, quiet_violation};
    #[pymodule_export]
    use crate::config::sid_words;
    #[pymodule_export]
    use crate::hosted::HostedServer;
    #[pymodule_export]
    use crate::idioms::explore_idiom;
    #[pymodule_export]
    use crate::kernel::{Kernel, KernelStep};
    #[pymodule_export]
    use crate::machine::Machine;
    #[pymodule_export]
    use crate::neighbours::{
        Bus, Quota, admitted, explore_attack, explore_capnp, greedy_shares, replay_attack,
        replay_capnp, sends_until_blocked, simulate_flow, sybils_needed,
    };
    #[pymodule_export]
    use crate::page::Page;
    #[pymodule_export]
    use crate::parts::Split;
    #[pymodule_export]
    use crate::recorder::ExecutionRecorder;
    #[pymodule_export]
    use crate::recording::{Recorded, recordings_to_html, recordings_to_json};
    #[pymodule_export]
    use crate::reexecution::explore_by_reexecution;
    #[pymodule_export]
    use crate::results::{Ending, Execution, Report, Step};
    #[pymodule_export]
    use crate::search::{Search, schedule_choices};
    #[pymodule_export]
    use crate::threads::{await_change, changes, stop, stuck, violations};
    #[pymodule_export]
    use crate::view::View;

    #[pymodule_init]
    fn begin(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::defect::note_panics();
        Ok(())
    }
}
