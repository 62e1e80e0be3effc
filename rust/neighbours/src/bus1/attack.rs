//! Attacks: a system agent that everybody talks to, a victim who wants something of it, and attackers.

use super::bus::Accounting;
use std::fmt;

/// What the attackers do. None of them ever receives anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attackers {
    /// They send to the agent as long as nobody stops them.
    Flood,
    /// They send one request after another, and leave the replies in their queues.
    Ask,
    /// They subscribe, and leave the events in their queues.
    Subscribe,
    /// They send messages of any size.
    Chunk,
}

/// What the agent does when a reply or an event is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum OnRefusal {
    /// It drops the message.
    #[default]
    Drop,
    /// It disconnects the peer that has no room.
    Disconnect,
    /// It waits until there is room.
    Wait,
}

/// Who pays for events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Events {
    /// Whoever pays for messages that nobody asked for.
    #[default]
    Accounting,
    /// The subscriber, out of its own limits.
    Subscriber,
    /// The subscriber, with so many events reserved when it subscribes; an event without a credit is dropped.
    Credits(u8),
}

/// A case to explore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attack {
    /// Units that each user may have charged.
    pub limit: u64,
    /// Who pays.
    pub accounting: Accounting,
    /// What the attackers do.
    pub attackers: Attackers,
    /// How many users attack.
    pub uids: u8,
    /// Units that the victim wants to have in flight to the agent.
    pub wanted: u8,
    /// What the agent does when it is refused.
    pub on_refusal: OnRefusal,
    /// Who pays for events.
    pub events: Events,
    /// Events that the agent sends to its subscribers.
    pub event_count: u8,
    /// Whether one full subscriber lets the others have the event.
    pub past_refusals: bool,
}

/// A case that has no meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttackError(pub String);

impl fmt::Display for AttackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AttackError {}

/// Units of a limit at most: an attack takes as many steps.
const MAX_LIMIT: u64 = 64;
/// Attackers at most.
const MAX_UIDS: u8 = 16;
/// Messages of the victim, and events, at most.
const MAX_MESSAGES: u8 = 64;

impl Attack {
    /// Refuses what has no meaning or could not be explored.
    pub fn check(&self) -> Result<(), AttackError> {
        within("the limit", self.limit, 0, MAX_LIMIT)?;
        within(
            "the number of attackers",
            self.uids.into(),
            1,
            MAX_UIDS.into(),
        )?;
        within(
            "what the victim wants",
            self.wanted.into(),
            1,
            MAX_MESSAGES.into(),
        )?;
        within(
            "the number of events",
            self.event_count.into(),
            0,
            MAX_MESSAGES.into(),
        )
    }
}

fn within(what: &str, number: u64, least: u64, most: u64) -> Result<(), AttackError> {
    match (least..=most).contains(&number) {
        true => Ok(()),
        false => Err(AttackError(format!(
            "{what} must be from {least} to {most}, not {number}"
        ))),
    }
}
