//! The server table: 128 entries, the lowest free one taken, SIDs not necessarily distinct.
//!
//! Left out: the page that holds a server's queue on hardware (RAM is never exhausted here).

use crate::error::Error;
use crate::ids::{Pid, ServerIndex, ServerSerial, Sid, Tid};
use crate::queue::Queue;

/// A set of TIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct TidSet(u64);

impl TidSet {
    /// Whether the TID is in the set.
    pub const fn contains(self, tid: Tid) -> bool {
        self.0 >> tid.0 & 1 == 1
    }

    /// The TIDs, lowest first.
    pub fn iter(self) -> impl Iterator<Item = Tid> {
        (0..64).map(Tid).filter(move |tid| self.contains(*tid))
    }

    /// Adds a TID.
    pub(crate) const fn insert(&mut self, tid: Tid) {
        self.0 |= 1 << tid.0;
    }

    /// The lowest TID, taken out.
    pub(crate) fn take_lowest(&mut self) -> Option<Tid> {
        let lowest = self.iter().next()?;
        self.0 &= !(1 << lowest.0);
        Some(lowest)
    }
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    /// Its place in the table.
    pub index: ServerIndex,
    /// Which server this is, of all that ever were.
    pub serial: ServerSerial,
    /// The name that clients connect to.
    pub sid: Sid,
    /// The process that receives.
    pub owner: Pid,
    /// Messages and unanswered calls.
    pub queue: Queue,
    /// The owner's threads that are parked here; the lowest gets the next message.
    pub parked: TidSet,
}

/// All servers of the system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ServerTable {
    /// In the order of indexes, which are distinct.
    servers: Vec<Server>,
    /// The serial of the next server.
    next_serial: u32,
}

impl ServerTable {
    /// Creates a server at the lowest free index.
    ///
    /// # Errors
    ///
    /// `ServerNotFound` when the table is full.
    pub(crate) fn create(&mut self, sid: Sid, owner: Pid) -> Result<ServerIndex, Error> {
        let position = self.first_gap();
        if position >= ServerIndex::COUNT {
            return Err(Error::ServerNotFound);
        }
        let index = ServerIndex(position as u8);
        let serial = ServerSerial(self.next_serial);
        self.next_serial = self.next_serial.wrapping_add(1);
        let (queue, parked) = (Queue::default(), TidSet::default());
        self.servers.insert(
            position,
            Server {
                index,
                serial,
                sid,
                owner,
                queue,
                parked,
            },
        );
        Ok(index)
    }

    fn first_gap(&self) -> usize {
        let out_of_place =
            |(position, server): (usize, &Server)| usize::from(server.index.0) != position;
        self.servers
            .iter()
            .enumerate()
            .position(out_of_place)
            .unwrap_or(self.servers.len())
    }

    /// The servers in the order of indexes.
    pub fn iter(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Server> {
        self.servers.iter_mut()
    }

    /// The server at an index.
    pub fn get(&self, index: ServerIndex) -> Option<&Server> {
        self.position(index).map(|position| &self.servers[position])
    }

    pub(crate) fn get_mut(&mut self, index: ServerIndex) -> Option<&mut Server> {
        self.position(index)
            .map(|position| &mut self.servers[position])
    }

    /// The lowest server with this SID, whoever owns it.
    pub fn find(&self, sid: Sid) -> Option<ServerIndex> {
        self.iter()
            .find(|server| server.sid == sid)
            .map(|server| server.index)
    }

    /// The lowest server with this SID that this process owns.
    pub fn find_owned(&self, sid: Sid, owner: Pid) -> Option<ServerIndex> {
        self.iter()
            .find(|server| server.sid == sid && server.owner == owner)
            .map(|server| server.index)
    }

    pub(crate) fn remove(&mut self, index: ServerIndex) -> Option<Server> {
        self.position(index)
            .map(|position| self.servers.remove(position))
    }

    fn position(&self, index: ServerIndex) -> Option<usize> {
        self.servers
            .binary_search_by_key(&index, |server| server.index)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_server_takes_the_lowest_free_index_and_a_new_serial() {
        let mut table = ServerTable::default();
        for _ in 0..3 {
            table
                .create(Sid([0; 4]), Pid::KERNEL)
                .expect("a free entry");
        }
        table.remove(ServerIndex(1));
        assert_eq!(table.create(Sid([1; 4]), Pid::KERNEL), Ok(ServerIndex(1)));
        assert_eq!(
            table.get(ServerIndex(1)).map(|server| server.serial),
            Some(ServerSerial(3))
        );
    }

    #[test]
    fn duplicates_are_found_by_the_lowest_index() {
        let mut table = ServerTable::default();
        let owner = Pid::new(2).expect("non-zero");
        table
            .create(Sid([7; 4]), Pid::KERNEL)
            .expect("a free entry");
        table.create(Sid([7; 4]), owner).expect("a free entry");
        assert_eq!(table.find(Sid([7; 4])), Some(ServerIndex(0)));
        assert_eq!(table.find_owned(Sid([7; 4]), owner), Some(ServerIndex(1)));
    }

    #[test]
    fn the_129th_server_is_not_found() {
        let mut table = ServerTable::default();
        for _ in 0..ServerIndex::COUNT {
            table
                .create(Sid([0; 4]), Pid::KERNEL)
                .expect("a free entry");
        }
        assert_eq!(
            table.create(Sid([0; 4]), Pid::KERNEL),
            Err(Error::ServerNotFound)
        );
    }

    #[test]
    fn the_lowest_parked_thread_is_taken_first() {
        let mut parked = TidSet::default();
        parked.insert(Tid(9));
        parked.insert(Tid(3));
        assert_eq!(
            (
                parked.take_lowest(),
                parked.take_lowest(),
                parked.take_lowest()
            ),
            (Some(Tid(3)), Some(Tid(9)), None)
        );
    }
}
