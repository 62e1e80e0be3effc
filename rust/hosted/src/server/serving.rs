//! Connections at work, and how they end.

use super::connection::{Connection, Peer, Received};
use super::event_loop::{EventLoop, now};
use crate::exchange::{Address, Cut, Output};
use crate::wire::{Key, Packet};
use mio::Token;
use xous_sim_kernel::Pid;

impl EventLoop {
    /// Reads from a connection, once, and deals with what is complete.
    pub(super) fn serve_connection(&mut self, token: Token) {
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        if connection.is_full() {
            // When it has read, it is served again.
            return;
        }
        let received = connection.receive(&mut self.scratch);
        if self.join(token) {
            self.take_packets(token);
        }
        match received {
            Received::All => {}
            Received::Part => self.ready.push(token),
            Received::Closed => self.drop_connection(token),
        }
        self.set_due(token);
    }

    fn take_packets(&mut self, token: Token) {
        while let Some(connection) = self.connections.get_mut(&token) {
            let Peer::Process(pid) = connection.peer else {
                break;
            };
            let taken = match connection.next_packet().map_err(Cut::from) {
                Ok(None) => break,
                Ok(Some(packet)) => self.receive(pid, packet),
                Err(cut) => Err(cut),
            };
            if let Err(cut) = taken {
                self.cut_off(token, &cut.to_string());
            }
            self.deliver();
        }
        self.send_all();
    }

    fn receive(&mut self, pid: Pid, packet: Packet) -> Result<(), Cut> {
        if let Some(turns) = &mut self.turns {
            let thread = packet.thread;
            turns.called(Address { pid, thread });
        }
        self.shared.exchange().receive(pid, packet)
    }

    fn set_due(&mut self, token: Token) {
        if let Some(connection) = self.connections.get_mut(&token) {
            connection.set_due(now() + self.patience);
        }
    }

    /// Sends and closes what the exchange wants sent and closed.
    pub(super) fn deliver(&mut self) {
        let (output, ending) = {
            let mut exchange = self.shared.exchange();
            (exchange.take_output(), exchange.ending().cloned())
        };
        self.await_calls(&output);
        for one in output {
            match one {
                Output::Send(pid, packet) => self.push(pid, &packet),
                Output::Close(pid) => self.let_go(pid),
            }
        }
        if ending.is_some() && self.shared.status().ending.is_none() {
            self.shared.update(|status| status.ending = ending);
            let pids: Vec<Pid> = self.by_pid.keys().copied().collect();
            pids.into_iter().for_each(|pid| self.let_go(pid));
        }
    }

    fn push(&mut self, pid: Pid, packet: &Packet) {
        let Some(token) = self.by_pid.get(&pid).copied() else {
            return;
        };
        if let Some(connection) = self.connections.get_mut(&token) {
            connection.push(packet);
            if !self.to_send.contains(&token) {
                self.to_send.push(token);
            }
        }
    }

    /// Sends what has been put out since the last time, to each process at once.
    pub(super) fn send_all(&mut self) {
        while let Some(token) = self.to_send.pop() {
            self.send(token);
        }
    }

    /// Sends what lies ready.
    pub(super) fn send(&mut self, token: Token) {
        let Some(connection) = self.connections.get_mut(&token) else {
            return;
        };
        let was_full = connection.is_full();
        let is_over = connection.send().is_err()
            || matches!(connection.peer, Peer::Gone) && !connection.has_output();
        if is_over {
            self.drop_connection(token);
        } else if was_full && !connection.is_full() {
            self.ready.push(token);
        }
        self.set_due(token);
    }

    /// A process has ended in the kernel: its connection is closed when all has been sent.
    fn let_go(&mut self, pid: Pid) {
        let Some(token) = self.by_pid.remove(&pid) else {
            return;
        };
        self.left(pid);
        if let Some(connection) = self.connections.get_mut(&token) {
            connection.peer = Peer::Gone;
        }
        self.send(token);
    }

    /// A process is connected no more.
    fn left(&mut self, pid: Pid) {
        if let Some(turns) = &mut self.turns {
            turns.left(pid);
        }
        self.shared.update(|status| status.connected -= 1);
        self.expect_ends();
    }

    /// A peer breaks the rules.
    pub(super) fn cut_off(&mut self, token: Token, why: &str) {
        if let Some(Connection {
            peer: Peer::Process(pid),
            ..
        }) = self.connections.get(&token)
        {
            let cut = (*pid, why.to_owned());
            self.shared.update(|status| status.cuts.push(cut));
        }
        self.drop_connection(token);
    }

    /// A connection is over, whoever ended it.
    pub(super) fn drop_connection(&mut self, token: Token) {
        let Some(connection) = self.connections.remove(&token) else {
            return;
        };
        match connection.peer {
            Peer::Nameless(key) if key.len() < Key::BYTES => {
                self.shared.exchange().left_before_its_key();
            }
            Peer::Process(pid) => {
                self.by_pid.remove(&pid);
                self.shared.exchange().leave(pid);
                self.left(pid);
            }
            Peer::Nameless(_) | Peer::Gone => {}
        }
        self.deliver();
        self.send_all();
    }
}
