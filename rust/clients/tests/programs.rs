//! The real user-space library of Xous against the hosted kernel: each test is a claim that a program on it makes.

use std::path::Path;
use std::time::{Duration, Instant};
use xous_sim_clients::DONE;
use xous_sim_hosted::{Options, Server};
use xous_sim_kernel::Pid;

/// No program here takes as long; a test that waits for it has failed.
const FAR_TOO_LONG: Duration = Duration::from_secs(60);

/// The kernel with programs on it.
struct Run {
    server: Server,
    /// The programs that must do all they should.
    clients: Vec<Pid>,
}

impl Run {
    fn new(options: Options) -> Run {
        let server = Server::start(options).expect("a server on loopback");
        Run {
            server,
            clients: Vec::new(),
        }
    }

    /// A program that serves until the others have ended.
    fn serving(self, command: &str) -> Run {
        self.server.spawn(&program(command)).expect("a program");
        self
    }

    /// A program that must do all it should.
    fn client(mut self, command: &str) -> Run {
        self.clients
            .push(self.server.spawn(&program(command)).expect("a program"));
        self
    }

    /// Waits for the clients.
    fn ends_well(self) {
        let started = Instant::now();
        while self.clients.iter().any(|pid| self.exit(*pid).is_none()) {
            let status = self.server.status();
            assert!(
                started.elapsed() < FAR_TOO_LONG,
                "they do not end: {status:?}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        let status = self.server.status();
        assert_eq!(
            (&status.ending, status.cuts.len()),
            (&None, 0),
            "{status:?}"
        );
        for pid in &self.clients {
            assert_eq!(self.exit(*pid), Some(Some(DONE)), "{status:?}");
        }
    }

    fn exit(&self, pid: Pid) -> Option<Option<i32>> {
        let exits = self.server.status().exits;
        exits
            .iter()
            .find(|exit| exit.pid == pid)
            .map(|exit| exit.code)
    }
}

fn safe() -> Run {
    Run::new(Options::default())
}

/// The path of a program, with its arguments.
fn program(command: &str) -> String {
    let any = Path::new(env!("CARGO_BIN_EXE_scalars"));
    format!("exec {}", any.with_file_name(command).display())
}

#[test]
fn scalars_are_answered_with_one_two_and_five_words() {
    safe()
        .serving("scalars server")
        .client("scalars client 100")
        .ends_well();
}

#[test]
fn memory_of_every_kind_is_carried_by_the_page_and_by_the_byte() {
    safe()
        .serving("memory server")
        .client("memory client")
        .ends_well();
}

#[test]
fn two_servers_answer_eight_clients_each_its_own() {
    let mut run = safe()
        .serving("crowd server one")
        .serving("crowd server three");
    for _ in 0..8 {
        run = run.client("crowd client one three 50");
    }
    run.ends_well();
}

#[test]
fn thirty_threads_of_a_process_call_beside_its_main_thread() {
    safe().client("threads").ends_well();
}

#[test]
fn a_client_that_outlives_its_server_loses_a_slot_with_each_restart() {
    safe().client("restart").ends_well();
}

#[test]
fn every_other_system_call_is_answered_as_documented() {
    safe().client("syscalls").ends_well();
}
