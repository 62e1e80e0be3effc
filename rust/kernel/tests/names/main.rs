//! Claims about xous-names, one file a concern; `world` is a name server with a kernel that the tests make up.
//!
//! Left out: messages and rkyv, which the model leaves out too.

mod connect_page;
mod crashes;
mod limits;
mod properties;
mod real_kernel;
mod requests;
mod world;
