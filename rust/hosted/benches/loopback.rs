//! System calls a second and round trips over loopback: `cargo bench -p xous-sim-hosted`. Asserts nothing about time.
//!
//! Clients are threads that write and read packets themselves, so that it is the kernel that is measured, not the library.
//! They call without a pause, which shows how many calls there can be, or at a given rate, which shows how long one takes
//! when the kernel is not overloaded.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use xous_sim_hosted::wire::{PACKET_BYTES, call_packet};
use xous_sim_hosted::{Options, Server};
use xous_sim_kernel::{Cid, Message, SenderWord, Sid, Syscall};

const CLIENTS: usize = 8;
const LASTS: Duration = Duration::from_secs(3);
const NO_PAUSE: Duration = Duration::ZERO;
/// Calls a second of all clients together, where they pause.
const RATE: u32 = 100_000;

/// A client of one thread.
struct Client(TcpStream);

impl Client {
    fn join(server: &Server) -> Client {
        let invitation = server.invite().expect("a free PID");
        let mut stream = TcpStream::connect(invitation.server).expect("a connection");
        stream.set_nodelay(true).expect("a TCP socket");
        stream.write_all(&invitation.key.0).expect("sent");
        stream.read_exact(&mut [0]).expect("a PID");
        Client(stream)
    }

    fn call(&mut self, call: &Syscall) -> [u8; PACKET_BYTES] {
        self.try_call(call).expect("an answer")
    }

    fn try_call(&mut self, call: &Syscall) -> io::Result<[u8; PACKET_BYTES]> {
        self.0.write_all(&call_packet(2, call).to_bytes())?;
        let mut answer = [0; PACKET_BYTES];
        self.0.read_exact(&mut answer)?;
        Ok(answer)
    }
}

/// The durations of calls that a client makes, one after another, each so long after the one before it was due.
fn round_trips(mut client: Client, call: &Syscall, every: Duration) -> Vec<Duration> {
    if !every.is_zero() {
        sleep_exactly();
    }
    let started = now();
    let mut trips = Vec::new();
    let mut due = Duration::ZERO;
    while started.elapsed() < LASTS {
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        due += every;
        let before = now();
        client.call(call);
        trips.push(before.elapsed());
    }
    trips
}

/// Lets this thread sleep no longer than it asks for; Linux adds 50 us otherwise, so that others can be woken at once.
fn sleep_exactly() {
    let _ = std::fs::write("/proc/thread-self/timerslack_ns", "1");
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Lets clients call for a while, all at once, each every so often.
fn measure(
    name: &str,
    clients: Vec<Client>,
    syscalls_each: usize,
    call: &Syscall,
    every: Duration,
) {
    let mut trips: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = { clients.into_iter() }
            .map(|client| scope.spawn(move || round_trips(client, call, every)))
            .collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        joined.flatten().collect()
    });
    trips.sort_unstable();
    let rate = (trips.len() * syscalls_each) as f64 / LASTS.as_secs_f64();
    let micros = |share: usize| trips[(trips.len() - 1) * share / 100].as_secs_f64() * 1e6;
    println!(
        "{name}: {rate:.0} syscalls/s, round trip median {:.1} us, 99% {:.1} us",
        micros(50),
        micros(99)
    );
}

/// Answers blocking scalars until the kernel goes away.
fn serve(mut server: Client, sid: Sid) {
    server.call(&Syscall::CreateServerWithAddress { sid });
    loop {
        let Ok(envelope) = server.try_call(&Syscall::ReceiveMessage { sid }) else {
            return;
        };
        let sender = u64::from_le_bytes(envelope[16..24].try_into().expect("a word"));
        let sender = SenderWord(sender);
        if server
            .try_call(&Syscall::ReturnScalar1 { sender, value: 7 })
            .is_err()
        {
            return;
        }
    }
}

fn main() {
    let server = Server::start(Options::default()).expect("a server on loopback");
    let clients = |count| (0..count).map(|_| Client::join(&server)).collect();
    for count in [1, CLIENTS] {
        let name = format!("GetProcessId, {count} clients");
        measure(&name, clients(count), 1, &Syscall::GetProcessId, NO_PAUSE);
    }
    let every = Duration::from_secs(1) * CLIENTS as u32 / RATE;
    let name = format!("GetProcessId, {CLIENTS} clients that make {RATE} calls a second");
    measure(&name, clients(CLIENTS), 1, &Syscall::GetProcessId, every);
    let sid = Sid([1, 2, 3, 4]);
    let answering = Client::join(&server);
    std::thread::Builder::new()
        .spawn(move || serve(answering, sid))
        .expect("a thread");
    let mut connected: Vec<Client> = clients(CLIENTS);
    for client in &mut connected {
        client.call(&Syscall::TryConnect { sid });
    }
    let message = Message::blocking_scalar(0, [0; 4]);
    let send = Syscall::SendMessage {
        cid: Cid(2),
        message,
    };
    let name = format!("blocking scalars to one server, {CLIENTS} clients");
    measure(&name, connected, 3, &send, NO_PAUSE);
}
