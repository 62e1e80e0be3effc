//! What a server is started with, and what a program needs to join it.

use crate::exchange::Setup;
use crate::schedule::Strategy;
use crate::wire::Key;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use xous_sim_kernel::{Config, Fidelity, Pid, Profile};

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is modelled and recorded. The profile is hosted in any case, and the seed the one below.
    pub setup: Setup,
    /// Where to listen. Whoever can connect there and has a key becomes a process.
    pub listen: SocketAddr,
    /// Seeds keys, SIDs and schedule. Anybody can then foretell the keys; without it they come from the operating system.
    pub seed: Option<u64>,
    /// How the threads of the programs are scheduled; not at all unless it is given. Needs Linux.
    pub strategy: Option<Strategy>,
    /// How long a connection may stop within its key or a packet, or leave its answers unread.
    pub patience: Duration,
}

impl Default for Options {
    /// On loopback, at a free port, as a safe kernel.
    fn default() -> Options {
        Options {
            setup: Setup {
                config: Config {
                    profile: Profile::Hosted,
                    fidelity: Fidelity::Safe,
                    ..Config::default()
                },
                ..Setup::default()
            },
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: None,
            strategy: None,
            patience: Duration::from_secs(10),
        }
    }
}

/// What a program finds in its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The process that it becomes.
    pub pid: Pid,
    /// What proves it.
    pub key: Key,
    /// Where it connects.
    pub server: SocketAddr,
    /// The seed of the random numbers that the client library makes, if there is one.
    pub seed: Option<u64>,
}

impl Invitation {
    /// The variables.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("XOUS_SERVER", self.server.to_string()),
            ("XOUS_PID", self.pid.get().to_string()),
            ("XOUS_PROCESS_KEY", self.key.to_string()),
            ("XOUS_PROCESS_NAME", "program".to_owned()),
        ];
        variables.extend(self.seed.map(|seed| ("XOUS_SEED", seed.to_string())));
        variables
    }
}
