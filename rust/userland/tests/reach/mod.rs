//! All steps between the reachable states of a world, by the plainest search.

use std::collections::BTreeSet;
use xous_sim_explore::{Exhaustive, Silent, Stop};
use xous_sim_step::{Choice, Model, Schedule};
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::{State, World};

/// One step, and how it was reached; the step itself is the last of the path.
pub struct Edge {
    pub path: Schedule,
    pub before: State,
    pub choice: Choice,
    pub after: State,
}

/// Traces all bodies, so that nobody has to begin again later.
pub fn learn(world: &mut World<'_>) {
    let stop = Stop::WhenExplored;
    let search = Exhaustive {
        stop,
        ..Exhaustive::default()
    };
    while let Err(error) = search.run(world, &mut Silent) {
        assert!(matches!(error, TraceError::Restart), "{error}");
        world.restart();
    }
}

/// The choices of one agent.
pub fn own_choices(world: &mut World<'_>, state: &State, agent: u16) -> Vec<Choice> {
    let mut enabled = Vec::new();
    world.enabled(state, &mut enabled).expect("known");
    enabled.retain(|choice| choice.agent == agent);
    enabled
}

/// Every step from every reachable state; the steps of one state are neighbours.
pub fn reachable(world: &mut World<'_>) -> Vec<Edge> {
    let initial = world.initial().expect("known");
    let mut seen = BTreeSet::from([world.fingerprint(&initial)]);
    let mut open = vec![(Schedule::default(), initial)];
    let mut edges = Vec::new();
    while let Some((path, before)) = open.pop() {
        let mut enabled = Vec::new();
        world.enabled(&before, &mut enabled).expect("known");
        for choice in enabled {
            let mut after = before.clone();
            world.apply(&mut after, choice).expect("known");
            let mut path = path.clone();
            path.0.push(choice);
            if seen.insert(world.fingerprint(&after)) {
                open.push((path.clone(), after.clone()));
            }
            edges.push(Edge {
                path,
                before: before.clone(),
                choice,
                after,
            });
        }
    }
    edges
}

/// Pairs of steps from the same state.
pub fn siblings(edges: &[Edge]) -> impl Iterator<Item = (&Edge, &Edge)> {
    let families = edges.chunk_by(|a, b| a.before == b.before);
    families.flat_map(|family| {
        let others = move |n: usize| family[n + 1..].iter();
        (0..family.len()).flat_map(move |n| others(n).map(move |other| (&family[n], other)))
    })
}
