//! Threads that work together on a list.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Whoever asks for work to be done, and perhaps others.
#[derive(Default)]
pub struct Team {
    others: Option<ThreadPool>,
    /// How many lists they have begun.
    begun: Arc<AtomicUsize>,
}

impl Team {
    /// So many threads in all; fewer if the system has no more to give.
    pub fn of(workers: NonZeroUsize) -> Self {
        let pool = |others| ThreadPoolBuilder::new().num_threads(others).build().ok();
        let others = NonZeroUsize::new(workers.get() - 1);
        Self {
            others: others.and_then(|others| pool(others.get())),
            begun: Arc::default(),
        }
    }

    /// How many they are.
    pub fn size(&self) -> usize {
        let others = self.others.as_ref().map(ThreadPool::current_num_threads);
        1 + others.unwrap_or(0)
    }

    /// Does the same with each of a list; the results are in its order. Each thread begins at a place of its own, the same for
    /// lists of equal length, because it has in its caches what it worked on last time; then it takes what is left. The
    /// caller works too, and begins at once, because it takes a while until others are awake.
    pub fn map<T: Send, R: Send + Sync>(
        &self,
        list: Vec<T>,
        each: impl Fn(T) -> R + Sync,
    ) -> Vec<R> {
        let Some(others) = self.others.as_ref().filter(|_| list.len() > 1) else {
            return list.into_iter().map(each).collect();
        };
        let list: Vec<Mutex<Option<T>>> = list.into_iter().map(|t| Mutex::new(Some(t))).collect();
        let done: Vec<OnceLock<R>> = list.iter().map(|_| OnceLock::new()).collect();
        let work = |who: usize| {
            let begin = list.len() * who / self.size();
            for place in (begin..list.len()).chain(0..begin) {
                let item = list[place].lock().ok().and_then(|mut item| item.take());
                if let Some(item) = item {
                    let first = done[place].set(each(item)).is_ok();
                    assert!(first, "each is taken once");
                }
            }
        };
        self.begun.fetch_add(1, Ordering::Relaxed);
        let busy = AtomicUsize::new(self.size() - 1);
        others.in_place_scope(|scope| {
            scope.spawn_broadcast(|_, other| {
                work(1 + other.index());
                busy.fetch_sub(1, Ordering::Release);
            });
            work(0);
            stay_awake_while(|| busy.load(Ordering::Acquire) > 0);
        });
        self.keep_awake(others);
        done.into_iter().filter_map(OnceLock::into_inner).collect()
    }

    /// Keeps the others awake until the next list comes, or for a moment.
    fn keep_awake(&self, others: &ThreadPool) {
        let begun = Arc::clone(&self.begun);
        let last = begun.load(Ordering::Relaxed);
        others.spawn_broadcast(move |_| stay_awake_while(|| begun.load(Ordering::Relaxed) == last));
    }
}

/// Looks again and again while it waits, for a moment: to sleep and to be woken takes longer than most waits.
fn stay_awake_while(waits: impl Fn() -> bool) {
    const LOOKS: usize = 1 << 14;
    for _ in 0..LOOKS {
        if !waits() {
            return;
        }
        std::hint::spin_loop();
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
