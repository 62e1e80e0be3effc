//! The axioms of C11: RC11 of Lahav et al. (PLDI 2017), and in place of its condition on seq_cst that of C++20.

use crate::graph::{Event, Graph};
use crate::relation::Relation;

/// Which order S of the seq_cst events is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeqCst {
    /// C++20 has such an order, apart from all others. In RC11's words: psc is acyclic.
    OfItsOwn,
    /// The same, and loads may read what comes later in program order: load buffering, as in C++ and Rust.
    WithBuffering,
    /// It is part of an order of all events that respects program order and reads-from: what a machine that takes one
    /// step at a time can do.
    OfExecution,
}

/// Whether an execution is allowed.
pub fn allows(graph: &Graph, seq_cst: SeqCst) -> bool {
    let hb = graph.hb();
    let eco = graph.eco();
    // A read-modify-write is one event here, so its halves need a condition of their own: eco has no loops.
    let coherent = hb.then(&eco.maybe()).is_irreflexive() && eco.is_irreflexive();
    let executable = graph.sb.or(&graph.rf);
    coherent
        && is_atomic(graph)
        && (seq_cst == SeqCst::WithBuffering || executable.is_acyclic())
        && match seq_cst {
            SeqCst::OfItsOwn | SeqCst::WithBuffering => psc(graph, &hb, &eco).is_acyclic(),
            SeqCst::OfExecution => forced(graph, &hb, &eco).or(&executable).is_acyclic(),
        }
}

/// Nothing comes between the two halves of a read-modify-write.
fn is_atomic(graph: &Graph) -> bool {
    let between = graph.rb().then(&graph.mo);
    let update = |e: &Event| e.reads && e.writes;
    between
        .only(|a, b| a == b && update(&graph.events[a]))
        .is_empty()
}

/// The order that C++20 forces upon seq_cst events (`[atomics.order]` 4): A is coherence-ordered before B, and either is
/// seq_cst itself or has a seq_cst fence on its outer side.
fn forced(graph: &Graph, hb: &Relation, eco: &Relation) -> Relation {
    let access = graph.on(|e| e.is_seq_cst() && !e.is_fence());
    let fence = graph.on(|e| e.is_seq_cst() && e.is_fence());
    let from = access.or(&fence.then(hb));
    let to = access.or(&hb.then(&fence));
    from.then(eco).then(&to)
}

/// RC11's partial order of seq_cst events.
fn psc(graph: &Graph, hb: &Relation, eco: &Relation) -> Relation {
    let all = graph.on(Event::is_seq_cst);
    let fence = graph.on(|e| e.is_seq_cst() && e.is_fence());
    let location = |a: usize| graph.events[a].location;
    let elsewhere = graph.sb.only(|a, b| location(a) != location(b));
    let here = hb.only(|a, b| location(a).is_some() && location(a) == location(b));
    let scb = graph
        .sb
        .or(&elsewhere.then(hb).then(&elsewhere))
        .or(&here)
        .or(&graph.mo)
        .or(&graph.rb());
    let from = all.or(&fence.then(&hb.maybe()));
    let to = all.or(&hb.maybe().then(&fence));
    let base = from.then(&scb).then(&to);
    let fences = hb.or(&hb.then(eco).then(hb));
    base.or(&fence.then(&fences).then(&fence))
}

/// Whether two plain accesses, one of them a write, are not ordered.
pub fn has_race(graph: &Graph) -> bool {
    let hb = graph.hb();
    let races = |a: usize, b: usize| {
        let (Some(x), Some(y)) = (graph.events[a].plain(), graph.events[b].plain()) else {
            return false;
        };
        a != b && (x || y) && !hb.has(a, b) && !hb.has(b, a)
    };
    !Relation::of(graph.events.len(), races).is_empty()
}
