//! The refcount race in Shuttle: `refcount-race-shuttle CLIENTS ROUNDS buggy|fixed SECONDS dfs|random|count` prints a
//! line of JSON.
//!
//! A call of the kernel is one access to a flag, the only slot of a connection map. `dfs` and `random` are Shuttle's
//! searches, which end at the first failing send. `count` follows all schedules and counts the orders in which the
//! clients act, up to the first failing send; what happens under the lock counts as one act. Left out: all else that
//! a kernel does.

use shuttle::scheduler::{DfsScheduler, RandomScheduler};
use shuttle::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use shuttle::sync::{Arc, Mutex};
use shuttle::{Config, FailurePersistence, Runner, thread};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook};
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicBool as StdBool, AtomicU64, Ordering::SeqCst as StdSeqCst};
use std::time::{Duration, Instant};

/// How many schedules were begun.
static SCHEDULES: AtomicU64 = AtomicU64::new(0);
/// Whether a send failed; any other panic is a failure of this program.
static CUT: StdBool = StdBool::new(false);
/// The orders of acts that `count` has met, and whether each ends in a failing send.
static ORDERS: StdMutex<BTreeSet<(Vec<usize>, bool)>> = StdMutex::new(BTreeSet::new());

/// What the clients share; `acts` and `failed` watch them for `count`.
struct Shared {
    connected: AtomicBool,
    refcount: AtomicU32,
    lock: Option<Mutex<()>>,
    counting: bool,
    acts: StdMutex<Vec<usize>>,
    failed: StdMutex<bool>,
}

impl Shared {
    /// Counts, then connects, under the lock if there is one.
    fn open(&self, client: usize) {
        let guard = self.lock.as_ref().map(|lock| lock.lock().unwrap());
        self.refcount.fetch_add(1, SeqCst);
        self.note(client, guard.is_none());
        self.connected.store(true, SeqCst);
        self.note(client, true);
    }

    /// A send to a free slot fails.
    fn send(&self, client: usize) {
        let connected = self.connected.load(SeqCst);
        self.note(client, true);
        if !connected && !self.counting {
            CUT.store(true, StdSeqCst);
            panic!("the connection was cut");
        }
        *self.failed.lock().unwrap() |= !connected;
    }

    /// Counts back; the last one disconnects.
    fn close(&self, client: usize) {
        let guard = self.lock.as_ref().map(|lock| lock.lock().unwrap());
        let last = self.refcount.fetch_sub(1, SeqCst) == 1;
        self.note(client, guard.is_none() || !last);
        if last {
            self.connected.store(false, SeqCst);
            self.note(client, true);
        }
    }

    /// Notes whose act it was, until a send has failed.
    fn note(&self, client: usize, is_act: bool) {
        if self.counting && is_act && !*self.failed.lock().unwrap() {
            self.acts.lock().unwrap().push(client);
        }
    }
}

/// One schedule.
fn race(clients: usize, rounds: usize, fixed: bool, counting: bool) {
    SCHEDULES.fetch_add(1, StdSeqCst);
    let shared = Arc::new(Shared {
        connected: AtomicBool::new(false),
        refcount: AtomicU32::new(0),
        lock: fixed.then(|| Mutex::new(())),
        counting,
        acts: StdMutex::new(Vec::new()),
        failed: StdMutex::new(false),
    });
    let client = |number| {
        let shared = shared.clone();
        thread::spawn(move || {
            for _ in 0..rounds {
                shared.open(number);
                shared.send(number);
                shared.close(number);
            }
        })
    };
    let threads: Vec<_> = (0..clients).map(client).collect();
    for thread in threads {
        thread.join().unwrap();
    }
    if counting {
        let order = shared.acts.lock().unwrap().clone();
        let failed = *shared.failed.lock().unwrap();
        ORDERS.lock().unwrap().insert((order, failed));
    }
}

/// Searches until a send fails, all is covered or time is up.
fn search(limit: Duration, strategy: &str, program: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_time = Some(limit);
    let run = || match strategy {
        "random" => Runner::new(RandomScheduler::new_from_seed(1, usize::MAX), config).run(program),
        _ => Runner::new(DfsScheduler::new(None, false), config).run(program),
    };
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run))
        && !CUT.load(StdSeqCst)
    {
        resume_unwind(panic);
    }
}

/// The arguments: clients, rounds, whether there is a lock, seconds, how to search.
fn arguments() -> Option<(usize, usize, bool, u64, String)> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [clients, rounds, program, seconds, strategy] = words.as_slice() else {
        return None;
    };
    let (clients, rounds) = (clients.parse().ok()?, rounds.parse().ok()?);
    Some((
        clients,
        rounds,
        program == "fixed",
        seconds.parse().ok()?,
        strategy.clone(),
    ))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn main() {
    let usage = "CLIENTS ROUNDS buggy|fixed SECONDS dfs|random|count";
    let (clients, rounds, fixed, seconds, strategy) = arguments().expect(usage);
    let (limit, counting) = (Duration::from_secs(seconds), strategy == "count");
    set_hook(Box::new(|_| {}));
    let started = Instant::now();
    search(limit, &strategy, move || {
        race(clients, rounds, fixed, counting)
    });
    let elapsed = started.elapsed();
    let verdict = match CUT.load(StdSeqCst) {
        true => "violated",
        false if elapsed >= limit => "incomplete",
        false => "sound",
    };
    let orders = ORDERS.lock().unwrap();
    println!(
        r#"{{"verdict": "{verdict}", "explored": {}, "seconds": {}, "orders": {}, "failing": {}}}"#,
        SCHEDULES.load(StdSeqCst),
        elapsed.as_secs_f64(),
        orders.len(),
        orders.iter().filter(|(_, failed)| *failed).count()
    );
}
