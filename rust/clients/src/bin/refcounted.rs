//! The reference count that Xous libraries keep for a connection, with two threads: `refcounted SERVICE`, `refcounted app`.
//!
//! [`Ticktimer`] is written as `xous-api-ticktimer` 0.9.71 is, but that a failed call is returned and not unwrapped. The
//! second thread uses it later than the first, as a rule after that one has disconnected. When not, its connection can be
//! cut: a call gets ServerNotFound, and once the first thread has connected to something else the CID leads there,
//! silently. Or both threads disconnect, and for one of them the slot is free already.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;
use xous::{CID, Error, Message, Result, send_message};
use xous_sim_clients::{arguments, ask, done, sid};

/// The exit status of an app in which a disconnect failed, a call was cut off, or a call reached another server.
const DISCONNECTED_TWICE: u32 = 43;
const CUT_OFF: u32 = 44;
const WRONG_SERVER: u32 = 45;

const ELAPSED_MS: usize = 0;

fn main() {
    match arguments().first().map(String::as_str) {
        Some("app") => app(),
        Some(service) => serve(service),
        None => panic!("app, or the name of a service"),
    }
}

/// Answers whatever it is asked with the length of its own name; the log has to work for it.
fn serve(service: &str) {
    let sid = xous::create_server_with_sid(sid(service)).expect("a server");
    loop {
        let envelope = xous::receive_message(sid).expect("a message");
        if service == LOG {
            work();
        }
        xous::return_scalar(envelope.sender, service.len()).expect("an answer");
    }
}

/// Keeps the processor busy for some 40 ms, much longer than the first thread needs for all that it does. It is an amount
/// of work and not a time, so that it lasts longer as well where others want the processor.
#[expect(clippy::disallowed_methods, reason = "what the clock says is ignored")]
fn work() {
    for _ in 0..1_000_000 {
        std::hint::black_box(Instant::now());
    }
}

static REFCOUNT: AtomicU32 = AtomicU32::new(0);
const TICKTIMER: &str = "ticktimer-server";
const LOG: &str = "log";
const OTHER: &str = "other";

struct Ticktimer {
    conn: CID,
}

impl Ticktimer {
    fn new() -> core::result::Result<Self, Error> {
        REFCOUNT.fetch_add(1, Ordering::Relaxed);
        let conn = xous::connect(xous::SID::from_bytes(b"ticktimer-server").unwrap())?;
        Ok(Ticktimer { conn })
    }

    fn elapsed_ms(&self) -> core::result::Result<usize, Error> {
        let message = Message::new_blocking_scalar(ELAPSED_MS, 0, 0, 0, 0);
        match send_message(self.conn, message)? {
            Result::Scalar1(value) => Ok(value),
            other => panic!("Ticktimer elapsed_ms(): unexpected return value {other:?}."),
        }
    }
}

impl Drop for Ticktimer {
    fn drop(&mut self) {
        if REFCOUNT.fetch_sub(1, Ordering::Relaxed) == 1 {
            // SAFETY: nobody else uses this connection; so it is written, and it is not so.
            unsafe {
                xous::disconnect(self.conn).unwrap();
            }
        }
    }
}

fn app() {
    let log = xous::connect(sid(LOG)).expect("a connection");
    let first = xous::create_thread(first).expect("a thread");
    let second = xous::create_thread(move || second(log)).expect("a thread");
    for thread in [first, second] {
        // A thread panics where its disconnect fails.
        if xous::wait_thread(thread).is_err() {
            happened(DISCONNECTED_TWICE);
        }
    }
    match WORST.load(Ordering::Relaxed) {
        0 => done(),
        status => std::process::exit(status as i32),
    }
}

/// Asks for the time once, then talks to somebody else.
fn first() {
    let timer = Ticktimer::new().expect("a connection");
    assert_eq!(timer.elapsed_ms(), Ok(TICKTIMER.len()));
    drop(timer);
    let other = xous::connect(sid(OTHER)).expect("a connection");
    assert_eq!(ask(other, 0, 0), Ok(OTHER.len()));
}

/// The worst that has happened, as an exit status.
static WORST: AtomicU32 = AtomicU32::new(0);

fn happened(status: u32) {
    WORST.fetch_max(status, Ordering::Relaxed);
}

/// Writes to the log, then asks for the time a few times.
fn second(log: CID) {
    assert_eq!(ask(log, 0, 0), Ok(LOG.len()));
    let timer = Ticktimer::new().expect("a connection");
    for _ in 0..3 {
        match timer.elapsed_ms() {
            Ok(answer) if answer == TICKTIMER.len() => {}
            Ok(_) => happened(WRONG_SERVER),
            Err(error) => {
                assert_eq!(error, Error::ServerNotFound);
                happened(CUT_OFF);
            }
        }
    }
}
