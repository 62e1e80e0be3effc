//! Threads that work together on a list.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// Whoever asks for work to be done, and perhaps others.
#[derive(Default)]
pub struct Team(Option<ThreadPool>);

impl Team {
    /// So many threads in all; fewer if the system has no more to give.
    pub fn of(workers: NonZeroUsize) -> Self {
        let pool = |others| ThreadPoolBuilder::new().num_threads(others).build().ok();
        Self(NonZeroUsize::new(workers.get() - 1).and_then(|others| pool(others.get())))
    }

    /// How many they are.
    pub fn size(&self) -> usize {
        1 + self.0.as_ref().map_or(0, ThreadPool::current_num_threads)
    }

    /// Does the same with each of a list; the results are in its order. Everybody takes the next one that nobody has taken.
    /// The caller works too, and begins at once, because it takes a while until others are awake.
    pub fn map<T: Send, R: Send + Sync>(
        &self,
        list: Vec<T>,
        each: impl Fn(T) -> R + Sync,
    ) -> Vec<R> {
        let Some(pool) = self.0.as_ref().filter(|_| list.len() > 1) else {
            return list.into_iter().map(each).collect();
        };
        let next = AtomicUsize::new(0);
        let list: Vec<Mutex<Option<T>>> = list.into_iter().map(|t| Mutex::new(Some(t))).collect();
        let done: Vec<OnceLock<R>> = list.iter().map(|_| OnceLock::new()).collect();
        let work = || {
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = list.get(place) else {
                    return;
                };
                let item = item.lock().ok().and_then(|mut item| item.take());
                let item = item.expect("nobody else takes it");
                let first = done[place].set(each(item)).is_ok();
                assert!(first, "each is taken once");
            }
        };
        pool.in_place_scope(|scope| {
            for _ in 0..pool.current_num_threads() {
                scope.spawn(|_| work());
            }
            work();
        });
        done.into_iter().filter_map(OnceLock::into_inner).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_list_however_many_work() {
        for workers in 1..5 {
            let team = Team::of(NonZeroUsize::new(workers).expect("somebody works"));
            assert_eq!(team.size(), workers);
            let squares = team.map((0..1_000_u64).collect(), |n| n * n);
            assert!(squares.into_iter().eq((0..1_000).map(|n| n * n)));
        }
    }
}
