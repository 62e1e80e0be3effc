//! All candidate executions of a program: each read paired with a write, the writes to each location in each order.

use crate::axioms::{SeqCst, allows, has_race};
use crate::graph::{ALL_LOCATIONS, Event, Graph, OBJECT, events};
use crate::program::{Instruction, LOCATIONS, Program, Seen};
use crate::relation::Relation;
use std::collections::BTreeSet;

/// What the axioms allow.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    pub seen: BTreeSet<Seen>,
    /// Whether any allowed execution has a data race.
    pub races: bool,
}

/// Everything that the axioms allow a program to do.
pub fn allowed(program: &Program, seq_cst: SeqCst) -> Allowed {
    let mut allowed = Allowed::default();
    let plain = events(program);
    let reads: Vec<usize> = (0..plain.len()).filter(|&e| plain[e].reads).collect();
    pair(
        &plain,
        &reads,
        &mut vec![None; plain.len()],
        &mut |sources| {
            if let Some((events, values)) = evaluate(&plain, sources) {
                for mo in modification_orders(&events) {
                    let graph = graph(&events, sources, mo);
                    if allows(&graph, seq_cst) {
                        allowed
                            .seen
                            .insert(seen(&graph, program.len(), sources, &values));
                        allowed.races |= has_race(&graph);
                    }
                }
            }
        },
    );
    allowed
}

/// Calls `each` with every choice of a write for every read.
fn pair(
    events: &[Event],
    reads: &[usize],
    sources: &mut Vec<Option<usize>>,
    each: &mut dyn FnMut(&[Option<usize>]),
) {
    let Some((&read, rest)) = reads.split_first() else {
        return each(sources);
    };
    for write in 0..events.len() {
        let fits = events[write].writes && events[write].location == events[read].location;
        if fits && write != read {
            sources[read] = Some(write);
            pair(events, rest, sources, each);
        }
    }
}

/// The values that events write, and the events with compare-exchanges that fail turned into loads. `None` if values
/// depend on each other in a circle, or if a read reads what is not written.
fn evaluate(plain: &[Event], sources: &[Option<usize>]) -> Option<(Vec<Event>, Vec<Option<u32>>)> {
    let mut events = plain.to_vec();
    let mut values: Vec<Option<u32>> = vec![None; events.len()];
    let mut done = vec![false; events.len()];
    while let Some(next) =
        (0..events.len()).find(|&e| !done[e] && sources[e].is_none_or(|source| done[source]))
    {
        let read = match sources[next] {
            Some(source) => Some(values[source]?),
            None => None,
        };
        done[next] = true;
        values[next] = match events[next].instruction {
            None => Some(0),
            Some(Instruction::Store(_, _, value)) => Some(value),
            Some(Instruction::Add(..)) => read.map(|value| value + 10),
            Some(Instruction::Exchange(_, _, old, new)) => (read == Some(old)).then_some(new),
            Some(Instruction::Synchronise) => Some(0),
            _ => None,
        };
        if events[next].reads && values[next].is_none() {
            events[next].writes = false;
            events[next].order = events[next].order.of_failure();
        }
    }
    done.into_iter()
        .all(|done| done)
        .then_some((events, values))
}

/// Every order of the writes to each location, the first store first.
fn modification_orders(events: &[Event]) -> Vec<Vec<Vec<usize>>> {
    let mut all = vec![Vec::new()];
    for location in 0..ALL_LOCATIONS {
        let here = |&e: &usize| events[e].writes && events[e].location == Some(location);
        let writes: Vec<usize> = (ALL_LOCATIONS..events.len()).filter(here).collect();
        let orders = permutations(&writes);
        all = all
            .iter()
            .flat_map(|before: &Vec<Vec<usize>>| {
                orders.iter().map(|order| {
                    let mut list = before.clone();
                    list.push(
                        std::iter::once(location)
                            .chain(order.iter().copied())
                            .collect(),
                    );
                    list
                })
            })
            .collect();
    }
    all
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for &first in items {
        let rest: Vec<usize> = items.iter().copied().filter(|&i| i != first).collect();
        for mut order in permutations(&rest) {
            order.insert(0, first);
            all.push(order);
        }
    }
    all
}

fn graph(events: &[Event], sources: &[Option<usize>], orders: Vec<Vec<usize>>) -> Graph {
    let mut rf = Relation::empty(events.len());
    for (read, source) in sources.iter().enumerate() {
        if let Some(write) = source {
            rf.add(*write, read);
        }
    }
    let mut mo = Relation::empty(events.len());
    for order in orders {
        for (n, &earlier) in order.iter().enumerate() {
            for &later in &order[n + 1..] {
                mo.add(earlier, later);
            }
        }
    }
    Graph {
        sb: Graph::program_order(events),
        events: events.to_vec(),
        rf,
        mo,
    }
}

fn seen(graph: &Graph, threads: usize, sources: &[Option<usize>], values: &[Option<u32>]) -> Seen {
    let mut reads = vec![Vec::new(); threads];
    for (event, source) in sources.iter().enumerate() {
        let shown = graph.events[event].location != Some(OBJECT);
        if let (Some(thread), Some(write), true) = (graph.events[event].thread, source, shown) {
            reads[thread].push(values[*write].expect("a write has a value"));
        }
    }
    let last = |location: usize| {
        let writes = (0..graph.events.len())
            .filter(|&e| graph.events[e].writes && graph.events[e].location == Some(location));
        let mut last = writes.filter(|&e| (0..graph.events.len()).all(|b| !graph.mo.has(e, b)));
        values[last.next().expect("modification order is total")].expect("a write has a value")
    };
    (reads, (0..LOCATIONS).map(last).collect())
}
