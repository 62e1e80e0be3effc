//! Races: pairs of steps of one execution that could come in the other order, and the executions in which they do.

use super::event_set::EventSet;
use super::wakeup::{Planned, may_begin};
use super::{Event, Search};
use xous_sim_step::{Choice, Footprint, Model};

impl<M: Model, const W: usize> Search<'_, '_, M, W> {
    /// Looks for races of the steps that are new, and of the steps that never came, and notes what they owe.
    pub(super) fn reverse_races(&mut self) -> Result<(), M::Error> {
        for later in self.fresh..self.events.len() {
            let Event { planned, waits, .. } = self.events[later];
            for earlier in self.events[later].races.clone().before(later) {
                if waits && !self.may_come_without(earlier, later) {
                    continue;
                }
                self.gather(earlier);
                self.reverse(earlier, planned.choice)?;
            }
        }
        self.reverse_unborn()
    }

    /// Whether a step can be there before `earlier` and all that happens after that: it could be taken at once, or something
    /// in conflict with it, its agent's own steps among that, remains and may make it possible. What touches a place that
    /// `earlier` wrote happens after it, so nobody has to look there.
    fn may_come_without(&self, earlier: usize, later: usize) -> bool {
        let Planned { choice, footprint } = self.events[later].planned;
        let mut enabled = self.nodes[earlier].enabled.iter();
        if enabled.any(|other| other.agent == choice.agent) {
            return true;
        }
        let elsewhere = footprint.outside_writes_of(self.events[earlier].planned.footprint);
        let between = self.touched.conflicting(elsewhere);
        let mut between = between.before(later).take_while(|&event| event > earlier);
        between.any(|event| !self.events[event].past.contains(earlier))
    }

    fn conflicts(&self, event: usize, footprint: Footprint<W>) -> bool {
        self.events[event].planned.footprint.conflicts(footprint)
    }

    /// An event, if there is one, and what happened before it.
    pub(super) fn up_to(&self, event: Option<usize>) -> EventSet {
        let Some(event) = event else {
            return EventSet::default();
        };
        let mut past = self.events[event].past.clone();
        past.add(event);
        past
    }

    /// The last event of an agent.
    fn last_of(&self, agent: u16) -> Option<usize> {
        self.latest.get(usize::from(agent)).copied().flatten()
    }

    /// Steps that agents were about to take when the execution ended, or when they were ended.
    fn reverse_unborn(&mut self) -> Result<(), M::Error> {
        let end = self.events.len();
        let agents = self.model.agents(&self.nodes[end].state) as u16;
        for agent in 0..agents {
            if self.nodes[end]
                .enabled
                .iter()
                .any(|choice| choice.agent == agent)
            {
                continue;
            }
            let Some(footprint) = self.last_pending(agent) else {
                continue;
            };
            let mut unseen = self.touched.conflicting(footprint);
            unseen.remove_all(&self.up_to(self.last_of(agent)));
            for earlier in unseen.before(end) {
                self.let_be_born(earlier, Choice::of(agent), footprint)?;
            }
        }
        Ok(())
    }

    /// What the step touches that an agent was about to take, but never took, when it last could.
    fn last_pending(&self, agent: u16) -> Option<Footprint<W>> {
        let end = self.events.len();
        let at_end = self.model.pending(&self.nodes[end].state, agent);
        let begin = self.last_of(agent).map_or(0, |last| last + 1);
        let own = self.model.own_place(agent);
        let cut_off = || self.touched.conflicting(own).last_before(end) >= Some(begin);
        if at_end.is_some() || !cut_off() {
            return at_end;
        }
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
        footprint: Footprint<W>,
    ) -> Result<(), M::Error> {
        let independent = |&event: &usize| !self.events[event].past.contains(earlier);
        let mut events: Vec<usize> = (earlier + 1..self.events.len())
            .filter(independent)
            .collect();
        loop {
            self.sequence.clear();
            self.sequence
                .extend(events.iter().map(|&event| self.events[event].planned));
            if self.reverse(earlier, later)? {
                return Ok(());
            }
            let in_conflict = |event: &usize| self.conflicts(*event, footprint);
            let Some(last) = events.iter().copied().rfind(in_conflict) else {
                return Ok(());
            };
            let stays = |event: &usize| *event != last && !self.events[*event].past.contains(last);
            events.retain(stays);
        }
    }

    /// Puts the steps behind `earlier` that do not happen after it into the sequence.
    fn gather(&mut self, earlier: usize) {
        self.sequence.clear();
        let behind = self.events[earlier + 1..].iter();
        let independent = behind.filter(|event| !event.past.contains(earlier));
        self.sequence.extend(independent.map(|event| event.planned));
    }

    /// Owes to the state before `earlier` an execution in which the steps of the sequence and then `later` come first,
    /// unless one is explored or owed. False if the agent of `later` cannot step there.
    fn reverse(&mut self, earlier: usize, later: Choice) -> Result<bool, M::Error> {
        if self.is_asleep(earlier, later.agent) {
            return Ok(true);
        }
        let Some(last) = self.try_out(earlier, later)? else {
            return Ok(false);
        };
        self.sequence.push(last);
        let first = self.events[earlier].planned;
        let node = &mut self.nodes[earlier];
        let sequence = &self.sequence;
        let covered = |s: &super::Sleeper<W>| may_begin(s.agent, s.footprint, sequence);
        let commutes = may_begin(first.choice.agent, first.footprint, sequence);
        if !commutes && !node.sleepers.iter().any(covered) {
            node.owed.insert(&mut self.sequence);
        }
        Ok(true)
    }

    /// Whether an execution that begins with the sequence and then `agent` is explored already, going only by agents
    /// that take part in it: the others need to know what the last step touches.
    fn is_asleep(&self, at: usize, agent: u16) -> bool {
        let sequence = &self.sequence;
        let takes_part = |a: u16| a == agent || sequence.iter().any(|step| step.choice.agent == a);
        let mut sleepers = self.nodes[at].sleepers.iter();
        sleepers.any(|s| takes_part(s.agent) && may_begin(s.agent, s.footprint, sequence))
    }

    /// Takes the steps of the sequence and then one of the agent of `later`; `None` if that agent cannot step there.
    fn try_out(&mut self, at: usize, later: Choice) -> Result<Option<Planned<W>>, M::Error> {
        let node = &self.nodes[at];
        if self.sequence.is_empty() && own_choice(&node.enabled, later).is_none() {
            return Ok(None);
        }
        let mut state = node.state.clone();
        for step in &self.sequence {
            self.model.apply(&mut state, step.choice)?;
        }
        self.model
            .enabled_of(&state, later.agent, &mut self.enabled)?;
        let Some(choice) = own_choice(&self.enabled, later) else {
            return Ok(None);
        };
        let (_, footprint) = self.model.take(&mut state, choice)?;
        Ok(Some(Planned { choice, footprint }))
    }
}

/// The choice that is `like` another or, failing that, the first one of the same agent.
fn own_choice(enabled: &[Choice], like: Choice) -> Option<Choice> {
    let own = || enabled.iter().filter(|choice| choice.agent == like.agent);
    own()
        .find(|&&choice| choice == like)
        .or(own().next())
        .copied()
}
