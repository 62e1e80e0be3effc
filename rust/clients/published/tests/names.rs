//! The published wrappers against the kernel's own name server: `cargo test` in this directory.

use std::time::Duration;
use xous_sim_clients::DONE;
use xous_sim_hosted::exchange::Setup;
use xous_sim_hosted::{Options, Server};

/// Registers a name, looks it up, reaches its limit and disconnects by token.
fn registered(name: &str) {
    let options = Options::default();
    let setup = Setup {
        names: true,
        ..options.setup
    };
    let server = Server::start(Options { setup, ..options }).expect("a server on loopback");
    let program = env!("CARGO_BIN_EXE_published");
    let spawn = |role| {
        server
            .spawn(&format!("exec {program} {role}"))
            .expect("a program")
    };
    spawn(format!("server '{name}'"));
    spawn("ticktimer".to_owned());
    let client = spawn(format!("client '{name}'"));
    let code = || {
        server
            .status()
            .exits
            .into_iter()
            .find(|exit| exit.pid == client)
    };
    for _ in 0..10_000 {
        if let Some(exit) = code() {
            assert_eq!(exit.code, Some(DONE));
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("it does not end: {:?}", server.status());
}

#[test]
fn a_name_that_fits_into_eight_bytes_is_registered_found_limited_and_released() {
    registered("short");
}

#[test]
fn a_longer_name_is_registered_found_limited_and_released() {
    registered("_A name as long as those of Xous often are_");
}
