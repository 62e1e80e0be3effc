//! A small modelled system for the tests of searches: threads over shared variables and locks, drawn by proptest.
//!
//! It shares nothing with the kernel's world but the [`Model`] trait, and every detail is in plain sight: a state is a
//! program counter and an accumulator for each thread, a number for each variable, a holder for each lock.

#![allow(dead_code, reason = "each test uses its part")]

pub mod ends;
pub mod reaching;

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use xous_sim_step::{Choice, Footprint, Future, Model, Property, Unknown, Violation, Violations};

/// What a thread does in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Writes a constant.
    Write(usize, u8),
    /// Reads into the accumulator.
    Read(usize),
    /// Appends the thread's number to a variable: its value tells the order of those who did.
    Append(usize),
    /// Sets a variable to 9 if it is the given number.
    Swap(usize, u8),
    /// Takes a lock, waiting until it is free.
    Lock(usize),
    /// Frees a lock that the thread holds.
    Unlock(usize),
    /// Any number below the given one, into the accumulator.
    Choose(u8),
    /// Skips the next operation if the accumulator is 0.
    SkipUnless,
    /// Ends another thread, wherever it is.
    Kill(usize),
    /// Violates a property if the accumulator is the given number.
    Fail(u8),
}

/// Threads over three variables and two locks.
#[derive(Clone, Debug)]
pub struct Toy {
    /// What each thread does.
    pub threads: Vec<Vec<Op>>,
    /// The final states that a search looked at, by fingerprint.
    pub finals: BTreeSet<u128>,
}

/// A state: program counters, accumulators, variables, holders.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pc: Vec<u8>,
    acc: Vec<u8>,
    vars: [u64; 3],
    locks: [Option<u8>; 2],
}

const VARS: usize = 3;

impl Toy {
    pub fn new(threads: Vec<Vec<Op>>) -> Self {
        Self {
            threads,
            finals: BTreeSet::new(),
        }
    }

    fn op(&self, state: &State, thread: usize) -> Option<Op> {
        self.threads[thread]
            .get(usize::from(state.pc[thread]))
            .copied()
    }

    fn variable(&self, variable: usize) -> usize {
        self.threads.len() + variable
    }

    fn lock(&self, lock: usize) -> usize {
        self.threads.len() + VARS + lock
    }
}

impl Model for Toy {
    type State = State;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<State, Infallible> {
        Ok(State {
            pc: vec![0; self.threads.len()],
            acc: vec![0; self.threads.len()],
            vars: [0; 3],
            locks: [None; 2],
        })
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        for thread in 0..self.threads.len() {
            let agent = thread as u16;
            match self.op(state, thread) {
                None => {}
                Some(Op::Lock(lock)) if state.locks[lock].is_some() => {}
                Some(Op::Choose(n)) => {
                    choices.extend((0..n.into()).map(|pick| Choice { agent, pick }));
                }
                Some(_) => choices.push(Choice::of(agent)),
            }
        }
        Ok(())
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, Infallible> {
        let thread = usize::from(choice.agent);
        let op = self
            .op(state, thread)
            .expect("an enabled thread has an operation");
        state.pc[thread] += 1;
        let mut violations = Violations::default();
        match op {
            Op::Write(v, n) => state.vars[v] = n.into(),
            Op::Read(v) => state.acc[thread] = state.vars[v] as u8,
            Op::Append(v) => state.vars[v] = (state.vars[v] << 4) + thread as u64 + 1,
            Op::Swap(v, n) => {
                if state.vars[v] == u64::from(n) {
                    state.vars[v] = 9;
                }
            }
            Op::Lock(l) => state.locks[l] = Some(choice.agent as u8),
            Op::Unlock(l) => {
                if state.locks[l] == Some(choice.agent as u8) {
                    state.locks[l] = None;
                }
            }
            Op::Choose(_) => state.acc[thread] = choice.pick as u8,
            Op::SkipUnless => state.pc[thread] += u8::from(state.acc[thread] == 0),
            Op::Kill(other) => state.pc[other] = u8::MAX,
            Op::Fail(n) => {
                if state.acc[thread] == n {
                    let subject = format!("{thread} {n}");
                    let violation = Violation::new(Property("fail"), subject, String::new());
                    violations.extend([std::sync::Arc::new(violation)]);
                }
            }
        }
        Ok(violations)
    }

    fn fingerprint(&self, state: &State) -> u128 {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, state).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(0) << 64 | half(1)
    }

    fn footprint(&self, before: &State, choice: Choice, after: &State) -> Footprint {
        let thread = usize::from(choice.agent);
        let own = Footprint::NOTHING.writing(thread);
        match self.op(before, thread).expect("a step has an operation") {
            Op::Write(v, _) | Op::Append(v) => own.writing(self.variable(v)),
            Op::Swap(v, _) if before.vars == after.vars => own.reading(self.variable(v)),
            Op::Swap(v, _) => own.writing(self.variable(v)),
            Op::Read(v) => own.reading(self.variable(v)),
            Op::Lock(l) | Op::Unlock(l) => own.writing(self.lock(l)),
            Op::Kill(other) => own.writing(other),
            Op::Choose(_) | Op::SkipUnless | Op::Fail(_) => own,
        }
    }

    fn pending(&self, state: &State, agent: u16) -> Option<Footprint> {
        let thread = usize::from(agent);
        let own = Footprint::NOTHING.writing(thread);
        Some(match self.op(state, thread)? {
            Op::Write(v, _) | Op::Append(v) | Op::Swap(v, _) | Op::Read(v) => {
                own.writing(self.variable(v))
            }
            Op::Lock(l) | Op::Unlock(l) => own.writing(self.lock(l)),
            Op::Kill(other) => own.writing(other),
            Op::Choose(_) | Op::SkipUnless | Op::Fail(_) => own,
        })
    }

    fn future(&mut self, state: &State, agent: u16) -> Future {
        let mut probe = state.clone();
        let mut all = Footprint::NOTHING;
        while let Some(footprint) = self.pending(&probe, agent) {
            all = all.union(footprint);
            probe.pc[usize::from(agent)] += 1;
        }
        let next = self.pending(state, agent);
        Future { next, all }
    }

    fn own_place(&self, agent: u16) -> Footprint {
        Footprint::NOTHING.writing(usize::from(agent))
    }

    fn may_wait(&self, state: &State, agent: u16) -> bool {
        matches!(self.op(state, usize::from(agent)), Some(Op::Lock(_)))
    }

    fn agents(&self, _: &State) -> usize {
        self.threads.len()
    }

    fn may_cycle(&self) -> bool {
        false
    }

    fn check(
        &mut self,
        state: &State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, Infallible> {
        if !enabled.is_empty() {
            return Ok(None);
        }
        self.finals.insert(self.fingerprint(state));
        let waits = (0..self.threads.len()).any(|thread| self.op(state, thread).is_some());
        let deadlock = || Violation::new(Property("deadlock"), String::new(), String::new());
        Ok(waits.then(deadlock))
    }
}

fn op(threads: usize) -> impl Strategy<Value = Op> {
    let variable = 0..VARS;
    prop_oneof![
        3 => (variable.clone(), 0..3u8).prop_map(|(v, n)| Op::Write(v, n)),
        3 => variable.clone().prop_map(Op::Read),
        3 => variable.clone().prop_map(Op::Append),
        2 => (variable, 0..3u8).prop_map(|(v, n)| Op::Swap(v, n)),
        3 => (0..2usize).prop_map(Op::Lock),
        3 => (0..2usize).prop_map(Op::Unlock),
        1 => (1..3u8).prop_map(Op::Choose),
        2 => Just(Op::SkipUnless),
        1 => (0..threads).prop_map(Op::Kill),
        1 => (0..3u8).prop_map(Op::Fail),
    ]
}

/// Two longer threads, three or four shorter ones.
pub fn programs() -> impl Strategy<Value = Toy> {
    prop_oneof![
        (Just(2), 1..6usize),
        (Just(3), 1..4usize),
        (Just(4), 1..3usize)
    ]
    .prop_flat_map(|(threads, most)| {
        let thread = prop::collection::vec(op(threads), 1..=most);
        prop::collection::vec(thread, threads)
    })
    .prop_map(Toy::new)
}
