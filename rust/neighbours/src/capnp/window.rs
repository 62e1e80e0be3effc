//! Windows of streaming calls (`-> stream`): how much a sender has on its way before it waits for a Return.
//!
//! A Return is the acknowledgement. The message is always sent at once; only what comes after it waits. So a window is
//! exceeded by up to one message, and it is extended by the largest message, so that one larger than the window does
//! not wait for its own Return. Sizes and windows are in one unit, bytes in C++.

/// Whether a sender with so much in flight may go on at once.
#[must_use]
pub const fn is_ready(window: u64, in_flight: u64, largest: u64) -> bool {
    (in_flight as u128) < window as u128 + largest as u128
}

/// How many of the messages are sent before the sender has to wait, the one after which it waits included. `None` if
/// sizes overflow.
#[must_use]
pub fn sends_until_blocked(window: u64, sizes: &[u64]) -> Option<u64> {
    let (mut in_flight, mut largest) = (0_u64, 0);
    for (sent, &size) in sizes.iter().enumerate() {
        in_flight = in_flight.checked_add(size)?;
        largest = largest.max(size);
        if !is_ready(window, in_flight, largest) {
            return Some(sent as u64 + 1);
        }
    }
    Some(sizes.len() as u64)
}

/// A window that follows the throughput, a round trip at a time.
///
/// Its factors and bounds are those of the C++ implementation: in startup it doubles, which three rounds in a row end that
/// brought no more; then a round multiplies it by 5/4 or by 7/8. When it does which is our reading: it grows if a
/// round brought more than any before, or clearly less, because then it has shrunk too far; else it shrinks, so that
/// no more is on its way than the throughput needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptiveWindow {
    window: u64,
    /// The most that was measured.
    best: f64,
    /// Rounds of startup in a row that brought no more.
    flat: u32,
    startup: bool,
}

impl AdaptiveWindow {
    /// Bytes at the beginning, and at least.
    pub const LEAST: u64 = 64 * 1024;
    /// Bytes at most.
    pub const MOST: u64 = 1 << 30;
    /// Flat rounds that end startup.
    const PATIENCE: u32 = 3;

    /// A window at its beginning.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            window: Self::LEAST,
            best: 0.0,
            flat: 0,
            startup: true,
        }
    }

    /// Bytes.
    #[must_use]
    pub const fn window(&self) -> u64 {
        self.window
    }

    /// A round is over, in which so many bytes a second were acknowledged.
    pub fn round(&mut self, throughput: f64) {
        let better = throughput > self.best;
        let worse = throughput < self.best * 7.0 / 8.0;
        let grown = match (self.startup, better || worse) {
            (true, _) if better => self.window.saturating_mul(2),
            (true, _) => self.window,
            (false, true) => self.window.saturating_mul(5) / 4,
            (false, false) => self.window / 8 * 7,
        };
        // What was the best once is forgotten where it does not come back.
        let remembered = if worse {
            self.best * 7.0 / 8.0
        } else {
            self.best
        };
        self.best = remembered.max(throughput);
        self.flat = if better { 0 } else { self.flat + 1 };
        self.startup &= self.flat < Self::PATIENCE;
        self.window = grown.clamp(Self::LEAST, Self::MOST);
    }
}

impl Default for AdaptiveWindow {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_messages_fill_a_window_and_one_more_is_sent() {
        for (window, size) in [(65_536, 1_000), (10, 3), (9, 3), (0, 5), (2, 7)] {
            let sizes = vec![size; 100];
            let expected = u64::div_ceil(window, size) + 1;
            assert_eq!(sends_until_blocked(window, &sizes), Some(expected));
        }
    }

    #[test]
    fn messages_that_fit_are_all_sent() {
        assert_eq!(sends_until_blocked(100, &[1, 2, 3]), Some(3));
        assert_eq!(sends_until_blocked(100, &[]), Some(0));
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        assert_eq!(sends_until_blocked(u64::MAX, &[u64::MAX, 1]), None);
    }

    #[test]
    fn three_flat_rounds_end_startup_and_then_the_window_shrinks() {
        let mut window = AdaptiveWindow::new();
        window.round(1.0);
        window.round(2.0);
        assert_eq!(window.window(), 4 * AdaptiveWindow::LEAST);
        for _ in 0..3 {
            window.round(2.0);
        }
        assert_eq!(window.window(), 4 * AdaptiveWindow::LEAST);
        window.round(2.0);
        assert_eq!(window.window(), 4 * AdaptiveWindow::LEAST / 8 * 7);
        window.round(3.0);
        assert_eq!(window.window(), 4 * AdaptiveWindow::LEAST / 8 * 7 * 5 / 4);
    }

    #[test]
    fn a_window_stays_between_its_bounds() {
        let mut window = AdaptiveWindow::new();
        for round in 0..40 {
            window.round(f64::from(round));
        }
        assert_eq!(window.window(), AdaptiveWindow::MOST);
        for _ in 0..200 {
            window.round(39.0);
        }
        assert_eq!(window.window(), AdaptiveWindow::LEAST);
    }
}
