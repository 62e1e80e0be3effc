//! Everything that the machine of this crate can do with a program: each interleaving, each outcome of each access.

#![expect(
    clippy::disallowed_types,
    reason = "nothing depends on the order of a set of visited states"
)]

use crate::program::{Instruction, LOCATIONS, Program, Seen};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use xous_sim_memory::{Access, Interest, Memory, ObjectId, Order, PlainAccess, ThreadId};

const LOCK: ObjectId = ObjectId(0);

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    memory: Memory<u32>,
    at: Vec<usize>,
    read: Vec<Vec<u32>>,
    raced: bool,
    /// How often the object was used.
    uses: u32,
}

/// What the machine does.
#[expect(
    clippy::disallowed_types,
    reason = "the order of visits does not matter"
)]
pub fn reached(program: &Program) -> BTreeSet<Seen> {
    let threads = (0..program.len()).map(|n| (ThreadId(n as u16), interest(&program[n])));
    let initial = State {
        memory: Memory::new(vec![0; LOCATIONS], threads),
        at: vec![0; program.len()],
        read: vec![Vec::new(); program.len()],
        raced: false,
        uses: 0,
    };
    let mut reached = BTreeSet::new();
    let mut visited = HashSet::new();
    let mut open = vec![initial];
    while let Some(state) = open.pop() {
        if !visited.insert(state.clone()) {
            continue;
        }
        let next: Vec<State> = (0..program.len())
            .flat_map(|thread| steps(program, &state, thread))
            .collect();
        if next.is_empty() {
            reached.insert(outcome(&state));
        }
        open.extend(next);
    }
    reached
}

/// What a thread may access.
fn interest(code: &[Instruction]) -> Arc<Interest> {
    let location = |instruction: &Instruction| match *instruction {
        Instruction::Load(at, _) | Instruction::Add(at, _) => Some(at),
        Instruction::Store(at, ..) | Instruction::Exchange(at, ..) => Some(at),
        _ => None,
    };
    let any = |is: fn(&Instruction) -> bool| code.iter().any(is);
    let plain = any(|i| matches!(i, Instruction::Plain(_)));
    Arc::new(Interest::Only {
        locations: code.iter().filter_map(location).collect(),
        variables: plain.then_some(0).into_iter().collect(),
        fences: any(|i| matches!(i, Instruction::Fence(_))),
    })
}

fn outcome(state: &State) -> Seen {
    let last = (0..LOCATIONS).map(|location| *state.memory.newest(location));
    Seen {
        read: state.read.clone(),
        last: last.collect(),
        raced: state.raced,
    }
}

fn steps(program: &Program, state: &State, thread: usize) -> Vec<State> {
    let Some(&instruction) = program[thread].get(state.at[thread]) else {
        return Vec::new();
    };
    let mut after = state.clone();
    after.at[thread] += 1;
    let id = ThreadId(thread as u16);
    match instruction {
        Instruction::Fence(order) => after.memory = state.memory.fence(id, order),
        Instruction::Synchronise => {
            after.memory = state.memory.synchronise(id, LOCK);
            after.read[thread].push(state.uses);
            after.uses += 1;
        }
        Instruction::Plain(writes) => {
            let access = PlainAccess {
                variable: 0,
                thread: id,
                writes,
            };
            let (memory, race) = state.memory.access_plainly(access);
            after.memory = memory;
            after.raced |= race.is_some();
        }
        Instruction::Load(at, order) => return access(&after, thread, at, order, &Access::Load),
        Instruction::Store(at, order, value) => {
            return access(&after, thread, at, order, &Access::Store(value));
        }
        Instruction::Add(at, order) => {
            return access(
                &after,
                thread,
                at,
                order,
                &Access::Update(&|v| Some(v + 10)),
            );
        }
        Instruction::Exchange(at, order, old, new) => {
            let exchange = |value: &u32| (*value == old).then_some(new);
            return access(&after, thread, at, order, &Access::Update(&exchange));
        }
    }
    vec![after]
}

fn access(
    before: &State,
    thread: usize,
    location: usize,
    order: Order,
    access: &Access<'_, u32>,
) -> Vec<State> {
    let id = ThreadId(thread as u16);
    let outcomes = before.memory.outcomes(id, location, order, access);
    let state = |outcome: xous_sim_memory::Outcome<u32>| {
        let mut after = before.clone();
        after.memory = outcome.memory;
        after.read[thread].extend(outcome.read);
        after
    };
    outcomes.into_iter().map(state).collect()
}
