//! What is known of a body: the operations that it performs, as a tree that grows where its threads look.
//!
//! Between two operations a body depends only on what it has observed of earlier results. So a body is traced as a
//! tracing JIT does it (A. Gal et al., PLDI 2009): a node is what comes next, an edge is an observation. A thread that
//! comes to an observation that no thread of this body has made before asks the [`Tracer`] to run the body once more
//! along its observations, which adds a branch. Departure from a JIT: a trace is never recompiled or discarded.

use crate::op::{BodyId, Op, Operand, Register, Test};
use crate::symmetry;
use crate::value::Value;

/// Number of a node in a [`Behaviour`].
pub type NodeId = u32;

/// What a body does next, as a run of it records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It performs an operation.
    Op(OpRecord),
    /// It looks at a result.
    Test(Test),
    /// A loop begins here whose rounds leave nothing behind.
    LoopHead,
    /// It goes back to the innermost loop head, after a yield.
    LoopBack,
    /// It leaves the innermost loop.
    LoopExit,
    /// It ends.
    End,
    /// It ends with an exception.
    Raise(String),
}

/// An operation in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpRecord {
    /// The operation.
    pub op: Op<Operand>,
    /// Where its result goes.
    pub register: Register,
    /// The registers that the body can still reach when it performs the operation.
    pub live: Vec<Register>,
    /// The source line, for readers.
    pub source: String,
}

/// Whoever can run a body.
pub trait Tracer {
    /// Runs `body` from its beginning, answering its looks with `observations`, until it looks once more, ends or
    /// goes back to a loop head; returns all that it did.
    fn run(&mut self, body: BodyId, observations: &[Value]) -> Result<Vec<Recorded>, TraceError>;

    /// What threads of `body` are called that are started on the way, if they were given a name.
    fn name(&self, _body: BodyId) -> Result<Option<String>, TraceError> {
        Ok(None)
    }
}

/// Why a body cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The body did something else than in an earlier run with the same observations.
    #[error(
        "body {body} is not deterministic: with the same results of its operations, {before} in one run became \
         {after} in another; it depends on something outside the simulator (shared Python objects, time, randomness)"
    )]
    Nondeterminism {
        /// The body's number.
        body: u16,
        /// What it did first.
        before: String,
        /// What it did now.
        after: String,
    },
    /// A body turned out to spin: earlier states do not remember what a spinning thread must, and the footprints of
    /// earlier steps know nothing of it. The search must begin again, with what is known of the bodies now.
    #[error("the search must begin again: a body turned out to spin")]
    Restart,
    /// Whoever runs the bodies failed.
    #[error(transparent)]
    Tracer(Box<dyn std::error::Error + Send + Sync>),
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An operation and what comes after it.
    Op(OpRecord, NodeId),
    /// A look and what comes after each observation made so far.
    Test(Test, Vec<(Value, NodeId)>),
    /// Back to a node, after a yield.
    Back(NodeId),
    /// The end.
    End,
    /// The end by an exception.
    Raise(String),
}

/// The tree of one body.
pub struct Behaviour {
    body: BodyId,
    /// What its threads are called, for readers.
    pub name: Option<String>,
    nodes: Vec<Node>,
    /// For each node: whether it lies in a loop, behind its first operation.
    in_loop: Vec<bool>,
    /// Whether an operation of the body could tell equal threads apart.
    tells_threads_apart: bool,
    /// Whether the body yields by itself, outside of loops that the trace knows.
    yields: bool,
    /// Whether any node lies in a loop.
    loops: bool,
    /// For each look: the observations that lead to it.
    paths: Vec<(NodeId, Vec<Value>)>,
    runs: u64,
}

/// The first node of every body.
pub const ROOT: NodeId = 0;

impl Behaviour {
    /// Nothing is known yet but for the first straight line of operations.
    pub fn trace(body: BodyId, tracer: &mut dyn Tracer) -> Result<Self, TraceError> {
        let mut behaviour = Self {
            body,
            name: tracer.name(body)?,
            nodes: Vec::new(),
            in_loop: Vec::new(),
            tells_threads_apart: false,
            yields: false,
            loops: false,
            paths: Vec::new(),
            runs: 0,
        };
        behaviour.extend(Vec::new(), tracer)?;
        Ok(behaviour)
    }

    /// What a body does at `node`.
    pub fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node as usize]
    }

    /// The operations that are known.
    pub fn operations(&self) -> impl Iterator<Item = &Op<Operand>> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Op(record, _) => Some(&record.op),
            _ => None,
        })
    }

    /// How many nodes are known.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// What may come after `node`, as far as is known.
    pub fn successors(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let (next, edges): (Option<NodeId>, &[(Value, NodeId)]) = match self.node(node) {
            Node::Op(_, next) => (Some(*next), &[]),
            Node::Test(_, edges) => (None, edges),
            Node::Back(head) => (Some(*head), &[]),
            Node::End | Node::Raise(_) => (None, &[]),
        };
        let known = |next: &NodeId| *next != UNKNOWN;
        next.into_iter()
            .chain(edges.iter().map(|(_, next)| *next))
            .filter(known)
    }

    /// Whether a thread at `node` must notice changes of shared objects, because it may spin later.
    pub fn watches(&self, node: NodeId) -> bool {
        self.yields || self.in_loop[node as usize]
    }

    /// Whether a thread of this body may spin at all, as far as is known.
    pub fn spins(&self) -> bool {
        self.yields || self.loops
    }

    /// Whether the body could tell equal threads apart, as far as is known.
    pub fn tells_threads_apart(&self) -> bool {
        self.tells_threads_apart
    }

    /// How often the body was run to learn this.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The node behind `observation` at the look `node`, learned from `tracer` if it is new.
    pub fn follow(
        &mut self,
        node: NodeId,
        observation: &Value,
        tracer: &mut dyn Tracer,
    ) -> Result<NodeId, TraceError> {
        if let Some(next) = self.edge(node, observation) {
            return Ok(next);
        }
        let (_, path) = self
            .paths
            .iter()
            .find(|(look, _)| *look == node)
            .expect("every look has a path");
        let mut path = path.clone();
        path.push(observation.clone());
        let (yielded, spun) = (self.yields, self.spins());
        self.extend(path, tracer)?;
        if self.yields != yielded || self.spins() != spun {
            return Err(TraceError::Restart);
        }
        Ok(self
            .edge(node, observation)
            .expect("a run adds the edge that it was asked for"))
    }

    fn edge(&self, node: NodeId, observation: &Value) -> Option<NodeId> {
        let Node::Test(_, edges) = self.node(node) else {
            unreachable!("only looks have observations");
        };
        let edge = edges.iter().find(|(seen, _)| seen == observation);
        edge.map(|(_, next)| *next)
    }

    /// Runs the body along `path` and adds what it does behind the last observation.
    fn extend(&mut self, path: Vec<Value>, tracer: &mut dyn Tracer) -> Result<(), TraceError> {
        self.runs += 1;
        let records = tracer.run(self.body, &path)?;
        let mut walk = Walk {
            path: &path,
            observed: 0,
            from: None,
            loop_heads: Vec::new(),
            open_head: false,
        };
        for record in records {
            self.add(&mut walk, record)?;
        }
        Ok(())
    }

    /// Moves the walk over one record: along a known node that must agree, or to a new one.
    fn add(&mut self, walk: &mut Walk<'_>, record: Recorded) -> Result<(), TraceError> {
        match record {
            Recorded::LoopHead => {
                walk.open_head = true;
                return Ok(());
            }
            Recorded::LoopExit => {
                if !std::mem::take(&mut walk.open_head) {
                    walk.loop_heads.pop();
                }
                return Ok(());
            }
            _ => {}
        }
        let node = match self.successor(walk) {
            Some(known) => {
                self.agree(known, &record, walk)?;
                known
            }
            None => self.append(walk, record),
        };
        if walk.open_head {
            walk.open_head = false;
            walk.loop_heads.push(node);
        }
        if matches!(self.node(node), Node::Test(..)) {
            walk.observed += 1;
        }
        walk.from = Some(node);
        Ok(())
    }

    /// The node that is known to come next, if any.
    fn successor(&self, walk: &Walk<'_>) -> Option<NodeId> {
        let Some(from) = walk.from else {
            return (!self.nodes.is_empty()).then_some(ROOT);
        };
        match self.node(from) {
            Node::Op(_, next) => (*next != UNKNOWN).then_some(*next),
            Node::Test(..) => self.edge(from, &walk.path[walk.observed - 1]),
            Node::Back(_) | Node::End | Node::Raise(_) => None,
        }
    }

    fn agree(&self, known: NodeId, record: &Recorded, walk: &Walk<'_>) -> Result<(), TraceError> {
        let same = match (self.node(known), record) {
            (Node::Op(a, _), Recorded::Op(b)) => a.op == b.op,
            (Node::Test(a, _), Recorded::Test(b)) => a == b,
            (Node::Back(to), Recorded::LoopBack) => walk.loop_heads.last() == Some(to),
            (Node::End, Recorded::End) | (Node::Raise(_), Recorded::Raise(_)) => true,
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(TraceError::Nondeterminism {
            body: self.body.0,
            before: describe_node(self.node(known)),
            after: describe_record(record),
        })
    }

    fn append(&mut self, walk: &Walk<'_>, record: Recorded) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).expect("memory ends before 2^32 nodes do");
        let node = match record {
            Recorded::Op(op) => Node::Op(op, UNKNOWN),
            Recorded::Test(test) => {
                self.paths.push((id, walk.path[..walk.observed].to_vec()));
                Node::Test(test, Vec::new())
            }
            Recorded::LoopBack => Node::Back(*walk.loop_heads.last().expect("a loop has a head")),
            Recorded::End => Node::End,
            Recorded::Raise(message) => Node::Raise(message),
            Recorded::LoopHead | Recorded::LoopExit => {
                unreachable!("the bounds of a loop are not nodes of their own")
            }
        };
        if let Node::Op(record, _) = &node {
            self.yields |= record.op == Op::Yield;
            self.tells_threads_apart |= symmetry::tells_threads_apart(&record.op);
        }
        self.nodes.push(node);
        self.in_loop.push(!walk.loop_heads.is_empty());
        self.loops |= !walk.loop_heads.is_empty();
        if let Some(from) = walk.from {
            match &mut self.nodes[from as usize] {
                Node::Op(_, next) => *next = id,
                Node::Test(_, edges) => edges.push((walk.path[walk.observed - 1].clone(), id)),
                Node::Back(_) | Node::End | Node::Raise(_) => {
                    unreachable!("nothing comes after an end")
                }
            }
        }
        id
    }
}

const UNKNOWN: NodeId = NodeId::MAX;

/// Where a run is in the tree.
struct Walk<'a> {
    path: &'a [Value],
    observed: usize,
    from: Option<NodeId>,
    loop_heads: Vec<NodeId>,
    open_head: bool,
}

fn describe_node(node: &Node) -> String {
    match node {
        Node::Op(op, _) => format!("{:?} at {}", op.op, op.source),
        Node::Test(test, _) => format!("{test:?}"),
        Node::Back(_) => "another round of a loop".into(),
        Node::End => "the end".into(),
        Node::Raise(message) => format!("the exception {message}"),
    }
}

fn describe_record(record: &Recorded) -> String {
    match record {
        Recorded::Op(op) => format!("{:?} at {}", op.op, op.source),
        Recorded::Test(test) => format!("{test:?}"),
        Recorded::LoopHead => "the head of a loop".into(),
        Recorded::LoopBack => "another round of a loop".into(),
        Recorded::LoopExit => "the end of a loop".into(),
        Recorded::End => "the end".into(),
        Recorded::Raise(message) => format!("the exception {message}"),
    }
}
