//! What a verdict on a weak machine has to be read with: programs for which C11 allows more than the memory does.
//!
//! It is judged by what is known of the bodies, which is all that threads can come to once a search is complete. Kernel
//! calls, mutexes and the like are accesses that acquire and release; so a thread's start and end are.

use super::{Role, Roles};
use crate::behaviour::{Behaviour, Node, NodeId, ROOT};
use crate::op::{AtomicOp, BodyId, ObjectId, Op, Operand, Register};
use crate::program::Program;
use crate::world::World;
use std::collections::BTreeMap;
use xous_sim_memory::{Accessed, Loaded, Order, Orders, Passages};

/// The memory orders that a body asks for, as far as they tell of departures.
#[derive(Clone, Debug)]
pub struct BodyOrders {
    /// The body.
    pub body: BodyId,
    /// How many threads execute it; two, if threads start it.
    pub copies: usize,
    /// The orders of its accesses to atomics, and whether it passes seq_cst fences.
    pub orders: Orders,
    /// What it loads before it stores.
    pub passages: Passages,
}

impl BodyOrders {
    /// Adds what else is known of the body.
    pub fn join(&mut self, other: Self) {
        self.copies = self.copies.max(other.copies);
        self.orders.seq_cst |= other.orders.seq_cst;
        self.orders.accessed.extend(other.orders.accessed);
        self.orders.weaker.extend(other.orders.weaker);
        self.passages.0.extend(other.passages.0);
    }
}

/// What a reader of the verdict has to know, in sentences: nothing, unless C11 may allow more than was explored.
#[must_use]
pub fn caveats(program: &Program, bodies: &[BodyOrders]) -> Vec<String> {
    let orders = bodies.iter().map(|body| (body.copies, &body.orders));
    let mixed = Orders::mix(orders).then(|| {
        "seq_cst operations are mixed with weaker ones: C11 allows a few outcomes of such programs that were not explored"
            .to_owned()
    });
    let passages = bodies.iter().map(|body| (body.copies, &body.passages));
    let buffering = Passages::could_buffer(passages);
    let buffering = (!buffering.is_empty()).then(|| {
        // Only atomics are among them: whatever else threads meet in synchronises them.
        let object = |id: &u16| program.objects[usize::from(*id) - 1].name.as_str();
        let names: Vec<&str> = buffering.iter().map(object).collect();
        format!(
            "loads of {} may see stores that come later in program order: C11 allows such load buffering, and it was not \
             explored",
            names.join(", ")
        )
    });
    mixed.into_iter().chain(buffering).collect()
}

impl World<'_> {
    /// The orders of all bodies that threads execute, as far as is known; none on a strong machine.
    #[must_use]
    pub fn body_orders(&self) -> Vec<BodyOrders> {
        let Some(c11) = &self.c11 else {
            return Vec::new();
        };
        let known = self.behaviours.iter().enumerate();
        let known =
            known.filter_map(|(body, behaviour)| Some((BodyId(body as u16), behaviour.as_ref()?)));
        known
            .map(|(body, behaviour)| self.orders_of(body, behaviour, &c11.roles))
            .collect()
    }

    fn orders_of(&self, body: BodyId, behaviour: &Behaviour, roles: &Roles) -> BodyOrders {
        let plans = || self.program.threads.iter().filter(|plan| plan.body == body);
        let begun = plans().count();
        let path = Paths {
            behaviour,
            roles,
            started: begun == 0,
            repeats: plans().any(|plan| plan.rounds > 1),
            passages: Passages::default(),
        };
        BodyOrders {
            body,
            copies: if begun == 0 { 2 } else { begun },
            orders: orders(behaviour),
            passages: path.followed(),
        }
    }
}

fn orders(behaviour: &Behaviour) -> Orders {
    let mut orders = Orders::default();
    for op in behaviour.operations() {
        match op {
            Op::Atomic(id, _, order, _) => orders.access(id.0, *order),
            Op::Fence(order) => orders.seq_cst |= *order == Order::SeqCst,
            _ => {}
        }
    }
    orders
}

/// All paths through a body.
struct Paths<'a> {
    behaviour: &'a Behaviour,
    roles: &'a Roles,
    /// Whether threads start it.
    started: bool,
    /// Whether the body begins again behind its end.
    repeats: bool,
    passages: Passages,
}

/// Where a result goes that no body can look at.
const NOWHERE: Register = Register::MAX;

impl Paths<'_> {
    /// What is loaded before what, on any path: loads are carried along until no place learns of a new one.
    fn followed(mut self) -> Passages {
        let mut before: BTreeMap<NodeId, Loaded> = BTreeMap::new();
        let mut first = Loaded::default();
        if self.started {
            self.synchronise(ObjectId::MACHINE, NOWHERE, &mut first);
        }
        let mut open = vec![(ROOT, first)];
        while let Some((node, loaded)) = open.pop() {
            let known = before.contains_key(&node);
            let all = before.entry(node).or_default();
            if all.join(&loaded) || !known {
                let mut after = all.clone();
                let next = self.pass(node, &mut after);
                open.extend(next.into_iter().map(|next| (next, after.clone())));
            }
        }
        self.passages
    }

    /// Passes a node; returns what may come next.
    fn pass(&mut self, node: NodeId, loaded: &mut Loaded) -> Vec<NodeId> {
        match self.behaviour.node(node) {
            Node::Op(record, _) => self.perform(&record.op, record.register, loaded),
            Node::Test(test, _) => test.registers().for_each(|register| loaded.test(register)),
            Node::End | Node::Raise(_) if self.started => {
                self.synchronise(ObjectId::MACHINE, NOWHERE, loaded);
            }
            Node::End if self.repeats => return vec![ROOT],
            Node::Back(_, carried) => loaded.carry(carried),
            Node::End | Node::Raise(_) => {}
        }
        self.behaviour.successors(node).collect()
    }

    fn perform(&mut self, op: &Op<Operand>, register: Register, loaded: &mut Loaded) {
        if let Op::Atomic(id, kind, order, operands) = op {
            let operands: Vec<Register> = operands.iter().filter_map(Operand::register).collect();
            let access = Accessed {
                location: id.0,
                reads: *kind != AtomicOp::Store,
                writes: *kind != AtomicOp::Load,
                order: *order,
            };
            loaded.access(access, register, &operands, &mut self.passages);
        } else if let Op::Fence(order) = op {
            loaded.fence(*order);
        } else if let Some(id) = op
            .object()
            .filter(|&id| self.roles.role(id) == Role::Meeting)
        {
            self.synchronise(id, register, loaded);
        }
    }

    /// What uses the same object is ordered.
    fn synchronise(&mut self, id: ObjectId, register: Register, loaded: &mut Loaded) {
        let access = Accessed {
            location: id.0,
            reads: true,
            writes: true,
            order: Order::AcqRel,
        };
        loaded.access(access, register, &[], &mut self.passages);
    }
}
