//! Connections begin: accepted, named by their key, or turned away.

use super::connection::{Connection, Peer};
use super::event_loop::{EventLoop, now};
use mio::{Interest, Token};
use std::io::ErrorKind;
use std::time::Instant;

/// Connections that have not sent their key. Beyond that the oldest is closed: a real client sends it at once.
const MOST_NAMELESS: usize = 64;

impl EventLoop {
    /// Accepts all who wait.
    pub(super) fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => self.welcome(stream),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    // Other errors, such as too many open files, may pass: it is tried again at the next look.
                    self.knocked = error.kind() != ErrorKind::WouldBlock;
                    return;
                }
            }
        }
    }

    fn welcome(&mut self, mut stream: mio::net::TcpStream) {
        let token = Token(self.next_token);
        self.next_token += 1;
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poll.registry().register(&mut stream, token, interest);
        if registered.is_err() || stream.set_nodelay(true).is_err() {
            return;
        }
        self.make_room();
        let connection = Connection::new(stream, now() + self.patience);
        self.connections.insert(token, connection);
    }

    fn make_room(&mut self) {
        let nameless = || self.connections.iter().filter(|(_, one)| one.is_nameless());
        if nameless().count() >= MOST_NAMELESS {
            let oldest = nameless().next().map(|(token, _)| *token);
            self.drop_connection(oldest.expect("there are many"));
        }
    }

    /// Lets a connection join, as soon as its key is complete; answers whether it is a process.
    pub(super) fn join(&mut self, token: Token) -> bool {
        let Some(connection) = self.connections.get_mut(&token) else {
            return false;
        };
        if let Peer::Process(_) = connection.peer {
            return true;
        }
        let Some(key) = connection.key() else {
            return false;
        };
        let joined = self.shared.exchange().join(key);
        let Ok(pid) = joined else {
            self.drop_connection(token);
            return false;
        };
        connection.peer = Peer::Process(pid);
        connection.push_byte(pid.get());
        self.by_pid.insert(pid, token);
        self.shared.children().joined(key);
        if let Some(turns) = &mut self.turns {
            turns.joined(pid, key);
        }
        self.shared.update(|status| {
            status.connected += 1;
            status.awaited.retain(|awaited| *awaited != pid);
        });
        self.send(token);
        true
    }

    /// Cuts off those whose time is over.
    pub(super) fn cut_off_the_late(&mut self, now: Instant) {
        let reason = |(token, one): (&Token, &Connection)| Some((*token, one.is_late(now)?));
        let late: Vec<_> = self.connections.iter().filter_map(reason).collect();
        for (token, why) in late {
            self.cut_off(token, why);
        }
    }
}
