//! Races: pairs of steps of one execution that could come in the other order, and the executions in which they do.

use super::past::Past;
use super::wakeup::{Planned, may_begin};
use super::{Event, Search};
use xous_sim_step::{Choice, Footprint, Model};

impl<M: Model> Search<'_, '_, M> {
    /// Looks for races of the steps that are new, and of the steps that never came, and notes what they owe.
    pub(super) fn reverse_races(&mut self) -> Result<(), M::Error> {
        for later in self.fresh..self.events.len() {
            let choice = self.events[later].planned.choice;
            let waits = self.model.may_wait(&self.nodes[later].state, choice.agent);
            for earlier in self.racing(later, waits) {
                let sequence = self.independent_of(earlier);
                self.reverse(earlier, &sequence, choice)?;
            }
        }
        self.reverse_unborn()
    }

    /// The steps that race with the one at `later`: those in conflict with it that nothing else puts in order. A step
    /// that may wait races with all that its own agent had not seen.
    fn racing(&self, later: usize, waits: bool) -> Vec<usize> {
        let Planned { choice, footprint } = self.events[later].planned;
        let mut ordered = self.own_past(choice.agent, later);
        let mut racing = Vec::new();
        for earlier in (0..later).rev() {
            if ordered.contains(earlier) || !self.conflicts(earlier, footprint) {
                continue;
            }
            racing.push(earlier);
            if !waits {
                ordered.add(earlier, &self.events[earlier].past);
            }
        }
        racing
    }

    fn conflicts(&self, event: usize, footprint: Footprint) -> bool {
        self.events[event].planned.footprint.conflicts(footprint)
    }

    /// The last step of an agent before `end`, and what happened before it.
    fn own_past(&self, agent: u16, end: usize) -> Past {
        let mut past = Past::default();
        if let Some(last) = self.last_of(agent, end) {
            past.add(last, &self.events[last].past);
        }
        past
    }

    fn last_of(&self, agent: u16, end: usize) -> Option<usize> {
        let own = |event: &Event| event.planned.choice.agent == agent;
        self.events[..end].iter().rposition(own)
    }

    /// Steps that agents were about to take when the execution ended, or when they were ended.
    fn reverse_unborn(&mut self) -> Result<(), M::Error> {
        let end = self.events.len();
        let agents = self.model.agents(&self.nodes[end].state) as u16;
        for agent in 0..agents {
            let is_enabled = self.nodes[end].enabled.iter().any(|c| c.agent == agent);
            let pending = self.last_pending(agent).filter(|_| !is_enabled);
            let Some(footprint) = pending else {
                continue;
            };
            let past = self.own_past(agent, end);
            for earlier in (0..end).rev().filter(|&event| !past.contains(event)) {
                if self.conflicts(earlier, footprint) {
                    self.let_be_born(earlier, Choice::of(agent), footprint)?;
                }
            }
        }
        Ok(())
    }

    /// What the step touches that an agent was about to take, but never took, when it last could.
    fn last_pending(&self, agent: u16) -> Option<Footprint> {
        let begin = self
            .last_of(agent, self.events.len())
            .map_or(0, |last| last + 1);
        let behind = self.nodes[begin..].iter().rev();
        let mut known = behind.filter(|node| agent < self.model.agents(&node.state) as u16);
        known.find_map(|node| self.model.pending(&node.state, agent))
    }

    /// Reverses `earlier` and a step that never came. Where others keep it from coming, they are left out, last one
    /// first, with all that happens after them.
    fn let_be_born(
        &mut self,
        earlier: usize,
        later: Choice,
        footprint: Footprint,
    ) -> Result<(), M::Error> {
        let mut sequence = self.independent_of(earlier);
        while !self.reverse(earlier, &sequence, later)? {
            let in_conflict = |event: &usize| self.conflicts(*event, footprint);
            let Some(last) = sequence.iter().copied().rfind(in_conflict) else {
                break;
            };
            let keeps = |event: &usize| *event != last && !self.events[*event].past.contains(last);
            sequence.retain(keeps);
        }
        Ok(())
    }

    /// Owes to the state before `earlier` an execution in which the events of `sequence` and then `later` come first,
    /// unless one is explored or owed. False if the agent of `later` cannot step there.
    fn reverse(
        &mut self,
        earlier: usize,
        sequence: &[usize],
        later: Choice,
    ) -> Result<bool, M::Error> {
        let planned = |&event: &usize| self.events[event].planned;
        let mut sequence: Vec<Planned> = sequence.iter().map(planned).collect();
        if self.is_asleep(earlier, later.agent, &sequence) {
            return Ok(true);
        }
        let Some(last) = self.try_out(earlier, &sequence, later)? else {
            return Ok(false);
        };
        sequence.push(last);
        let first = self.events[earlier].planned;
        let node = &mut self.nodes[earlier];
        let covered = |s: &super::Sleeper| may_begin(s.agent, s.footprint, &sequence);
        let commutes = may_begin(first.choice.agent, first.footprint, &sequence);
        if !commutes && !node.sleepers.iter().any(covered) {
            node.owed.insert(sequence);
        }
        Ok(true)
    }

    /// The events behind `earlier` that do not happen after it.
    fn independent_of(&self, earlier: usize) -> Vec<usize> {
        let behind = earlier + 1..self.events.len();
        behind
            .filter(|&event| !self.events[event].past.contains(earlier))
            .collect()
    }

    /// Whether an execution that begins with the sequence and then `agent` is explored already, going only by agents
    /// that take part in it: the others need to know what the last step touches.
    fn is_asleep(&self, at: usize, agent: u16, sequence: &[Planned]) -> bool {
        let takes_part = |a: u16| a == agent || sequence.iter().any(|step| step.choice.agent == a);
        let mut sleepers = self.nodes[at].sleepers.iter();
        sleepers.any(|s| takes_part(s.agent) && may_begin(s.agent, s.footprint, sequence))
    }

    /// Takes the steps of a sequence and then one of the agent of `later`; `None` if that agent cannot step there.
    fn try_out(
        &mut self,
        at: usize,
        sequence: &[Planned],
        later: Choice,
    ) -> Result<Option<Planned>, M::Error> {
        let mut state = self.nodes[at].state.clone();
        for step in sequence {
            self.model.apply(&mut state, step.choice)?;
        }
        let mut enabled = Vec::new();
        self.model.enabled(&state, &mut enabled)?;
        let own = enabled.iter().filter(|choice| choice.agent == later.agent);
        let Some(&choice) = own.clone().find(|&&c| c == later).or(own.clone().next()) else {
            return Ok(None);
        };
        let before = state.clone();
        self.model.apply(&mut state, choice)?;
        let footprint = self.model.footprint(&before, choice, &state);
        Ok(Some(Planned { choice, footprint }))
    }
}
