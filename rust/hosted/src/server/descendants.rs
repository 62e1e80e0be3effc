//! What a program has started ends with it: its process group and, on Linux, also those that have left the group.
//!
//! Those are found by the key, which is in the environment of whatever the program starts. Left out: who starts with an
//! environment of his own making and in a group of his own, and other systems' means to find strays.

use std::process::Child;

/// Whether a program has ended and waits to be reaped.
#[cfg(unix)]
pub(super) fn has_ended(program: &Child) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let looking = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let seen = group(program).map(|leader| waitid(WaitId::Pid(leader), looking));
    matches!(seen, Some(Ok(Some(_))))
}

/// Ends the group of a program that has not been reaped.
#[cfg(unix)]
pub(super) fn end_group(leader: &Child) {
    use rustix::process::{Signal, kill_process_group};
    if let Some(group) = group(leader) {
        // It fails where all of the group have ended by themselves.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(unix)]
fn group(leader: &Child) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(leader.id()).ok()?)
}

#[cfg(not(unix))]
pub(super) fn has_ended(_program: &Child) -> bool {
    false
}

#[cfg(not(unix))]
pub(super) fn end_group(_leader: &Child) {}

/// Ends those who have this key in their environment.
#[cfg(target_os = "linux")]
pub(super) fn end_strays(key: crate::wire::Key) {
    use super::rest::programs;
    use std::time::Duration;
    /// Who is ended may have started others meanwhile, and takes a moment to be gone.
    const ROUNDS: usize = 100;
    for _ in 0..ROUNDS {
        let strays = programs(key);
        if strays.is_empty() {
            return;
        }
        strays.into_iter().for_each(|stray| end_stray(stray, key));
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The number may be another one's by now: so the key is looked at again when it can be no more.
#[cfg(target_os = "linux")]
fn end_stray(stray: u32, key: crate::wire::Key) {
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
    let number = i32::try_from(stray).ok().and_then(Pid::from_raw);
    let opened = number.and_then(|number| pidfd_open(number, PidfdFlags::empty()).ok());
    if let Some(stray_itself) = opened
        && super::rest::has_key(stray, key)
    {
        // It fails where the stray has ended by itself.
        let _ = pidfd_send_signal(stray_itself, Signal::KILL);
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn end_strays(_key: crate::wire::Key) {}
