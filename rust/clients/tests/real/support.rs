//! Runs the programs of this package on a kernel.

use std::path::Path;
use std::time::{Duration, Instant};
use xous_sim_clients::DONE;
use xous_sim_hosted::exchange::Taken;
use xous_sim_hosted::schedule::Strategy;
use xous_sim_hosted::watch::Property;
use xous_sim_hosted::{Options, Server};
use xous_sim_kernel::Pid;

/// No program here takes as long; a test that waits for it has failed.
const FAR_TOO_LONG: Duration = Duration::from_secs(600);

/// A kernel with programs on it.
pub struct Run {
    pub server: Server,
    /// The programs that must end before the run is over.
    clients: Vec<Pid>,
    /// What is waited for after each program that is started.
    pause: Duration,
}

/// What a run came to.
pub struct Ran {
    /// The exit status of each client.
    pub codes: Vec<Option<i32>>,
    /// What was found, in order.
    pub found: Vec<Property>,
    /// How many calls were made.
    pub calls: u64,
    /// The moves, where they were scheduled, up to the last one of a client: servers may go on until they are ended.
    pub order: Vec<String>,
}

impl Run {
    pub fn new(options: Options) -> Run {
        let server = Server::start(options).expect("a server on loopback");
        Run {
            server,
            clients: Vec::new(),
            pause: Duration::ZERO,
        }
    }

    /// The same, with so long between the starts of two programs.
    pub fn pausing(self, pause: Duration) -> Run {
        Run { pause, ..self }
    }

    /// On a kernel that answers sanely and lets programs run freely.
    pub fn freely() -> Run {
        Run::new(Options::default())
    }

    /// The same, with a name server.
    pub fn with_names() -> Run {
        Run::new(serving_names(Options::default()))
    }

    /// One thread at a time.
    pub fn scheduled(strategy: Strategy, seed: u64) -> Run {
        Run::new(scheduling(strategy, seed))
    }

    /// The same, with a name server.
    pub fn scheduled_with_names(strategy: Strategy, seed: u64) -> Run {
        Run::new(serving_names(scheduling(strategy, seed)))
    }

    /// A program that serves until the others have ended.
    pub fn serving(self, command: &str) -> Run {
        self.start(command);
        self
    }

    /// A program that the run waits for.
    pub fn client(mut self, command: &str) -> Run {
        let pid = self.start(command);
        self.clients.push(pid);
        self
    }

    fn start(&self, command: &str) -> Pid {
        let pid = self.server.spawn(&program(command)).expect("a program");
        std::thread::sleep(self.pause);
        pid
    }

    /// Waits for the clients, and ends everything.
    pub fn run(self) -> Ran {
        let started = now();
        self.server.begin();
        while self.clients.iter().any(|pid| self.code(*pid).is_none()) {
            let status = self.server.status();
            assert!(
                started.elapsed() < FAR_TOO_LONG,
                "they do not end: {status:?}"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        self.server.close();
        let status = self.server.status();
        assert_eq!(
            (&status.ending, status.cuts.len()),
            (&None, 0),
            "{status:?}"
        );
        let codes = self.clients.iter().map(|pid| self.code(*pid).flatten());
        self.server.look(|exchange| Ran {
            codes: codes.collect(),
            found: exchange
                .findings()
                .iter()
                .map(|finding| finding.property)
                .collect(),
            calls: exchange.calls_made(),
            order: self.order(exchange.taken()),
        })
    }

    /// The same, and nothing was found.
    pub fn ends_well_and_clean(self) -> Ran {
        let ran = self.ends_well();
        assert_eq!(ran.found, []);
        ran
    }

    fn order(&self, taken: &[Taken]) -> Vec<String> {
        let of_client = |taken: &Taken| self.clients.contains(&taken.at.pid);
        let last = taken.iter().rposition(of_client).map_or(0, |last| last + 1);
        taken[..last].iter().map(ToString::to_string).collect()
    }

    /// Runs it; each client must do all it should.
    pub fn ends_well(self) -> Ran {
        let ran = self.run();
        assert!(
            ran.codes.iter().all(|code| *code == Some(DONE)),
            "{:?}",
            ran.codes
        );
        ran
    }

    /// The exit status of a program, if it has ended; none in it if a signal ended it.
    fn code(&self, pid: Pid) -> Option<Option<i32>> {
        let exits = self.server.status().exits;
        exits
            .iter()
            .find(|exit| exit.pid == pid)
            .map(|exit| exit.code)
    }
}

fn serving_names(mut options: Options) -> Options {
    options.setup.names = true;
    options
}

fn scheduling(strategy: Strategy, seed: u64) -> Options {
    Options {
        strategy: Some(strategy),
        seed: Some(seed),
        ..Options::default()
    }
}

/// The command that runs a program of this package.
fn program(command: &str) -> String {
    let any = Path::new(env!("CARGO_BIN_EXE_scalars"));
    format!("exec {}", any.with_file_name(command).display())
}

#[expect(clippy::disallowed_methods, reason = "a test that hangs has to fail")]
fn now() -> Instant {
    Instant::now()
}
