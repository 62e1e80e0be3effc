//! Rows a to h of the facts' table: sweeps that compare what exploration finds with the closed form of each row.
//!
//! Every sweep prints how many cases it covered, and how many of them go wrong: `cargo test -p xous-sim-neighbours --test
//! capnp -- --nocapture`.

mod advertised_rows;
mod cases;
mod finish_rows;
mod flow_rows;
mod recursion;
mod thread;
mod wedges;
mod window_rows;
