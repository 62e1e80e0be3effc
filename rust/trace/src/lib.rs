//! A recorded execution and its renderings: one rendering a file.
//!
//! A [`Recording`] holds what a reader wants to see, in words; it knows neither the model nor the search behind it.

mod recording;
mod text;

pub use recording::{Connected, Recording, Step};
