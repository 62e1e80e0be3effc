//! Taking a breadth-first search up again where it was left.
//!
//! States are reached again and looked at again, because what a state must not be may have changed since.

use super::search::Search;
use crate::checkpoint::Checkpoint;
use crate::execution::Execution;
use crate::report::{Counterexample, Observer};
use crate::visited::StateNumber;
use std::collections::VecDeque;
use xous_sim_step::{Model, Schedule, Violation};

/// States that are reached again between two looks at memory.
const INTERVAL: usize = 1 << 10;

/// How taking a search up again went.
pub enum Resumed {
    /// It is where it was.
    Whole,
    /// The checkpoint belongs to another model.
    OfAnother,
    /// It does not fit into memory. The checkpoint is as good as before.
    OutOfMemory,
}

impl<M: Model, const W: usize> Search<'_, M, W> {
    /// What is to be kept of the search as it is.
    pub(super) fn checkpoint(&mut self) -> Checkpoint {
        self.store();
        let next = self.next();
        let mut checkpoint = Checkpoint {
            arrivals: self.visited.arrivals().collect(),
            expanded: self.lost_from.map_or(next, |lost| lost.min(next)),
            level_end: self.level_end,
            depth: self.depth,
            transitions: self.transitions,
            pruned: self.pruned,
            unsettled: self.relied_on_too_little() || !self.rehearsed,
            found: Vec::new(),
        };
        for counterexample in &self.counterexamples {
            checkpoint.note(counterexample);
        }
        checkpoint
    }

    /// Goes on from a checkpoint: takes the choices by which states were reached again, parents first.
    pub(super) fn resume(
        &mut self,
        checkpoint: &Checkpoint,
        observer: &mut dyn Observer<M::Error>,
    ) -> Result<Resumed, M::Error> {
        if !self.find_again(checkpoint)? {
            return Ok(Resumed::OfAnother);
        }
        let initial = self.frontier.pop().expect("a search begins with a state");
        let mut waiting = VecDeque::from([(0, initial)]);
        for (n, arrival) in checkpoint.arrivals.iter().enumerate() {
            if n.is_multiple_of(INTERVAL) && observer.lacks_memory_for(self.growth(false)) {
                return Ok(Resumed::OutOfMemory);
            }
            let before = arrival.parent.min(checkpoint.expanded);
            self.leave_behind(&mut waiting, before)?;
            if !self.arrive_again(arrival.parent, arrival.choice, &mut waiting)? {
                return Ok(Resumed::OfAnother);
            }
        }
        self.leave_behind(&mut waiting, checkpoint.expanded)?;
        waiting
            .into_iter()
            .for_each(|(_, state)| self.frontier.push(state));
        self.level_end = checkpoint.level_end;
        self.depth = checkpoint.depth;
        self.transitions = checkpoint.transitions;
        self.pruned = checkpoint.pruned;
        self.unsettled = checkpoint.unsettled || !self.rehearsed;
        Ok(Resumed::Whole)
    }

    /// Looks at the states before `end`, which were expanded and from which nothing new is reached any more.
    fn leave_behind(
        &mut self,
        waiting: &mut VecDeque<(StateNumber, M::State)>,
        end: StateNumber,
    ) -> Result<(), M::Error> {
        while waiting.front().is_some_and(|(number, _)| *number < end) {
            let (number, state) = waiting.pop_front().expect("there is a first one");
            self.look_at(number, &state)?;
        }
        Ok(())
    }

    /// Takes one choice again, of a state that waits; false if that cannot be.
    fn arrive_again(
        &mut self,
        parent: StateNumber,
        choice: xous_sim_step::Choice,
        waiting: &mut VecDeque<(StateNumber, M::State)>,
    ) -> Result<bool, M::Error> {
        let first = waiting.front().map_or(0, |(number, _)| *number);
        let place = parent.checked_sub(first).map(|place| place as usize);
        let Some((_, state)) = place.and_then(|place| waiting.get(place)) else {
            return Ok(false);
        };
        let mut state = state.clone();
        let mut enabled = Vec::new();
        self.model.enabled(&state, &mut enabled)?;
        if !enabled.contains(&choice) {
            return Ok(false);
        }
        self.model.apply(&mut state, choice)?;
        self.model.canonicalize(&mut state);
        if !self.visited.insert(self.model.fingerprint(&state)) {
            return Ok(false);
        }
        let number = self.visited.arrive(parent, choice);
        waiting.push_back((number, state));
        Ok(true)
    }

    /// Finds the counterexamples again.
    fn find_again(&mut self, checkpoint: &Checkpoint) -> Result<bool, M::Error> {
        let Some(schedules) = checkpoint.schedules() else {
            return Ok(false);
        };
        for (schedule, property, subject) in schedules {
            let is = |v: &Violation| v.property.0 == property && v.subject == subject;
            let Some(violation) = self.violation_at_end(&schedule, is)? else {
                return Ok(false);
            };
            let known = |found: &Counterexample| found.violation.is_like(&violation);
            if !self.counterexamples.iter().any(known) {
                self.counterexamples.push(Counterexample {
                    schedule,
                    violation,
                    repeats_from: None,
                });
            }
        }
        Ok(true)
    }

    fn violation_at_end(
        &mut self,
        schedule: &Schedule,
        is: impl Fn(&Violation) -> bool,
    ) -> Result<Option<Violation>, M::Error> {
        let Ok(followed) = Execution::follow(self.model, schedule)? else {
            return Ok(None);
        };
        let end = schedule.0.len();
        let mut found = followed.violations.into_iter();
        Ok(found
            .find_map(|(steps, violation)| (steps == end && is(&violation)).then_some(violation)))
    }
}
