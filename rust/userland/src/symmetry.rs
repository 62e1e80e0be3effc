//! Symmetry reduction: threads that execute the same body are interchangeable.
//!
//! C. N. Ip and D. L. Dill, "Better Verification Through Symmetry" (1996): of all states that differ only in which of
//! several equal threads is where, a search keeps one. Here the representative has each class of equal threads in the
//! order of their local states' numbers; holders of mutexes and the like are renamed with them. Departures: a state
//! in which a thread of a class is inside the kernel is its own representative, because the kernel knows threads by
//! their TIDs; and there are no classes at all where a body could learn a TID or the kernel decides by TIDs.

use crate::object::{Holder, Object, Once};
use crate::op::Op;
use crate::state::State;
use crate::world::{LocalInfo, World};
use smallvec::SmallVec;

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

    /// What sorting needs to know.
    pub(crate) fn symmetry(&self) -> Symmetry<'_> {
        Symmetry {
            classes: &self.classes,
            held_objects: &self.held_objects,
            infos: &self.infos,
        }
    }

    /// Puts the representative into the place of a state.
    pub(crate) fn sort_threads(&mut self, state: &mut State) {
        let symmetry = Symmetry {
            classes: &self.classes,
            held_objects: &self.held_objects,
            infos: &self.infos,
        };
        let objects = &mut self.objects;
        symmetry.sort(state, |number, renamed| {
            let renamed = rename(&objects[number], renamed);
            Some(renamed.map_or(number, |object| objects.intern(object)))
        });
    }

    /// Which agent takes each agent's place in the representative; a static thread's number is its agent's.
    pub(crate) fn places(&self, state: &State) -> Vec<u16> {
        let mut places: Vec<u16> = (0..self.agent_count(state) as u16).collect();
        let symmetry = self.symmetry();
        for class in &self.classes {
            if !symmetry.is_in_kernel(state, class) {
                for (&place, from) in class.iter().zip(order(state, class)) {
                    places[place] = from as u16;
                }
            }
        }
        places
    }
}

/// The classes of equal threads, and what else sorting needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Symmetry<'w> {
    classes: &'w [Vec<usize>],
    /// Places of objects that know who holds them.
    held_objects: &'w [usize],
    infos: &'w [LocalInfo],
}

/// The new name of a holder, if it has one.
pub(crate) type Renaming<'r> = &'r dyn Fn(Holder) -> Option<Holder>;

impl Symmetry<'_> {
    /// Sorts the threads of each class. `number_of` gives the number of an object after a renaming; `None` if it has
    /// none, which leaves the state half sorted.
    #[inline(always)]
    pub(crate) fn sort(
        &self,
        state: &mut State,
        number_of: impl FnMut(u32, Renaming<'_>) -> Option<u32>,
    ) -> Option<()> {
        match self.classes.is_empty() {
            true => Some(()),
            false => self.sort_classes(state, number_of),
        }
    }

    fn sort_classes(
        &self,
        state: &mut State,
        mut number_of: impl FnMut(u32, Renaming<'_>) -> Option<u32>,
    ) -> Option<()> {
        for class in self.classes {
            if class.is_sorted_by_key(|&thread| state.0[thread]) || self.is_in_kernel(state, class)
            {
                continue;
            }
            let order = order(state, class);
            let numbers: SmallVec<[u32; 16]> = order.iter().map(|&t| state.0[t]).collect();
            for (&place, number) in class.iter().zip(numbers) {
                state.0[place] = number;
            }
            let renamed = |holder: Holder| {
                let Holder::Thread(thread) = holder else {
                    return None;
                };
                let position = order.iter().position(|&from| from == usize::from(thread))?;
                Some(Holder::Thread(class[position] as u16))
            };
            for &place in self.held_objects {
                state.0[place] = number_of(state.0[place], &renamed)?;
            }
        }
        Some(())
    }

    fn is_in_kernel(&self, state: &State, class: &[usize]) -> bool {
        let inside = |&thread: &usize| self.infos[state.0[thread] as usize].in_kernel;
        class.iter().any(inside)
    }
}

/// The threads of a class by their local states' numbers; a static thread's place is its own number.
fn order(state: &State, class: &[usize]) -> SmallVec<[usize; 16]> {
    let pair = |&thread: &usize| u64::from(state.0[thread]) << 32 | thread as u64;
    let mut pairs: SmallVec<[u64; 16]> = class.iter().map(pair).collect();
    pairs.sort_unstable();
    pairs
        .iter()
        .map(|&pair| (pair & u64::from(u32::MAX)) as usize)
        .collect()
}

/// The object with its holder renamed; `None` if it stays as it is.
pub(crate) fn rename(object: &Object, renamed: Renaming<'_>) -> Option<Object> {
    let (Object::Mutex(Some(holder)) | Object::Once(Once::Running(holder))) = object else {
        return None;
    };
    let other = renamed(*holder).filter(|other| other != holder)?;
    Some(match object {
        Object::Once(_) => Object::Once(Once::Running(other)),
        _ => Object::Mutex(Some(other)),
    })
}
