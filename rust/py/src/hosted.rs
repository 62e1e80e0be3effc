//! The hosted kernel for Python: a server on a socket, and what it has seen.

use crate::config::config;
use crate::errors::misuse;
use crate::kernel::Kernel;
use crate::recording::Recorded;
use pyo3::prelude::*;
use std::net::SocketAddr;
use std::time::Duration;
use xous_sim_hosted::exchange::Setup;
use xous_sim_hosted::schedule::Strategy;
use xous_sim_hosted::server::Exit;
use xous_sim_hosted::watch::Finding;
use xous_sim_hosted::{Options, Server};

/// A hosted kernel that serves until it is closed.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct HostedServer(Server);

/// Property, PID, TID, CID, message, history of the slot, number of the call.
type Found = (&'static str, u8, u8, Option<u32>, String, Vec<String>, u64);

fn found(finding: &Finding) -> Found {
    (
        finding.property.name(),
        finding.thread.pid.get(),
        finding.thread.tid.0,
        finding.cid.map(|cid| cid.0),
        finding.message.clone(),
        finding.history.clone(),
        finding.call,
    )
}

/// PID, code, program, command, signal, whether it was stopped.
type Ended = (u8, Option<i32>, usize, String, Option<i32>, bool);

fn ended(exit: Exit) -> Ended {
    (
        exit.pid.get(),
        exit.code,
        exit.program,
        exit.command,
        exit.signal,
        exit.stopped,
    )
}

/// The strategy of this name; "free" is none.
fn strategy(name: &str, depth: u32, moves: u32) -> PyResult<Option<Strategy>> {
    match name {
        "free" => Ok(None),
        "random" => Ok(Some(Strategy::Random)),
        "pct" => Ok(Some(Strategy::Pct { depth, moves })),
        other => Err(misuse(format!(
            "{other:?} is no schedule: choose \"free\", \"random\" or \"pct\""
        ))),
    }
}

#[pymethods]
impl HostedServer {
    #[new]
    #[pyo3(signature = (*, listen, slots, connect, mode, seed, names, schedule, depth, moves, record, patience))]
    #[expect(clippy::too_many_arguments, reason = "Python has named arguments")]
    fn new(
        listen: &str,
        slots: u32,
        connect: &str,
        mode: &str,
        seed: Option<u64>,
        names: bool,
        schedule: &str,
        depth: u32,
        moves: u32,
        record: bool,
        patience: f64,
    ) -> PyResult<Self> {
        let listen: SocketAddr = listen.parse().map_err(|_| {
            misuse(format!(
                "{listen:?} is no address to listen at: give IP:PORT, such as 127.0.0.1:0 for any free port"
            ))
        })?;
        let patience = Duration::try_from_secs_f64(patience);
        let options = Options {
            setup: Setup {
                config: config("hosted", slots, connect, mode, 0, "none")?,
                names,
                record,
                ..Setup::default()
            },
            listen,
            seed,
            strategy: strategy(schedule, depth, moves)?,
            patience: patience.map_err(|error| misuse(format!("patience: {error}")))?,
        };
        Ok(Self(Server::start(options)?))
    }

    fn address(&self) -> String {
        self.0.address().to_string()
    }

    fn is_loopback(&self) -> bool {
        self.0.address().ip().is_loopback()
    }

    fn spawn(&self, py: Python<'_>, command: &str) -> PyResult<u8> {
        Ok(py.detach(|| self.0.spawn(command))?.get())
    }

    fn invite(&self) -> PyResult<(u8, Vec<(&'static str, String)>)> {
        let invitation = self.0.invite()?;
        Ok((invitation.pid.get(), invitation.environment()))
    }

    fn begin(&self) {
        self.0.begin();
    }

    fn wait(&self, py: Python<'_>, seconds: f64) -> bool {
        let at_most = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        py.detach(|| self.0.wait(at_most))
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    fn kernel(&self) -> Kernel {
        self.0.look(|exchange| Kernel::copy_of(exchange.kernel()))
    }

    fn calls(&self) -> u64 {
        self.0.look(|exchange| exchange.calls_made())
    }

    fn connected(&self) -> usize {
        self.0.status().connected
    }

    fn ending(&self) -> Option<String> {
        self.0.status().ending.map(|ending| ending.to_string())
    }

    fn exits(&self) -> Vec<Ended> {
        self.0.status().exits.into_iter().map(ended).collect()
    }

    fn cuts(&self) -> Vec<(u8, String)> {
        let cuts = self.0.status().cuts;
        cuts.into_iter()
            .map(|(pid, why)| (pid.get(), why))
            .collect()
    }

    fn findings(&self) -> Vec<Found> {
        self.0
            .look(|exchange| exchange.findings().iter().map(found).collect())
    }

    fn order(&self) -> Vec<String> {
        self.0
            .look(|exchange| exchange.taken().iter().map(ToString::to_string).collect())
    }

    fn recording(&self, scenario: &str) -> Option<Recorded> {
        self.0
            .look(|exchange| exchange.recording(scenario))
            .map(Recorded)
    }
}
