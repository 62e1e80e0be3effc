//! What is known of a body: the operations that it performs, as a tree that grows where its threads look.
//!
//! Between two operations a body depends only on what it has observed of earlier results. So a body is traced as a
//! tracing JIT does it (A. Gal et al., PLDI 2009): a node is what comes next, an edge is an observation. A thread that
//! comes to an observation that no thread of this body has made before asks the [`Tracer`] to run the body once more
//! along its observations, which adds a branch. Departure from a JIT: a trace is never recompiled or discarded.

use crate::op::{BodyId, Op, Operand, Register, Test};
use crate::symmetry;
use crate::value::Value;
use smallvec::SmallVec;

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
    /// It leaves the innermost of those loops.
    LoopExit,
    /// It yields: it may come back to here.
    Yield,
    /// It is where it was at an earlier loop head or yield.
    Back(Return),
    /// It ends.
    End,
    /// It ends with an exception.
    Raise(String),
}

/// The way back to where a run was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// Which of the loop heads and yields of the run it is, counted from 0.
    pub place: usize,
    /// The registers that the body could reach there, each with the one that has taken its part.
    pub registers: Carried,
}

/// Registers at the head of a loop, each with the one that takes its part in the next round.
pub type Carried = Vec<(Register, Register)>;

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
    /// A body turned out to go round in a loop: earlier states do not remember what a thread in a loop must, and the
    /// footprints of earlier steps know nothing of it. The search must begin again, with what is known of the bodies now.
    #[error("the search must begin again: a body turned out to go round in a loop")]
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
    /// Back to a node, the head of a loop.
    Back(NodeId, Carried),
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
    /// For each node but the first: the one before it.
    parents: Vec<NodeId>,
    /// For each node: the heads of the loops that it lies in, behind their first nodes.
    loops: Vec<Heads>,
    /// Whether any node lies in a loop.
    spins: bool,
    /// Whether the last run found nodes that were known already to lie in one more loop.
    reshaped: bool,
    /// Whether an operation of the body could tell equal threads apart.
    tells_threads_apart: bool,
    runs: u64,
}

/// The heads of loops, outermost first.
pub type Heads = SmallVec<[NodeId; 1]>;

/// The first node of every body.
pub const ROOT: NodeId = 0;

impl Behaviour {
    /// Nothing is known yet but for the first straight line of operations.
    pub fn trace(body: BodyId, tracer: &mut dyn Tracer) -> Result<Self, TraceError> {
        let mut behaviour = Self {
            body,
            name: tracer.name(body)?,
            nodes: Vec::new(),
            parents: Vec::new(),
            loops: Vec::new(),
            spins: false,
            reshaped: false,
            tells_threads_apart: false,
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
            Node::Back(head, _) => (Some(*head), &[]),
            Node::End | Node::Raise(_) => (None, &[]),
        };
        let known = |next: &NodeId| *next != UNKNOWN;
        next.into_iter()
            .chain(edges.iter().map(|(_, next)| *next))
            .filter(known)
    }

    /// The heads of the loops in which a thread at `node` is: it must notice changes of shared objects.
    pub fn loops(&self, node: NodeId) -> &[NodeId] {
        &self.loops[node as usize]
    }

    /// Whether a thread of this body may spin at all, as far as is known.
    pub fn spins(&self) -> bool {
        self.spins
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
        let mut path = self.path_to(node);
        path.push(observation.clone());
        let spun = self.spins;
        self.extend(path, tracer)?;
        if self.spins != spun || self.reshaped {
            return Err(TraceError::Restart);
        }
        Ok(self
            .edge(node, observation)
            .expect("a run adds the edge that it was asked for"))
    }

    /// The observations that lead to `node`.
    fn path_to(&self, node: NodeId) -> Vec<Value> {
        let mut path = Vec::new();
        let mut at = node;
        while at != ROOT {
            let before = self.parents[at as usize];
            if let Node::Test(_, edges) = self.node(before) {
                let edge = edges.iter().find(|(_, next)| *next == at);
                path.push(edge.expect("a node is behind the one before it").0.clone());
            }
            at = before;
        }
        path.reverse();
        path
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
        self.reshaped = false;
        let records = tracer.run(self.body, &path)?;
        let mut walk = Walk {
            path: &path,
            observed: 0,
            from: None,
            known: self.nodes.len(),
            places: Vec::new(),
            open: Vec::new(),
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
                walk.open.push(walk.places.len());
                walk.places.push(None);
                return Ok(());
            }
            Recorded::Yield => {
                walk.places.push(None);
                return Ok(());
            }
            Recorded::LoopExit => {
                walk.open.pop();
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
        for place in &mut walk.places {
            place.get_or_insert(node);
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
            Node::Back(..) | Node::End | Node::Raise(_) => None,
        }
    }

    fn agree(&self, known: NodeId, record: &Recorded, walk: &Walk<'_>) -> Result<(), TraceError> {
        let same = match (self.node(known), record) {
            (Node::Op(a, _), Recorded::Op(b)) => a.op == b.op,
            (Node::Test(a, _), Recorded::Test(b)) => a == b,
            (Node::Back(head, carried), Recorded::Back(back)) => {
                (*head, carried) == (walk.head(back), &back.registers)
            }
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
            Recorded::Test(test) => Node::Test(test, Vec::new()),
            Recorded::Back(back) => {
                let head = walk.head(&back);
                self.close_loop(walk, head, &back.registers);
                Node::Back(head, back.registers)
            }
            Recorded::End => Node::End,
            Recorded::Raise(message) => Node::Raise(message),
            Recorded::LoopHead | Recorded::LoopExit | Recorded::Yield => {
                unreachable!("the bounds of a loop are not nodes of their own")
            }
        };
        if let Node::Op(record, _) = &node {
            self.tells_threads_apart |= symmetry::tells_threads_apart(&record.op);
        }
        self.nodes.push(node);
        self.parents.push(walk.from.unwrap_or(ROOT));
        self.loops.push(walk.open_heads());
        self.spins |= !walk.open_heads().is_empty();
        if let Some(from) = walk.from {
            match &mut self.nodes[from as usize] {
                Node::Op(_, next) => *next = id,
                Node::Test(_, edges) => edges.push((walk.path[walk.observed - 1].clone(), id)),
                Node::Back(..) | Node::End | Node::Raise(_) => {
                    unreachable!("nothing comes after an end")
                }
            }
        }
        id
    }

    /// All nodes between `head` and the end of the walk lie in a loop, and keep what its rounds are compared by: the
    /// registers at its head that others take the part of.
    fn close_loop(&mut self, walk: &Walk<'_>, head: NodeId, carried: &[(Register, Register)]) {
        self.spins = true;
        let replaced = carried.iter().filter(|(before, now)| before != now);
        let compared: Vec<Register> = replaced.map(|(before, _)| *before).collect();
        let mut at = walk.from.expect("a round has a node");
        while at != head {
            let index = at as usize;
            let mut new = !self.loops[index].contains(&head);
            if new {
                self.loops[index].push(head);
                self.loops[index].sort_unstable();
            }
            if let Node::Op(record, _) = &mut self.nodes[index] {
                let live = record.live.len();
                let kept = compared.iter().filter(|r| !record.live[..live].contains(r));
                let kept: Vec<Register> = kept.copied().collect();
                new |= !kept.is_empty();
                record.live.extend(kept);
            }
            self.reshaped |= new && index < walk.known;
            at = self.parents[index];
        }
    }
}

const UNKNOWN: NodeId = NodeId::MAX;

/// Where a run is in the tree.
struct Walk<'a> {
    path: &'a [Value],
    observed: usize,
    from: Option<NodeId>,
    /// How many nodes were known before.
    known: usize,
    /// The loop heads and yields that it has come by: the node behind each, once there is one.
    places: Vec<Option<NodeId>>,
    /// Which of them are heads of loops that it is in.
    open: Vec<usize>,
}

impl Walk<'_> {
    fn head(&self, back: &Return) -> NodeId {
        self.places[back.place].expect("there is an operation in every round")
    }

    fn open_heads(&self) -> Heads {
        let mut heads: Heads = self
            .open
            .iter()
            .filter_map(|&place| self.places[place])
            .collect();
        heads.dedup();
        heads
    }
}

fn describe_node(node: &Node) -> String {
    match node {
        Node::Op(op, _) => format!("{:?} at {}", op.op, op.source),
        Node::Test(test, _) => format!("{test:?}"),
        Node::Back(..) => "another round of a loop".into(),
        Node::End => "the end".into(),
        Node::Raise(message) => format!("the exception {message}"),
    }
}

fn describe_record(record: &Recorded) -> String {
    match record {
        Recorded::Op(op) => format!("{:?} at {}", op.op, op.source),
        Recorded::Test(test) => format!("{test:?}"),
        Recorded::LoopHead => "the head of a loop".into(),
        Recorded::Back(_) => "another round of a loop".into(),
        Recorded::LoopExit => "the end of a loop".into(),
        Recorded::Yield => "a yield".into(),
        Recorded::End => "the end".into(),
        Recorded::Raise(message) => format!("the exception {message}"),
    }
}
