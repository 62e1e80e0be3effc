//! Processes: the connection map, the threads and the memory of each.
//!
//! A process is either created (it has a PID and a connection map, and has never run) or running. Left out: the states
//! that only the scheduler tells apart, exceptions, and the debugger's states.

use crate::config::Config;
use crate::connection_map::ConnectionMap;
use crate::error::Error;
use crate::ids::Tid;
use crate::memory::Memory;
use crate::sorted_map::SortedMap;
use crate::thread::{BlockedOn, Thread, ThreadStart, ThreadState};

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Process {
    /// Whether it has ever run.
    pub(crate) started: bool,
    pub(crate) connections: ConnectionMap,
    threads: SortedMap<Tid, Thread>,
    /// Where the search for a free context starts (hardware).
    last_tid_allocated: Tid,
    pub(crate) memory: Memory,
    /// Hosted: the thread whose join was answered; its next call panics the kernel.
    pub(crate) joined_in_vain: Option<Tid>,
    /// Hosted, of PID 1: control was given to it, by a join or by the end of a process. The next join panics the kernel.
    pub(crate) has_control: bool,
}

impl Process {
    /// A process that has not run yet.
    pub(crate) fn new(config: Config) -> Process {
        Process {
            started: false,
            connections: ConnectionMap::new(config.slots),
            threads: SortedMap::default(),
            last_tid_allocated: Tid(0),
            memory: Memory::default(),
            joined_in_vain: None,
            has_control: false,
        }
    }

    /// The live threads, lowest TID first.
    pub(crate) fn threads(&self) -> impl Iterator<Item = (Tid, &Thread)> {
        self.threads
            .iter()
            .filter(|(_, thread)| thread.state != ThreadState::Exited)
    }

    /// A live thread.
    pub(crate) fn thread(&self, tid: Tid) -> Option<&Thread> {
        self.threads
            .get(tid)
            .filter(|thread| thread.state != ThreadState::Exited)
    }

    /// A live thread, to change.
    pub(crate) fn thread_mut(&mut self, tid: Tid) -> Option<&mut Thread> {
        self.threads
            .get_mut(tid)
            .filter(|thread| thread.state != ThreadState::Exited)
    }

    /// The TID at which the search for a free context starts.
    pub(crate) const fn last_tid_allocated(&self) -> Tid {
        self.last_tid_allocated
    }

    /// Puts a thread into a context that is known to be free.
    pub(crate) fn install_thread(&mut self, tid: Tid, thread: Thread) {
        self.threads.insert(tid, thread);
    }

    /// Starts a thread in the context that the profile chooses.
    ///
    /// # Errors
    ///
    /// `ThreadNotAvailable` when all contexts are taken.
    pub(crate) fn create_thread(
        &mut self,
        config: Config,
        start: Option<ThreadStart>,
    ) -> Result<Tid, Error> {
        let (first, last) = config.thread_ids();
        // Hardware searches from the last TID given out, inclusive; hosted kernels from the lowest.
        let from = if config.is_hardware() {
            self.last_tid_allocated.0.max(first)
        } else {
            first
        };
        let tid = (from..=last)
            .chain(first..from)
            .map(Tid)
            .find(|tid| !self.threads.contains(*tid))
            .ok_or(Error::ThreadNotAvailable)?;
        if config.is_hardware() {
            self.last_tid_allocated = tid;
        }
        self.install_thread(tid, Thread::new(start));
        Ok(tid)
    }

    /// Ends a thread: its context is free again on hardware, and stays taken when hosted.
    pub(crate) fn end_thread(&mut self, config: Config, tid: Tid) {
        if config.is_hardware() {
            self.threads.remove(tid);
        } else if let Some(thread) = self.threads.get_mut(tid) {
            thread.state = ThreadState::Exited;
        }
    }

    /// The lowest thread that waits for this one's end.
    pub(crate) fn first_joiner(&self, tid: Tid) -> Option<Tid> {
        let joins =
            |(_, thread): &(Tid, &Thread)| thread.blocked_on() == Some(BlockedOn::Join { tid });
        self.threads().find(joins).map(|(joiner, _)| joiner)
    }

    /// Notes that the process makes a call while some of its threads are blocked.
    pub(crate) fn overtake_blocked_threads(&mut self) {
        for thread in self.threads.values_mut() {
            if let ThreadState::Blocked {
                on: BlockedOn::Reply { .. },
                overtaken,
            } = &mut thread.state
            {
                *overtaken = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Profile;

    fn hosted() -> Config {
        Config {
            profile: Profile::Hosted,
            ..Config::default()
        }
    }

    fn create(process: &mut Process, config: Config) -> Result<u8, Error> {
        process.create_thread(config, None).map(|tid| tid.0)
    }

    #[test]
    fn hardware_reuses_a_context_from_the_last_one_given_out_on() {
        let config = Config::default();
        let mut process = Process::new(config);
        process.install_thread(Tid::INITIAL, Thread::new(None));
        assert_eq!(create(&mut process, config), Ok(3));
        assert_eq!(create(&mut process, config), Ok(4));
        process.end_thread(config, Tid(3));
        assert_eq!(create(&mut process, config), Ok(5));
        process.end_thread(config, Tid(5));
        assert_eq!(create(&mut process, config), Ok(5));
    }

    #[test]
    fn hardware_wraps_around_to_a_freed_context() {
        let config = Config::default();
        let mut process = Process::new(config);
        process.install_thread(Tid::INITIAL, Thread::new(None));
        for tid in 3..=30 {
            assert_eq!(create(&mut process, config), Ok(tid));
        }
        assert_eq!(create(&mut process, config), Err(Error::ThreadNotAvailable));
        process.end_thread(config, Tid(7));
        assert_eq!(create(&mut process, config), Ok(7));
    }

    #[test]
    fn hosted_never_reuses_a_tid() {
        let mut process = Process::new(hosted());
        for tid in 1..=32 {
            assert_eq!(create(&mut process, hosted()), Ok(tid));
            process.end_thread(hosted(), Tid(tid));
        }
        assert_eq!(
            create(&mut process, hosted()),
            Err(Error::ThreadNotAvailable)
        );
        assert_eq!(process.threads().count(), 0);
    }
}
