//! System calls and what comes of them, in words.

use crate::watch::{Observation, name, server_name};
use xous_sim_kernel::{Caller, Cid, Message, Outcome, SysResult, Syscall};

/// What a thread did.
pub(super) fn operation(seen: &Observation<'_>) -> String {
    match seen.syscall {
        Syscall::Connect { sid } => format!("connect to {}", name(*sid)),
        Syscall::TryConnect { sid } => format!("try to connect to {}", name(*sid)),
        Syscall::ConnectForProcess { pid, sid } => {
            format!("connect process {} to {}", pid.get(), name(*sid))
        }
        Syscall::Disconnect { cid } => format!("disconnect CID {}", cid.0),
        Syscall::CreateServerWithAddress { sid } => format!("create server {}", name(*sid)),
        Syscall::DestroyServer { sid } => format!("destroy server {}", name(*sid)),
        Syscall::ReceiveMessage { sid } => format!("receive from {}", name(*sid)),
        Syscall::TryReceiveMessage { sid } => format!("try to receive from {}", name(*sid)),
        Syscall::SendMessage { cid, message } => send(seen, "send", *cid, message),
        Syscall::TrySendMessage { cid, message } => send(seen, "try to send", *cid, message),
        Syscall::ReturnScalar1 { value, .. } => format!("answer {value}"),
        Syscall::ReturnScalar2 { values, .. } => format!("answer {values:?}"),
        Syscall::ReturnScalar5 { values, .. } => format!("answer {values:?}"),
        Syscall::ReturnMemory { .. } => "return memory".to_owned(),
        Syscall::ReplyAndReceiveNext { .. } => "answer and receive".to_owned(),
        Syscall::CreateThread { .. } => "create a thread".to_owned(),
        other => variant(other),
    }
}

fn send(seen: &Observation<'_>, verb: &str, cid: Cid, message: &Message) -> String {
    let kind = message.kind();
    let [id, ..] = message.to_words();
    let server = seen.aim.and_then(|aim| aim.server);
    let to = server.map_or_else(String::new, |server| {
        format!(" ({})", server_name(seen.kernel, server))
    });
    format!("{verb} {kind:?} {id} through CID {}{to}", cid.0)
}

fn variant(call: &Syscall) -> String {
    let text = format!("{call:?}");
    let end = text.find([' ', '{', '(']).unwrap_or(text.len());
    text[..end].to_owned()
}

/// What it got, and whose calls it completed.
pub(super) fn result(seen: &Observation<'_>, thread: impl Fn(Caller) -> String) -> String {
    let own = match &seen.step.outcome {
        Outcome::Done(result) => answer(result),
        Outcome::Blocked => "waits".to_owned(),
        Outcome::NoReply => "is never answered".to_owned(),
        Outcome::Retry => "is to be repeated".to_owned(),
        Outcome::Ended => "is over".to_owned(),
        Outcome::Panic(reason) => format!("KernelPanic: {reason}"),
    };
    let wakes = seen.step.wakes.iter();
    let woken =
        wakes.map(|wake| format!("; {} gets {}", thread(wake.thread), answer(&wake.result)));
    std::iter::once(own).chain(woken).collect()
}

fn answer(result: &SysResult) -> String {
    match result {
        SysResult::Ok => "Ok".to_owned(),
        SysResult::Error(error) | SysResult::LendFailed { error, .. } => {
            format!("{error:?} ({})", *error as u8)
        }
        SysResult::ConnectionId(cid) | SysResult::NewServerId(_, cid) => format!("CID {}", cid.0),
        SysResult::ThreadId(tid) => format!("TID {}", tid.0),
        SysResult::ProcessId(pid) => format!("PID {}", pid.get()),
        SysResult::Scalar1(value) => value.to_string(),
        SysResult::Scalar2(a, b) => format!("[{a}, {b}]"),
        SysResult::Scalar5(values) => format!("{values:?}"),
        SysResult::None => "nothing".to_owned(),
        SysResult::MemoryReturned { .. } => "its memory".to_owned(),
        SysResult::MessageEnvelope(envelope) => {
            let [id, ..] = envelope.message.to_words();
            format!("{:?} {id}", envelope.message.kind())
        }
        other => format!("{other:?}"),
    }
}
