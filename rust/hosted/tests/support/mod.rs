//! A client that writes and reads packets itself, so that it can do what no library does.

#![allow(dead_code, reason = "not every test binary uses all of it")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use xous_sim_hosted::exchange::Setup;
use xous_sim_hosted::wire::{Decoder, Key, announced_by_result, call_packet, sys_result};
use xous_sim_hosted::{Options, Server};
use xous_sim_kernel::{Config, Fidelity, Profile, SysResult, Syscall};

/// How long a peer may stop in these tests.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// A server for tests, safe or faithful.
pub fn server(fidelity: Fidelity) -> Server {
    let config = Config {
        profile: Profile::Hosted,
        fidelity,
        ..Config::default()
    };
    let setup = Setup {
        config,
        ..Setup::default()
    };
    let options = Options {
        setup,
        patience: PATIENCE,
        ..Options::default()
    };
    Server::start(options).expect("a server on loopback")
}

/// A server that gives peers more time than any test waits.
pub fn patient_server() -> Server {
    let patience = Duration::from_secs(600);
    let options = Options {
        patience,
        ..Options::default()
    };
    Server::start(options).expect("a server on loopback")
}

/// A client with a connection.
pub struct Client {
    pub stream: TcpStream,
    pub pid: u8,
    decoder: Decoder,
}

impl Client {
    /// A connection that has not sent its key.
    pub fn connect(server: &Server) -> TcpStream {
        let stream = TcpStream::connect(server.address()).expect("a connection");
        stream.set_nodelay(true).expect("a TCP socket");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a TCP socket");
        stream
    }

    /// A process that has joined.
    pub fn join(server: &Server) -> Client {
        let invitation = server.invite().expect("a free PID");
        Client::join_as(server, invitation.key).expect("a process")
    }

    /// Joins with a key.
    pub fn join_as(server: &Server, key: Key) -> io::Result<Client> {
        let mut stream = Client::connect(server);
        stream.write_all(&key.0)?;
        let mut pid = [0];
        stream.read_exact(&mut pid)?;
        Ok(Client {
            stream,
            pid: pid[0],
            decoder: Decoder::default(),
        })
    }

    /// Sends a call of a thread.
    pub fn send(&mut self, thread: u64, call: &Syscall) -> io::Result<()> {
        self.stream.write_all(&call_packet(thread, call).to_bytes())
    }

    /// The next answer, for a thread that has lent so many bytes.
    pub fn answer(&mut self, lent: usize) -> io::Result<(u64, SysResult)> {
        loop {
            let next = self
                .decoder
                .next(|packet| announced_by_result(packet, lent as u64));
            if let Some(packet) = next.map_err(io::Error::other)? {
                let thread = packet.thread;
                return Ok((thread, sys_result(packet, lent).map_err(io::Error::other)?));
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                length => self.decoder.extend(&bytes[..length]),
            }
        }
    }

    /// Makes a call from thread 2.
    pub fn call(&mut self, call: &Syscall) -> SysResult {
        self.send(2, call).expect("sent");
        let (thread, result) = self.answer(lent(call)).expect("an answer");
        assert_eq!(thread, 2);
        result
    }

    /// Whether the kernel closes the connection; what it still sends is ignored.
    pub fn is_closed(&mut self) -> bool {
        is_closed(&mut self.stream)
    }
}

/// How many bytes a call lends.
pub fn lent(call: &Syscall) -> usize {
    let message = call.message().filter(|message| message.kind().is_lend());
    message
        .and_then(|message| message.memory())
        .map_or(0, |body| body.range.length as usize)
}

/// Whether the other end closes a connection; what it still sends is ignored.
pub fn is_closed(stream: &mut TcpStream) -> bool {
    match io::copy(stream, &mut io::sink()) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}
