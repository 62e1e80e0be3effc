//! States that wait to be expanded, first in, first out: in chunks, which threads take and leave whole.

use std::collections::VecDeque;

/// States of a chunk that is filled one by one.
const CHUNK: usize = 1 << 12;
/// A smaller chunk is not worth keeping apart from its neighbour.
const SMALL: usize = 1 << 5;

/// A queue of states.
pub struct Frontier<S> {
    chunks: VecDeque<VecDeque<S>>,
    len: usize,
    /// Memory of chunks that were taken last.
    spare: VecDeque<Vec<S>>,
}

impl<S> Default for Frontier<S> {
    fn default() -> Self {
        Self {
            chunks: VecDeque::new(),
            len: 0,
            spare: VecDeque::new(),
        }
    }
}

impl<S> Frontier<S> {
    /// How many states wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets the states that wait, but not how many they are: the search is over, and needs the memory.
    pub fn forget_states(&mut self) {
        self.chunks.clear();
        self.spare.clear();
    }

    /// The last in the queue.
    pub fn push(&mut self, state: S) {
        match self.chunks.back_mut() {
            Some(last) if last.len() < last.capacity() => last.push_back(state),
            _ => {
                let mut chunk = VecDeque::with_capacity(CHUNK);
                chunk.push_back(state);
                self.chunks.push_back(chunk);
            }
        }
        self.len += 1;
    }

    /// Empty lists for states that are going to be [appended](Self::append), whose memory was used before, which is quicker than
    /// new memory.
    pub fn lists(&mut self) -> impl Iterator<Item = Vec<S>> {
        std::iter::repeat_with(|| self.spare.pop_front().unwrap_or_default())
    }

    /// The last ones in the queue.
    pub fn append(&mut self, mut states: Vec<S>) {
        if states.len() < SMALL {
            states.drain(..).for_each(|state| self.push(state));
            self.spare.push_back(states);
        } else {
            self.len += states.len();
            self.chunks.push_back(states.into());
        }
    }

    /// The first in the queue.
    pub fn pop(&mut self) -> Option<S> {
        let first = self.chunks.front_mut()?;
        let state = first.pop_front();
        if first.is_empty() {
            self.chunks.pop_front();
        }
        self.len -= 1;
        state
    }

    /// The first ones in the queue, so many at most, and at least one if there is one.
    pub fn take(&mut self, at_most: usize) -> Vec<Vec<S>> {
        let mut taken = Vec::new();
        let mut left = at_most.max(1).min(self.len);
        self.len -= left;
        while left > 0 {
            let mut first = self.chunks.pop_front().expect("no chunk is empty");
            if first.len() > left {
                let rest = first.split_off(left);
                self.chunks.push_front(rest);
            }
            left -= first.len();
            taken.push(first.into());
        }
        taken
    }

    /// Puts states that were taken back in front of the others, but for the first `done`, whose memory can be used again.
    pub fn give_back(&mut self, taken: Vec<Vec<S>>, mut done: usize) {
        let mut back = Vec::new();
        for mut chunk in taken {
            let gone = chunk.len().min(done);
            chunk.drain(..gone);
            done -= gone;
            match chunk.is_empty() {
                true => self.spare.push_back(chunk),
                false => back.push(chunk),
            }
        }
        for chunk in back.into_iter().rev() {
            self.len += chunk.len();
            self.chunks.push_front(chunk.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Act {
        Push(usize),
        Append(usize),
        Pop,
        Take { at_most: usize, done: usize },
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            (1..200usize).prop_map(Act::Push),
            (0..3 * SMALL).prop_map(Act::Append),
            Just(Act::Pop),
            (0..2 * SMALL, 0..2 * SMALL).prop_map(|(at_most, done)| Act::Take { at_most, done }),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_queue(acts in prop::collection::vec(act(), 0..60)) {
            let mut frontier = Frontier::default();
            let mut queue = VecDeque::new();
            let mut next = 0..;
            for act in acts {
                match act {
                    Act::Push(count) => for n in next.by_ref().take(count) {
                        frontier.push(n);
                        queue.push_back(n);
                    },
                    Act::Append(count) => {
                        let mut states = frontier.lists().next().expect("there is always one");
                        prop_assert!(states.is_empty());
                        states.extend(next.by_ref().take(count));
                        queue.extend(&states);
                        frontier.append(states);
                    }
                    Act::Pop => prop_assert_eq!(frontier.pop(), queue.pop_front()),
                    Act::Take { at_most, done } => {
                        let taken = frontier.take(at_most);
                        let states = taken.concat();
                        prop_assert_eq!(states.len(), queue.len().min(at_most.max(1)));
                        prop_assert!(states.iter().eq(queue.iter().take(states.len())));
                        let done = done.min(states.len());
                        queue.drain(..done);
                        frontier.give_back(taken, done);
                    }
                }
                prop_assert_eq!(frontier.len(), queue.len());
                prop_assert_eq!(frontier.is_empty(), queue.is_empty());
            }
        }
    }
}
