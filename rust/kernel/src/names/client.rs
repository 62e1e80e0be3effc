//! What the client library, `xous-api-names`, makes of each response.
//!
//! Models the errors that a program sees, which say little: an unknown name and a limit that is reached are the same.
//! Leaves out the library's own buffers, and what Register does next: create the server with the SID.
//! A response that does not fit the request is an InternalError, where the real library panics for Register.

use super::protocol::{Response, Token};
use crate::{Cid, Error, Sid};

/// Of `register_name`: the SID to create a server with.
///
/// # Errors
/// `InternalError` if the name is taken.
pub const fn registered(response: &Response) -> Result<Sid, Error> {
    match response {
        Response::Sid(sid) => Ok(*sid),
        _ => Err(Error::InternalError),
    }
}

/// Of `request_connection` (operation 1) and `request_connection_blocking` (operation 6), with the token that only
/// `request_connection_with_token` passes on.
///
/// # Errors
/// `ServerNotFound` for a Lookup, whatever the reason; `InternalError` for operation 6, whatever the reason.
pub const fn connected(response: &Response) -> Result<(Cid, Token), Error> {
    match response {
        Response::Connection(cid, token) | Response::Connected(cid, token) => Ok((*cid, *token)),
        Response::AuthenticateRequest | Response::Failure => Err(Error::ServerNotFound),
        _ => Err(Error::InternalError),
    }
}

/// Of `disconnect_with_token`.
///
/// # Errors
/// `ServerNotFound` for an unknown name or a wrong token.
pub const fn disconnected(response: &Response) -> Result<(), Error> {
    match response {
        Response::Success => Ok(()),
        _ => Err(Error::ServerNotFound),
    }
}

/// Of `unregister_server`.
///
/// # Errors
/// `ServerNotFound` if no name has that SID.
pub const fn unregistered(response: &Response) -> Result<(), Error> {
    match response {
        Response::Scalar(true) => Ok(()),
        Response::Scalar(false) => Err(Error::ServerNotFound),
        _ => Err(Error::InternalError),
    }
}

/// Of `trusted_init_done`.
///
/// # Errors
/// `InternalError` if the response is no scalar.
pub const fn trusted_init_done(response: &Response) -> Result<bool, Error> {
    match response {
        Response::Scalar(done) => Ok(*done),
        _ => Err(Error::InternalError),
    }
}
