//! Execution graphs: events, and the relations that the axioms speak of.

use crate::program::{Instruction, LOCATIONS, Program};
use crate::relation::Relation;
use xous_sim_memory::Order;

/// The object counts as one more location, which only acq_rel read-modify-writes access.
pub const OBJECT: usize = LOCATIONS;
/// All locations, the object among them.
pub const ALL_LOCATIONS: usize = LOCATIONS + 1;

/// What an event does once it is known what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// `None` of the first stores.
    pub thread: Option<usize>,
    pub instruction: Option<Instruction>,
    /// The location of an atomic access.
    pub location: Option<usize>,
    pub order: Order,
    pub reads: bool,
    pub writes: bool,
}

impl Event {
    fn initial(location: usize) -> Self {
        Self {
            thread: None,
            instruction: None,
            location: Some(location),
            order: Order::Relaxed,
            reads: false,
            writes: true,
        }
    }

    fn of(thread: usize, instruction: Instruction) -> Self {
        let (location, order, reads, writes) = match instruction {
            Instruction::Load(at, order) => (Some(at), order, true, false),
            Instruction::Store(at, order, _) => (Some(at), order, false, true),
            Instruction::Add(at, order) => (Some(at), order, true, true),
            Instruction::Exchange(at, order, ..) => (Some(at), order, true, true),
            Instruction::Fence(order) => (None, order, false, false),
            Instruction::Plain(_) => (None, Order::Relaxed, false, false),
            Instruction::Synchronise => (Some(OBJECT), Order::AcqRel, true, true),
        };
        Self {
            thread: Some(thread),
            instruction: Some(instruction),
            location,
            order,
            reads,
            writes,
        }
    }

    pub fn is_fence(&self) -> bool {
        matches!(self.instruction, Some(Instruction::Fence(_)))
    }

    /// Whether it is a plain access, and then whether it writes.
    pub fn plain(&self) -> Option<bool> {
        match self.instruction {
            Some(Instruction::Plain(writes)) => Some(writes),
            _ => None,
        }
    }

    pub fn is_seq_cst(&self) -> bool {
        self.thread.is_some() && self.order == Order::SeqCst
    }
}

/// The events of a program: the first stores, then thread by thread.
pub fn events(program: &Program) -> Vec<Event> {
    let first = (0..ALL_LOCATIONS).map(Event::initial);
    let threads = program.iter().enumerate();
    let rest = threads.flat_map(|(thread, code)| code.iter().map(move |&i| Event::of(thread, i)));
    first.chain(rest).collect()
}

/// An execution whose reads and writes are paired and ordered.
pub struct Graph {
    pub events: Vec<Event>,
    /// Program order; the first stores come before everything.
    pub sb: Relation,
    /// Which write each read reads.
    pub rf: Relation,
    /// The order of the writes to each location.
    pub mo: Relation,
}

impl Graph {
    pub fn program_order(events: &[Event]) -> Relation {
        let before = |a: usize, b: usize| match (events[a].thread, events[b].thread) {
            (None, Some(_)) => true,
            (Some(x), Some(y)) => x == y && a < b,
            (_, None) => false,
        };
        Relation::of(events.len(), before)
    }

    pub fn on(&self, keep: impl Fn(&Event) -> bool) -> Relation {
        Relation::of(self.events.len(), |a, b| a == b && keep(&self.events[a]))
    }

    /// Reads before writes: a read, and the writes behind the one that it reads.
    pub fn rb(&self) -> Relation {
        self.rf
            .inverse()
            .then(&self.mo)
            .only(|read, write| read != write)
    }

    /// Extended coherence order.
    pub fn eco(&self) -> Relation {
        self.rf.or(&self.mo).or(&self.rb()).closure()
    }

    /// Synchronises-with, release sequences as in C++20.
    fn sw(&self) -> Relation {
        let releases = self.on(|e| e.order.releases() && e.thread.is_some());
        let acquires = self.on(|e| e.order.acquires() && e.thread.is_some());
        let fence = self.on(Event::is_fence);
        let write = self.on(|e| e.writes);
        let read = self.on(|e| e.reads);
        let update = self.on(|e| e.reads && e.writes);
        let sequence = self.rf.then(&update).closure().maybe();
        let begins = releases
            .then(&fence.then(&self.sb).maybe())
            .then(&write)
            .then(&sequence);
        let ends = read.then(&self.sb.then(&fence).maybe()).then(&acquires);
        begins.then(&self.rf).then(&ends)
    }

    /// Happens-before.
    pub fn hb(&self) -> Relation {
        self.sb.or(&self.sw()).closure()
    }
}
