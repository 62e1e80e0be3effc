//! The queue against a literal transcription of the kernel's: slots, head, tail and both generation counters.

use proptest::prelude::*;
use xous_sim_kernel::{Caller, Error, Message, Pid, Queue, SlotIndex, Tid, Waiting};

const LENGTH: usize = 5;
const CLIENT: Caller = Caller {
    pid: Pid::KERNEL,
    tid: Tid::INITIAL,
};

/// A slot of the kernel's queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Slot {
    Empty,
    Message {
        blocking: bool,
        generation: u8,
        id: u64,
    },
    Waiting,
}

/// The kernel's queue (`kernel/src/server.rs`), as slow and as plain as it is described.
struct Naive {
    slots: [Slot; LENGTH],
    head: usize,
    tail: usize,
    head_generation: u8,
    tail_generation: u8,
}

impl Naive {
    fn new(generation: u8) -> Naive {
        let slots = [Slot::Empty; LENGTH];
        Naive {
            slots,
            head: 0,
            tail: 0,
            head_generation: generation,
            tail_generation: generation,
        }
    }

    fn empty_slot(&mut self) -> Result<usize, Error> {
        let mut order = (self.head..LENGTH).chain(0..self.head);
        let slot = order
            .find(|slot| self.slots[*slot] == Slot::Empty)
            .ok_or(Error::ServerQueueFull)?;
        if slot == self.head {
            self.head = (self.head + 1) % LENGTH;
        }
        Ok(slot)
    }

    fn enqueue(&mut self, blocking: bool, id: u64) -> Result<usize, Error> {
        if self.tail_generation == self.head_generation.wrapping_sub(1) {
            return Err(Error::ServerQueueFull);
        }
        let slot = self.empty_slot()?;
        self.slots[slot] = Slot::Message {
            blocking,
            generation: self.tail_generation,
            id,
        };
        self.tail_generation = self.tail_generation.wrapping_add(1);
        Ok(slot)
    }

    fn enqueue_waiting(&mut self) -> Result<usize, Error> {
        let slot = self.empty_slot()?;
        self.slots[slot] = Slot::Waiting;
        Ok(slot)
    }

    fn take_next(&mut self) -> Option<(usize, u64)> {
        if self.tail_generation == self.head_generation {
            return None;
        }
        let mut order = (self.tail..LENGTH).chain(0..self.tail);
        let (slot, blocking, id) = order.find_map(|slot| match self.slots[slot] {
            Slot::Message {
                blocking,
                generation,
                id,
            } if generation == self.head_generation => Some((slot, blocking, id)),
            _ => None,
        })?;
        if slot == self.tail {
            self.tail = (self.tail + 1) % LENGTH;
        }
        self.slots[slot] = if blocking { Slot::Waiting } else { Slot::Empty };
        self.head_generation = self.head_generation.wrapping_add(1);
        Some((slot, id))
    }

    fn take_waiting(&mut self, slot: usize) -> Result<bool, Error> {
        if slot >= LENGTH {
            return Err(Error::BadAddress);
        }
        if self.slots[slot] != Slot::Waiting {
            return Ok(false);
        }
        self.slots[slot] = Slot::Empty;
        if slot == self.tail {
            self.tail = (self.tail + 1) % LENGTH;
            while self.tail != self.head && self.slots[self.tail] == Slot::Empty {
                self.tail = (self.tail + 1) % LENGTH;
            }
        }
        Ok(true)
    }
}

/// What is done to both queues.
#[derive(Clone, Debug)]
enum Operation {
    Enqueue { blocking: bool },
    EnqueueWaiting,
    TakeNext,
    TakeWaiting { slot: usize },
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => any::<bool>().prop_map(|blocking| Operation::Enqueue { blocking }),
        1 => Just(Operation::EnqueueWaiting),
        2 => Just(Operation::TakeNext),
        2 => (0..=LENGTH).prop_map(|slot| Operation::TakeWaiting { slot }),
    ]
}

fn message(blocking: bool, id: u64) -> Message {
    match blocking {
        true => Message::blocking_scalar(id, [0; 4]),
        false => Message::scalar(id, [0; 4]),
    }
}

fn apply(
    queue: &mut Queue,
    naive: &mut Naive,
    id: u64,
    operation: &Operation,
) -> Result<(), TestCaseError> {
    let index = |slot: SlotIndex| usize::from(slot.0);
    match *operation {
        Operation::Enqueue { blocking } => {
            let slot = queue
                .enqueue(LENGTH, CLIENT, message(blocking, id), 0)
                .map(index);
            prop_assert_eq!(slot, naive.enqueue(blocking, id));
        }
        Operation::EnqueueWaiting => {
            let waiting = Waiting {
                client: CLIENT,
                lent: None,
                forgotten: false,
            };
            let slot = queue.enqueue_waiting(LENGTH, waiting).map(index);
            prop_assert_eq!(slot, naive.enqueue_waiting());
        }
        Operation::TakeNext => {
            let next = queue
                .take_next()
                .map(|next| (index(next.slot), next.message.to_words()[0]));
            prop_assert_eq!(next, naive.take_next());
        }
        Operation::TakeWaiting { slot } => {
            let taken = queue.take_waiting(LENGTH, SlotIndex(slot as u16));
            prop_assert_eq!(taken.map(|taken| taken.is_some()), naive.take_waiting(slot));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_queue_behaves_like_the_kernels(
        generation in prop_oneof![Just(0), any::<u8>()],
        operations in prop::collection::vec(operation(), 1..400),
    ) {
        let (mut queue, mut naive) = (Queue::default(), Naive::new(generation));
        for (id, operation) in operations.iter().enumerate() {
            apply(&mut queue, &mut naive, id as u64, operation)?;
        }
    }
}
