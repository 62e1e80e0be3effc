//! All schedules of a model as a graph, with the number of schedules from each state on.
//!
//! A node is a state, an edge a choice in it. The number of complete schedules from a state is the sum of those from the
//! states behind it, so it is counted once for each state, however many schedules lead there. Walks then follow the
//! graph and don't touch the model; what steps and states violate is kept at the edges and nodes. States are taken to be
//! equal if their fingerprints are. Numbers are 64-bit floating point: exact up to 2^53, and beyond with a relative
//! error of a few times 2^-53 for each step. Left out: graphs with cycles, whose schedules cannot be counted.

use crate::ledger::Ledger;
use crate::report::Budget;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::VecDeque;
use std::ops::Range;
use xous_sim_step::{Choice, Model, Violations};

/// The number of a state, in the order of discovery. The initial state is 0.
pub type Node = u32;

/// A choice in a state.
pub struct Edge {
    /// The choice.
    pub choice: Choice,
    /// The state behind it.
    pub target: Node,
    /// What the step violates, by number.
    violations: u32,
    /// Which part of the schedules from the state on take this choice or one before it.
    share: f64,
}

/// A state. What a walk needs to know of it lies side by side: walks wait for memory most of the time.
#[derive(Clone, Copy)]
struct Vertex {
    /// Where its edges begin and end.
    first: u32,
    end: u32,
    /// What it violates, by number.
    violations: u32,
}

/// The graph.
pub struct Counted {
    vertices: Vec<Vertex>,
    edges: Vec<Edge>,
    /// What is violated anywhere; number 0 is nothing.
    violations: Vec<Violations>,
    /// How many complete schedules there are.
    pub total: f64,
}

/// What came of counting.
pub enum Counting {
    /// The graph with its counts.
    Done(Counted),
    /// There is a cycle, or there are too many states, or more schedules than a number holds.
    Uncountable,
    /// A budget ran out.
    Ended(Budget),
}

impl Counted {
    /// Visits all states, if they are no more than `max_states`, and counts.
    pub fn count<M: Model>(
        model: &mut M,
        max_states: u64,
        ledger: &mut Ledger<'_, M::Error>,
    ) -> Result<Counting, M::Error> {
        let mut visit = Visit::begin(model)?;
        let most = max_states.min(u64::from(u32::MAX));
        while let Some(state) = visit.frontier.pop_front() {
            if let Some(budget) = visit.expand(model, &state, ledger)? {
                return Ok(Counting::Ended(budget));
            }
            let graph = &visit.graph;
            if graph.states() > most || graph.edges.len() > u32::MAX as usize {
                return Ok(Counting::Uncountable);
            }
        }
        Ok(match visit.graph.share_out() {
            Some(total) => Counting::Done(Self {
                total,
                ..visit.graph
            }),
            None => Counting::Uncountable,
        })
    }

    /// How many states there are.
    pub fn states(&self) -> u64 {
        self.vertices.len() as u64
    }

    /// The choices in a state.
    pub fn edges(&self, node: Node) -> &[Edge] {
        &self.edges[self.range(node)]
    }

    /// The choice that falls to `share`, a number below 1, when each gets its part of the schedules. There must be one.
    pub fn edge_at(&self, node: Node, share: f64) -> &Edge {
        let edges = self.edges(node);
        let drawn = edges.iter().find(|edge| share < edge.share);
        drawn.expect("the choices of a state share all its schedules among them")
    }

    /// What a step violates.
    pub fn violations_of_step(&self, edge: &Edge) -> &Violations {
        &self.violations[edge.violations as usize]
    }

    /// What a state violates.
    pub fn violations_of_state(&self, node: Node) -> &Violations {
        &self.violations[self.vertices[node as usize].violations as usize]
    }

    fn range(&self, node: Node) -> Range<usize> {
        let Vertex { first, end, .. } = self.vertices[node as usize];
        first as usize..end as usize
    }

    /// Counts from the ends backwards and gives each choice its share; `None` if that is impossible.
    fn share_out(&mut self) -> Option<f64> {
        let order = self.in_order()?;
        let mut counts = vec![1.0; order.len()];
        for &node in order.iter().rev() {
            let range = self.range(node);
            let edges = &mut self.edges[range];
            let mut sum = 0.0;
            for edge in &mut *edges {
                sum += counts[edge.target as usize];
                edge.share = sum;
            }
            for edge in &mut *edges {
                edge.share /= sum;
                counts[node as usize] = sum;
            }
        }
        Some(counts[0]).filter(|total| total.is_finite())
    }

    /// All states, each before those behind it (A. Kahn, "Topological Sorting of Large Networks", 1962); `None` if there
    /// is a cycle.
    fn in_order(&self) -> Option<Vec<Node>> {
        let mut ways_in = vec![0_u32; self.vertices.len()];
        for edge in &self.edges {
            ways_in[edge.target as usize] += 1;
        }
        let mut order: Vec<Node> = (ways_in[0] == 0).then_some(0).into_iter().collect();
        let mut next = 0;
        while next < order.len() {
            for edge in self.edges(order[next]) {
                let ways = &mut ways_in[edge.target as usize];
                *ways -= 1;
                if *ways == 0 {
                    order.push(edge.target);
                }
            }
            next += 1;
        }
        (order.len() == self.vertices.len()).then_some(order)
    }
}

/// The graph in the making: breadth first, so that a state's edges lie side by side, in the order of states.
struct Visit<S> {
    graph: Counted,
    numbers: HashMap<u128, Node, FxBuildHasher>,
    /// The states whose choices are not taken yet, in the order of their numbers.
    frontier: VecDeque<S>,
    enabled: Vec<Choice>,
}

impl<S: Clone> Visit<S> {
    fn begin<M: Model<State = S>>(model: &mut M) -> Result<Self, M::Error> {
        let mut visit = Self {
            graph: Counted {
                vertices: Vec::new(),
                edges: Vec::new(),
                violations: vec![Violations::default()],
                total: 0.0,
            },
            numbers: HashMap::default(),
            frontier: VecDeque::new(),
            enabled: Vec::new(),
        };
        let initial = model.initial()?;
        visit.number(model.fingerprint(&initial), initial);
        Ok(visit)
    }

    /// The number of a state, which waits for its expansion if it is new.
    fn number(&mut self, fingerprint: u128, state: S) -> Node {
        let next = self.numbers.len() as Node;
        let number = *self.numbers.entry(fingerprint).or_insert(next);
        if number == next {
            self.frontier.push_back(state);
        }
        number
    }

    /// Checks a state and takes all its choices; returns the budget that ran out, if one did.
    fn expand<M: Model<State = S>>(
        &mut self,
        model: &mut M,
        state: &S,
        ledger: &mut Ledger<'_, M::Error>,
    ) -> Result<Option<Budget>, M::Error> {
        let mut enabled = std::mem::take(&mut self.enabled);
        enabled.clear();
        model.enabled(state, &mut enabled)?;
        let mut violations = Violations::default();
        violations.extend(model.check(state, &enabled)?.map(Into::into));
        let violations = self.file(violations);
        let first = self.graph.edges.len() as u32;
        for &choice in &enabled {
            self.add_edge(model, state.clone(), choice)?;
            if let Some(budget) = ledger.step()? {
                return Ok(Some(budget));
            }
        }
        let end = self.graph.edges.len() as u32;
        self.graph.vertices.push(Vertex {
            first,
            end,
            violations,
        });
        self.enabled = enabled;
        Ok(None)
    }

    fn add_edge<M: Model<State = S>>(
        &mut self,
        model: &mut M,
        mut state: S,
        choice: Choice,
    ) -> Result<(), M::Error> {
        let violations = model.apply(&mut state, choice)?;
        let edge = Edge {
            choice,
            violations: self.file(violations),
            target: self.number(model.fingerprint(&state), state),
            share: 0.0,
        };
        self.graph.edges.push(edge);
        Ok(())
    }

    /// The number under which violations are kept.
    fn file(&mut self, violations: Violations) -> u32 {
        if violations.is_empty() {
            return 0;
        }
        self.graph.violations.push(violations);
        self.graph.violations.len() as u32 - 1
    }
}
