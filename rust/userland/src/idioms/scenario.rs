//! The scenario in which idioms are compared: clients of one server, and a bystander who takes slots that become free.

use super::{Crate, Idiom};
use crate::native::{Scenario, Server};
use crate::object::Misuse;
use crate::op::Operand;
use crate::value::Value;
use crate::world::World;
use crate::xous;
use xous_sim_kernel::Config;

/// How many clients there are and what they do.
#[derive(Clone, Copy, Debug)]
pub struct Clients {
    /// Threads.
    pub threads: usize,
    /// How often each opens, talks and drops.
    pub rounds: u16,
    /// Whether they also talk through a connection that std caches.
    pub std_shadow: bool,
    /// Whether another thread connects to another server, so that a freed slot is used again.
    pub bystander: bool,
}

/// The scenario of an idiom.
pub fn scenario(idiom: &Idiom, clients: Clients, config: Config) -> Result<World<'static>, Misuse> {
    let mut scenario = Scenario::new(config)?;
    let server = scenario.server("ticktimer-server")?;
    let other = scenario.server("xous-log-server ")?;
    let app = scenario.process("app")?;
    let shadow = match clients.std_shadow {
        true => Some(scenario.std_connection(app, server)?),
        false => None,
    };
    let shadow = shadow.map(|connection| Operand::Const(Value::Connection(connection)));
    let mut bodies = Vec::new();
    for _ in 0..idiom.crates {
        let statics = (idiom.prepare)(&mut scenario, app, server)?;
        let shadow = shadow.clone();
        bodies.push(scenario.body(move || client(&*statics, shadow.as_ref())));
    }
    for n in 0..clients.threads {
        let name = format!("client {}", n + 1);
        scenario.spawn(app, &name, bodies[n % bodies.len()], clients.rounds)?;
    }
    if clients.bystander {
        let body = scenario.body(move || bystander(other));
        scenario.spawn(app, "bystander", body, 1)?;
    }
    Ok(scenario.into_world())
}

/// Opens, talks, drops; then uses std.
fn client(statics: &dyn Crate, shadow: Option<&Operand>) {
    let client = statics.open();
    xous::send_blocking_scalar(&client.connection(), 0).ignore();
    drop(client);
    if let Some(std) = shadow {
        xous::send_blocking_scalar(std.clone(), 0).ignore();
    }
}

/// Uses a server that nobody else uses.
fn bystander(server: Server) {
    let connection = xous::connect(server.sid).unwrap();
    xous::send_blocking_scalar(&connection, 0).ignore();
    xous::disconnect(&connection).unwrap();
}
