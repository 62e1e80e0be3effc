//! A name server with a made-up kernel, and short words for requests.

use std::collections::BTreeSet;

use xous_sim_kernel::names::*;
use xous_sim_kernel::*;

/// A kernel that knows only which servers exist and whose map is full.
#[derive(Default)]
pub struct Servers {
    pub exist: BTreeSet<Sid>,
    pub full: BTreeSet<Pid>,
}

impl ConnectForProcess for Servers {
    fn connect_for_process(&mut self, pid: Pid, sid: Sid) -> Result<Cid, ConnectRefused> {
        match (self.full.contains(&pid), self.exist.contains(&sid)) {
            (true, _) => Err(ConnectRefused::Error(Error::OutOfMemory)),
            (false, false) => Err(ConnectRefused::Retry),
            (false, true) => Ok(Cid(2)),
        }
    }
}

/// A name server with its kernel.
pub struct World {
    pub names: NameServer,
    pub servers: Servers,
}

impl World {
    pub fn new(fidelity: Fidelity) -> World {
        World {
            names: NameServer::new(fidelity, 7),
            servers: Servers::default(),
        }
    }

    pub fn ask(&mut self, client: u8, request: Request) -> Vec<Answer> {
        self.names
            .handle(token_of(client), request, &mut self.servers)
    }

    pub fn ask_one(&mut self, client: u8, request: Request) -> Response {
        let answers = self.ask(client, request);
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(answers[0].client, token_of(client));
        answers[0].response
    }

    /// Registers `name` and creates the server.
    pub fn serve(&mut self, name: &str, limit: Option<u32>) -> (Sid, Vec<Answer>) {
        let Response::Sid(sid) = self.ask_one(9, register(name, limit)) else {
            panic!("the name is taken")
        };
        self.servers.exist.insert(sid);
        let later = self.names.poll(&mut self.servers);
        (sid, later)
    }

    pub fn lookup_token(&mut self, name: &str) -> Token {
        match self.ask_one(3, lookup(name)) {
            Response::Connection(_, token) => token,
            other => panic!("no connection: {other:?}"),
        }
    }
}

pub fn token_of(client: u8) -> ClientToken {
    ClientToken {
        pid: Pid::new(client).expect("from 1"),
        request: 0,
    }
}

pub fn register(name: &str, limit: Option<u32>) -> Request {
    Request::Register {
        name: name.to_owned(),
        limit,
    }
}

pub fn lookup(name: &str) -> Request {
    Request::Lookup(name.to_owned())
}

pub fn blocking(name: &str) -> Request {
    Request::BlockingConnect(name.to_owned())
}

pub fn trying(name: &str) -> Request {
    Request::TryConnect(name.to_owned())
}
