//! The state of a world as a search stores it: one small number for each thread and each object.
//!
//! What a number stands for is looked up in interners, as in the collapse compression of SPIN (G. J. Holzmann, SPIN
//! 1997). So a state of a dozen threads and objects is a flat copy of a few dozen bytes, whatever the kernel holds.

use std::ops::Range;
use tinyvec::TinyVec;

/// A state: the static threads' numbers, then the objects', then those of threads that were started on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State(pub(crate) TinyVec<[u32; 14]>);

impl State {
    /// A 128-bit hash (XXH3) of the numbers.
    #[must_use]
    pub fn fingerprint(&self) -> u128 {
        xxhash_rust::xxh3::xxh3_128(bytemuck::cast_slice(&self.0))
    }
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A thread, by its number.
    Thread(usize),
    /// A mortal process, by its number among them: it dies, or its server starts again.
    Process(usize),
}

/// Where what is in a [`State`], and which agent is who: the static threads come first, then the mortal processes, then
/// the threads that are started on the way.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Threads that exist from the beginning.
    pub threads: usize,
    /// Objects.
    pub objects: usize,
    /// Processes that may die.
    pub mortals: usize,
}

impl Layout {
    /// The place of object `n`.
    pub fn object(self, n: usize) -> usize {
        self.threads + n
    }

    /// The places of the objects.
    pub fn shared(self) -> Range<usize> {
        self.threads..self.threads + self.objects
    }

    /// The place of thread `n`.
    pub fn thread(self, n: usize) -> usize {
        if n < self.threads {
            n
        } else {
            n + self.objects
        }
    }

    /// Who an agent is.
    pub fn actor(self, agent: u16) -> Actor {
        let agent = usize::from(agent);
        match agent.checked_sub(self.threads) {
            None => Actor::Thread(agent),
            Some(mortal) if mortal < self.mortals => Actor::Process(mortal),
            Some(_) => Actor::Thread(agent - self.mortals),
        }
    }

    /// The agent that a thread is.
    pub fn agent(self, thread: usize) -> u16 {
        let before = if thread < self.threads {
            0
        } else {
            self.mortals
        };
        (thread + before) as u16
    }

    /// The agent that a mortal process is.
    pub fn mortal(self, mortal: usize) -> u16 {
        (self.threads + mortal) as u16
    }

    /// How many threads there are in `state`.
    pub fn thread_count(self, state: &State) -> usize {
        state.0.len() - self.objects
    }
}
