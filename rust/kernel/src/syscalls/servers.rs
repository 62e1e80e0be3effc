//! CreateServerId, CreateServer, CreateServerWithAddress, DestroyServer.

use super::{Call, connections, done};
use crate::abi::SysResult;
use crate::error::Error;
use crate::ids::Sid;
use crate::step::Answer;

/// A random SID, which takes up nothing.
pub(super) fn create_server_id(call: &mut Call<'_>) -> Answer {
    done(SysResult::ServerId(random_sid(call)))
}

/// Creates a server with a random SID.
pub(super) fn create_server(call: &mut Call<'_>) -> Answer {
    let sid = random_sid(call);
    create_server_with_address(call, sid)
}

/// Creates a server and connects its owner to the SID: perhaps to another server of that SID, perhaps in vain, for where
/// the owner's map is full the server exists all the same.
pub(super) fn create_server_with_address(call: &mut Call<'_>, sid: Sid) -> Answer {
    call.kernel.servers.create(sid, call.caller.pid)?;
    let cid = connections::connect_process(call, call.caller.pid, sid)?;
    done(SysResult::NewServerId(sid, cid))
}

/// Destroys the caller's lowest server with this SID.
pub(super) fn destroy_server(call: &mut Call<'_>, sid: Sid) -> Answer {
    let index = call
        .kernel
        .servers
        .find_owned(sid, call.caller.pid)
        .ok_or(Error::ServerNotFound)?;
    call.kernel
        .destroy_server(index, call.caller, call.effects)?;
    done(SysResult::Ok)
}

pub(super) fn random_sid(call: &mut Call<'_>) -> Sid {
    call.kernel.sids.draw(call.kernel.config.seed)
}
