//! Symmetry reduction: threads that execute the same body are interchangeable.
//!
//! C. N. Ip and D. L. Dill, "Better Verification Through Symmetry" (1996): of all states that differ only in which of
//! several equal threads is where, a search keeps one. Here the representative has each class of equal threads in the
//! order of their local states' numbers; holders of mutexes and the like are renamed with them. Departures: a state
//! in which a thread of a class is inside the kernel is its own representative, because the kernel knows threads by
//! their TIDs; and there are no classes at all where a body could learn a TID or the kernel decides by TIDs.

use crate::object::{Object, Once};
use crate::op::Op;
use crate::state::State;
use crate::world::World;
use xous_sim_kernel::Caller;

/// Syscalls of which neither the effect nor the result depends on the caller's TID once it is not waiting:
/// CreateServer*, SendMessage, Connect, ReturnMemory, TrySendMessage, TryConnect, ReturnScalar*, TryReceiveMessage,
/// ConnectForProcess, GetProcessId, DestroyServer, Disconnect, MapMemory, UnmapMemory.
const BLIND: [u8; 18] = [
    2, 14, 16, 17, 19, 20, 24, 25, 26, 27, 28, 29, 30, 31, 33, 34, 35, 40,
];

/// Whether an operation could tell equal threads apart.
pub(crate) fn tells_threads_apart<T>(op: &Op<T>) -> bool {
    match op {
        Op::Syscall(number, _) => !BLIND.contains(number),
        Op::Spawn(..) | Op::Join(_) => true,
        _ => false,
    }
}

impl World<'_> {
    /// The classes of interchangeable threads, each at least two.
    pub(crate) fn find_classes(&self) -> Vec<Vec<usize>> {
        let plans = &self.program.threads;
        let key = |n: usize| (plans[n].body, plans[n].caller.pid, plans[n].rounds);
        let mut classes: Vec<Vec<usize>> = Vec::new();
        for thread in 0..plans.len() {
            match classes
                .iter_mut()
                .find(|class| key(class[0]) == key(thread))
            {
                Some(class) => class.push(thread),
                None => classes.push(vec![thread]),
            }
        }
        classes.retain(|class| class.len() > 1);
        classes
    }

    /// Puts the representative into the place of a state.
    pub(crate) fn sort_threads(&mut self, state: &mut State) {
        for class in 0..self.classes.len() {
            if self.is_sorted(state, class) || self.is_in_kernel(state, class) {
                continue;
            }
            let order = self.order(state, class);
            let numbers: smallvec::SmallVec<[u32; 16]> =
                order.iter().map(|&t| state.0[t]).collect();
            for (&place, number) in self.classes[class].iter().zip(numbers) {
                state.0[place] = number;
            }
            self.rename(state, class, &order);
        }
    }

    /// Which agent takes each agent's place in the representative; a static thread's number is its agent's.
    pub(crate) fn places(&self, state: &State) -> Vec<u16> {
        let mut places: Vec<u16> = (0..self.agent_count(state) as u16).collect();
        for class in 0..self.classes.len() {
            if !self.is_in_kernel(state, class) {
                for (&place, from) in self.classes[class].iter().zip(self.order(state, class)) {
                    places[place] = from as u16;
                }
            }
        }
        places
    }

    fn is_sorted(&self, state: &State, class: usize) -> bool {
        self.classes[class].is_sorted_by_key(|&thread| state.0[thread])
    }

    fn is_in_kernel(&self, state: &State, class: usize) -> bool {
        let inside = |&thread: &usize| self.infos[state.0[thread] as usize].in_kernel;
        self.classes[class].iter().any(inside)
    }

    /// The threads of a class by their local states' numbers; a static thread's place is its own number.
    fn order(&self, state: &State, class: usize) -> smallvec::SmallVec<[usize; 16]> {
        let mut order = smallvec::SmallVec::from_slice(&self.classes[class]);
        order.sort_by_key(|&thread| state.0[thread]);
        order
    }

    /// Renames the holders of objects: who is `order[i]` becomes the i-th of the class.
    fn rename(&mut self, state: &mut State, class: usize, order: &[usize]) {
        for index in 0..self.held_objects.len() {
            let place = self.held_objects[index];
            let (Object::Mutex(Some(holder)) | Object::Once(Once::Running(holder))) =
                self.objects[state.0[place]]
            else {
                continue;
            };
            let is = |&thread: &usize| self.program.threads[thread].caller == holder;
            let Some(position) = order.iter().position(is) else {
                continue;
            };
            let renamed = self.program.threads[self.classes[class][position]].caller;
            let object = held_by(&self.objects[state.0[place]], renamed);
            state.0[place] = self.objects.intern(object);
        }
    }
}

fn held_by(object: &Object, holder: Caller) -> Object {
    match object {
        Object::Mutex(_) => Object::Mutex(Some(holder)),
        _ => Object::Once(Once::Running(holder)),
    }
}
