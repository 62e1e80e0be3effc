//! All candidate executions of a program: each read paired with a write, the writes to each location in each order.

use crate::axioms::{SeqCst, allows, has_race};
use crate::graph::{ALL_LOCATIONS, Event, Graph, events};
use crate::program::{Instruction, LOCATIONS, Program, Seen};
use crate::relation::Relation;
use std::collections::BTreeSet;

/// Everything that the axioms allow a program to do.
pub fn allowed(program: &Program, seq_cst: SeqCst) -> BTreeSet<Seen> {
    let mut allowed = BTreeSet::new();
    let plain = events(program);
    let reads: Vec<usize> = (0..plain.len()).filter(|&e| plain[e].reads).collect();
    pair(
        &plain,
        &reads,
        &mut vec![None; plain.len()],
        &mut |sources| {
            if let Some((events, values)) = evaluate(&plain, sources) {
                for mo in modification_orders(&events, sources) {
                    let graph = graph(&events, sources, mo);
                    if allows(&graph, seq_cst) {
                        allowed.insert(seen(&graph, program.len(), sources, &values));
                    }
                }
            }
        },
    );
    allowed
}

/// Calls `each` with every choice of a write for every read. Two events that surely are read-modify-writes never read
/// the same write, so that is not even tried.
fn pair(
    events: &[Event],
    reads: &[usize],
    sources: &mut Vec<Option<usize>>,
    each: &mut dyn FnMut(&[Option<usize>]),
) {
    let Some((&read, rest)) = reads.split_first() else {
        return each(sources);
    };
    for write in (0..events.len()).filter(|&write| write != read) {
        let fits = events[write].writes && events[write].location == events[read].location;
        if fits && !(is_update(&events[read]) && is_taken(events, sources, write)) {
            sources[read] = Some(write);
            pair(events, rest, sources, each);
            sources[read] = None;
        }
    }
}

fn is_update(event: &Event) -> bool {
    let code = event.instruction;
    matches!(code, Some(Instruction::Add(..) | Instruction::Synchronise))
}

fn is_taken(events: &[Event], sources: &[Option<usize>], write: usize) -> bool {
    (0..events.len()).any(|e| is_update(&events[e]) && sources[e] == Some(write))
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
            Some(Instruction::Synchronise) => read.map(|uses| uses + 1),
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
fn modification_orders(events: &[Event], sources: &[Option<usize>]) -> Vec<Vec<Vec<usize>>> {
    let mut all = vec![Vec::new()];
    for location in 0..ALL_LOCATIONS {
        let here = |&e: &usize| events[e].writes && events[e].location == Some(location);
        let writes: Vec<usize> = (ALL_LOCATIONS..events.len()).filter(here).collect();
        let mut orders = Vec::new();
        order(events, sources, vec![location], &writes, &mut orders);
        let with = |before: &Vec<Vec<usize>>, order: &Vec<usize>| {
            let mut list = before.clone();
            list.push(order.clone());
            list
        };
        let longer = all
            .iter()
            .flat_map(|before| orders.iter().map(move |o| with(before, o)));
        all = longer.collect();
    }
    all
}

/// Every way to put `left` behind `placed`; read-modify-writes directly behind the writes that they read.
fn order(
    events: &[Event],
    sources: &[Option<usize>],
    placed: Vec<usize>,
    left: &[usize],
    orders: &mut Vec<Vec<usize>>,
) {
    if left.is_empty() {
        return orders.push(placed);
    }
    let last = placed.last().copied();
    for &next in left {
        if !events[next].reads || sources[next] == last {
            let longer = placed.iter().copied().chain([next]).collect();
            let rest: Vec<usize> = left.iter().copied().filter(|&e| e != next).collect();
            order(events, sources, longer, &rest, orders);
        }
    }
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
    let value = |event: usize| values[event].expect("a write has a value");
    let mut read = vec![Vec::new(); threads];
    for (event, source) in sources.iter().enumerate() {
        if let (Some(thread), Some(write)) = (graph.events[event].thread, source) {
            read[thread].push(value(*write));
        }
    }
    let all = 0..graph.events.len();
    let last = |location: usize| {
        let here =
            |e: &usize| graph.events[*e].writes && graph.events[*e].location == Some(location);
        let is_last = |e: &usize| all.clone().all(|other| !graph.mo.has(*e, other));
        let mut last = all.clone().filter(here).filter(is_last);
        value(last.next().expect("modification order is total"))
    };
    Seen {
        last: (0..LOCATIONS).map(last).collect(),
        raced: has_race(graph),
        read,
    }
}
