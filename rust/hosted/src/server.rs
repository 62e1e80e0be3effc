//! The hosted kernel on a socket: one thread that serves every connection, and the programs that were started on it.
//!
//! One thread does all, as the real hosted kernel handles all calls in one: it waits for any connection to have
//! something, gives the packets to the [`Exchange`] and writes what comes out. Nobody can hold it up:
//! reading and writing never wait, a connection that does not read is cut off when too much lies ready for it, and so is
//! one that stops within a key or a packet. It listens where it is told to; see [`Options`].

mod accepting;
mod children;
mod connection;
mod descendants;
mod event_loop;
mod options;
mod rest;
mod serving;
mod shared;
mod turns;

pub use options::{Invitation, Options};
pub use shared::{Exit, Status};

use crate::Exchange;
use event_loop::EventLoop;
use shared::Shared;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use xous_sim_kernel::Pid;

/// A server that runs until it is closed or dropped; then its programs end too.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Listens, and serves whoever connects.
    ///
    /// # Errors
    ///
    /// When it cannot listen there, or the operating system gives no randomness for keys.
    pub fn start(options: Options) -> io::Result<Server> {
        let (event_loop, shared) = EventLoop::new(options)?;
        let builder = std::thread::Builder::new().name("xous-sim-hosted".to_owned());
        let thread = builder.spawn(move || event_loop.run())?;
        Ok(Server {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Starts a program, `sh -c command`, as the process of the lowest free PID.
    ///
    /// # Errors
    ///
    /// When all PIDs are taken, or the program cannot be started.
    pub fn spawn(&self, command: &str) -> io::Result<Pid> {
        self.shared.spawn(command)
    }

    /// Makes a process for a program that somebody else starts.
    ///
    /// # Errors
    ///
    /// When all PIDs are taken, or the operating system gives no randomness.
    pub fn invite(&self) -> io::Result<Invitation> {
        self.shared.invite_guest()
    }

    /// Looks at the kernel and the calls under way, between two packets.
    pub fn look<T>(&self, look: impl FnOnce(&Exchange) -> T) -> T {
        look(&self.shared.exchange())
    }

    /// How things stand.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.status()
    }

    /// Lets the programs move, where they are scheduled. All that have been started or invited by now are waited for
    /// first, so that it does not matter how long their starting takes.
    pub fn begin(&self) {
        self.shared.begin();
    }

    /// Waits until all processes have ended or the kernel has, for so long at most; answers whether. Who waits has
    /// started all programs: see [`Server::begin`].
    #[must_use]
    pub fn wait(&self, at_most: Duration) -> bool {
        self.begin();
        self.shared.wait_until_over(at_most)
    }

    /// Closes all connections, ends the programs that do not end by themselves, and waits for them.
    ///
    /// # Panics
    ///
    /// When another thread panicked while it closed the same server.
    pub fn close(&self) {
        self.shared.stop();
        let mut thread = self.thread.lock().expect("closing does not panic");
        if let Some(thread) = thread.take() {
            thread.join().expect("the server's thread does not panic");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}
