//! Random SIDs, as a function of the seed and of how many were drawn before.
//!
//! The real kernels draw from a hardware generator or, hosted, from a stream of their own; those values are not
//! reproduced.

use crate::ids::Sid;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// How many SIDs have been drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct SidSource {
    drawn: u32,
}

impl SidSource {
    /// The next SID.
    pub(crate) fn draw(&mut self, seed: u64) -> Sid {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        stream.set_stream(self.drawn.into());
        self.drawn = self.drawn.wrapping_add(1);
        Sid([(); 4].map(|()| stream.next_u32()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sids_of_a_seed_are_distinct_and_always_the_same() {
        let draw_three = |seed| {
            let mut source = SidSource::default();
            [(); 3].map(|()| source.draw(seed))
        };
        let [a, b, c] = draw_three(7);
        assert!(a != b && b != c && a != c);
        assert_eq!(draw_three(7), [a, b, c]);
        assert_ne!(draw_three(8), [a, b, c]);
    }
}
