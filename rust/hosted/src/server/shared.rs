//! What the serving thread and its owner share.

use super::children::{Children, Ended};
use super::options::{Invitation, Options};
use crate::Exchange;
use crate::exchange::Ending;
use crate::wire::Key;
use mio::Waker;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::io;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;
use xous_sim_kernel::{Pid, Profile};

/// A program that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Which program, in the order of starting, from 0 on. PIDs are used again.
    pub program: usize,
    /// What the shell was told to run.
    pub command: String,
    /// The process that it was.
    pub pid: Pid,
    /// Its exit status; none if a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Whether it ended because the kernel was gone, and not by itself.
    pub stopped: bool,
}

impl Exit {
    pub(super) fn new(ended: Ended, stopped: bool) -> Exit {
        Exit {
            program: ended.program,
            command: ended.command,
            pid: ended.pid,
            code: ended.status.code(),
            signal: signal(ended.status),
            stopped,
        }
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.signal()
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Processes that are connected.
    pub connected: usize,
    /// Programs that were started here and have not ended.
    pub programs: usize,
    /// Processes that were made for programs that somebody else starts, and have not been joined.
    pub awaited: Vec<Pid>,
    /// Why the kernel has ended, if it has.
    pub ending: Option<Ending>,
    /// The programs that were started here and have ended, in that order. The client library ends a program with status 0
    /// when the kernel goes away.
    pub exits: Vec<Exit>,
    /// The processes that were cut off, and why.
    pub cuts: Vec<(Pid, String)>,
}

impl Status {
    fn is_over(&self) -> bool {
        let nobody = self.connected == 0 && self.programs == 0 && self.awaited.is_empty();
        self.ending.is_some() || nobody
    }
}

/// What is shared.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) address: SocketAddr,
    seed: Option<u64>,
    keys: Mutex<ChaCha8Rng>,
    exchange: Mutex<Exchange>,
    children: Mutex<Children>,
    status: Mutex<Status>,
    changed: Condvar,
    /// Whether scheduled programs may move.
    begun: AtomicBool,
    stopping: AtomicBool,
    waker: Waker,
}

impl Shared {
    pub(super) fn new(options: &Options, address: SocketAddr, waker: Waker) -> io::Result<Shared> {
        let mut keys = match options.seed {
            Some(seed) => ChaCha8Rng::seed_from_u64(seed),
            None => ChaCha8Rng::from_seed(random_seed()?),
        };
        let mut setup = options.setup;
        setup.hold = options.strategy.is_some();
        setup.config.profile = Profile::Hosted;
        setup.config.seed = options.seed.unwrap_or_else(|| keys.next_u64());
        Ok(Shared {
            address,
            seed: options.seed,
            keys: Mutex::new(keys),
            exchange: Mutex::new(Exchange::new(setup)),
            children: Mutex::default(),
            status: Mutex::default(),
            changed: Condvar::new(),
            begun: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            waker,
        })
    }

    pub(super) fn exchange(&self) -> MutexGuard<'_, Exchange> {
        held(&self.exchange)
    }

    pub(super) fn children(&self) -> MutexGuard<'_, Children> {
        held(&self.children)
    }

    pub(super) fn invite(&self, program: &str) -> io::Result<Invitation> {
        let key = self.new_key();
        let pid = self.exchange().invite(key, program);
        Ok(Invitation {
            pid: pid.map_err(|_| io::Error::other("all PIDs are taken"))?,
            key,
            server: self.address,
            seed: self.seed,
        })
    }

    pub(super) fn invite_guest(&self) -> io::Result<Invitation> {
        let invitation = self.invite("guest")?;
        self.update(|status| status.awaited.push(invitation.pid));
        Ok(invitation)
    }

    pub(super) fn spawn(&self, command: &str) -> io::Result<Pid> {
        let invitation = self.invite(&program_name(command))?;
        let pid = invitation.pid;
        if let Err(error) = self.children().spawn(command, &invitation) {
            self.exchange().abandon(pid, invitation.key);
            return Err(error);
        }
        self.update(|status| status.programs += 1);
        self.wake();
        Ok(pid)
    }

    fn new_key(&self) -> Key {
        let mut key = Key::ZERO;
        while key == Key::ZERO {
            held(&self.keys).fill_bytes(&mut key.0);
        }
        key
    }

    pub(super) fn status(&self) -> Status {
        held(&self.status).clone()
    }

    pub(super) fn update(&self, update: impl FnOnce(&mut Status)) {
        update(&mut held(&self.status));
        self.changed.notify_all();
    }

    pub(super) fn wait_until_over(&self, at_most: Duration) -> bool {
        let waiting = |status: &mut Status| !status.is_over();
        let waited = self
            .changed
            .wait_timeout_while(held(&self.status), at_most, waiting);
        !waited.expect(UNPOISONED).1.timed_out()
    }

    pub(super) fn begin(&self) {
        if !self.begun.swap(true, Ordering::AcqRel) {
            self.wake();
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn wake(&self) {
        // It can only fail when the serving thread is gone, and then there is nobody to wake.
        let _ = self.waker.wake();
    }
}

/// What readers call a program: its command, without the directories of paths, and not too long.
fn program_name(command: &str) -> String {
    const LONGEST: usize = 32;
    let words = command.split_whitespace().filter(|word| *word != "exec");
    let names = words.map(|word| word.rsplit('/').next().unwrap_or(word));
    let name = names.collect::<Vec<_>>().join(" ");
    name.chars().take(LONGEST).collect()
}

const UNPOISONED: &str = "no thread panics while it holds a lock";

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().expect(UNPOISONED)
}

fn random_seed() -> io::Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    Ok(seed)
}
