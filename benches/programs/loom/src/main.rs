//! The refcount race in loom: `refcount-race-loom CLIENTS ROUNDS buggy|fixed SECONDS` prints a line of JSON.
//!
//! A call of the kernel is one read-modify-write of a flag, the only slot of a connection map, because such an access
//! always sees the newest value, as a system call does. Left out: all else that a kernel does.

use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering::AcqRel, Ordering::Relaxed};
use loom::sync::{Arc, Mutex};
use loom::thread;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook};
use std::sync::atomic::{AtomicBool as StdBool, AtomicU64, Ordering::SeqCst as StdSeqCst};
use std::time::{Duration, Instant};

/// How many schedules were begun.
static SCHEDULES: AtomicU64 = AtomicU64::new(0);
/// Whether a send failed; any other panic is a failure of this program.
static CUT: StdBool = StdBool::new(false);

/// What the clients share.
struct Shared {
    connected: AtomicBool,
    refcount: AtomicU32,
    lock: Option<Mutex<()>>,
}

impl Shared {
    /// Counts, then connects, under the lock if there is one.
    fn open(&self) {
        let _guard = self.lock.as_ref().map(|lock| lock.lock());
        self.refcount.fetch_add(1, Relaxed);
        self.connected.swap(true, AcqRel);
    }

    /// A send to a free slot fails.
    fn send(&self) {
        if !self.connected.fetch_or(false, AcqRel) {
            CUT.store(true, StdSeqCst);
            panic!("the connection was cut");
        }
    }

    /// Counts back; the last one disconnects.
    fn close(&self) {
        let _guard = self.lock.as_ref().map(|lock| lock.lock());
        if self.refcount.fetch_sub(1, Relaxed) == 1 {
            self.connected.swap(false, AcqRel);
        }
    }
}

/// One schedule.
fn race(clients: usize, rounds: usize, fixed: bool) {
    SCHEDULES.fetch_add(1, StdSeqCst);
    let shared = Arc::new(Shared {
        connected: AtomicBool::new(false),
        refcount: AtomicU32::new(0),
        lock: fixed.then(|| Mutex::new(())),
    });
    let client = |_| {
        let shared = shared.clone();
        thread::spawn(move || {
            for _ in 0..rounds {
                shared.open();
                shared.send();
                shared.close();
            }
        })
    };
    let threads: Vec<_> = (0..clients).map(client).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// The arguments: clients, rounds, whether there is a lock, seconds.
fn arguments() -> Option<(usize, usize, bool, u64)> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [clients, rounds, program, seconds] = words.as_slice() else {
        return None;
    };
    let (clients, rounds) = (clients.parse().ok()?, rounds.parse().ok()?);
    Some((clients, rounds, program == "fixed", seconds.parse().ok()?))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn main() {
    let usage = "CLIENTS ROUNDS buggy|fixed SECONDS";
    let (clients, rounds, fixed, seconds) = arguments().expect(usage);
    let limit = Duration::from_secs(seconds);
    let mut model = loom::model::Builder::new();
    model.max_duration = Some(limit);
    model.checkpoint_interval = 1; // It looks at the clock only where it would write a checkpoint.
    set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let ending = catch_unwind(AssertUnwindSafe(|| {
        model.check(move || race(clients, rounds, fixed))
    }));
    let elapsed = started.elapsed();
    let verdict = match ending {
        Err(_) if CUT.load(StdSeqCst) => "violated",
        Err(panic) => resume_unwind(panic),
        Ok(()) if elapsed >= limit => "incomplete",
        Ok(()) => "sound",
    };
    println!(
        r#"{{"verdict": "{verdict}", "explored": {}, "seconds": {}}}"#,
        SCHEDULES.load(StdSeqCst),
        elapsed.as_secs_f64()
    );
}
