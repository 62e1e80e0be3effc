//! A process's connection map: one byte a slot, and the algorithms that fill and clear it.
//!
//! 0 is a free slot, 1 a tombstone (the server's process died), n ≥ 2 the server at index n − 2. The algorithms are
//! those of `kernel/src/services.rs:1958-2058`; the proposals of a larger map and of a unique CID for every connect are
//! options. Nothing here counts users of a connection: one disconnect ends it for all.

use crate::config::{ConnectMode, Slots};
use crate::error::Error;
use crate::ids::{Cid, ServerIndex, Sid};
use crate::server::ServerTable;

/// The connections of one process.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ConnectionMap {
    /// Bytes beyond `count` are 0.
    bytes: [u8; Slots::Extended.count()],
    count: u8,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Connection {
    /// Nothing; the next connect may take it.
    Free,
    /// A server whose process died; only a disconnect of this CID frees the slot.
    Tombstone,
    /// A live server.
    Server(ServerIndex),
}

impl Connection {
    const SERVER_BASE: u8 = 2;

    const fn from_byte(byte: u8) -> Connection {
        match byte {
            0 => Connection::Free,
            1 => Connection::Tombstone,
            server => Connection::Server(ServerIndex(server - Self::SERVER_BASE)),
        }
    }

    const fn to_byte(self) -> u8 {
        match self {
            Connection::Free => 0,
            Connection::Tombstone => 1,
            Connection::Server(index) => index.0 + Self::SERVER_BASE,
        }
    }
}

impl ConnectionMap {
    /// A map with all slots free.
    pub const fn new(slots: Slots) -> ConnectionMap {
        ConnectionMap {
            bytes: [0; Slots::Extended.count()],
            count: slots.count() as u8,
        }
    }

    /// The bytes as they lie in the process page.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.count)]
    }

    /// The slots in order, each with its CID.
    pub fn connections(&self) -> impl Iterator<Item = (Cid, Connection)> {
        self.bytes()
            .iter()
            .enumerate()
            .map(|(slot, byte)| (Cid::from_slot(slot), Connection::from_byte(*byte)))
    }

    /// Connects to the server with this SID and returns the connection's CID.
    ///
    /// # Errors
    ///
    /// `OutOfMemory` when no slot is free, which is found out before a missing server: `ServerNotFound`.
    pub(crate) fn connect(
        &mut self,
        servers: &ServerTable,
        sid: Sid,
        mode: ConnectMode,
    ) -> Result<Cid, Error> {
        if mode == ConnectMode::Reuse
            && let Some(cid) = self.existing(servers, sid)
        {
            return Ok(cid);
        }
        let slot = self.lowest_free().ok_or(Error::OutOfMemory)?;
        let index = servers.find(sid).ok_or(Error::ServerNotFound)?;
        self.bytes[slot] = Connection::Server(index).to_byte();
        Ok(Cid::from_slot(slot))
    }

    fn existing(&self, servers: &ServerTable, sid: Sid) -> Option<Cid> {
        self.connections()
            .find_map(|(cid, connection)| match connection {
                Connection::Server(index) if servers.get(index)?.sid == sid => Some(cid),
                _ => None,
            })
    }

    fn lowest_free(&self) -> Option<usize> {
        self.bytes()
            .iter()
            .position(|byte| *byte == Connection::Free.to_byte())
    }

    /// Frees the slot of a CID, whether it held a server or a tombstone.
    ///
    /// # Errors
    ///
    /// `ServerNotFound` when there is no such slot or it is free.
    pub(crate) fn disconnect(&mut self, cid: Cid) -> Result<(), Error> {
        match self.at(cid) {
            None | Some(Connection::Free) => Err(Error::ServerNotFound),
            Some(_) => {
                let slot = cid.slot().expect("a CID with a connection has a slot");
                self.bytes[slot] = Connection::Free.to_byte();
                Ok(())
            }
        }
    }

    /// The server that a send through this CID reaches.
    ///
    /// # Errors
    ///
    /// `ServerNotFound` for a free slot, a tombstone and a CID out of range alike.
    pub fn lookup(&self, cid: Cid) -> Result<ServerIndex, Error> {
        match self.at(cid) {
            Some(Connection::Server(index)) => Ok(index),
            _ => Err(Error::ServerNotFound),
        }
    }

    /// What the slot of a CID holds; `None` when there is no such slot.
    pub fn at(&self, cid: Cid) -> Option<Connection> {
        self.bytes()
            .get(cid.slot()?)
            .map(|byte| Connection::from_byte(*byte))
    }

    /// Replaces every connection to a server that goes away.
    pub(crate) fn sever(&mut self, server: ServerIndex, replacement: Connection) {
        let gone = Connection::Server(server).to_byte();
        for byte in &mut self.bytes {
            if *byte == gone {
                *byte = replacement.to_byte();
            }
        }
    }
}

impl std::fmt::Debug for ConnectionMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let in_use = self
            .connections()
            .filter(|(_, connection)| *connection != Connection::Free);
        f.debug_map()
            .entries(in_use.map(|(cid, connection)| (cid.0, connection)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::ids::Pid;

    fn table(sids: &[u32]) -> ServerTable {
        let mut servers = ServerTable::default();
        for sid in sids {
            servers
                .create(Sid([*sid; 4]), Pid::KERNEL)
                .expect("a free entry");
        }
        servers
    }

    fn connect(map: &mut ConnectionMap, servers: &ServerTable, sid: u32) -> Result<Cid, Error> {
        map.connect(servers, Sid([sid; 4]), Config::default().connect)
    }

    #[test]
    fn connecting_twice_gives_the_same_cid() {
        let (mut map, servers) = (ConnectionMap::new(Slots::Classic), table(&[1, 2]));
        assert_eq!(connect(&mut map, &servers, 2), Ok(Cid(2)));
        assert_eq!(connect(&mut map, &servers, 1), Ok(Cid(3)));
        assert_eq!(connect(&mut map, &servers, 2), Ok(Cid(2)));
        assert_eq!(map.bytes()[..3], [3, 2, 0]);
    }

    #[test]
    fn unique_connects_take_a_new_slot_each() {
        let (mut map, servers) = (ConnectionMap::new(Slots::Classic), table(&[1]));
        for cid in 2..34 {
            assert_eq!(
                map.connect(&servers, Sid([1; 4]), ConnectMode::Unique),
                Ok(Cid(cid))
            );
        }
        assert_eq!(
            map.connect(&servers, Sid([1; 4]), ConnectMode::Unique),
            Err(Error::OutOfMemory)
        );
    }

    #[test]
    fn a_full_map_is_reported_before_a_missing_server() {
        for slots in [Slots::Classic, Slots::Extended] {
            let sids: Vec<u32> = (0..slots.count() as u32).collect();
            let (mut map, servers) = (ConnectionMap::new(slots), table(&sids));
            assert_eq!(connect(&mut map, &servers, 999), Err(Error::ServerNotFound));
            for sid in sids {
                connect(&mut map, &servers, sid).expect("a free slot");
            }
            assert_eq!(connect(&mut map, &servers, 999), Err(Error::OutOfMemory));
            assert_eq!(connect(&mut map, &servers, 0), Ok(Cid(2)));
        }
    }

    #[test]
    fn a_tombstone_is_not_reused_by_connect() {
        let (mut map, servers) = (ConnectionMap::new(Slots::Classic), table(&[1, 2]));
        connect(&mut map, &servers, 1).expect("a free slot");
        map.sever(ServerIndex(0), Connection::Tombstone);
        assert_eq!(connect(&mut map, &servers, 2), Ok(Cid(3)));
        assert_eq!(map.lookup(Cid(2)), Err(Error::ServerNotFound));
        assert_eq!(map.disconnect(Cid(2)), Ok(()));
        assert_eq!(map.disconnect(Cid(2)), Err(Error::ServerNotFound));
    }

    #[test]
    fn cids_out_of_range_are_not_found() {
        let mut map = ConnectionMap::new(Slots::Classic);
        for cid in [0, 1, 34, u32::MAX] {
            assert_eq!(map.disconnect(Cid(cid)), Err(Error::ServerNotFound));
            assert_eq!(map.lookup(Cid(cid)), Err(Error::ServerNotFound));
        }
    }
}
