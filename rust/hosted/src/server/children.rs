//! The programs that were started here: none is left behind.
//!
//! Each runs in a process group of its own, so that what its shell started ends with it. Only the serving thread waits
//! for them, so no group is signalled after its leader has been reaped.

use super::options::Invitation;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use xous_sim_kernel::Pid;

/// A program that was started here.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) pid: Pid,
    /// Whether it has ever connected: then it ends by itself when its connection is gone.
    joined: bool,
    process: std::process::Child,
}

impl Child {
    /// Starts `sh -c command`.
    pub(super) fn spawn(command: &str, invitation: &Invitation) -> io::Result<Child> {
        let mut shell = shell(command);
        shell.envs(invitation.environment()).stdin(Stdio::null());
        Ok(Child {
            pid: invitation.pid,
            joined: false,
            process: shell.spawn()?,
        })
    }

    /// Ends it, and what it started.
    fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(self.process.id() as i32) {
            // It fails where all of the group have ended by themselves.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // As above.
        let _ = self.process.kill();
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).process_group(0);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}

/// All programs that have not ended.
#[derive(Debug, Default)]
pub(super) struct Children {
    running: Vec<Child>,
}

impl Children {
    pub(super) fn add(&mut self, child: Child) {
        self.running.push(child);
    }

    /// A program has connected.
    pub(super) fn joined(&mut self, pid: Pid) {
        for child in self.running.iter_mut().filter(|child| child.pid == pid) {
            child.joined = true;
        }
    }

    fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Those that have ended since the last time.
    pub(super) fn reap(&mut self) -> Vec<(Pid, ExitStatus)> {
        let mut ended = Vec::new();
        self.running.retain_mut(|child| {
            // An error says that there is no such child, which its own waiting cannot cause.
            let status = child.process.try_wait().unwrap_or(None);
            ended.extend(status.map(|status| (child.pid, status)));
            status.is_none()
        });
        ended
    }

    /// Ends those that never connected, and the others if they don't end by themselves.
    pub(super) fn end(&mut self, patience: Duration) -> Vec<(Pid, ExitStatus)> {
        const NAP: Duration = Duration::from_millis(2);
        let strangers = self.running.iter_mut().filter(|child| !child.joined);
        strangers.for_each(Child::kill);
        let mut ended = self.reap();
        let mut left = patience;
        while !self.is_empty() && !left.is_zero() {
            std::thread::sleep(NAP);
            left = left.saturating_sub(NAP);
            ended.extend(self.reap());
        }
        for child in &mut self.running {
            child.kill();
        }
        while !self.is_empty() {
            ended.extend(self.reap());
            std::thread::sleep(NAP);
        }
        ended
    }
}
