//! bus1.
