//! Connect, TryConnect, ConnectForProcess, Disconnect.

use super::{Call, done};
use crate::abi::SysResult;
use crate::error::Error;
use crate::ids::{Cid, Pid, Sid};
use crate::panic::KernelPanic;
use crate::step::{Answer, Outcome, Refusal};

/// Connects, and is to be retried while the server is missing. A full map is an error at once, even then.
pub(super) fn connect(call: &mut Call<'_>, sid: Sid) -> Answer {
    retry_while_missing(try_connect(call, sid))
}

/// Connects, or fails.
pub(super) fn try_connect(call: &mut Call<'_>, sid: Sid) -> Answer {
    done(SysResult::ConnectionId(connect_process(
        call,
        call.caller.pid,
        sid,
    )?))
}

/// Connects another process. Anybody may.
pub(super) fn connect_for_process(call: &mut Call<'_>, pid: Pid, sid: Sid) -> Answer {
    if usize::from(pid.get()) > call.kernel.config.max_processes() {
        return Err(call.defect(
            KernelPanic::ConnectForImpossibleProcess,
            Error::ProcessNotFound,
        ));
    }
    let process = call
        .kernel
        .processes
        .get(pid)
        .ok_or(Error::ProcessNotFound)?;
    if !process.started && call.kernel.config.is_faithful() {
        return Err(KernelPanic::ConnectForProcessThatNeverRan.into());
    }
    let connected = connect_process(call, pid, sid);
    retry_while_missing(
        connected
            .map(|cid| Outcome::Done(SysResult::ConnectionId(cid)))
            .map_err(Refusal::from),
    )
}

/// Frees a slot, whoever else uses the connection.
pub(super) fn disconnect(call: &mut Call<'_>, cid: Cid) -> Answer {
    call.process().connections.disconnect(cid)?;
    done(SysResult::Ok)
}

/// The connect algorithm in a process that exists.
pub(super) fn connect_process(call: &mut Call<'_>, pid: Pid, sid: Sid) -> Result<Cid, Error> {
    let kernel = &mut *call.kernel;
    let process = kernel.processes.get_mut(pid).expect("the process exists");
    process
        .connections
        .connect(&kernel.servers, sid, kernel.config.connect)
}

fn retry_while_missing(answer: Answer) -> Answer {
    match answer {
        Err(Refusal::Error(Error::ServerNotFound)) => Ok(Outcome::Retry),
        other => other,
    }
}
