//! Known limits, as tests: outcomes that C11 allows and the machine does not reach.

use crate::axioms::SeqCst;
use crate::candidates::allowed;
use crate::machine::reached;
use crate::program::{Instruction, Instruction::*, Program};
use xous_sim_memory::Order::{self, AcqRel, Acquire, Relaxed, Release, SeqCst as Sc};

const X: usize = 0;
const Y: usize = 1;
const Z: usize = 2;

fn program(threads: &[&[Instruction]]) -> Program {
    threads.iter().map(|thread| thread.to_vec()).collect()
}

fn c11_allows(program: &Program, reads: &[&[u32]]) -> bool {
    let allowed = allowed(program, SeqCst::OfItsOwn);
    allowed.iter().any(|seen| seen.read == reads)
}

fn machine_reaches(program: &Program, reads: &[&[u32]]) -> bool {
    reached(program).iter().any(|seen| seen.read == reads)
}

/// Both loads read what the other thread stores later. C11 allows it; the axioms here do not, as RC11's do not.
#[test]
fn load_buffering_is_not_reached() {
    let program = program(&[
        &[Load(X, Relaxed), Store(Y, Relaxed, 1)],
        &[Load(Y, Relaxed), Store(X, Relaxed, 1)],
    ]);
    assert!(machine_reaches(&program, &[&[1], &[0]]));
    assert!(!machine_reaches(&program, &[&[1], &[1]]));
}

/// A relaxed flag says nothing of a seq_cst store before it, but the machine has made that store already.
#[test]
fn a_seq_cst_load_does_not_miss_a_seq_cst_store_that_was_made() {
    let passing = |data: Order| {
        program(&[
            &[Store(X, data, 1), Store(Y, Relaxed, 1)],
            &[Load(Y, Relaxed), Load(X, data)],
        ])
    };
    assert!(c11_allows(&passing(Sc), &[&[], &[1, 0]]));
    assert!(!machine_reaches(&passing(Sc), &[&[], &[1, 0]]));
    assert!(machine_reaches(&passing(Relaxed), &[&[], &[1, 0]]));
}

/// Example Z6.U of Lahav et al.: the order of seq_cst operations contradicts happens-before through a weaker one.
#[test]
fn the_order_of_seq_cst_operations_does_not_contradict_happens_before() {
    let mixed = |order: Order| {
        program(&[
            &[Store(X, Sc, 1), Store(Y, Release, 1)],
            &[Add(Y, order), Load(Y, Relaxed)],
            &[Store(Y, Sc, 3), Load(X, Sc)],
        ])
    };
    let outcome: [&[u32]; 3] = [&[], &[1, 3], &[0]];
    assert!(c11_allows(&mixed(Sc), &outcome));
    assert!(!machine_reaches(&mixed(Sc), &outcome));
    assert!(machine_reaches(&mixed(AcqRel), &outcome));
}

/// Two seq_cst fences with a chain of relaxed accesses between them are ordered as the chain is.
#[test]
fn a_relaxed_chain_orders_the_fences_at_its_ends() {
    let fenced = |fence: Order| {
        program(&[
            &[Store(X, Relaxed, 1), Fence(fence), Store(Y, Relaxed, 1)],
            &[Load(Y, Relaxed), Store(Z, Relaxed, 1)],
            &[Load(Z, Relaxed), Fence(fence), Load(X, Relaxed)],
        ])
    };
    let outcome: [&[u32]; 3] = [&[], &[1], &[1, 0]];
    assert!(c11_allows(&fenced(Sc), &outcome));
    assert!(!machine_reaches(&fenced(Sc), &outcome));
    assert!(machine_reaches(&fenced(Acquire), &outcome));
}
