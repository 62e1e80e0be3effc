//! All schedules of a model as a graph, with the number of schedules from each state on.
//!
//! A vertex is a state, an edge a choice in it. The number of complete schedules from a state is the sum of those from the
//! states behind it, so it is counted once for each state, however many schedules lead there. Walks don't touch the model;
//! they follow a list of ways, which are the edges with all that was known of the vertices behind them. States are taken
//! to be equal if their fingerprints are. Numbers are 64-bit floating point: exact up to 2^53, and beyond with a relative
//! error of a few times 2^-53 for each step. Left out: graphs with cycles, whose schedules cannot be counted.

use crate::draws::Draws;
use crate::ledger::Ledger;
use crate::report::Budget;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::VecDeque;
use std::ops::Range;
use xous_sim_step::{Choice, Model, Violations};

/// The number of a state, in the order of discovery. The initial state is 0.
type Node = u32;

/// A choice in a state, and all that a walk needs to know of where it leads: walks wait for memory most of the time. The
/// choices of a state lie side by side.
pub struct Way {
    /// The choice.
    pub choice: Choice,
    /// Where the choices of the state behind it begin, or [`END`].
    pub then: u32,
    /// What the step violates, by number.
    violations: u32,
    /// What the state behind it violates, by number.
    violations_there: u32,
    /// Which part of the schedules from the state on take this choice or one before it; 1 for the last one.
    share: f64,
}

/// No choice: the schedule is complete.
pub const END: u32 = u32::MAX;

/// All schedules.
pub struct Counted {
    ways: Vec<Way>,
    /// Where the choices of the initial state begin.
    pub begin: u32,
    /// What the initial state violates.
    pub violations_at_first: Violations,
    /// What is violated anywhere; number 0 is nothing.
    violations: Vec<Violations>,
    /// How many states there are.
    pub states: u64,
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
            if graph.vertices.len() as u64 > most || graph.edges.len() >= END as usize {
                return Ok(Counting::Uncountable);
            }
        }
        Ok(match visit.graph.share_out() {
            Some(total) => Counting::Done(visit.graph.into_ways(total, model.violated_at_first())),
            None => Counting::Uncountable,
        })
    }

    /// Draws one of the choices that begin at a place, each with the probability of its share.
    pub fn draw(&self, begin: u32, draws: &mut Draws) -> &Way {
        let ways = &self.ways[begin as usize..];
        if ways[0].share == 1.0 {
            return &ways[0];
        }
        let share = draws.share();
        let drawn = ways.iter().find(|way| share < way.share);
        drawn.expect("the last choice of a state has the share 1, and draws are below")
    }

    /// What the step violates.
    pub fn violations_of_step(&self, way: &Way) -> &Violations {
        &self.violations[way.violations as usize]
    }

    /// What the state violates to which it leads.
    pub fn violations_there(&self, way: &Way) -> &Violations {
        &self.violations[way.violations_there as usize]
    }
}

/// A choice in a state, while the graph is made.
struct Edge {
    choice: Choice,
    /// The state behind it.
    target: Node,
    violations: u32,
    share: f64,
}

/// A state, while the graph is made.
#[derive(Clone, Copy)]
struct Vertex {
    /// Where its edges begin and end.
    first: u32,
    end: u32,
    /// What it violates, by number.
    violations: u32,
}

/// The graph in which states and choices are still apart.
struct Graph {
    vertices: Vec<Vertex>,
    edges: Vec<Edge>,
    violations: Vec<Violations>,
}

impl Graph {
    fn edges(&self, node: Node) -> &[Edge] {
        &self.edges[self.range(node)]
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

    /// The same without states.
    fn into_ways(self, total: f64, mut violated_at_first: Violations) -> Counted {
        let Self {
            vertices,
            edges,
            violations,
        } = self;
        let begin = |vertex: Vertex| match vertex.first < vertex.end {
            true => vertex.first,
            false => END,
        };
        let way = |edge: Edge| {
            let target = vertices[edge.target as usize];
            Way {
                choice: edge.choice,
                then: begin(target),
                violations: edge.violations,
                violations_there: target.violations,
                share: edge.share,
            }
        };
        let there = &violations[vertices[0].violations as usize];
        violated_at_first.extend(there.iter().cloned());
        Counted {
            ways: edges.into_iter().map(way).collect(),
            begin: begin(vertices[0]),
            violations_at_first: violated_at_first,
            violations,
            states: vertices.len() as u64,
            total,
        }
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
    graph: Graph,
    numbers: HashMap<u128, Node, FxBuildHasher>,
    /// The states whose choices are not taken yet, in the order of their numbers.
    frontier: VecDeque<S>,
    enabled: Vec<Choice>,
}

impl<S: Clone> Visit<S> {
    fn begin<M: Model<State = S>>(model: &mut M) -> Result<Self, M::Error> {
        let mut visit = Self {
            graph: Graph {
                vertices: Vec::new(),
                edges: Vec::new(),
                violations: vec![Violations::default()],
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
