//! The loop of xous-names: one request after the other, and what is left of it while it waits for the kernel.
//!
//! Models a single thread. ConnectForProcess polls inside the kernel until the server exists, and a registrant
//! creates its server only after it has its answer: until then the name server is *busy* and requests pile up,
//! in order. A crash ends it: nobody is answered any more. Leaves out what follows from the crash for the
//! kernel (its process dies): [`NameServer::crashed`] says when to do it.

use std::collections::VecDeque;

use super::broker::{ConnectForProcess, ConnectRefused};
use super::crash::Crash;
use super::protocol::{Answer, ClientToken, ConnectCode, Request, Response, Token};
use super::table::Table;
use crate::{Cid, Error, Fidelity, Sid};

/// Names have fewer bytes than this.
const NAME_LIMIT: usize = 64;

/// The name server's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NameServer {
    fidelity: Fidelity,
    table: Table,
    /// BlockingConnects that found no server (or no place), oldest first.
    waiting: Vec<Waiter>,
    /// Requests that came while it was busy, oldest first.
    inbox: VecDeque<(ClientToken, Request)>,
    /// The ConnectForProcess that has not returned; empty unless busy.
    busy: Option<Connecting>,
    /// The Register whose waiters are being served.
    serving: Option<Serving>,
    crashed: Option<Crash>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Waiter {
    client: ClientToken,
    name: String,
}

/// A connection that the kernel has been asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Connecting {
    client: ClientToken,
    by_lookup: bool,
    sid: Sid,
    token: Token,
}

/// Waiters below index `below` are still to be looked at for `name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Serving {
    name: String,
    below: usize,
}

impl NameServer {
    /// With an empty table.
    pub fn new(fidelity: Fidelity, seed: u64) -> NameServer {
        NameServer {
            fidelity,
            table: Table::new(seed),
            waiting: Vec::new(),
            inbox: VecDeque::new(),
            busy: None,
            serving: None,
            crashed: None,
        }
    }

    /// Takes a request; returns all answers that this makes possible, in the order of sending.
    ///
    /// None at all while it is busy or after a crash: the request waits, or is lost.
    pub fn handle(
        &mut self,
        client: ClientToken,
        request: Request,
        kernel: &mut dyn ConnectForProcess,
    ) -> Vec<Answer> {
        if self.crashed.is_some() {
            return Vec::new();
        }
        self.inbox.push_back((client, request));
        self.poll(kernel)
    }

    /// Repeats the call that keeps it busy and goes on if it returns now, as after a server was created.
    pub fn poll(&mut self, kernel: &mut dyn ConnectForProcess) -> Vec<Answer> {
        let mut answers = Vec::new();
        while self.crashed.is_none() && self.step(kernel, &mut answers) {}
        if self.crashed.is_some() {
            self.forget_everything();
        }
        answers
    }

    /// Why it crashed, if it has.
    pub const fn crashed(&self) -> Option<Crash> {
        self.crashed
    }

    /// The server that it waits for inside ConnectForProcess, serving nobody else meanwhile.
    pub fn busy_with(&self) -> Option<Sid> {
        self.busy.as_ref().map(|connecting| connecting.sid)
    }

    /// Clients that wait in BlockingConnect, oldest first, and for which name.
    pub fn waiting(&self) -> impl Iterator<Item = (ClientToken, &str)> {
        self.waiting
            .iter()
            .map(|waiter| (waiter.client, waiter.name.as_str()))
    }

    /// The registered names, sorted, with their SIDs.
    pub fn registered(&self) -> impl Iterator<Item = (&str, Sid)> {
        self.table.names()
    }

    /// Connections that count against the limit of `name`; none if unknown or unlimited.
    pub fn connections_counted(&self, name: &str) -> Option<u32> {
        self.table.given(name)
    }

    /// One call, one waiter or one request; was there anything to do?
    fn step(&mut self, kernel: &mut dyn ConnectForProcess, answers: &mut Vec<Answer>) -> bool {
        if let Some(connecting) = self.busy.take() {
            self.connect(connecting, kernel, answers)
        } else if let Some(serving) = self.serving.take() {
            self.serve_next_waiter(serving);
            true
        } else if let Some((client, request)) = self.inbox.pop_front() {
            answers.extend(
                self.start(client, request)
                    .map(|response| Answer { client, response }),
            );
            true
        } else {
            false
        }
    }

    /// What a request gets at once; none if it needs the kernel or has to wait.
    fn start(&mut self, client: ClientToken, request: Request) -> Option<Response> {
        match request {
            Request::Register { name, limit } => self.register(name, limit),
            Request::Lookup(name) => self.lookup(client, &name),
            Request::AuthenticatedLookup => {
                self.crash(Crash::AuthenticatedLookup, Response::Failure)
            }
            Request::Unregister(sid) => Some(Response::Scalar(self.table.unregister(sid))),
            Request::Disconnect { name, token } => self.disconnect(&name, token),
            Request::TrustedInitDone => Some(Response::Scalar(self.table.trusted_init_done())),
            Request::BlockingConnect(name) => self.blocking_connect(client, name),
            Request::TryConnect(name) => self.try_connect(client, &name),
        }
    }

    fn register(&mut self, name: String, limit: Option<u32>) -> Option<Response> {
        if !is_name(&name) {
            return self.crash(Crash::NameTooLong, Response::Failure);
        }
        let Some(sid) = self.table.register(&name, limit) else {
            return Some(Response::Failure);
        };
        self.serving = Some(Serving {
            name,
            below: self.waiting.len(),
        });
        Some(Response::Sid(sid))
    }

    fn lookup(&mut self, client: ClientToken, name: &str) -> Option<Response> {
        if !is_name(name) {
            return self.crash(Crash::NameTooLong, Response::Failure);
        }
        let refused = Some(Response::AuthenticateRequest);
        if self.begin_connect(client, name, true) {
            None
        } else {
            refused
        }
    }

    fn disconnect(&mut self, name: &str, token: Token) -> Option<Response> {
        if !is_name(name) {
            return self.crash(Crash::NameTooLong, Response::Failure);
        }
        Some(if self.table.disconnect(name, token) {
            Response::Success
        } else {
            Response::Failure
        })
    }

    fn blocking_connect(&mut self, client: ClientToken, name: String) -> Option<Response> {
        if !is_connect_name(&name) {
            return self.crash(
                Crash::NameTooLong,
                Response::Refused(ConnectCode::InvalidString),
            );
        }
        if !self.begin_connect(client, &name, false) {
            self.waiting.push(Waiter { client, name });
        }
        None
    }

    fn try_connect(&mut self, client: ClientToken, name: &str) -> Option<Response> {
        if !is_connect_name(name) {
            return self.crash(
                Crash::NameTooLong,
                Response::Refused(ConnectCode::InvalidString),
            );
        }
        let refused = Some(Response::Refused(ConnectCode::ServerNotFound));
        if self.begin_connect(client, name, false) {
            None
        } else {
            refused
        }
    }

    /// Counts a connection and gets ready to ask the kernel for it; false if unknown or over the limit.
    fn begin_connect(&mut self, client: ClientToken, name: &str, by_lookup: bool) -> bool {
        let found = self.table.connect(name);
        self.busy = found.map(|(sid, token)| Connecting {
            client,
            by_lookup,
            sid,
            token,
        });
        found.is_some()
    }

    /// Asks the kernel; false if the call has not returned.
    fn connect(
        &mut self,
        connecting: Connecting,
        kernel: &mut dyn ConnectForProcess,
        answers: &mut Vec<Answer>,
    ) -> bool {
        let response = match kernel.connect_for_process(connecting.client.pid, connecting.sid) {
            Ok(cid) => Some(connecting.success(cid)),
            Err(ConnectRefused::Error(error)) => self.refused(&connecting, error),
            Err(ConnectRefused::Retry | ConnectRefused::Never) => {
                self.busy = Some(connecting);
                return false;
            }
        };
        answers.extend(response.map(|response| Answer {
            client: connecting.client,
            response,
        }));
        true
    }

    fn refused(&mut self, connecting: &Connecting, error: Error) -> Option<Response> {
        if connecting.by_lookup && self.fidelity == Fidelity::Faithful {
            return self.crash(Crash::LookupNotBrokered(error), Response::Failure);
        }
        self.table.take_back(connecting.sid);
        Some(connecting.failure())
    }

    /// Looks at the newest waiter that is left; a waiter over the limit is impossible, as its authors thought.
    fn serve_next_waiter(&mut self, serving: Serving) {
        let Some(index) = serving.below.checked_sub(1) else {
            return;
        };
        if self.waiting[index].name == serving.name {
            let waiter = self.waiting.remove(index);
            if !self.begin_connect(waiter.client, &waiter.name, false) {
                self.waiter_over_limit(index, waiter);
            }
        }
        self.serving = Some(Serving {
            below: index,
            ..serving
        });
    }

    fn waiter_over_limit(&mut self, index: usize, waiter: Waiter) {
        match self.fidelity {
            Fidelity::Faithful => self.crashed = Some(Crash::WaiterOverLimit),
            Fidelity::Safe => self.waiting.insert(index, waiter),
        }
    }

    /// The one place where the faithful server crashes on a request; a safe one answers instead.
    fn crash(&mut self, crash: Crash, instead: Response) -> Option<Response> {
        match self.fidelity {
            Fidelity::Faithful => {
                self.crashed = Some(crash);
                None
            }
            Fidelity::Safe => Some(instead),
        }
    }

    /// So that all servers that crashed for the same reason are equal.
    fn forget_everything(&mut self) {
        let crashed = self.crashed;
        *self = NameServer {
            crashed,
            ..NameServer::new(self.fidelity, 0)
        };
    }
}

impl Connecting {
    const fn success(&self, cid: Cid) -> Response {
        if self.by_lookup {
            Response::Connection(cid, self.token)
        } else {
            Response::Connected(cid, self.token)
        }
    }

    const fn failure(&self) -> Response {
        if self.by_lookup {
            Response::Failure
        } else {
            Response::Refused(ConnectCode::KernelConnectFailure)
        }
    }
}

const fn is_name(name: &str) -> bool {
    name.len() < NAME_LIMIT
}

/// Operations 6 and 7 take an empty name (`valid` = 0) for the whole page, which is too long.
const fn is_connect_name(name: &str) -> bool {
    is_name(name) && !name.is_empty()
}
