//! The name server in PID 1: messages to it become requests of [`NameServer`], its answers messages.
//!
//! It serves operations 6 and 7 by the raw page that std uses, 3 and 5 as scalars, and 0, 1 and 4 by the buffers of the
//! library. PID 1 is nobody's program, so it takes no process from those that are started.

mod buffers;

use super::Exchange;
use std::collections::BTreeMap;
use xous_sim_kernel::names::{
    Answer, ClientToken, NAME_SERVER_SID, Request, Response, decode_request, encode_response,
};
use xous_sim_kernel::{
    Caller, Kernel, MemoryBody, Message, MessageEnvelope, NameServer, Outcome, Pid, ScalarBody,
    SenderWord, Sid, Step, SysResult, Syscall, Tid,
};

/// Whom the kernel takes the name server for: nobody else calls from there.
const SELF: Caller = Caller {
    pid: Pid::KERNEL,
    tid: Tid::PHANTOM,
};

const UNREGISTER: u64 = 3;
const TRUSTED_INIT_DONE: u64 = 5;
const BLOCKING_CONNECT: u64 = 6;
const TRY_CONNECT: u64 = 7;

/// The name server and the messages that it has not answered.
#[derive(Debug)]
pub(super) struct Names {
    server: NameServer,
    received: BTreeMap<ClientToken, Option<MemoryBody>>,
}

impl Names {
    /// Creates its server.
    pub(super) fn start(kernel: &mut Kernel) -> Names {
        let sid = NAME_SERVER_SID;
        let created = kernel.call(SELF, &Syscall::CreateServerWithAddress { sid });
        created.expect("the phantom of PID 1 can call");
        let config = kernel.config();
        Names {
            server: NameServer::new(config.fidelity, config.seed),
            received: BTreeMap::new(),
        }
    }

    /// Takes a message; what there is to answer now.
    fn handle(&mut self, envelope: MessageEnvelope, kernel: &mut Kernel) -> Vec<Answer> {
        let Some(client) = token(envelope.sender) else {
            return Vec::new();
        };
        let (request, body) = match envelope.message {
            Message::MutableBorrow(body) => (request(&body), Some(body)),
            Message::Borrow(body) => (Err(Response::Failure), Some(body)),
            Message::BlockingScalar(body) => (scalar_request(body), None),
            Message::Move(_) | Message::Scalar(_) => return Vec::new(),
        };
        self.received.insert(client, body);
        match request {
            Ok(request) => self.server.handle(client, request, kernel),
            Err(response) => vec![Answer { client, response }],
        }
    }

    /// The call that answers a message.
    fn reply(&mut self, answer: Answer) -> Option<Syscall> {
        let body = self.received.remove(&answer.client)?;
        let sender = SenderWord(answer.client.request.into());
        let Some(mut body) = body else {
            let value = u64::from(matches!(answer.response, Response::Scalar(true)));
            return Some(Syscall::ReturnScalar1 { sender, value });
        };
        body.payload.resize(body.range.length as usize, 0);
        let used = buffers::encode(&answer.response, &mut body.payload);
        if used.is_none() {
            encode_response(&answer.response, &mut body.payload);
        }
        Some(Syscall::ReturnMemory {
            sender,
            range: body.range,
            offset: used.unwrap_or(0),
            valid: used.map_or(0, |_| body.valid),
            payload: body.payload,
        })
    }
}

fn token(sender: SenderWord) -> Option<ClientToken> {
    let pid = sender.client()?;
    let request = sender.0 as u32;
    Some(ClientToken { pid, request })
}

/// The request in a lent buffer, or what to answer at once.
fn request(body: &MemoryBody) -> Result<Request, Response> {
    let mut page = body.payload.clone();
    page.resize(body.range.length as usize, 0);
    let name = || decode_request(&page, body.valid).map_err(Response::Refused);
    match body.id {
        BLOCKING_CONNECT => name().map(Request::BlockingConnect),
        TRY_CONNECT => name().map(Request::TryConnect),
        operation => buffers::decode(operation, &page, body.offset).ok_or(Response::Failure),
    }
}

fn scalar_request(body: ScalarBody) -> Result<Request, Response> {
    match body.id {
        UNREGISTER => Ok(Request::Unregister(Sid::from_words(body.arguments))),
        TRUSTED_INIT_DONE => Ok(Request::TrustedInitDone),
        _ => Err(Response::Scalar(false)),
    }
}

impl Exchange {
    /// Lets the name server work until it has nothing to do.
    pub(super) fn serve_names(&mut self) {
        let Some(mut names) = self.names.take() else {
            return;
        };
        let mut answers = names.server.poll(&mut self.kernel);
        while let Some(envelope) = self.receive_name_request() {
            answers.extend(names.handle(envelope, &mut self.kernel));
        }
        for answer in answers {
            if let Some(reply) = names.reply(answer) {
                let step = self.call_for_names(&reply);
                self.note_connection(&answer, &step);
                self.apply(None, step);
            }
        }
        self.names = Some(names);
    }

    fn receive_name_request(&mut self) -> Option<MessageEnvelope> {
        let sid = NAME_SERVER_SID;
        let step = self.call_for_names(&Syscall::TryReceiveMessage { sid });
        match step.outcome {
            Outcome::Done(SysResult::MessageEnvelope(envelope)) => Some(envelope),
            _ => None,
        }
    }

    fn call_for_names(&mut self, syscall: &Syscall) -> Step {
        let step = self.kernel.call(SELF, syscall);
        step.expect("the phantom of PID 1 exists and never waits")
    }

    /// Somebody was given a connection.
    fn note_connection(&mut self, answer: &Answer, step: &Step) {
        let (Response::Connected(cid, _) | Response::Connection(cid, _)) = answer.response else {
            return;
        };
        for wake in &step.wakes {
            self.watch.given(&self.kernel, wake.thread, cid);
        }
    }
}
