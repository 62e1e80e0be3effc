//! Programs on the real user-space library of Xous, run by the hosted kernel.

mod load;
mod programs;
mod schedule;
mod support;
