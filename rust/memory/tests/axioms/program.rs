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
    /// Uses the one object like a lock.
    Synchronise,
}

/// What each thread does.
pub type Program = Vec<Vec<Instruction>>;

/// What can be seen of an execution.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// What was read, thread by thread; a use of the object reads how often it was used before.
    pub read: Vec<Vec<u32>>,
    /// The last value of each location.
    pub last: Vec<u32>,
    /// Whether plain accesses raced.
    pub raced: bool,
}

/// What a random program is made of, so that its threads have something to do with each other.
#[derive(Clone, Copy, Debug)]
struct Theme {
    /// The orders of loads, stores and read-modify-writes, as far as they suit them.
    orders: &'static [Order],
    fences: &'static [Order],
    /// How often there is a load, a store, an addition, an exchange, a fence, a plain access, a use of the object.
    weights: [u32; 7],
}

const THEMES: [Theme; 5] = [
    Theme {
        orders: &Order::ALL,
        fences: &[Order::Acquire, Order::Release, Order::AcqRel, Order::SeqCst],
        weights: [4, 4, 2, 1, 2, 1, 1],
    },
    // Fences bear it all.
    Theme {
        orders: &[Order::Relaxed],
        fences: &[Order::Acquire, Order::Release, Order::SeqCst, Order::SeqCst],
        weights: [3, 3, 1, 0, 5, 0, 0],
    },
    // Release sequences.
    Theme {
        orders: &[Order::Relaxed, Order::Acquire, Order::Release],
        fences: &[Order::Acquire, Order::Release],
        weights: [4, 2, 4, 2, 1, 1, 0],
    },
    // The order of seq_cst operations.
    Theme {
        orders: &[Order::Relaxed, Order::SeqCst, Order::SeqCst],
        fences: &[Order::SeqCst],
        weights: [4, 4, 1, 1, 1, 0, 0],
    },
    // Data races.
    Theme {
        orders: &[
            Order::Relaxed,
            Order::AcqRel,
            Order::Acquire,
            Order::Release,
        ],
        fences: &[Order::Acquire, Order::Release],
        weights: [2, 2, 1, 0, 1, 5, 3],
    },
];

fn order(orders: &[Order], suits: fn(Order) -> bool) -> impl Strategy<Value = Order> + use<> {
    let suiting: Vec<Order> = orders.iter().copied().filter(|&o| suits(o)).collect();
    prop::sample::select(suiting)
}

fn instruction(theme: Theme) -> impl Strategy<Value = Instruction> {
    let every = || order(theme.orders, |_| true);
    let place = || 0..RANDOM_LOCATIONS;
    let load = (place(), order(theme.orders, Order::suits_load));
    let store = (place(), order(theme.orders, Order::suits_store), 1..3u32);
    let exchange = (place(), every(), 0..3u32, 1..3u32);
    let fence = order(theme.fences, Order::suits_fence);
    let [loads, stores, adds, exchanges, fences, plain, uses] = theme.weights;
    prop_oneof![
        loads => load.prop_map(|(at, order)| Instruction::Load(at, order)),
        stores => store.prop_map(|(at, order, value)| Instruction::Store(at, order, value)),
        adds => (place(), every()).prop_map(|(at, order)| Instruction::Add(at, order)),
        exchanges => exchange.prop_map(|(at, order, a, b)| Instruction::Exchange(at, order, a, b)),
        fences => fence.prop_map(Instruction::Fence),
        plain => any::<bool>().prop_map(Instruction::Plain),
        uses => Just(Instruction::Synchronise),
    ]
}

/// Two to four threads and seven instructions in all at most.
pub fn programs() -> impl Strategy<Value = Program> {
    let shapes: Vec<Vec<usize>> = vec![
        vec![3, 3],
        vec![4, 2],
        vec![4, 3],
        vec![2, 2, 2],
        vec![2, 1, 2],
        vec![3, 2, 2],
        vec![1, 1, 2, 2],
        vec![1, 3, 3],
    ];
    let drawn = (prop::sample::select(&THEMES), prop::sample::select(shapes));
    drawn.prop_flat_map(|(theme, shape)| {
        let thread = |length| prop::collection::vec(instruction(theme), length);
        shape.into_iter().map(thread).collect::<Vec<_>>()
    })
}
