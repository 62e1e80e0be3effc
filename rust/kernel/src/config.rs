//! Which Xous is modelled: profile, size of the connection map, connect mode, fidelity, and the limits that follow.
//!
//! Everything that differs between builds is decided here, so that the rest asks for a limit and not for a profile.
//! Left out: build features such as `swap`, `v2p` and `big-heap` (all off), and the size of the RAM (never exhausted).

use crate::queue_quota::QueueQuota;

/// The build that is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Profile {
    /// The bare-metal riscv32 build: 32-bit words, pages that move between address spaces.
    #[default]
    Hardware,
    /// The desktop build on a 64-bit host: each process is a TCP client, message bytes are carried along.
    Hosted,
}

/// The size of every process's connection map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Slots {
    /// 32 connections, CIDs 2 to 33, as today.
    #[default]
    Classic,
    /// 46 connections (32 + 14), CIDs 2 to 47, as proposed.
    Extended,
}

impl Slots {
    /// The number of slots.
    pub const fn count(self) -> usize {
        match self {
            Slots::Classic => 32,
            Slots::Extended => 32 + 14,
        }
    }
}

/// What `connect` does for a process that is already connected to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum ConnectMode {
    /// Return the CID of the existing connection, as today.
    #[default]
    Reuse,
    /// Always take a new slot: every connect gives a CID of its own.
    Unique,
}

/// Whether the defects of the real kernel are part of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Fidelity {
    /// Defects included: what panics the real kernel panics the model (as [`crate::KernelPanic`], a value).
    #[default]
    Faithful,
    /// Defects replaced by the sane answer, documented at each [`crate::KernelPanic`].
    Safe,
}

/// What a [`crate::Kernel`] models; fixed for its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Config {
    /// The build.
    pub profile: Profile,
    /// The size of the connection maps.
    pub slots: Slots,
    /// Whether connect reuses a connection.
    pub connect: ConnectMode,
    /// Whether defects are included.
    pub fidelity: Fidelity,
    /// The seed of the random SIDs.
    pub seed: u64,
    /// How the slots of a server's queue are shared out; the real kernel does not.
    pub queue_quota: QueueQuota,
}

impl Config {
    /// Entries of a server's queue: one page of 32-byte (hosted: 64-byte) entries.
    pub const fn queue_length(self) -> usize {
        match self.profile {
            Profile::Hardware => 128,
            Profile::Hosted => 64,
        }
    }

    /// The number of processes, and so the highest PID.
    pub const fn max_processes(self) -> usize {
        match self.profile {
            Profile::Hardware => 64,
            Profile::Hosted => 32,
        }
    }

    /// The lowest and the highest TID that a program's thread can have (hosted: TID 1 is the kernel's phantom).
    pub const fn thread_ids(self) -> (u8, u8) {
        match self.profile {
            Profile::Hardware => (2, 30),
            Profile::Hosted => (1, 32),
        }
    }

    /// Whether this is the bare-metal build.
    pub const fn is_hardware(self) -> bool {
        matches!(self.profile, Profile::Hardware)
    }

    /// Whether the real kernel's defects are modelled.
    pub const fn is_faithful(self) -> bool {
        matches!(self.fidelity, Fidelity::Faithful)
    }

    /// Whether what only the real hosted kernel trips over is modelled.
    pub const fn has_hosted_defects(self) -> bool {
        self.is_faithful() && !self.is_hardware()
    }

    /// A word as this build's registers hold it: 32 bits on hardware, 64 when hosted.
    pub const fn truncate(self, word: u64) -> u64 {
        match self.profile {
            Profile::Hardware => word & 0xFFFF_FFFF,
            Profile::Hosted => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extended_map_has_fourteen_more_slots() {
        assert_eq!(Slots::Extended.count() - Slots::Classic.count(), 14);
    }

    #[test]
    fn a_queue_is_one_page_of_entries() {
        let hosted = Config {
            profile: Profile::Hosted,
            ..Config::default()
        };
        assert_eq!(Config::default().queue_length() * 32, 4096);
        assert_eq!(hosted.queue_length() * 64, 4096);
    }

    #[test]
    fn hardware_has_twenty_nine_usable_threads() {
        let (first, last) = Config::default().thread_ids();
        assert_eq!(last - first + 1, 29);
    }
}
