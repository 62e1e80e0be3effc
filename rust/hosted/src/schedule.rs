//! Which thread of the real programs moves next, drawn from a seed.
//!
//! [`Strategy::Random`] draws each move evenly from those there are. [`Strategy::Pct`] is probabilistic concurrency
//! testing: S. Burckhardt, P. Kothari, M. Musuvathi and S. Nagarakatte, "A Randomized Scheduler with Probabilistic
//! Guarantees of Finding Bugs" (ASPLOS 2010): the thread of the highest priority moves, priorities are drawn when a thread
//! is first seen, and at `depth - 1` moves, drawn from the first `moves`, the thread that moves falls behind all others.
//!
//! Departures: a run of real programs is drawn by itself, so the number of moves is given and not learned from earlier
//! runs; the guarantee holds for programs that make no more of them.

use crate::exchange::Address;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// How moves are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Evenly.
    Random,
    /// By priorities that change at few moves.
    Pct {
        /// The depth of the bugs that it looks for, 1 at least.
        depth: u32,
        /// Among how many moves the changes are drawn.
        moves: u32,
    },
}

/// Every priority at the start is above those that threads fall to.
const FIRST: u64 = 1 << 63;

/// Chooses moves; equal seeds choose equally.
#[derive(Debug)]
pub struct Chooser {
    strategy: Strategy,
    draws: ChaCha8Rng,
    priorities: BTreeMap<Address, u64>,
    /// At which moves the thread that moves falls behind, to the priority that is the place in this list.
    changes: Vec<u64>,
    taken: u64,
}

impl Chooser {
    /// The choices of a seed.
    #[must_use]
    pub fn new(strategy: Strategy, seed: u64) -> Chooser {
        let mut chooser = Chooser {
            strategy,
            draws: ChaCha8Rng::seed_from_u64(seed),
            priorities: BTreeMap::new(),
            changes: Vec::new(),
            taken: 0,
        };
        if let Strategy::Pct { depth, moves } = strategy {
            let changes = 1..depth;
            chooser.changes = changes
                .map(|_| chooser.below(moves.max(1).into()))
                .collect();
        }
        chooser
    }

    /// One of the moves, if there are any.
    pub fn choose(&mut self, moves: &[Address]) -> Option<Address> {
        if moves.is_empty() {
            return None;
        }
        let chosen = match self.strategy {
            Strategy::Random => moves[self.below(moves.len() as u64) as usize],
            Strategy::Pct { .. } => self.of_highest(moves),
        };
        self.taken += 1;
        Some(chosen)
    }

    fn of_highest(&mut self, moves: &[Address]) -> Address {
        for at in moves {
            if !self.priorities.contains_key(at) {
                let priority = FIRST | self.draws.next_u64();
                self.priorities.insert(*at, priority);
            }
        }
        let highest = moves.iter().max_by_key(|at| self.priorities[at]);
        let highest = *highest.expect("there is a move");
        for (lower, _) in (0..)
            .zip(&self.changes)
            .filter(|(_, at)| **at == self.taken)
        {
            self.priorities.insert(highest, lower);
        }
        highest
    }

    /// A number below `n`; its bias of `n / 2^64` at most is left in.
    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.draws.next_u64()) * u128::from(n)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xous_sim_kernel::Pid;

    fn threads(count: u64) -> Vec<Address> {
        let pid = Pid::KERNEL;
        (0..count).map(|thread| Address { pid, thread }).collect()
    }

    fn choices(strategy: Strategy, seed: u64) -> Vec<Address> {
        let mut chooser = Chooser::new(strategy, seed);
        let choose = |_| chooser.choose(&threads(3)).expect("there are moves");
        (0..50).map(choose).collect()
    }

    const PCT: Strategy = Strategy::Pct {
        depth: 3,
        moves: 50,
    };

    #[test]
    fn equal_seeds_choose_equally_and_others_otherwise() {
        for strategy in [Strategy::Random, PCT] {
            assert_eq!(choices(strategy, 7), choices(strategy, 7));
            let others = (0..20).filter(|seed| choices(strategy, *seed) != choices(strategy, 7));
            assert!(others.count() > 10);
        }
    }

    #[test]
    fn priorities_change_at_as_many_moves_as_the_depth_allows() {
        for seed in 0..100 {
            let chosen = choices(PCT, seed);
            let changes = chosen.windows(2).filter(|pair| pair[0] != pair[1]);
            assert!(changes.count() <= 2);
        }
    }

    #[test]
    fn nothing_is_chosen_from_nothing() {
        assert_eq!(Chooser::new(Strategy::Random, 0).choose(&[]), None);
    }
}
