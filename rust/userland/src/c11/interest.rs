//! What bodies may access of the memory, so that it need not keep stores that only others could read.
//!
//! It is taken from what is known of the bodies, so it may turn out to be too little. Then the search begins again, as it
//! does when a body turns out to spin.

use super::Role;
use crate::behaviour::{Behaviour, TraceError};
use crate::op::{BodyId, Op};
use crate::world::World;
use std::collections::BTreeSet;
use std::sync::Arc;
use xous_sim_memory::Interest;

impl World<'_> {
    /// What a body may access, as far as is known; memories rely on it from now on.
    pub(super) fn interest(&mut self, body: BodyId) -> Arc<Interest> {
        let interest = Arc::new(self.known_interest(body));
        let c11 = self.c11();
        Arc::clone(c11.interests.entry(body).or_insert(interest))
    }

    /// Begins again where a body may access more than memories have relied on.
    pub(crate) fn check_interests(&self) -> Result<(), TraceError> {
        let Some(c11) = &self.c11 else {
            return Ok(());
        };
        let mut relied_on = c11.interests.iter();
        match relied_on.all(|(&body, interest)| **interest == self.known_interest(body)) {
            true => Ok(()),
            false => Err(TraceError::Restart),
        }
    }

    fn known_interest(&self, body: BodyId) -> Interest {
        let Some(c11) = &self.c11 else {
            return Interest::Everything;
        };
        let (mut locations, mut variables) = (BTreeSet::new(), BTreeSet::new());
        for body in self.started_by(body) {
            for op in self.known_operations(body) {
                match (op, op.object().map(|id| c11.roles.role(id))) {
                    (_, Some(Role::Location(location))) => locations.extend([location]),
                    (Op::Cell(id, ..), _) => variables.extend([id.0]),
                    _ => {}
                }
            }
        }
        let mut own = self.known_operations(body);
        Interest::Only {
            locations,
            variables,
            fences: own.any(|op| matches!(op, Op::Fence(_))),
        }
    }

    /// A body, and those that threads execute that it starts, directly or not.
    fn started_by(&self, body: BodyId) -> BTreeSet<BodyId> {
        let mut all = BTreeSet::new();
        let mut open = vec![body];
        while let Some(next) = open.pop() {
            if all.insert(next) {
                let started = self.known_operations(next).filter_map(|op| match op {
                    Op::Spawn(started, _) => Some(*started),
                    _ => None,
                });
                open.extend(started);
            }
        }
        all
    }

    fn known_operations(&self, body: BodyId) -> impl Iterator<Item = &Op<crate::op::Operand>> {
        let behaviour = self.behaviours.get(usize::from(body.0));
        let behaviour = behaviour.and_then(Option::as_ref);
        behaviour.into_iter().flat_map(Behaviour::operations)
    }
}
