//! Programs on the real user-space library of Xous, run by the hosted kernel.

mod programs;
mod schedule;
mod support;
