//! What threads may yet read and write, as far as their bodies are known: for searches that leave orders out.
//!
//! A body's tree says which operations may come; of each it has been noted what it was ever seen to do. An operation
//! that was never seen to change its object counts as a reader, and an observation that was never made counts as
//! impossible. Both may turn out wrong: then [`World::knowledge`] grows, and a search that relied on them begins again.
//! In the end nothing is new, and every step that any execution can take has been taken in the search, because a
//! reduction that keeps the order of dependent steps keeps every step; so nothing was assumed wrongly.
//!
//! Left out: programs in which a thread may spin, whose steps depend on every change, and weak machines, whose steps all
//! depend on the memory. There everything conflicts.

use crate::behaviour::{Behaviour, Node, NodeId};
use crate::local::{At, Local};
use crate::machine::{Environment, Machine};
use crate::op::BodyId;
use crate::state::State;
use crate::world::{BEGIN, Effects, World};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::any::Any;
use xous_sim_step::{Footprint, Future, WIDE};

const TWO_WIDTHS: &str = "footprints have one word or are wide";

/// What an operation of a body was seen to do beyond reading its object.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    writes: bool,
    /// It ended the thread, and the kernel was told.
    exits: bool,
    /// It ended or started other threads.
    reaches_threads: bool,
    /// It found no slot, which makes the observer look at all threads.
    exhausts: bool,
}

/// What is known of operations, and the futures that follow from it.
#[derive(Default)]
pub(crate) struct Foresight {
    seen: HashMap<(BodyId, NodeId), Seen, FxBuildHasher>,
    /// How often something new was learned.
    learned: u64,
    /// By local state, without the thread's own place; forgotten whenever something is learned.
    futures: Futures<1>,
    /// The same in wide footprints.
    wide: Futures<WIDE>,
}

/// What is known of futures, by local state.
pub(crate) type Futures<const W: usize> = Vec<Option<Future<W>>>;

impl Foresight {
    /// The futures that were asked for, by local state.
    pub(crate) fn known_futures<const W: usize>(&self) -> &Futures<W> {
        let futures: [&dyn Any; 2] = [&self.futures, &self.wide];
        let [narrow, wide] = futures.map(|futures| futures.downcast_ref());
        narrow.or(wide).expect(TWO_WIDTHS)
    }

    fn futures_mut<const W: usize>(&mut self) -> &mut Futures<W> {
        let futures: [&mut dyn Any; 2] = [&mut self.futures, &mut self.wide];
        let [narrow, wide] = futures.map(|futures| futures.downcast_mut());
        narrow.or(wide).expect(TWO_WIDTHS)
    }

    /// A body was run, or an operation seen to do something new.
    pub(crate) fn grow(&mut self) {
        self.learned += 1;
        self.futures.clear();
        self.wide.clear();
    }
}

impl World<'_> {
    /// How much is known.
    pub(crate) fn learned(&self) -> u64 {
        self.foresight.learned
    }

    /// Notes what an operation did.
    pub(crate) fn learn(&mut self, body: BodyId, node: NodeId, writes: bool, effects: u32) {
        let effects: &Effects = &self.effects[effects as usize];
        let seen = self.foresight.seen.entry((body, node)).or_default();
        let before = *seen;
        seen.writes |= writes;
        seen.exits |= effects.exited;
        seen.reaches_threads |= effects.spawned.is_some() || !effects.killed.is_empty();
        seen.exhausts |= effects.exhausted.is_some();
        if *seen != before {
            self.foresight.grow();
        }
    }

    /// What a thread may yet read and write.
    pub(crate) fn thread_future<const W: usize>(
        &mut self,
        state: &State,
        thread: usize,
    ) -> Future<W> {
        if self.any_spins || self.c11.is_some() {
            return everything();
        }
        let own = self.layout.thread(thread);
        of_thread(self.local_future(state.0[own]), own)
    }

    /// The same without the thread's own place, which depends on the thread.
    fn local_future<const W: usize>(&mut self, number: u32) -> Future<W> {
        let index = number as usize;
        let futures = self.foresight.futures_mut();
        if index >= futures.len() {
            futures.resize(index + 1, None);
        }
        if let Some(future) = futures[index] {
            return future;
        }
        let future = self.foresee(&self.locals[number]);
        self.foresight.futures_mut()[index] = Some(future);
        future
    }

    fn foresee<const W: usize>(&self, local: &Local) -> Future<W> {
        let (At::Ready(node) | At::Blocked(node) | At::Spinning(node)) = local.at else {
            return nothing();
        };
        let again = (local.rounds_left > 0).then_some(BEGIN);
        let ready = matches!(local.at, At::Ready(_));
        Future {
            next: ready.then(|| self.touched_by(local.body, node)),
            all: self.reachable(local.body, node, again),
        }
    }

    /// What the operations of a body from `node` on touch, and from `again` on if it begins again.
    fn reachable<const W: usize>(
        &self,
        body: BodyId,
        node: NodeId,
        again: Option<NodeId>,
    ) -> Footprint<W> {
        let behaviour = self.traced(body);
        let mut visited = vec![false; behaviour.node_count()];
        let mut open: Vec<NodeId> = again.into_iter().chain([node]).collect();
        let mut footprint = self.touched_by_the_end();
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut visited[node as usize], true) {
                continue;
            }
            footprint = footprint.union(self.touched_by(body, node));
            open.extend(behaviour.successors(node));
        }
        footprint
    }

    fn traced(&self, body: BodyId) -> &Behaviour {
        let behaviour = self.behaviours[usize::from(body.0)].as_ref();
        behaviour.expect("a thread's body is traced")
    }

    /// The kernel is told of a thread's end, unless nothing can notice.
    fn touched_by_the_end<const W: usize>(&self) -> Footprint<W> {
        match self.anonymous {
            true => Footprint::NOTHING,
            false => Footprint::NOTHING.writing(self.layout.object(0)),
        }
    }

    /// What the operation at `node` was ever seen to touch.
    fn touched_by<const W: usize>(&self, body: BodyId, node: NodeId) -> Footprint<W> {
        let Node::Op(record, _) = self.traced(body).node(node) else {
            return Footprint::NOTHING;
        };
        let Some(object) = record.op.object() else {
            return Footprint::NOTHING;
        };
        let place = self.layout.object(usize::from(object.0));
        let seen = self.foresight.seen.get(&(body, node));
        let seen = seen.copied().unwrap_or_default();
        let mut footprint = Footprint::NOTHING.reading(place);
        if seen.writes {
            footprint = footprint.writing(place);
        }
        if seen.writes && self.watcher.as_ref().is_some_and(|w| w.has_invariant()) {
            footprint = footprint.visible();
        }
        if seen.exits {
            footprint = footprint.union(self.touched_by_the_end());
        }
        if seen.exhausts {
            footprint = footprint.reading_everything();
        }
        match seen.reaches_threads {
            true => Footprint::EVERYTHING,
            false => footprint,
        }
    }
}

/// The future of whoever may do anything.
pub(crate) const fn everything<const W: usize>() -> Future<W> {
    Future {
        next: Some(Footprint::EVERYTHING),
        all: Footprint::EVERYTHING,
    }
}

/// The future of whoever will do nothing any more.
const fn nothing<const W: usize>() -> Future<W> {
    Future {
        next: None,
        all: Footprint::NOTHING,
    }
}

/// The future of a mortal process: everything, unless it will never act again.
pub(crate) fn of_mortal<const W: usize>(
    machine: &Machine,
    environment: &Environment,
    mortal: usize,
) -> Future<W> {
    match machine.may_act(environment, mortal) {
        true => everything(),
        false => nothing(),
    }
}

/// The future of a local state, of the thread at a place.
pub(crate) fn of_thread<const W: usize>(future: Future<W>, own: usize) -> Future<W> {
    Future {
        next: future.next.map(|next| next.writing(own)),
        all: match future.all == Footprint::NOTHING {
            true => Footprint::NOTHING,
            false => future.all.writing(own),
        },
    }
}
