//! What no straight-line program shows: starts and ends of threads, fair yields, and the canonical form.

use std::collections::BTreeSet;
use std::sync::Arc;
use xous_sim_memory::{Access, Interest, Memory, ObjectId, Order, PlainAccess, ThreadId};

const A: ThreadId = ThreadId(0);
const B: ThreadId = ThreadId(1);
const KERNEL: ObjectId = ObjectId(0);

fn everything() -> Arc<Interest> {
    Arc::new(Interest::Everything)
}

fn new(values: Vec<u32>, threads: &[ThreadId]) -> Memory<u32> {
    Memory::new(values, threads.iter().map(|&thread| (thread, everything())))
}

fn two_threads() -> Memory<u32> {
    new(vec![0, 0], &[A, B])
}

fn store(memory: &Memory<u32>, thread: ThreadId, location: usize, value: u32) -> Memory<u32> {
    let outcomes = memory.outcomes(thread, location, Order::Relaxed, &Access::Store(value));
    outcomes[0].memory.clone()
}

fn readable(memory: &Memory<u32>, thread: ThreadId, location: usize) -> Vec<u32> {
    let outcomes = memory.outcomes(thread, location, Order::Relaxed, &Access::Load);
    let read = |outcome: &xous_sim_memory::Outcome<u32>| outcome.read.expect("a load reads");
    outcomes.iter().map(read).collect()
}

fn plain(thread: ThreadId, writes: bool) -> PlainAccess {
    PlainAccess {
        variable: 0,
        thread,
        writes,
    }
}

#[test]
fn the_newest_store_is_offered_first() {
    let memory = store(&store(&two_threads(), A, 0, 1), A, 0, 2);
    assert_eq!(readable(&memory, B, 0), [2, 1, 0]);
    assert_eq!(readable(&memory, A, 0), [2]);
}

#[test]
fn a_started_thread_knows_what_its_parent_knows() {
    let child = ThreadId(2);
    let (memory, _) = store(&two_threads(), A, 0, 1).access_plainly(plain(A, true));
    let memory = memory.start(A, child, everything());
    assert_eq!(readable(&memory, child, 0), [1]);
    assert_eq!(memory.access_plainly(plain(child, true)).1, None);
    assert_eq!(
        memory.access_plainly(plain(B, false)).1,
        Some(plain(A, true))
    );
}

#[test]
fn whoever_asks_the_kernel_after_the_end_of_a_thread_knows_what_it_knew() {
    let (memory, _) = store(&two_threads(), A, 0, 1).access_plainly(plain(A, true));
    let over = memory.end(A, KERNEL);
    assert_eq!(over.access_plainly(plain(B, true)).1, Some(plain(A, true)));
    let joined = over.synchronise(B, KERNEL);
    assert_eq!(readable(&joined, B, 0), [1]);
    assert_eq!(joined.access_plainly(plain(B, true)).1, None);
}

#[test]
fn a_yield_shows_all_stores_and_orders_no_plain_access() {
    let (memory, _) = store(&two_threads(), A, 0, 1).access_plainly(plain(A, true));
    assert!(memory.is_behind(B) && !memory.is_behind(A));
    let memory = memory.catch_up(B);
    assert!(!memory.is_behind(B));
    assert_eq!(readable(&memory, B, 0), [1]);
    assert_eq!(
        memory.access_plainly(plain(B, false)).1,
        Some(plain(A, true))
    );
}

#[test]
fn what_a_yield_shows_is_not_released_to_others() {
    let memory = store(&new(vec![0, 0], &[A, B, ThreadId(2)]), A, 0, 1);
    let flag = Access::Store(1);
    let memory = memory.catch_up(B).outcomes(B, 1, Order::Release, &flag)[0]
        .memory
        .clone();
    let seen = &memory.outcomes(ThreadId(2), 1, Order::Acquire, &Access::Load)[0];
    assert_eq!(seen.read, Some(1));
    assert_eq!(readable(&seen.memory, ThreadId(2), 0), [1, 0]);
}

#[test]
fn writes_of_one_kind_race_and_reads_do_not() {
    let (read, race) = two_threads().access_plainly(plain(A, false));
    assert_eq!(race, None);
    assert_eq!(read.access_plainly(plain(B, false)).1, None);
    assert_eq!(read.access_plainly(plain(B, true)).1, Some(plain(A, false)));
    assert_eq!(read.access_plainly(plain(A, true)).1, None);
}

#[test]
fn a_memory_that_everybody_has_caught_up_with_is_like_new() {
    let (memory, _) = store(&two_threads(), A, 0, 7).access_plainly(plain(A, true));
    let memory = memory.synchronise(A, KERNEL).synchronise(B, KERNEL);
    assert_eq!(memory, new(vec![7, 0], &[A, B]));
}

#[test]
fn stores_that_only_a_stopped_thread_could_read_are_forgotten() {
    let memory = store(&two_threads(), A, 0, 7).stop(B);
    assert_eq!(memory, new(vec![7, 0], &[A]));
}

#[test]
fn outcomes_that_nobody_can_tell_apart_are_offered_once() {
    let alone = new(vec![0], &[A]);
    let outcomes = alone.outcomes(A, 0, Order::Relaxed, &Access::Store(1));
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].pick, 0);
}

#[test]
fn stores_that_nobody_will_read_are_forgotten() {
    let only_the_second = Interest::Only {
        locations: BTreeSet::from([1]),
        variables: BTreeSet::new(),
        fences: false,
    };
    let threads = [(A, everything()), (B, Arc::new(only_the_second))];
    let memory = |values| Memory::new(values, threads.clone());
    assert_eq!(store(&memory(vec![0, 0]), A, 0, 7), memory(vec![7, 0]));
    assert!(!store(&memory(vec![0, 0]), A, 0, 7).is_behind(B));
    assert!(store(&memory(vec![0, 0]), A, 1, 7).is_behind(B));
    let (written, _) = memory(vec![0, 0]).access_plainly(plain(A, true));
    assert_eq!(written, memory(vec![0, 0]));
}
