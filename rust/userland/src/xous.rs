//! The system calls that Rust bodies make, under the names of the `xous` crate.

use crate::machine::number;
use crate::native::{XousResult, perform};
use crate::op::{Op, Operand};
use crate::value::Value;
use xous_sim_kernel::Sid;

fn constant(number: u64) -> Operand {
    Operand::Const(Value::Int(number))
}

#[track_caller]
fn call(number: u8, words: Vec<Operand>, what: &'static str) -> XousResult {
    XousResult {
        held: perform(Op::Syscall(number, words)),
        what,
    }
}

/// Connects to a server; waits while there is none.
#[track_caller]
pub fn connect(sid: Sid) -> XousResult {
    call(
        number::CONNECT,
        sid.to_words().map(constant).to_vec(),
        "connect",
    )
}

/// Frees the slot of a CID, whoever uses it.
///
/// The real one is an `unsafe fn`; nothing here can break memory, so this one is not.
#[track_caller]
pub fn disconnect(cid: impl Into<Operand>) -> XousResult {
    call(number::DISCONNECT, vec![cid.into()], "disconnect")
}

/// Sends a blocking scalar and waits for the answer.
#[track_caller]
pub fn send_blocking_scalar(cid: impl Into<Operand>, opcode: u32) -> XousResult {
    const BLOCKING_SCALAR: u64 = 5;
    let mut words = vec![
        cid.into(),
        constant(BLOCKING_SCALAR),
        constant(opcode.into()),
    ];
    words.resize(7, constant(0));
    call(number::SEND_MESSAGE, words, "send")
}

/// Declares a connection persistent: it is meant to stay when all is quiet.
#[track_caller]
pub fn persist(cid: impl Into<Operand>) {
    perform(Op::Persist(cid.into()));
}
