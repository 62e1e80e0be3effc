//! What can go wrong, and how a state shows it.

use super::model::Capnp;
use super::state::State;
use super::tell::{counted, vat_name};
use xous_sim_step::Property;

/// Nothing can go on, and a message is unread or a call unanswered.
pub const DEADLOCK: Property = Property("deadlock");
/// All is over, and a table still has an entry.
pub const LEAK: Property = Property("leak");
/// A call was cancelled whose result was wanted.
pub const LOST: Property = Property("lost");
/// A call came back with an exception because of a limit.
pub const REFUSED: Property = Property("refused");
/// A call of a stream was let in behind one that was refused.
pub const GAP: Property = Property("gap");
/// A connection was dropped because of a limit.
pub const DROPPED: Property = Property("dropped");
/// A table holds more than there is memory.
pub const MEMORY: Property = Property("memory");

impl Capnp {
    /// What to say of a table that holds too much.
    pub(super) fn overfull(&self, state: &State) -> Option<String> {
        let memory = self.setup.memory?;
        let mut ends = state.end_ids();
        let end = ends.find(|&end| state.end(end).held() > memory)?;
        let at = state.end(end);
        Some(format!(
            "the answer table of {} holds {} in {} entries, with {} in flight",
            vat_name(end.vat()),
            counted(at.held()),
            at.answers().count(),
            counted(at.in_flight)
        ))
    }

    /// What to say of entries that nobody will ever free.
    pub(super) fn leaked(&self, state: &State) -> Option<String> {
        let mut ends = state.end_ids();
        let end = ends.find(|&end| state.end(end).answers().next().is_some())?;
        let at = state.end(end);
        Some(format!(
            "{} entries stay in the answer table of {} for ever, and hold {}",
            at.answers().count(),
            vat_name(end.vat()),
            counted(at.held())
        ))
    }
}
