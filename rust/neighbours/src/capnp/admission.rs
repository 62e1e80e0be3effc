//! How many calls a limited reader lets in, without any interleaving: calls in order, then so many returns.
//!
//! This is rule V1 with release at Return and nothing else: all calls are on the link from the start, the reader takes what
//! it may, the oldest call returns, and so on. Left out is whatever makes a call wait for the link.

use super::limit::{Block, Reading, Wake};

/// A reader of calls, by the strictness of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Words at most.
    pub limit: u64,
    /// When it stops.
    pub block: Block,
    /// When it goes on.
    pub wake: Wake,
}

/// How many of the calls are read after so many of them have returned, oldest first. `None` if sizes overflow.
///
/// Returns beyond the calls that are in flight are none.
#[must_use]
pub fn admitted(rule: Admission, sizes: &[u64], returns: u64) -> Option<u64> {
    let reading = Reading::All {
        block: rule.block,
        wake: rule.wake,
    };
    let (mut read, mut returned, mut in_flight, mut stopped) = (0, 0, 0_u64, false);
    loop {
        while !stopped && read < sizes.len() {
            in_flight = in_flight.checked_add(sizes[read])?;
            read += 1;
            stopped = reading.stops(in_flight, rule.limit);
        }
        if returned as u64 == returns || returned == read {
            return Some(read as u64);
        }
        in_flight -= sizes[returned];
        returned += 1;
        stopped &= !reading.wakes(in_flight, rule.limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_facts_comes_out() {
        let table = [
            (114, [2, 2, 4, 4, 6]),
            (115, [2, 3, 4, 5, 6]),
            (228, [3, 3, 5, 5, 7]),
        ];
        for (limit, expected) in table {
            let rule = Admission {
                limit,
                block: Block::Above,
                wake: Wake::Below,
            };
            let found = (0..5).map(|returns| admitted(rule, &[114; 40], returns));
            let found: Option<Vec<u64>> = found.collect();
            assert_eq!(found, Some(expected.to_vec()), "limit {limit}");
        }
    }

    #[test]
    fn a_limit_of_nothing_lets_one_call_in_and_never_wakes() {
        let rule = Admission {
            limit: 0,
            block: Block::Above,
            wake: Wake::Below,
        };
        assert_eq!(admitted(rule, &[1; 5], 5), Some(1));
        let gentle = Admission {
            wake: Wake::At,
            ..rule
        };
        assert_eq!(admitted(gentle, &[1; 5], 3), Some(4));
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        let rule = Admission {
            limit: u64::MAX,
            block: Block::Above,
            wake: Wake::Below,
        };
        assert_eq!(admitted(rule, &[u64::MAX, 1], 0), None);
    }
}
