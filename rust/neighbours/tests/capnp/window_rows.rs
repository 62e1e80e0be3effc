//! Row e: streams that wait for Returns when their window is full.

use crate::cases::*;
use xous_sim_neighbours::capnp::*;

/// What a window lets out before a Return, in words.
fn out(window: u64, size: u64) -> u64 {
    (window.div_ceil(size) + 1) * size
}

/// A stream that fills its window, and goes on for so many calls.
fn filling(window: Window, most: u64, size: u64, more: usize) -> Stream {
    let calls = (out(most, size) / size) as usize + more;
    Stream {
        window,
        ..stream(calls, size, Finish::AtReturn)
    }
}

#[test]
fn row_e_a_window_is_safe_with_release_at_finish_iff_all_it_lets_out_fits_the_limit() {
    for reading in RULES {
        let mut sweep = Sweep::default();
        for (limit, size, window) in grid(0..=8, 1..=2, 0..=3) {
            let window = window as u64;
            let limited = words(limit, Release::Finish, reading);
            let one = filling(Window::Fixed(window), window, size, 2);
            let expected = too_many(reading, out(window, size), limit);
            let case = format!("{reading:?} W={window} s={size} L={limit}");
            sweep.compare(&case, deadlocks(&pair(limited, vec![one])), expected);
        }
        sweep.report(&format!("e, fixed window, {}", name(reading)));
    }
}

#[test]
fn row_e_windows_of_several_objects_are_safe_iff_all_that_they_let_out_together_fits_the_limit() {
    let mut sweep = Sweep::default();
    for (windows, size) in [
        ([0, 0], 1),
        ([0, 1], 1),
        ([1, 1], 1),
        ([0, 1], 2),
        ([0, 2], 1),
    ] {
        for limit in 1..=7 {
            let limited = words(limit, Release::Finish, Reading::V1);
            let streams = windows.map(|window| filling(Window::Fixed(window), window, size, 0));
            let together: u64 = windows.iter().map(|&window| out(window, size)).sum();
            let case = format!("W={windows:?} s={size} L={limit}");
            let found = deadlocks(&pair(limited, streams.to_vec()));
            sweep.compare(&case, found, together > limit);
        }
    }
    sweep.report("e, windows of two objects");
}

#[test]
fn row_e_an_adaptive_window_is_safe_iff_its_largest_is() {
    let mut sweep = Sweep::default();
    for (least, most) in [(1, 1), (1, 2), (2, 2), (2, 3)] {
        for limit in 0..=5 {
            let limited = words(limit, Release::Finish, Reading::V1);
            // Growing takes Returns, so that the stream has to be longer.
            let one = filling(Window::Adaptive { least, most }, most, 1, 2);
            let case = format!("W={least}..{most} L={limit}");
            let found = deadlocks(&pair(limited, vec![one]));
            sweep.compare(&case, found, out(most, 1) > limit);
        }
    }
    sweep.report("e, adaptive windows");
}

#[test]
fn row_e_windows_with_release_at_return_are_as_row_b() {
    let mut sweep = Sweep::default();
    for (limit, size, window) in grid(0..=4, 1..=2, 0..=3) {
        let window = window as u64;
        let limited = words(limit, Release::Return, Reading::V1);
        let one = filling(Window::Fixed(window), window, size, 2);
        let case = format!("W={window} s={size} L={limit}");
        sweep.compare(&case, deadlocks(&pair(limited, vec![one])), limit == 0);
    }
    sweep.report("e, fixed window, release at Return");
}
