//! Small straight-line programs, and how random ones are drawn.

use proptest::prelude::*;
use xous_sim_memory::Order;

/// Atomic locations; they hold 0 at first.
pub const LOCATIONS: usize = 3;
/// Random programs access the first ones only, so that their threads meet.
const RANDOM_LOCATIONS: usize = 2;

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    Load(usize, Order),
    Store(usize, Order, u32),
    /// Adds 10.
    Add(usize, Order),
    /// Writes the second number if the first is there.
    Exchange(usize, Order, u32, u32),
    Fence(Order),
    /// An access to the one plain variable; whether it writes.
    Plain(bool),
    /// Uses the one lock-like object.
    Synchronise,
}

/// What each thread does.
pub type Program = Vec<Vec<Instruction>>;

/// What can be seen of an execution: what was read, thread by thread, and the last value of each location.
pub type Seen = (Vec<Vec<u32>>, Vec<u32>);

fn order(suits: fn(Order) -> bool) -> impl Strategy<Value = Order> {
    let suiting: Vec<Order> = Order::ALL
        .into_iter()
        .filter(|&order| suits(order))
        .collect();
    prop::sample::select(suiting)
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let every = || order(|_| true);
    let place = || 0..RANDOM_LOCATIONS;
    let load = (place(), order(Order::suits_load));
    let store = (place(), order(Order::suits_store), 1..3u32);
    let exchange = (place(), every(), 0..3u32, 1..3u32);
    prop_oneof![
        4 => load.prop_map(|(at, order)| Instruction::Load(at, order)),
        4 => store.prop_map(|(at, order, value)| Instruction::Store(at, order, value)),
        2 => (place(), every()).prop_map(|(at, order)| Instruction::Add(at, order)),
        1 => exchange.prop_map(|(at, order, old, new)| Instruction::Exchange(at, order, old, new)),
        2 => order(Order::suits_fence).prop_map(Instruction::Fence),
        1 => any::<bool>().prop_map(Instruction::Plain),
        1 => Just(Instruction::Synchronise),
    ]
}

/// Two to four threads and seven instructions in all at most.
pub fn programs() -> impl Strategy<Value = Program> {
    let shapes: Vec<Vec<usize>> = vec![
        vec![3, 3],
        vec![4, 2],
        vec![4, 3],
        vec![2, 2, 2],
        vec![3, 2, 2],
        vec![1, 1, 2, 2],
        vec![1, 3, 3],
    ];
    prop::sample::select(shapes).prop_flat_map(|shape| {
        let threads = shape.into_iter();
        let thread = |length| prop::collection::vec(instruction(), length);
        threads.map(thread).collect::<Vec<_>>()
    })
}
