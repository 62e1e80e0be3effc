//! Claims about who runs next on bare metal (Xous kernel facts, "Who runs next" and surprise 19); `machine` has short
//! words for setting up a kernel and its processor.

mod machine;
mod messages;
mod properties;
mod quanta;
