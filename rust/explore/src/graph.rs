//! The state graph of a model as an explicit graph, and its strongly connected components.

use crate::ledger::Ledger;
use crate::report::Budget;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::VecDeque;
use xous_sim_step::{Choice, Model, Schedule};

/// A state by the order of discovery.
pub type Node = usize;

/// Every reachable state and every step between two of them.
pub struct Graph<S> {
    /// The states, breadth-first from the initial one.
    pub states: Vec<S>,
    /// The steps from each state.
    pub steps: Vec<Vec<(Choice, Node)>>,
    /// The step by which each state was first reached.
    arrivals: Vec<(Node, Choice)>,
}

impl<S: Clone> Graph<S> {
    /// The graph of `model`, of representatives only if `canonical`; or the budget that ran out.
    pub fn of<M: Model<State = S>>(
        model: &mut M,
        canonical: bool,
        ledger: &mut Ledger<'_, M::Error>,
    ) -> Result<Result<Self, Budget>, M::Error> {
        let mut graph = Self {
            states: Vec::new(),
            steps: Vec::new(),
            arrivals: Vec::new(),
        };
        let mut known: HashMap<u128, Node, FxBuildHasher> = HashMap::default();
        let mut enabled = Vec::new();
        let mut initial = model.initial()?;
        if canonical {
            model.canonicalize(&mut initial);
        }
        known.insert(model.fingerprint(&initial), 0);
        graph.discover(initial, (0, Choice::of(0)));
        let mut node = 0;
        while node < graph.states.len() {
            enabled.clear();
            model.enabled(&graph.states[node], &mut enabled)?;
            for &choice in &enabled {
                let mut state = graph.states[node].clone();
                model.apply(&mut state, choice)?;
                if canonical {
                    model.canonicalize(&mut state);
                }
                let next = graph.states.len();
                let target = *known.entry(model.fingerprint(&state)).or_insert(next);
                if target == next {
                    graph.discover(state, (node, choice));
                }
                graph.steps[node].push((choice, target));
                ledger.growth = graph.growth() + model.growth();
                if let Some(budget) = ledger.step()? {
                    return Ok(Err(budget));
                }
            }
            if let Some(budget) = ledger.has_no_room_for(graph.states.len()) {
                return Ok(Err(budget));
            }
            node += 1;
        }
        Ok(Ok(graph))
    }

    /// Bytes that it may need at once: its lists, and the numbers of its states, may double at any time.
    fn growth(&self) -> u64 {
        let state = size_of::<S>() + size_of::<Vec<(Choice, Node)>>() + 3 * size_of::<u128>();
        (2 * self.states.len() * state) as u64
    }

    fn discover(&mut self, state: S, arrival: (Node, Choice)) {
        self.states.push(state);
        self.steps.push(Vec::new());
        self.arrivals.push(arrival);
    }

    /// A shortest schedule to a state.
    pub fn schedule_to(&self, mut node: Node) -> Schedule {
        let mut choices = Vec::new();
        while node != 0 {
            let (parent, choice) = self.arrivals[node];
            choices.push(choice);
            node = parent;
        }
        choices.reverse();
        Schedule(choices)
    }

    /// A shortest way from `from` to a step that is `wanted`, that step included, by steps that are `allowed`.
    pub fn way(
        &self,
        from: Node,
        allowed: impl Fn(Node) -> bool,
        wanted: impl Fn(Choice, Node) -> bool,
    ) -> Option<(Vec<Choice>, Node)> {
        let mut came: HashMap<Node, (Node, Choice), FxBuildHasher> = HashMap::default();
        let mut open = VecDeque::from([from]);
        while let Some(node) = open.pop_front() {
            for &(choice, target) in self.steps[node].iter().filter(|(_, to)| allowed(*to)) {
                if wanted(choice, target) {
                    let mut choices = vec![choice];
                    let mut at = node;
                    while at != from {
                        let (before, choice) = came[&at];
                        choices.push(choice);
                        at = before;
                    }
                    choices.reverse();
                    return Some((choices, target));
                }
                if target != from && !came.contains_key(&target) {
                    came.insert(target, (node, choice));
                    open.push_back(target);
                }
            }
        }
        None
    }

    /// The strongly connected components of the states in `inside` that have a step of their own, by R. Tarjan,
    /// "Depth-First Search and Linear Graph Algorithms" (1972), with an explicit stack.
    pub fn components(&self, inside: &dyn Fn(Node) -> bool) -> Vec<Vec<Node>> {
        let mut search = Tarjan {
            graph: self,
            inside,
            index: vec![UNVISITED; self.states.len()],
            low: vec![0; self.states.len()],
            on_stack: vec![false; self.states.len()],
            stack: Vec::new(),
            next: 0,
            found: Vec::new(),
        };
        for node in (0..self.states.len()).filter(|&node| inside(node)) {
            if search.index[node] == UNVISITED {
                search.visit(node);
            }
        }
        search.found
    }
}

const UNVISITED: usize = usize::MAX;

struct Tarjan<'g, S> {
    graph: &'g Graph<S>,
    inside: &'g dyn Fn(Node) -> bool,
    index: Vec<usize>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<Node>,
    next: usize,
    found: Vec<Vec<Node>>,
}

impl<S> Tarjan<'_, S> {
    fn visit(&mut self, root: Node) {
        let mut calls = vec![(root, 0)];
        self.open(root);
        while let Some((node, step)) = calls.last_mut() {
            let node = *node;
            let Some(&(_, target)) = self.graph.steps[node].get(*step) else {
                calls.pop();
                self.close(node);
                if let Some(&(caller, _)) = calls.last() {
                    self.low[caller] = self.low[caller].min(self.low[node]);
                }
                continue;
            };
            *step += 1;
            if !(self.inside)(target) {
                continue;
            }
            if self.index[target] == UNVISITED {
                self.open(target);
                calls.push((target, 0));
            } else if self.on_stack[target] {
                self.low[node] = self.low[node].min(self.index[target]);
            }
        }
    }

    fn open(&mut self, node: Node) {
        self.index[node] = self.next;
        self.low[node] = self.next;
        self.next += 1;
        self.on_stack[node] = true;
        self.stack.push(node);
    }

    /// All behind `node` is visited: if nothing there leads further back, it is the root of a component.
    fn close(&mut self, node: Node) {
        if self.low[node] != self.index[node] {
            return;
        }
        let begin = self.stack.iter().rposition(|&other| other == node);
        let component = self
            .stack
            .split_off(begin.expect("an open node is on the stack"));
        for &member in &component {
            self.on_stack[member] = false;
        }
        let goes_round = component.len() > 1 || self.graph.steps[node].iter().any(|s| s.1 == node);
        if goes_round {
            self.found.push(component);
        }
    }
}
