//! Where the operations of a program do not tell of a departure, the machine does all that C11 allows.

use crate::axioms::SeqCst;
use crate::candidates::allowed;
use crate::graph::{Event, OBJECT, events};
use crate::machine::reached;
use crate::program::{Instruction, Program, programs};
use proptest::prelude::*;
use std::collections::BTreeSet;
use xous_sim_memory::Order::{self, AcqRel, Acquire, Relaxed, Release, SeqCst as Sc};
use xous_sim_memory::{Accessed, Loaded, Orders, Passages};

/// The events of each thread.
fn threads(program: &Program) -> Vec<Vec<Event>> {
    let all = events(program);
    let of = |thread| {
        all.iter()
            .filter(move |e| e.thread == Some(thread))
            .copied()
    };
    (0..program.len())
        .map(|thread| of(thread).collect())
        .collect()
}

fn mixes(program: &Program) -> bool {
    let threads: Vec<Orders> = threads(program)
        .iter()
        .map(|thread| orders(thread))
        .collect();
    Orders::mix(threads.iter().map(|orders| (1, orders)))
}

fn orders(thread: &[Event]) -> Orders {
    let mut orders = Orders::default();
    for event in thread.iter().filter(|e| e.location != Some(OBJECT)) {
        match event.location {
            Some(location) => orders.access(location as u16, event.order),
            None => orders.seq_cst |= event.is_seq_cst(),
        }
    }
    orders
}

/// The locations by which a program could show load buffering.
fn could_buffer(program: &Program) -> BTreeSet<u16> {
    let passages: Vec<Passages> = threads(program)
        .iter()
        .map(|thread| passages(thread))
        .collect();
    Passages::could_buffer(passages.iter().map(|passages| (1, passages)))
}

fn passages(thread: &[Event]) -> Passages {
    let (mut loaded, mut passages) = (Loaded::default(), Passages::default());
    for (register, event) in (0..).zip(thread) {
        match event.location {
            Some(location) => {
                let access = Accessed {
                    location: location as u16,
                    reads: event.reads,
                    writes: event.writes,
                    order: event.order,
                };
                loaded.access(access, register, &[], &mut passages);
            }
            None if event.is_fence() => loaded.fence(event.order),
            None => {}
        }
    }
    passages
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_program_that_does_not_mix_seq_cst_with_weaker_orders_does_all_that_rc11_allows(program in programs()) {
        if !mixes(&program) {
            prop_assert_eq!(reached(&program), allowed(&program, SeqCst::OfItsOwn));
        }
    }

    #[test]
    fn a_program_that_is_not_said_to_show_load_buffering_does_not(program in programs()) {
        if could_buffer(&program).is_empty() {
            prop_assert_eq!(allowed(&program, SeqCst::OfItsOwn), allowed(&program, SeqCst::WithBuffering));
        }
    }
}

fn buffering(first: [Order; 2], second: [Order; 2], fence: Option<Order>) -> Program {
    let thread = |[load, store]: [Order; 2], from, to| {
        let fence = fence.map(Instruction::Fence);
        let before = std::iter::once(Instruction::Load(from, load)).chain(fence);
        before.chain([Instruction::Store(to, store, 1)]).collect()
    };
    vec![thread(first, 0, 1), thread(second, 1, 0)]
}

#[test]
fn load_buffering_is_told_of_exactly_where_cpp_allows_it() {
    let loads = [Relaxed, Acquire, Sc];
    let stores = [Relaxed, Release, Sc];
    let pairs = loads
        .into_iter()
        .flat_map(|load| stores.map(|store| [load, store]));
    let pairs: Vec<[Order; 2]> = pairs.collect();
    for &first in &pairs {
        for &second in &pairs {
            for fence in [None, Some(Acquire), Some(Release), Some(AcqRel)] {
                let program = buffering(first, second, fence);
                let (rc11, cpp) = (SeqCst::OfItsOwn, SeqCst::WithBuffering);
                let shows = allowed(&program, rc11) != allowed(&program, cpp);
                assert_eq!(!could_buffer(&program).is_empty(), shows, "{program:?}");
            }
        }
    }
}

#[test]
fn message_passing_in_all_orders_does_all_that_rc11_allows_unless_it_mixes_seq_cst_with_weaker_ones()
 {
    let loads = [Relaxed, Acquire, Sc];
    let stores = [Relaxed, Release, Sc];
    let orders = |n: usize| {
        [
            stores[n % 3],
            stores[n / 3 % 3],
            loads[n / 9 % 3],
            loads[n / 27],
        ]
    };
    let mut departing = 0;
    for [data, flag, seen, read] in (0..81).map(orders) {
        let program = vec![
            vec![
                Instruction::Store(0, data, 1),
                Instruction::Store(1, flag, 1),
            ],
            vec![Instruction::Load(1, seen), Instruction::Load(0, read)],
        ];
        let departs = reached(&program) != allowed(&program, SeqCst::OfItsOwn);
        assert!(!departs || mixes(&program), "{program:?}");
        departing += usize::from(departs);
    }
    assert!(departing > 0);
}
