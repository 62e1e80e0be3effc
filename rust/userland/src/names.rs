//! The name server as programs reach it: requests through a connection, answers that may come later.
//!
//! The server itself is [`xous_sim_kernel::NameServer`], with its defects. Here it answers as soon as it can; its own
//! message queue is not modelled.

use crate::machine::{Effect, Environment, Machine};
use crate::object::{Misuse, Reply};
use crate::properties;
use crate::value::{Connection, Value};
use xous_sim_kernel::names as client;
use xous_sim_kernel::names::{Answer, ClientToken, Request, Response, Token};
use xous_sim_kernel::{Caller, Cid, Error, Sid, Tid};

/// A request, without what the operands say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NamesOp {
    /// Enter a name; with a limit of connections or without.
    Register(String, Option<u32>),
    /// `request_connection`: connect if the name is known.
    Lookup(String),
    /// Connect if the name is known, as std does.
    TryConnect(String),
    /// `request_connection_blocking`: wait until the name is known.
    BlockingConnect(String),
    /// Take the entry of a SID (four operands) out.
    Unregister,
    /// `disconnect_with_token` (four operands): set a name's count to 0.
    Disconnect(String),
    /// Whether every limited server has all its connections.
    TrustedInitDone,
}

impl NamesOp {
    fn request(&self, words: &[u32]) -> Result<Request, Misuse> {
        let four = || <[u32; 4]>::try_from(words).map_err(|_| "four words are needed".to_string());
        Ok(match self {
            Self::Register(name, limit) => Request::Register {
                name: name.clone(),
                limit: *limit,
            },
            Self::Lookup(name) => Request::Lookup(name.clone()),
            Self::TryConnect(name) => Request::TryConnect(name.clone()),
            Self::BlockingConnect(name) => Request::BlockingConnect(name.clone()),
            Self::Unregister => Request::Unregister(Sid(four()?)),
            Self::Disconnect(name) => Request::Disconnect {
                name: name.clone(),
                token: four()?,
            },
            Self::TrustedInitDone => Request::TrustedInitDone,
        })
    }

    /// What the client library makes of a response. Of TryConnect, which has no wrapper there, std makes None.
    fn value(&self, machine: &Machine, caller: Caller, response: &Response) -> Value {
        let value = match self {
            Self::Register(..) => client::registered(response).map(|sid| tuple(&sid.0)),
            Self::TryConnect(_) => client::connected(response)
                .map_err(|_| Error::ServerNotFound)
                .map(|granted| machine.granted(caller, granted)),
            Self::Lookup(_) | Self::BlockingConnect(_) => {
                client::connected(response).map(|granted| machine.granted(caller, granted))
            }
            Self::Unregister => client::unregistered(response).map(|()| Value::Unit),
            Self::Disconnect(_) => client::disconnected(response).map(|()| Value::Unit),
            Self::TrustedInitDone => {
                client::trusted_init_done(response).map(|done| Value::Int(done.into()))
            }
        };
        value.unwrap_or_else(Value::Error)
    }
}

fn tuple(words: &[u32]) -> Value {
    Value::Tuple(words.iter().map(|&word| Value::Int(word.into())).collect())
}

impl Machine {
    /// Sends a request through a connection to the name server; the first operand.
    pub(crate) fn ask_names(
        &mut self,
        environment: &Environment,
        caller: Caller,
        op: &NamesOp,
        operands: &[Value],
    ) -> Result<Effect, Misuse> {
        let (connection, words) = operands.split_first().ok_or("a connection is needed")?;
        let words: Option<Vec<u32>> = words
            .iter()
            .map(|word| word.as_int().and_then(|n| n.try_into().ok()))
            .collect();
        let request = op.request(&words.ok_or("a word is not a 32-bit number")?)?;
        let Value::Connection(connection) = connection else {
            return Err(format!(
                "{connection} is not a connection to the name server"
            ));
        };
        let violation = properties::delivery(self, environment, *connection);
        let reached = self.kernel.server_behind(connection.pid, connection.cid);
        if reached != Some(connection.opened_for) {
            let mut effect = Effect::reply(Reply::Done(Value::Error(Error::ServerNotFound)));
            effect.violation = violation;
            return Ok(effect);
        }
        self.asked.insert(caller, op.clone());
        let client = ClientToken {
            pid: caller.pid,
            request: caller.tid.0.into(),
        };
        let names = self.names.as_mut().ok_or("this world has no name server")?;
        let answers = names.handle(client, request, &mut self.kernel);
        Ok(self.deliver(Some(caller), answers))
    }

    /// A connection that the name server made for `caller`, and its token.
    fn granted(&self, caller: Caller, (cid, token): (Cid, Token)) -> Value {
        let opened_for = self.kernel.server_behind(caller.pid, cid);
        let connection = opened_for.map(|opened_for| Connection {
            pid: caller.pid,
            cid,
            opened_for,
        });
        let mut parts = vec![connection.map_or(Value::Int(cid.0.into()), Value::Connection)];
        parts.extend(token.map(|word| Value::Int(word.into())));
        Value::Tuple(parts.into())
    }

    /// Lets the name server go on that waits for a server to be created.
    pub(crate) fn poll_names(&mut self) -> Effect {
        let Some(names) = self
            .names
            .as_mut()
            .filter(|names| names.busy_with().is_some())
        else {
            return self.deliver(None, Vec::new());
        };
        let answers = names.poll(&mut self.kernel);
        self.deliver(None, answers)
    }

    /// Hands answers to those who asked; `caller` is the one whose operation this is.
    fn deliver(&mut self, caller: Option<Caller>, answers: Vec<Answer>) -> Effect {
        let mut effect = Effect::reply(Reply::Blocked);
        for answer in answers {
            let client = Caller {
                pid: answer.client.pid,
                tid: Tid(answer.client.request as u8),
            };
            let Some(op) = self.asked.remove(&client) else {
                continue;
            };
            let value = op.value(self, client, &answer.response);
            if Some(client) == caller {
                effect.reply = Reply::Done(value);
            } else {
                effect.wakes.push((client, value));
            }
        }
        let crashed = self.names.as_ref().and_then(|names| names.crashed());
        effect.violation = crashed.map(|crash| properties::names_crash(&crash.to_string()));
        effect
    }
}
