//! The classic litmus tests with every combination of orders and fences, held against the axioms.

use crate::axioms::SeqCst;
use crate::candidates::allowed;
use crate::machine::reached;
use crate::program::{Instruction, Program};
use xous_sim_memory::Order;

/// A store (and its value) or a load of a location.
#[derive(Clone, Copy)]
enum Step {
    W(usize, u32),
    R(usize),
    /// Adds to the location.
    U(usize),
}
use Step::{R, U, W};

const X: usize = 0;
const Y: usize = 1;

type Skeleton = &'static [&'static [Step]];

const SKELETONS: [(&str, Skeleton); 8] = [
    ("store buffering", &[&[W(X, 1), R(Y)], &[W(Y, 1), R(X)]]),
    ("message passing", &[&[W(X, 1), W(Y, 1)], &[R(Y), R(X)]]),
    ("load buffering", &[&[R(X), W(Y, 1)], &[R(Y), W(X, 1)]]),
    ("2+2W", &[&[W(X, 1), W(Y, 2)], &[W(Y, 1), W(X, 2)]]),
    ("R", &[&[W(X, 1), W(Y, 1)], &[W(Y, 2), R(X)]]),
    ("S", &[&[W(X, 2), W(Y, 1)], &[R(Y), W(X, 1)]]),
    (
        "release sequence",
        &[&[W(X, 1), W(Y, 1)], &[U(Y)], &[R(Y), R(X)]],
    ),
    (
        "independent reads of independent writes",
        &[&[W(X, 1)], &[W(Y, 1)], &[R(X), R(Y)], &[R(Y), R(X)]],
    ),
];

/// The program with these orders, a fence between any two steps.
fn program(skeleton: Skeleton, store: Order, load: Order, fence: Option<Order>) -> Program {
    let instruction = |step: &Step| match *step {
        W(at, value) => Instruction::Store(at, store, value),
        R(at) => Instruction::Load(at, load),
        U(at) => Instruction::Add(at, Order::Relaxed),
    };
    let thread = |steps: &&[Step]| {
        let mut code: Vec<Instruction> = steps.iter().map(instruction).collect();
        if let (Some(order), 2) = (fence, code.len()) {
            code.insert(1, Instruction::Fence(order));
        }
        code
    };
    skeleton.iter().map(thread).collect()
}

#[test]
fn the_classics_come_out_as_the_axioms_say_in_all_orders() {
    let fences = Order::ALL.into_iter().filter(|fence| fence.suits_fence());
    let fences: Vec<Option<Order>> = fences.map(Some).chain([None]).collect();
    for (name, skeleton) in SKELETONS {
        for store in Order::ALL.into_iter().filter(|order| order.suits_store()) {
            for load in Order::ALL.into_iter().filter(|order| order.suits_load()) {
                for &fence in &fences {
                    let program = program(skeleton, store, load, fence);
                    let expected = allowed(&program, SeqCst::OfExecution);
                    assert_eq!(reached(&program), expected, "{name} {program:?}");
                }
            }
        }
    }
}
