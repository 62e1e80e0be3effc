//! States as the user's own properties see them: the shared part, without threads.

use crate::behaviour::TraceError;
use crate::machine::Machine;
use crate::object::Object;
use crate::state::State;
use crate::world::World;

/// The user's own properties.
pub trait Watcher {
    /// Looks at a state; a message if a property does not hold there.
    fn invariant(&mut self, view: &View<'_>) -> Result<Option<String>, TraceError>;
    /// Looks at a state in which all is quiet.
    fn finally(&mut self, view: &View<'_>) -> Result<Option<String>, TraceError>;
    /// Whether there is an invariant at all.
    fn has_invariant(&self) -> bool;
    /// Whether there is a final condition at all.
    fn has_finally(&self) -> bool;
}

/// The shared part of a state, to look at: of atomics the newest values.
pub struct View<'w> {
    /// The kernel and what belongs to it.
    pub machine: &'w Machine,
    /// The objects, 1 and up in the order of creation.
    pub objects: Vec<&'w Object>,
    /// Identifies the shared part: equal numbers, equal content.
    pub key: Vec<u32>,
}

impl World<'_> {
    /// The shared part of a state.
    pub fn view(&self, state: &State) -> View<'_> {
        let first = self.layout.object(0);
        let key = state.0[first..=first + self.program.objects.len()].to_vec();
        View {
            machine: &self.machines[key[0]],
            objects: key[1..].iter().map(|&n| &self.objects[n]).collect(),
            key,
        }
    }
}
