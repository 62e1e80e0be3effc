//! The serving thread: waits until something happens, and lets it be dealt with.

use super::children::Ended;
use super::connection::Connection;
use super::options::Options;
use super::rest;
use super::shared::{Exit, Shared};
use super::turns::Turns;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use xous_sim_kernel::Pid;

pub(super) const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
/// The first token of a connection.
const FIRST: usize = 2;

/// How often programs and deadlines are looked at, while something is about to end and else.
const SOON: Duration = Duration::from_millis(1);
const SOMETIME: Duration = Duration::from_millis(50);
/// How long after a connection has ended its program is expected to end as well.
const ENDING: Duration = Duration::from_millis(500);

/// How long programs get to end when the server closes, which the library does by itself when its connection is gone.
const GRACE: Duration = Duration::from_secs(2);

/// Bytes that are read from a connection at once.
const CHUNK: usize = 1 << 16;

/// All that the serving thread has.
pub(super) struct EventLoop {
    pub(super) poll: Poll,
    pub(super) listener: TcpListener,
    /// Whether somebody may be waiting to be accepted.
    pub(super) knocked: bool,
    pub(super) connections: BTreeMap<Token, Connection>,
    pub(super) by_pid: BTreeMap<Pid, Token>,
    pub(super) next_token: usize,
    /// Connections from which there may be more to read.
    pub(super) ready: Vec<Token>,
    /// Connections for which packets were put out.
    pub(super) to_send: Vec<Token>,
    pub(super) scratch: Vec<u8>,
    pub(super) patience: Duration,
    pub(super) shared: Arc<Shared>,
    /// Who moves, if that is chosen here.
    pub(super) turns: Option<Turns>,
    /// When programs and deadlines are looked at next.
    next_look: Instant,
    /// Until when something is about to end.
    pub(super) ending_until: Instant,
}

/// The clock; it decides when a silent peer is cut off, and nothing else.
#[expect(
    clippy::disallowed_methods,
    reason = "only limits of patience read the clock"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let told = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
    TcpListener::bind(address).map_err(told)
}

impl EventLoop {
    pub(super) fn new(options: Options) -> io::Result<(EventLoop, Arc<Shared>)> {
        let poll = Poll::new()?;
        let mut listener = listen(options.listen)?;
        let turns = match options.strategy {
            Some(strategy) => {
                rest::check()?;
                let seed = options.seed.unwrap_or_default();
                let port = listener.local_addr()?.port();
                Some(Turns::new(strategy, seed, port, options.patience))
            }
            None => None,
        };
        let registry = poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Waker::new(registry, WAKER)?;
        let shared = Arc::new(Shared::new(&options, listener.local_addr()?, waker)?);
        let event_loop = EventLoop {
            poll,
            listener,
            knocked: false,
            connections: BTreeMap::new(),
            by_pid: BTreeMap::new(),
            next_token: FIRST,
            ready: Vec::new(),
            to_send: Vec::new(),
            scratch: vec![0; CHUNK],
            patience: options.patience,
            shared: Arc::clone(&shared),
            turns,
            next_look: now(),
            ending_until: now(),
        };
        Ok((event_loop, shared))
    }

    /// Serves until it is told to stop, and cleans up.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(256);
        let mut hurry = false;
        while !self.shared.is_stopping() {
            let timeout = match hurry || self.knocked || !self.ready.is_empty() {
                true => Duration::ZERO,
                false => self.next_look.saturating_duration_since(now()),
            };
            if let Err(error) = self.poll.poll(&mut events, Some(timeout)) {
                assert!(error.kind() == io::ErrorKind::Interrupted, "poll: {error}");
            }
            self.note(&events);
            let calm = self.ready.is_empty() && !self.knocked;
            self.serve();
            hurry = self.take_turn(calm);
            self.look_around();
        }
        self.finish();
    }

    fn note(&mut self, events: &Events) {
        for event in events {
            match event.token() {
                LISTENER => self.knocked = true,
                WAKER => {}
                token => {
                    if event.is_writable() {
                        self.send(token);
                    }
                    if event.is_read_closed()
                        && let Some(connection) = self.connections.get_mut(&token)
                    {
                        connection.ends = true;
                    }
                    if (event.is_readable() || event.is_read_closed() || event.is_error())
                        && !self.ready.contains(&token)
                    {
                        self.ready.push(token);
                    }
                }
            }
        }
    }

    fn serve(&mut self) {
        if self.knocked {
            self.accept();
        }
        for token in std::mem::take(&mut self.ready) {
            self.serve_connection(token);
        }
    }

    /// Looks at the clock now and then.
    fn look_around(&mut self) {
        let now = now();
        if now < self.next_look {
            return;
        }
        let ended = self.shared.children().reap();
        self.note_ends(ended);
        self.cut_off_the_late(now);
        let pause = if now < self.ending_until {
            SOON
        } else {
            SOMETIME
        };
        self.next_look = now + pause;
    }

    /// A connection has ended: its program will soon.
    pub(super) fn expect_ends(&mut self) {
        let now = now();
        self.ending_until = now + ENDING;
        self.next_look = self.next_look.min(now + SOON);
    }

    /// Programs have ended. What becomes of one that was connected, the end of its connection tells.
    fn note_ends(&self, ended: Vec<Ended>) {
        for one in ended {
            self.shared.exchange().abandon(one.pid, one.key);
            self.note_exit(one, false);
        }
    }

    fn note_exit(&self, ended: Ended, closing: bool) {
        self.shared.update(|status| {
            let stopped = closing || status.ending.is_some();
            status.programs -= 1;
            status.exits.push(Exit::new(ended, stopped));
        });
    }

    /// The run is over. Then everything is closed and the programs are waited for: how they end now is our doing, and the
    /// kernel stays as the run has left it.
    fn finish(mut self) {
        let ended = self.shared.children().reap();
        self.note_ends(ended);
        self.shared.exchange().finish();
        self.connections.clear();
        self.shared.update(|status| status.connected = 0);
        let ended = self.shared.children().end(self.patience.min(GRACE));
        for one in ended {
            self.note_exit(one, true);
        }
    }
}
