//! A recorded execution and its renderings: one rendering a file.
//!
//! A [`Recording`] holds what a reader wants to see, in words; it knows neither the model nor the search behind it.
//! Whoever runs something can fill one in: the system's parts that are known from the start ([`system`]), the steps,
//! and after each step a [`Snapshot`]. Systems without connection maps show their state as [`Place`]s.

mod check;
mod columns;
#[cfg(test)]
mod example;
mod html;
mod json;
mod mermaid;
mod perfetto;
mod recording;
mod snapshot;
mod svg;
pub mod system;
mod table;
mod words;

pub use check::FormatError;
pub use columns::columns;
pub use html::html;
pub use json::{Document, FORMAT, VERSION};
pub use mermaid::mermaid;
pub use perfetto::perfetto;
pub use recording::{KERNEL, Recording, Source, Step, Violation};
pub use snapshot::{ByteRange, ObjectState, PageBytes, Place, Slot, SlotState, Snapshot};
pub use svg::svg;
