//! The programs that were started here: none is left behind, nor what one has started when it ends by itself.
//!
//! Each runs in a process group of its own and is known by its key: a PID may be another program's by the time that it is
//! reaped. Only the serving thread waits for programs. It ends a group before it reaps the leader, whose number, and so
//! the group's, is nobody else's until then.

use super::descendants;
use super::options::Invitation;
use crate::wire::Key;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use xous_sim_kernel::Pid;

/// A program that was started here.
#[derive(Debug)]
struct Child {
    program: usize,
    command: String,
    pid: Pid,
    key: Key,
    /// Whether it has ever connected: then it ends by itself when its connection is gone.
    joined: bool,
    process: std::process::Child,
}

/// A program that has ended, and whatever it had started with it.
#[derive(Debug)]
pub(super) struct Ended {
    /// Which one, in the order of starting, from 0 on.
    pub(super) program: usize,
    pub(super) command: String,
    pub(super) pid: Pid,
    pub(super) key: Key,
    pub(super) status: ExitStatus,
}

impl Child {
    /// How it ended, if it has; what it left behind is ended then.
    fn reap(&mut self) -> Option<ExitStatus> {
        if descendants::has_ended(&self.process) {
            descendants::end_group(&self.process);
        }
        // An error says that there is no such child, which its own waiting cannot cause.
        let status = self.process.try_wait().unwrap_or(None)?;
        descendants::end_strays(self.key);
        Some(status)
    }

    /// Ends it, and what it started.
    fn kill(&mut self) {
        descendants::end_group(&self.process);
        // It fails where the program has ended by itself.
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
    started: usize,
}

impl Children {
    /// Starts `sh -c command`.
    pub(super) fn spawn(&mut self, command: &str, invitation: &Invitation) -> io::Result<()> {
        let mut shell = shell(command);
        shell.envs(invitation.environment()).stdin(Stdio::null());
        self.running.push(Child {
            program: self.started,
            command: command.to_owned(),
            pid: invitation.pid,
            key: invitation.key,
            joined: false,
            process: shell.spawn()?,
        });
        self.started += 1;
        Ok(())
    }

    /// A program has connected.
    pub(super) fn joined(&mut self, key: Key) {
        for child in self.running.iter_mut().filter(|child| child.key == key) {
            child.joined = true;
        }
    }

    fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Those that have ended since the last time.
    pub(super) fn reap(&mut self) -> Vec<Ended> {
        let mut ended = Vec::new();
        self.running.retain_mut(|child| {
            let status = child.reap();
            ended.extend(status.map(|status| Ended {
                program: child.program,
                command: std::mem::take(&mut child.command),
                pid: child.pid,
                key: child.key,
                status,
            }));
            status.is_none()
        });
        ended
    }

    /// Ends those that never connected, and the others if they don't end by themselves.
    pub(super) fn end(&mut self, patience: Duration) -> Vec<Ended> {
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
