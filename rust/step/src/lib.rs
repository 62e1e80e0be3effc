//! What a model is and what a schedule is: the contract between the modelled systems and the searches.
//!
//! A [`Model`] has an initial state, the [`Choice`]s that are enabled in a state, and the state that a choice leads
//! to. A [`Schedule`] is a list of choices; it alone reproduces an execution. Nothing here knows what is modelled,
//! and nothing here knows how states are searched.

mod footprint;
mod known;
mod model;
mod schedule;

pub use footprint::{Footprint, WIDE};
pub use known::{Known, Unknown};
pub use model::{Future, Model, Property, Violation, Violations};
pub use schedule::{Choice, ParseScheduleError, Schedule};
