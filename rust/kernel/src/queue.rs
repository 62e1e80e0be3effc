//! A server's queue: messages not yet received, and received calls not yet answered.
//!
//! The kernel keeps a page of slots with a head, a tail and two generation counters (`kernel/src/server.rs`). What a
//! program can see of them is the slot of each message (it is part of the sender word), the order, and when the queue is
//! full. Taking follows the generations, which is first in, first out, wherever a message lies; the tail only says where
//! the kernel starts to look. So this queue keeps the slots in use and the head, and neither the tail nor the counters:
//! queues that behave alike are equal. A property test compares it with a literal transcription.

use crate::error::Error;
use crate::ids::{Caller, SlotIndex};
use crate::message::{MemoryRange, Message};

/// A message that waits to be received.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Queued {
    /// Where it lies.
    pub slot: SlotIndex,
    /// Who sent it.
    pub client: Caller,
    /// The message as the server will see it.
    pub message: Message,
    /// Where the memory lay in the client; 0 for scalars.
    pub client_address: u64,
    /// Whether it is a lend whose sender died while it was queued; in a faithful hosted kernel, also a blocking scalar.
    pub forgotten: bool,
}

/// A received call that waits to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// Who waits.
    pub client: Caller,
    /// The lent memory; none for a scalar.
    pub lent: Option<Lent>,
    /// Whether its client died while it was queued: then nobody is answered, even if the PID is in use again. A faithful
    /// hosted kernel has forgotten that by the time it answers.
    pub forgotten: bool,
}

/// Memory that a server must give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lent {
    /// Where it lay in the client.
    pub client_address: u64,
    /// Where it lies in the server.
    pub range: MemoryRange,
}

/// The queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Queue {
    /// Where the search for an empty slot starts.
    head: u16,
    /// In the order of arrival.
    queued: Vec<Queued>,
    /// In the order of slots.
    waiting: Vec<(SlotIndex, Waiting)>,
}

impl Queue {
    /// The messages not yet received, oldest first.
    pub fn queued(&self) -> &[Queued] {
        &self.queued
    }

    /// Who has a message or an unanswered call in it, once for each.
    pub fn clients(&self) -> impl Iterator<Item = Caller> {
        let queued = self.queued.iter().map(|queued| queued.client);
        queued.chain(self.waiting.iter().map(|(_, waiting)| waiting.client))
    }

    /// The received calls not yet answered, by slot.
    pub fn waiting(&self) -> &[(SlotIndex, Waiting)] {
        &self.waiting
    }

    /// Queues a message for which no thread is parked.
    ///
    /// # Errors
    ///
    /// `ServerQueueFull` when each of the `length` slots holds a message or an unanswered call.
    pub fn enqueue(
        &mut self,
        length: usize,
        client: Caller,
        message: Message,
        client_address: u64,
    ) -> Result<SlotIndex, Error> {
        let slot = self.take_slot(length)?;
        self.queued.push(Queued {
            slot,
            client,
            message,
            client_address,
            forgotten: false,
        });
        Ok(slot)
    }

    /// Remembers a call that was handed to a parked thread directly.
    ///
    /// # Errors
    ///
    /// As for [`Queue::enqueue`].
    pub fn enqueue_waiting(&mut self, length: usize, waiting: Waiting) -> Result<SlotIndex, Error> {
        let slot = self.take_slot(length)?;
        self.wait_at(slot, waiting);
        Ok(slot)
    }

    /// Takes the oldest message; a blocking one leaves an unanswered call in its slot.
    pub fn take_next(&mut self) -> Option<Queued> {
        if self.queued.is_empty() {
            return None;
        }
        let next = self.queued.remove(0);
        if next.message.kind().is_blocking() {
            self.wait_at(
                next.slot,
                Waiting {
                    forgotten: next.forgotten,
                    ..Waiting::of(next.client, &next.message, next.client_address)
                },
            );
        }
        Some(next)
    }

    /// The unanswered call in a slot: error beyond the `length` of the queue, none where there is no such call.
    ///
    /// # Errors
    ///
    /// `BadAddress` for a slot beyond the queue.
    pub fn peek_waiting(&self, length: usize, slot: SlotIndex) -> Result<Option<&Waiting>, Error> {
        if usize::from(slot.0) >= length {
            return Err(Error::BadAddress);
        }
        Ok(self
            .position(slot)
            .map(|position| &self.waiting[position].1))
    }

    /// Forgets the unanswered call in a slot, which frees the slot.
    ///
    /// # Errors
    ///
    /// As for [`Queue::peek_waiting`].
    pub fn take_waiting(
        &mut self,
        length: usize,
        slot: SlotIndex,
    ) -> Result<Option<Waiting>, Error> {
        if usize::from(slot.0) >= length {
            return Err(Error::BadAddress);
        }
        Ok(self
            .position(slot)
            .map(|position| self.waiting.remove(position).1))
    }

    /// Rewrites the queued calls of a dead process, whose answers nobody waits for: they are forgotten, and blocking scalars
    /// become plain ones. It makes a difference that they were calls where `hosted` defects are modelled.
    pub(crate) fn disown(&mut self, is_dead: impl Fn(Caller) -> bool, hosted: bool) {
        for queued in self
            .queued
            .iter_mut()
            .filter(|queued| is_dead(queued.client))
        {
            match &queued.message {
                Message::BlockingScalar(body) => {
                    queued.message = Message::Scalar(*body);
                    queued.forgotten = hosted;
                }
                message => queued.forgotten |= message.kind().is_lend(),
            }
        }
    }

    fn position(&self, slot: SlotIndex) -> Option<usize> {
        self.waiting
            .binary_search_by_key(&slot, |(slot, _)| *slot)
            .ok()
    }

    fn wait_at(&mut self, slot: SlotIndex, waiting: Waiting) {
        let position = self.waiting.partition_point(|(other, _)| *other < slot);
        self.waiting.insert(position, (slot, waiting));
    }

    /// The first empty slot from the head on, wrapping; the head moves only past itself.
    fn take_slot(&mut self, length: usize) -> Result<SlotIndex, Error> {
        let length = length as u16;
        let slot = (self.head..length)
            .chain(0..self.head)
            .map(SlotIndex)
            .find(|slot| self.is_empty(*slot))
            .ok_or(Error::ServerQueueFull)?;
        if slot.0 == self.head {
            self.head = (self.head + 1) % length;
        }
        Ok(slot)
    }

    fn is_empty(&self, slot: SlotIndex) -> bool {
        self.position(slot).is_none() && self.queued.iter().all(|queued| queued.slot != slot)
    }
}

impl Waiting {
    /// The unanswered call that a blocking message leaves behind.
    pub fn of(client: Caller, message: &Message, client_address: u64) -> Waiting {
        let lent = message.memory().map(|body| Lent {
            client_address,
            range: body.range,
        });
        Waiting {
            client,
            lent,
            forgotten: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Pid, Tid};

    const CLIENT: Caller = Caller {
        pid: Pid::KERNEL,
        tid: Tid::INITIAL,
    };

    fn put(queue: &mut Queue, id: u64) -> Result<SlotIndex, Error> {
        queue.enqueue(4, CLIENT, Message::blocking_scalar(id, [0; 4]), 0)
    }

    fn id(queued: Option<Queued>) -> Option<u64> {
        queued.map(|queued| queued.message.to_words()[0])
    }

    #[test]
    fn messages_come_out_in_the_order_of_arrival_not_of_slots() {
        let mut queue = Queue::default();
        for id in 0..4 {
            put(&mut queue, id).expect("an empty slot");
        }
        assert_eq!(id(queue.take_next()), Some(0));
        assert!(
            queue
                .take_waiting(4, SlotIndex(0))
                .expect("in range")
                .is_some()
        );
        assert_eq!(put(&mut queue, 4), Ok(SlotIndex(0)));
        for expected in 1..5 {
            assert_eq!(id(queue.take_next()), Some(expected));
        }
        assert_eq!(queue.take_next(), None);
    }

    #[test]
    fn unanswered_calls_occupy_slots() {
        let mut queue = Queue::default();
        for id in 0..4 {
            put(&mut queue, id).expect("an empty slot");
            queue.take_next();
        }
        assert_eq!(put(&mut queue, 4), Err(Error::ServerQueueFull));
    }

    #[test]
    fn a_slot_beyond_the_queue_is_a_bad_address_and_an_empty_one_is_none() {
        let mut queue = Queue::default();
        assert_eq!(queue.take_waiting(4, SlotIndex(4)), Err(Error::BadAddress));
        assert_eq!(queue.take_waiting(4, SlotIndex(3)), Ok(None));
    }

    #[test]
    fn the_head_stays_when_another_slot_is_used() {
        let mut queue = Queue::default();
        for id in 0..4 {
            put(&mut queue, id).expect("an empty slot");
        }
        queue.take_next();
        queue.take_next();
        queue.take_waiting(4, SlotIndex(1)).expect("in range");
        assert_eq!(put(&mut queue, 4), Ok(SlotIndex(1)));
        queue.take_waiting(4, SlotIndex(0)).expect("in range");
        assert_eq!(put(&mut queue, 5), Ok(SlotIndex(0)));
    }
}
