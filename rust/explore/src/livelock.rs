//! Livelocks: reachable cycles in which everybody who can act acts, and nobody gets anywhere.
//!
//! In our models agents only ever come back to a state by going round in a loop that waits, so a cycle is no progress.
//! It is a livelock if no fair scheduler breaks it: under strong fairness, if every agent that is enabled somewhere on
//! the cycle also acts on it. Such cycles are found as in the emptiness check of Streett automata (E. A. Emerson and
//! C.-L. Lei, "Modalities for Model Checking", 1987): a strongly connected component in which some agent is enabled but
//! never acts loses the states where it is enabled, and falls apart into smaller ones.
//!
//! The graph of representatives shows whether there is a cycle at all; only then the whole graph is built, because
//! fairness tells agents apart that symmetry does not.

use crate::graph::{Graph, Node};
use crate::ledger::Ledger;
use crate::report::{Budget, Counterexample};
use std::collections::BTreeSet;
use xous_sim_step::{Choice, Model, Schedule};

/// What a search for livelocks found.
pub enum Livelock {
    /// There is none.
    None,
    /// One of them.
    Found(Counterexample),
    /// A budget ran out first.
    Unknown(Budget),
}

/// Looks for a livelock, as far as `ledger` allows.
pub fn find_livelock<M: Model>(
    model: &mut M,
    ledger: &mut Ledger<'_, M::Error>,
) -> Result<Livelock, M::Error> {
    let graph = match Graph::of(model, true, ledger)? {
        Ok(graph) => graph,
        Err(budget) => return Ok(Livelock::Unknown(budget)),
    };
    if graph.components(&|_| true).is_empty() {
        return Ok(Livelock::None);
    }
    let graph = match Graph::of(model, false, ledger)? {
        Ok(graph) => graph,
        Err(budget) => return Ok(Livelock::Unknown(budget)),
    };
    Ok(match fair_cycle(&graph) {
        None => Livelock::None,
        Some(component) => Livelock::Found(tell(model, &graph, &component)),
    })
}

/// A component in which every agent that is enabled also acts.
fn fair_cycle<S: Clone>(graph: &Graph<S>) -> Option<BTreeSet<Node>> {
    let mut open = graph.components(&|_| true);
    while let Some(component) = open.pop() {
        let members: BTreeSet<Node> = component.into_iter().collect();
        let enabled: BTreeSet<u16> = fair_steps(graph, &members).map(|(c, _)| c.agent).collect();
        let stay = fair_steps(graph, &members).filter(|(_, to)| members.contains(to));
        let acting = stay.map(|(c, _)| c.agent).collect();
        let starved: BTreeSet<u16> = enabled.difference(&acting).copied().collect();
        if starved.is_empty() {
            return Some(members);
        }
        let passed_over = |(c, _): &(Choice, Node)| !c.is_fault() && starved.contains(&c.agent);
        let stays = |node| members.contains(&node) && !graph.steps[node].iter().any(passed_over);
        open.extend(graph.components(&stays));
    }
    None
}

/// The steps from the states of a component but for faults, on which nobody can rely.
fn fair_steps<'g, S>(
    graph: &'g Graph<S>,
    component: &'g BTreeSet<Node>,
) -> impl Iterator<Item = &'g (Choice, Node)> {
    let steps = component.iter().flat_map(|&node| &graph.steps[node]);
    steps.filter(|(choice, _)| !choice.is_fault())
}

/// The way to the component and once round it, past a step of every agent.
fn tell<M: Model>(
    model: &M,
    graph: &Graph<M::State>,
    component: &BTreeSet<Node>,
) -> Counterexample {
    let start = *component.first().expect("a component has a state");
    let allowed = |node| component.contains(&node);
    let agents: BTreeSet<u16> = fair_steps(graph, component)
        .map(|(choice, _)| choice.agent)
        .collect();
    let mut round = Vec::new();
    let mut at = start;
    for &agent in &agents {
        if round.iter().any(|choice: &Choice| choice.agent == agent) {
            continue;
        }
        let (way, end) = graph
            .way(at, allowed, |choice, _| choice.agent == agent)
            .expect("every agent of a fair cycle acts on it");
        round.extend(way);
        at = end;
    }
    if at != start {
        let (way, _) = graph
            .way(at, allowed, |_, to| to == start)
            .expect("a component is strongly connected");
        round.extend(way);
    }
    let Schedule(mut choices) = graph.schedule_to(start);
    let repeats_from = choices.len();
    choices.extend(round);
    let agents: Vec<u16> = agents.into_iter().collect();
    Counterexample {
        schedule: Schedule(choices),
        violation: model.livelock(&graph.states[start], &agents),
        repeats_from: Some(repeats_from),
    }
}
