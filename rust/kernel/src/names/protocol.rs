//! What is asked of xous-names and what it answers.
//!
//! Models the opcodes and the responses' numbers on the wire. Leaves out the challenge and the key of an
//! AuthenticateRequest: placeholders that no client looks at.

use crate::{Cid, Pid, Sid};

/// Proof that one was given a connection: presented to disconnect.
pub type Token = [u32; 4];

/// A request to xous-names. Names are not yet checked: one of 64 bytes or more crashes the real server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// 0: enter a name in the table and get a SID to create a server with.
    Register {
        /// The name.
        name: String,
        /// Most connections that are given out; none is no limit.
        limit: Option<u32>,
    },
    /// 1: connect if the name is known, without waiting.
    Lookup(String),
    /// 2: never implemented.
    AuthenticatedLookup,
    /// 3: take the entry with this SID out of the table.
    Unregister(Sid),
    /// 4: set an entry's count to 0.
    Disconnect {
        /// The name.
        name: String,
        /// The entry's current token.
        token: Token,
    },
    /// 5: has every limited server all its connections?
    TrustedInitDone,
    /// 6: connect, waiting until the name is known.
    BlockingConnect(String),
    /// 7: connect if the name is known.
    TryConnect(String),
}

impl Request {
    /// The message id.
    pub const fn opcode(&self) -> u32 {
        match self {
            Request::Register { .. } => 0,
            Request::Lookup(_) => 1,
            Request::AuthenticatedLookup => 2,
            Request::Unregister(_) => 3,
            Request::Disconnect { .. } => 4,
            Request::TrustedInitDone => 5,
            Request::BlockingConnect(_) => 6,
            Request::TryConnect(_) => 7,
        }
    }
}

/// A response of xous-names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Response {
    /// To Lookup: the name is unknown or its limit is reached.
    AuthenticateRequest,
    /// To Register: the name is taken. To Disconnect: unknown name or wrong token.
    Failure,
    /// To Register: create the server with this SID.
    Sid(Sid),
    /// To Lookup: the connection, in the asker's process, and the entry's token.
    Connection(Cid, Token),
    /// To Disconnect.
    Success,
    /// To Unregister and TrustedInitDone: yes (1) or no (0).
    Scalar(bool),
    /// To operations 6 and 7: the connection, in the asker's process, and the entry's token.
    Connected(Cid, Token),
    /// To operations 6 and 7: none.
    Refused(ConnectCode),
}

impl Response {
    /// The number in the rkyv enum `Return`; none for answers that are no `Return`.
    pub const fn return_number(&self) -> Option<u32> {
        match self {
            Response::AuthenticateRequest => Some(0),
            Response::Failure => Some(1),
            Response::Sid(_) => Some(2),
            Response::Connection(..) => Some(3),
            Response::Success => Some(4),
            Response::Scalar(_) | Response::Connected(..) | Response::Refused(_) => None,
        }
    }
}

/// Why operation 6 or 7 gave no connection: the second word of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectCode {
    /// `valid` is beyond the buffer.
    InvalidMemoryBuffer = 1,
    /// ConnectForProcess failed, for instance because the asker's connection map is full.
    KernelConnectFailure = 2,
    /// The name is not UTF-8.
    InvalidString = 3,
    /// Not a memory message.
    InvalidMessageType = 4,
    /// No such name, or its limit is reached. Operation 7 only.
    ServerNotFound = 5,
}

impl ConnectCode {
    /// The code with this number.
    pub const fn from_number(number: u32) -> Option<ConnectCode> {
        match number {
            1 => Some(ConnectCode::InvalidMemoryBuffer),
            2 => Some(ConnectCode::KernelConnectFailure),
            3 => Some(ConnectCode::InvalidString),
            4 => Some(ConnectCode::InvalidMessageType),
            5 => Some(ConnectCode::ServerNotFound),
            _ => None,
        }
    }
}

/// Who asked: the process that the kernel names, and whatever tells its requests apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientToken {
    /// The asking process, from the sender word.
    pub pid: Pid,
    /// Returned with the answer: the sender word of a real message, or a TID.
    pub request: u32,
}

/// A response and who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Who asked.
    pub client: ClientToken,
    /// What it gets.
    pub response: Response,
}
