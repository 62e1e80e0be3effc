//! Programs of which C11 allows more than the machine does, as far as their operations alone can tell.
//!
//! There are two kinds of them. A program that [mixes](Orders::mix) seq_cst operations with weaker ones may have an order
//! S that contradicts the order of execution. A program in which what one thread loads comes before what it stores, and
//! the other way round in another thread, may show [load buffering](Passages::could_buffer), as C++ and Rust allow and
//! RC11 forbids. Neither is missed; but some programs are named that come out as C11 says all the same, because the
//! values that they load are not looked at. `tests/axioms/departures.rs` holds both against the axioms.

use crate::Order;
use std::collections::{BTreeMap, BTreeSet};

/// The orders that a thread asks for.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    /// Whether it uses seq_cst accesses or fences.
    pub seq_cst: bool,
    /// The locations that it accesses.
    pub accessed: BTreeSet<u16>,
    /// Those among them that it accesses in a weaker order, too.
    pub weaker: BTreeSet<u16>,
}

impl Orders {
    /// Whether an order S of the seq_cst operations of these threads, each so many times, could contradict the order of
    /// execution. That takes two threads that use them, because S respects program order, and weaker accesses to a
    /// location that two threads access, because all others are in S themselves.
    #[must_use]
    pub fn mix<'a>(threads: impl IntoIterator<Item = (usize, &'a Self)>) -> bool {
        let threads: Vec<(usize, &Self)> = threads.into_iter().collect();
        let copies = |has: &dyn Fn(&Self) -> bool| {
            let such = threads.iter().filter(|(_, orders)| has(orders));
            such.map(|(copies, _)| copies).sum::<usize>()
        };
        let is_shared = |location: &u16| copies(&|orders| orders.accessed.contains(location)) > 1;
        let mut weaker = threads.iter().flat_map(|(_, orders)| &orders.weaker);
        copies(&|orders| orders.seq_cst) > 1 && weaker.any(is_shared)
    }

    /// The thread accesses a location.
    pub fn access(&mut self, location: u16, order: Order) {
        self.accessed.insert(location);
        match order {
            Order::SeqCst => self.seq_cst = true,
            _ => drop(self.weaker.insert(location)),
        }
    }
}

/// An access to a location, as [`Loaded`] follows it.
#[derive(Clone, Copy, Debug)]
pub struct Accessed {
    /// The location.
    pub location: u16,
    /// Whether its value is read.
    pub reads: bool,
    /// Whether it is written.
    pub writes: bool,
    /// What it asks for.
    pub order: Order,
}

/// That a thread loads one location and stores to another one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passage {
    /// The location that is loaded.
    pub from: u16,
    /// The location that is stored to.
    pub to: u16,
    /// Whether what was released to the store that is read happens before the thread's own store.
    pub acquires: bool,
    /// Whether the load happens before all that acquires the thread's own store.
    pub releases: bool,
    /// Whether what is stored, and that it is stored, follow from what was loaded.
    pub depends: bool,
}

/// A load in a thread's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Load {
    location: u16,
    acquires: bool,
    /// Whether a fence behind it releases.
    releases: bool,
    /// Whether the thread has looked at the value.
    tested: bool,
    /// Where the value is, unless a later load of the same kind took its place.
    register: Option<u32>,
}

/// The loads in the past of a thread on one path through its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded(BTreeSet<Load>);

impl Loaded {
    /// Adds what was loaded on another path to the same place; whether that was anything new.
    pub fn join(&mut self, other: &Self) -> bool {
        let before = self.0.len();
        self.0.extend(&other.0);
        self.0.len() > before
    }

    /// The thread accesses a location; what it reads goes to `register`, and what it writes comes from `operands`.
    pub fn access(
        &mut self,
        access: Accessed,
        register: u32,
        operands: &[u32],
        passages: &mut Passages,
    ) {
        if access.writes {
            self.store(access, operands, passages);
        }
        if !access.reads {
            return;
        }
        let load = Load {
            location: access.location,
            acquires: access.order.acquires(),
            releases: false,
            tested: false,
            register: Some(register),
        };
        // Without their registers, earlier loads of this kind count as never looked at. So a set stays small.
        let earlier = |l: &Load| {
            Load {
                register: None,
                ..*l
            } == Load {
                register: None,
                ..load
            }
        };
        let forget = |l: Load| {
            if earlier(&l) {
                Load {
                    register: None,
                    ..l
                }
            } else {
                l
            }
        };
        self.0 = std::mem::take(&mut self.0)
            .into_iter()
            .map(forget)
            .collect();
        self.0.insert(load);
    }

    fn store(&self, store: Accessed, operands: &[u32], passages: &mut Passages) {
        let passage = |load: &Load| Passage {
            from: load.location,
            to: store.location,
            acquires: load.acquires,
            releases: load.releases || store.order.releases(),
            depends: load.tested || load.register.is_some_and(|r| operands.contains(&r)),
        };
        passages.0.extend(self.0.iter().map(passage));
        if store.reads {
            let (acquires, releases) = (store.order.acquires(), store.order.releases());
            let (from, to) = (store.location, store.location);
            let depends = true;
            passages.0.insert(Passage {
                from,
                to,
                acquires,
                releases,
                depends,
            });
        }
    }

    /// The thread passes a fence.
    pub fn fence(&mut self, order: Order) {
        let ordered = |load: Load| Load {
            acquires: load.acquires || order.acquires(),
            releases: load.releases || order.releases(),
            ..load
        };
        self.0 = std::mem::take(&mut self.0)
            .into_iter()
            .map(ordered)
            .collect();
    }

    /// The thread goes back in its code: each pair is a register there and the one whose value it gets.
    pub fn carry(&mut self, registers: &[(u32, u32)]) {
        let renamed = |load: Load| Load {
            register: registers
                .iter()
                .find(|(_, from)| load.register == Some(*from))
                .map(|(to, _)| *to),
            ..load
        };
        self.0 = std::mem::take(&mut self.0)
            .into_iter()
            .map(renamed)
            .collect();
    }

    /// The thread looks at a value: what comes next depends on it.
    pub fn test(&mut self, register: u32) {
        let looked_at = |load: Load| Load {
            tested: load.tested || load.register == Some(register),
            ..load
        };
        self.0 = std::mem::take(&mut self.0)
            .into_iter()
            .map(looked_at)
            .collect();
    }
}

/// What the stores of one thread have behind them.
#[derive(Clone, Debug, Default)]
pub struct Passages(pub BTreeSet<Passage>);

impl Passages {
    /// The locations by which some of these threads, each so many times, could show load buffering; empty if they cannot.
    ///
    /// Load buffering is a circle of program order and reads-from. Each of its reads-from edges that synchronises is part
    /// of happens-before; coherence then asks for others at two locations, and in two threads. A circle in which
    /// every store depends on the load before it would make values out of thin air, which C++ rules out.
    #[must_use]
    pub fn could_buffer<'a>(threads: impl IntoIterator<Item = (usize, &'a Self)>) -> BTreeSet<u16> {
        let threads: Vec<(usize, &Self)> = threads.into_iter().collect();
        let reach = Reach::of(threads.iter().flat_map(|(_, passages)| &passages.0));
        let mut found = BTreeSet::new();
        for &start in reach.0.keys() {
            let within =
                |p: &&Passage| reach.are_mutual(start, p.from) && reach.are_mutual(start, p.to);
            let inside = |passages: &'a Self| passages.0.iter().filter(within);
            let involved = threads
                .iter()
                .filter(|(_, passages)| inside(passages).next().is_some());
            let copies: usize = involved.map(|(copies, _)| copies).sum();
            let circle: BTreeSet<Passage> = threads
                .iter()
                .flat_map(|(_, passages)| inside(passages))
                .copied()
                .collect();
            let unordered = unordered(&circle);
            if copies > 1 && unordered.len() > 1 && circle.iter().any(|passage| !passage.depends) {
                found.extend(unordered);
            }
        }
        found
    }
}

/// Locations at which a store of one passage can be read by the load of another one without synchronising.
fn unordered(circle: &BTreeSet<Passage>) -> BTreeSet<u16> {
    let read = |store: &Passage| {
        let loads = circle.iter().filter(|load| load.from == store.to);
        loads
            .into_iter()
            .any(|load| !(store.releases && load.acquires))
    };
    circle
        .iter()
        .filter(|passage| read(passage))
        .map(|passage| passage.to)
        .collect()
}

/// Which locations passages lead to from each location, in any number of steps.
struct Reach(BTreeMap<u16, BTreeSet<u16>>);

impl Reach {
    fn of<'a>(passages: impl IntoIterator<Item = &'a Passage>) -> Self {
        let mut next: BTreeMap<u16, BTreeSet<u16>> = BTreeMap::new();
        for passage in passages {
            next.entry(passage.from).or_default().insert(passage.to);
        }
        let behind = |start: u16| {
            let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(location) = open.pop() {
                let new = next.get(&location).into_iter().flatten();
                open.extend(new.filter(|&&location| reached.insert(location)));
            }
            reached
        };
        Self(
            next.keys()
                .map(|&location| (location, behind(location)))
                .collect(),
        )
    }

    fn are_mutual(&self, a: u16, b: u16) -> bool {
        let leads =
            |from: u16, to: u16| self.0.get(&from).is_some_and(|behind| behind.contains(&to));
        a == b || leads(a, b) && leads(b, a)
    }
}
