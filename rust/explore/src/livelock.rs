//! Livelocks: reachable cycles in which everybody who can act acts, and nobody gets anywhere.
//!
//! In our models agents only ever come back to a state by going round in a loop, so a cycle is no progress. It is a
//! livelock if no fair scheduler breaks it: under strong fairness, if every agent that is enabled somewhere on the cycle
//! also acts on it. Such cycles are found as in the emptiness check of Streett automata (E. A. Emerson and C.-L. Lei,
//! "Modalities for Model Checking", 1987): a strongly connected component in which some agent is enabled but never acts
//! loses the states where it is enabled, and falls apart into smaller ones.
//!
//! What is chosen freely is as fair: a wait with a time-out ends. So an agent cannot act for ever in a state where one of
//! its choices that are made in the end leads out of the component; there it loses its steps. What is left are end
//! components (L. de Alfaro, "Formal Verification of Probabilistic Systems", 1997), with the agents' choices for chance.
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
    let mut graph = match Graph::of(model, false, ledger)? {
        Ok(graph) => graph,
        Err(budget) => return Ok(Livelock::Unknown(budget)),
    };
    let enabled = graph.steps.clone();
    Ok(match fair_cycle(model, &mut graph, &enabled) {
        None => Livelock::None,
        Some(component) => Livelock::Found(tell(model, &graph, &component)),
    })
}

/// The steps from each state.
type Steps = [Vec<(Choice, Node)>];

/// A component in which every agent that is enabled also acts. The graph loses the steps that cannot be taken for ever.
fn fair_cycle<M: Model>(
    model: &M,
    graph: &mut Graph<M::State>,
    enabled: &Steps,
) -> Option<BTreeSet<Node>> {
    let mut open = graph.components(&|_| true);
    while let Some(component) = open.pop() {
        let members: BTreeSet<Node> = component.into_iter().collect();
        if remove_ways_out(model, graph, &members) {
            open.extend(graph.components(&|node| members.contains(&node)));
            continue;
        }
        let able: BTreeSet<u16> = fair_steps(enabled, &members)
            .map(|(c, _)| c.agent)
            .collect();
        let starved: BTreeSet<u16> = able.difference(&acting(graph, &members)).copied().collect();
        if starved.is_empty() {
            return Some(members);
        }
        let passed_over = |(c, _): &(Choice, Node)| !c.is_fault() && starved.contains(&c.agent);
        let stays = |node| members.contains(&node) && !enabled[node].iter().any(passed_over);
        open.extend(graph.components(&stays));
    }
    None
}

/// Takes from agents their steps in states where they would leave the component in the end; whether that were steps that
/// stay in it.
fn remove_ways_out<M: Model>(
    model: &M,
    graph: &mut Graph<M::State>,
    members: &BTreeSet<Node>,
) -> bool {
    let mut changed = false;
    for &node in members {
        let state = &graph.states[node];
        let leads_out = |(choice, to): &&(Choice, Node)| {
            !members.contains(to) && model.is_made_in_the_end(state, *choice)
        };
        let steps = graph.steps[node].iter().filter(leads_out);
        let leaving: BTreeSet<u16> = steps.map(|(choice, _)| choice.agent).collect();
        graph.steps[node].retain(|(choice, to)| {
            let lost = leaving.contains(&choice.agent);
            changed |= lost && members.contains(to);
            !lost
        });
    }
    changed
}

/// The steps from the states of a component but for faults, on which nobody can rely.
fn fair_steps<'g>(
    steps: &'g Steps,
    component: &'g BTreeSet<Node>,
) -> impl Iterator<Item = &'g (Choice, Node)> {
    let steps = component.iter().flat_map(|&node| &steps[node]);
    steps.filter(|(choice, _)| !choice.is_fault())
}

/// The agents that act within a component.
fn acting<S>(graph: &Graph<S>, component: &BTreeSet<Node>) -> BTreeSet<u16> {
    let steps = fair_steps(&graph.steps, component);
    let staying = steps.filter(|(_, to)| component.contains(to));
    staying.map(|(choice, _)| choice.agent).collect()
}

/// The way to the component and once round it, past a step of every agent and all that is chosen freely.
fn tell<M: Model>(
    model: &M,
    graph: &Graph<M::State>,
    component: &BTreeSet<Node>,
) -> Counterexample {
    let start = *component.first().expect("a component has a state");
    let allowed = |node| component.contains(&node);
    let agents = acting(graph, component);
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
    let go_to = |at: Node, to: Node, round: &mut Vec<Choice>| {
        if at != to {
            let way = graph.way(at, allowed, |_, target| target == to);
            round.extend(way.expect("a component is strongly connected").0);
        }
    };
    for (node, choice, end) in free_choices(model, graph, component) {
        go_to(at, node, &mut round);
        round.push(choice);
        at = end;
    }
    go_to(at, start, &mut round);
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

/// The steps within a component that are all made in the end where one of them is.
fn free_choices<M: Model>(
    model: &M,
    graph: &Graph<M::State>,
    component: &BTreeSet<Node>,
) -> Vec<(Node, Choice, Node)> {
    let mut found = Vec::new();
    for &node in component {
        let (state, steps) = (&graph.states[node], &graph.steps[node]);
        let made = |choice: &Choice| model.is_made_in_the_end(state, *choice);
        for &(choice, to) in steps.iter().filter(|(choice, _)| made(choice)) {
            let other = |(c, _): &(Choice, Node)| c.agent == choice.agent && *c != choice;
            if steps.iter().any(other) {
                found.push((node, choice, to));
            }
        }
    }
    found
}
