//! One call, as it is seen from outside: who made it, what came of it, and what the kernel looked like around it.

use xous_sim_kernel::{
    Caller, Cid, Connection, Kernel, Outcome, Pid, ServerSerial, Sid, Step, SysResult, Syscall,
};

/// What a CID led to before a call that sends through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aim {
    pub(crate) cid: Cid,
    pub(crate) connection: Option<Connection>,
    pub(crate) server: Option<ServerSerial>,
}

impl Aim {
    /// Where a call is about to send, if it sends.
    pub(crate) fn of(kernel: &Kernel, pid: Pid, syscall: &Syscall) -> Option<Aim> {
        let (Syscall::SendMessage { cid, .. } | Syscall::TrySendMessage { cid, .. }) = *syscall
        else {
            return None;
        };
        Some(Aim {
            cid,
            connection: kernel.connection_map(pid).and_then(|map| map.at(cid)),
            server: kernel.server_behind(pid, cid),
        })
    }
}

/// A call that has been made.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'k> {
    pub(crate) caller: Caller,
    pub(crate) syscall: &'k Syscall,
    pub(crate) aim: Option<Aim>,
    pub(crate) step: &'k Step,
    /// After it.
    pub(crate) kernel: &'k Kernel,
}

impl Observation<'_> {
    /// What the caller was answered at once.
    pub(crate) const fn result(&self) -> Option<&SysResult> {
        match &self.step.outcome {
            Outcome::Done(result) => Some(result),
            _ => None,
        }
    }

    /// A connection that the call opened, and in whose process.
    pub(crate) fn opened(&self) -> Option<(Pid, Cid)> {
        match (self.result()?, self.syscall) {
            (SysResult::ConnectionId(cid), Syscall::ConnectForProcess { pid, .. }) => {
                Some((*pid, *cid))
            }
            (SysResult::ConnectionId(cid) | SysResult::NewServerId(_, cid), _) => {
                Some((self.caller.pid, *cid))
            }
            _ => None,
        }
    }

    /// A connection that the call closed.
    pub(crate) fn closed(&self) -> Option<Cid> {
        match (self.result()?, self.syscall) {
            (SysResult::Ok, Syscall::Disconnect { cid }) => Some(*cid),
            _ => None,
        }
    }
}

/// A server's SID as text where it is some, as `ticktimer-server` is.
pub(crate) fn name(sid: Sid) -> String {
    let bytes = sid.to_bytes();
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let rest = &bytes[text.len()..];
    let printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    if !text.is_empty() && text.iter().all(printable) && rest.iter().all(|byte| *byte == 0) {
        String::from_utf8_lossy(text).into_owned()
    } else {
        sid.to_string()
    }
}

/// The name of a server that lives.
pub(crate) fn server_name(kernel: &Kernel, serial: ServerSerial) -> String {
    let servers = kernel.servers();
    let found = servers.iter().find(|server| server.serial == serial);
    found.map_or_else(
        || "a server that is gone".to_owned(),
        |server| name(server.sid),
    )
}
