//! What xous-names asks of the kernel: to connect somebody else's process.
//!
//! Models the answers of ConnectForProcess that the name server can tell apart. Leaves out the call's own thread: a
//! call that is repeated blocks the whole name server, see [`NameServer::poll`](super::NameServer::poll).

use crate::syscalls::{self, Call};
use crate::{Caller, Cid, Error, Kernel, Outcome, Pid, Sid, SysResult, Syscall, Tid};

/// The kernel's ConnectForProcess, as far as xous-names needs it.
pub trait ConnectForProcess {
    /// Connects the process to the server.
    ///
    /// # Errors
    /// [`ConnectRefused`].
    fn connect_for_process(&mut self, pid: Pid, sid: Sid) -> Result<Cid, ConnectRefused>;
}

/// Why ConnectForProcess gave no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectRefused {
    /// No server with this SID yet: the call is repeated until there is one.
    Retry,
    /// An error that reaches the caller.
    Error(Error),
    /// The call never returns, because the kernel panicked.
    Never,
}

impl ConnectForProcess for Kernel {
    /// The syscall, as made by nobody in particular: it asks nothing of its caller.
    fn connect_for_process(&mut self, pid: Pid, sid: Sid) -> Result<Cid, ConnectRefused> {
        let caller = Caller {
            pid: Pid::KERNEL,
            tid: Tid::INITIAL,
        };
        let syscall = Syscall::ConnectForProcess { pid, sid };
        let step = self.step(|kernel, effects| {
            syscalls::dispatch(
                &mut Call {
                    kernel,
                    caller,
                    effects,
                },
                &syscall,
            )
        });
        match step.map(|step| step.outcome) {
            Ok(Outcome::Done(SysResult::ConnectionId(cid))) => Ok(cid),
            Ok(Outcome::Done(SysResult::Error(error))) => Err(ConnectRefused::Error(error)),
            Ok(Outcome::Retry) => Err(ConnectRefused::Retry),
            _ => Err(ConnectRefused::Never),
        }
    }
}
