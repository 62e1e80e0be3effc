//! A small modelled system for the tests of searches: threads over shared variables and locks, drawn by proptest.
//!
//! It shares nothing with the kernel's world but the [`Model`] trait, and every detail is in plain sight: a state is a
//! program counter and an accumulator for each thread, a number for each variable, a holder for each lock. One thread may
//! be mortal: it can die once, wherever it is, which is a fault that frees its locks, and then it is mourned, which is a
//! step that others see; both belong to an agent of their own, behind the threads.

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
    /// The thread that may die.
    pub mortal: Option<usize>,
    /// How far places lie apart.
    pub spread: usize,
    /// The final states that a search looked at, by fingerprint.
    pub finals: BTreeSet<u128>,
}

/// A state: program counters, accumulators, variables, holders, and what has become of the mortal thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pc: Vec<u8>,
    acc: Vec<u8>,
    vars: [u64; 3],
    locks: [Option<u8>; LOCKS],
    life: Life,
}

/// What has become of the mortal thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Life {
    Lives,
    Dead,
    Mourned,
}

const VARS: usize = 3;
const LOCKS: usize = 2;
/// The variable that tells of a death.
const MOURNING: usize = 0;
/// Where a thread is that was ended.
const ENDED: u8 = u8::MAX;

impl Toy {
    pub fn new(threads: Vec<Vec<Op>>) -> Self {
        Self {
            threads,
            mortal: None,
            spread: 1,
            finals: BTreeSet::new(),
        }
    }

    /// The same with a thread that may die.
    pub fn with_mortal(self, thread: usize) -> Self {
        Self {
            mortal: Some(thread),
            ..self
        }
    }

    /// The same with places so far apart that narrow footprints take all for one.
    pub fn spread_out(self) -> Self {
        Self { spread: 63, ..self }
    }

    /// The agent of the mortal thread's deaths.
    fn reaper(&self) -> usize {
        self.threads.len()
    }

    /// The thread that may die, if that is whom an agent acts upon.
    fn dying(&self, agent: u16) -> Option<usize> {
        self.mortal.filter(|_| usize::from(agent) == self.reaper())
    }

    /// What comes next for the mortal thread.
    fn fate(&self, state: &State) -> Option<Choice> {
        let agent = self.reaper() as u16;
        self.mortal?;
        match state.life {
            Life::Lives => Some(Choice::fault(agent)),
            Life::Dead => Some(Choice::of(agent)),
            Life::Mourned => None,
        }
    }

    /// The mortal thread dies, or is mourned.
    fn live_on(&self, state: &mut State, thread: usize) {
        match state.life {
            Life::Lives => {
                (state.pc[thread], state.life) = (ENDED, Life::Dead);
                let held = state.locks.iter_mut();
                held.filter(|holder| **holder == Some(thread as u8))
                    .for_each(|holder| *holder = None);
            }
            Life::Dead | Life::Mourned => {
                state.vars[MOURNING] = (state.vars[MOURNING] << 4) + self.reaper() as u64 + 1;
                state.life = Life::Mourned;
            }
        }
    }

    /// What that touches. A death commutes with nothing: a state that is quiet only because nobody has died must be seen.
    fn footprint_of_fate<const W: usize>(&self, state: &State, thread: usize) -> Footprint<W> {
        let own = Footprint::NOTHING.writing(self.own(self.reaper()));
        match state.life {
            Life::Lives => (0..LOCKS)
                .fold(own.writing(self.own(thread)), |all, lock| {
                    all.writing(self.lock(lock))
                })
                .reading_everything(),
            Life::Dead | Life::Mourned => own.writing(self.variable(MOURNING)),
        }
    }

    /// The place of an agent's own state.
    fn own(&self, agent: usize) -> usize {
        self.spread
            * match agent == self.reaper() {
                true => self.threads.len() + VARS + LOCKS,
                false => agent,
            }
    }

    fn op(&self, state: &State, thread: usize) -> Option<Op> {
        self.threads[thread]
            .get(usize::from(state.pc[thread]))
            .copied()
    }

    fn variable(&self, variable: usize) -> usize {
        self.spread * (self.threads.len() + variable)
    }

    fn lock(&self, lock: usize) -> usize {
        self.spread * (self.threads.len() + VARS + lock)
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
            locks: [None; LOCKS],
            life: Life::Lives,
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
        choices.extend(self.fate(state));
        Ok(())
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, Infallible> {
        if let Some(thread) = self.dying(choice.agent) {
            self.live_on(state, thread);
            return Ok(Violations::default());
        }
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
            Op::Kill(other) => state.pc[other] = ENDED,
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

    fn place_count(&self) -> usize {
        self.spread * (self.threads.len() + VARS + LOCKS + 1)
    }

    fn footprint<const W: usize>(
        &self,
        before: &State,
        choice: Choice,
        after: &State,
    ) -> Footprint<W> {
        if let Some(thread) = self.dying(choice.agent) {
            return self.footprint_of_fate(before, thread);
        }
        let thread = usize::from(choice.agent);
        let own = Footprint::NOTHING.writing(self.own(thread));
        match self.op(before, thread).expect("a step has an operation") {
            Op::Write(v, _) | Op::Append(v) => own.writing(self.variable(v)),
            Op::Swap(v, _) if before.vars == after.vars => own.reading(self.variable(v)),
            Op::Swap(v, _) => own.writing(self.variable(v)),
            Op::Read(v) => own.reading(self.variable(v)),
            Op::Lock(l) | Op::Unlock(l) => own.writing(self.lock(l)),
            Op::Kill(other) => own.writing(self.own(other)),
            Op::Choose(_) | Op::SkipUnless | Op::Fail(_) => own,
        }
    }

    fn pending<const W: usize>(&self, state: &State, agent: u16) -> Option<Footprint<W>> {
        if let Some(thread) = self.dying(agent) {
            let acts = state.life != Life::Mourned;
            return acts.then(|| self.footprint_of_fate(state, thread));
        }
        let thread = usize::from(agent);
        let own = Footprint::NOTHING.writing(self.own(thread));
        Some(match self.op(state, thread)? {
            Op::Write(v, _) | Op::Append(v) | Op::Swap(v, _) | Op::Read(v) => {
                own.writing(self.variable(v))
            }
            Op::Lock(l) | Op::Unlock(l) => own.writing(self.lock(l)),
            Op::Kill(other) => own.writing(self.own(other)),
            Op::Choose(_) | Op::SkipUnless | Op::Fail(_) => own,
        })
    }

    fn future<const W: usize>(&mut self, state: &State, agent: u16) -> Future<W> {
        let next = self.pending(state, agent);
        if self.dying(agent).is_some() {
            let all = next.map_or(Footprint::NOTHING, |_| Footprint::EVERYTHING);
            return Future { next, all };
        }
        let mut probe = state.clone();
        let mut all = Footprint::NOTHING;
        while let Some(footprint) = self.pending(&probe, agent) {
            all = all.union(footprint);
            probe.pc[usize::from(agent)] += 1;
        }
        Future { next, all }
    }

    fn own_place<const W: usize>(&self, agent: u16) -> Footprint<W> {
        Footprint::NOTHING.writing(self.own(usize::from(agent)))
    }

    fn may_wait(&self, state: &State, agent: u16) -> bool {
        let waits = || matches!(self.op(state, usize::from(agent)), Some(Op::Lock(_)));
        self.dying(agent).is_some() || waits()
    }

    fn agents(&self, _: &State) -> usize {
        self.threads.len() + usize::from(self.mortal.is_some())
    }

    fn may_cycle(&self) -> bool {
        false
    }

    fn check(
        &mut self,
        state: &State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, Infallible> {
        if !enabled.iter().all(|choice| choice.is_fault()) {
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

/// Two longer threads, three or four shorter ones; one of them may be mortal.
pub fn programs() -> impl Strategy<Value = Toy> {
    let mortal = prop::option::weighted(0.3, 0..2_usize);
    (immortal_programs(), mortal).prop_map(|(toy, mortal)| {
        let is_small = toy.threads.iter().map(Vec::len).sum::<usize>() <= 6;
        let mortal = mortal.filter(|_| is_small);
        Toy { mortal, ..toy }
    })
}

/// The same without deaths.
fn immortal_programs() -> impl Strategy<Value = Toy> {
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
