//! The model: which steps there are, and who takes them.
//!
//! Agents are, in this order, the streams, the readers (one for each end of a connection) and the workers (one for each
//! end, which decides when a call returns that needs nothing else).

use super::deadlock;
use super::limit::{Limit, Reading};
use super::message::{Message, Outcome};
use super::properties::{DEADLOCK, LEAK, MEMORY};
use super::setup::{Finish, Kind, Setup, SetupError, Window};
use super::state::{EndId, Origin, Question, State};
use super::steps::{CALLER, Step, returns};
use super::window::is_ready;
use crate::fingerprint::fingerprint;
use std::convert::Infallible;
use xous_sim_step::{Choice, Model, Unknown, Violation, Violations};

/// A case, ready to be explored.
#[derive(Clone, Debug)]
pub struct Capnp {
    pub(super) setup: Setup,
}

/// Who an agent is.
pub(super) enum Agent {
    Stream(usize),
    Reader(EndId),
    Worker(EndId),
}

impl Capnp {
    /// Refuses a case that has no meaning.
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        setup.check()?;
        Ok(Self { setup })
    }

    /// Who an agent is; numbers beyond all agents are workers of ends that there are not.
    pub(super) fn agent(&self, agent: u16) -> Agent {
        let streams = self.setup.streams.len();
        let ends = 2 * (self.setup.limits.len() - 1);
        match usize::from(agent) {
            stream if stream < streams => Agent::Stream(stream),
            reader if reader < streams + ends => Agent::Reader(EndId((reader - streams) as u8)),
            worker => Agent::Worker(EndId((worker - streams - ends) as u8)),
        }
    }

    /// How many ways the agent can go on.
    fn ways(&self, state: &State, agent: u16) -> Vec<u16> {
        match self.agent(agent) {
            Agent::Stream(stream) => {
                let sends = self.may_send(state, stream);
                let finishes = 1..=self.finishable(state, stream).len() as u16;
                sends.then_some(0).into_iter().chain(finishes).collect()
            }
            Agent::Reader(end) => match self.may_read(state, end) {
                false => vec![],
                true if self.may_grow(state, end) => vec![0, 1],
                true => vec![0],
            },
            Agent::Worker(end) => (0..state.end(end).ready().count() as u16).collect(),
        }
    }

    /// Whether a stream may send its next call.
    pub(super) fn may_send(&self, state: &State, stream: usize) -> bool {
        let progress = &state.streams[stream];
        let more = usize::from(progress.next) < self.setup.streams[stream].calls.len();
        let open = progress.window.is_none_or(|window| {
            progress.in_flight == 0 || is_ready(window, progress.in_flight, progress.largest)
        });
        let room = state.end(CALLER.peer()).link.len() < self.setup.link;
        more && open && room && !progress.failed && !state.end(CALLER).dropped
    }

    /// The questions that a stream may finish when it likes.
    pub(super) fn finishable(&self, state: &State, stream: usize) -> Vec<u16> {
        let later = self.setup.streams[stream].finish == Finish::Later;
        let may_finish = |q: &Question| {
            let own = q.origin == Origin::Stream && usize::from(q.label.stream) == stream;
            own && !q.finished && (!returns(q.kind) || (later && q.returned))
        };
        let questions = state.end(CALLER).questions();
        questions
            .filter(|(_, question)| may_finish(question))
            .map(|(id, _)| id)
            .collect()
    }

    /// Whether a reader goes on.
    pub(super) fn may_read(&self, state: &State, end: EndId) -> bool {
        let at = state.end(end);
        let Some(head) = at.link.front().filter(|_| !at.dropped) else {
            return false;
        };
        match (self.setup.limits[end.vat()], head) {
            (
                Limit::Words {
                    limit,
                    reading: Reading::Fitting,
                    ..
                },
                Message::Call { words, .. },
            ) => at.in_flight + words <= limit,
            (Limit::Requests { running, waiting }, Message::Call { .. }) => {
                at.running() < running.into() || at.waiting() < waiting.into()
            }
            _ => !at.stopped,
        }
    }

    /// Whether the next message opens an adaptive window that can grow.
    fn may_grow(&self, state: &State, end: EndId) -> bool {
        let Some(Message::Return { id, outcome, .. }) = state.end(end).link.front() else {
            return false;
        };
        let question = state
            .end(end)
            .questions
            .get(usize::from(*id))
            .copied()
            .flatten();
        question.is_some_and(|question| {
            let stream = usize::from(question.label.stream);
            let most = match self.setup.streams[stream].window {
                Window::Adaptive { most, .. } => most,
                _ => 0,
            };
            let smaller = state.streams[stream]
                .window
                .is_some_and(|window| window < most);
            question.origin == Origin::Stream && smaller && *outcome != Outcome::Exception
        })
    }

    /// Takes a step; returns what it violates.
    fn step(&self, state: &mut State, choice: Choice) -> Vec<Violation> {
        let agent = self.agent(choice.agent);
        let pick = usize::from(choice.pick);
        let finishable = match agent {
            Agent::Stream(stream) if pick > 0 => self.finishable(state, stream)[pick - 1],
            _ => 0,
        };
        let mut step = Step {
            setup: &self.setup,
            state,
            violations: Vec::new(),
            grow: pick == 1,
        };
        match agent {
            Agent::Stream(stream) if pick == 0 => step.send_next(stream),
            Agent::Stream(_) => {
                let kind = step.state.end_mut(CALLER).question(finishable).kind;
                step.finish(CALLER, finishable, kind == Kind::Endless);
            }
            Agent::Reader(end) => step.read(end),
            Agent::Worker(end) => {
                let ready = step.state.end(end).ready().nth(pick);
                step.complete(end, ready.expect("the choice is enabled"));
            }
        }
        step.violations
    }

    /// Whether all that a step sends has room, where that is asked for.
    fn has_room(&self, state: &State, choice: Choice) -> bool {
        if !self.setup.replies_wait {
            return true;
        }
        let mut after = state.clone();
        self.step(&mut after, choice);
        let mut links = state.ends.iter().zip(&after.ends);
        let fits = |(before, after): (&super::state::End, &super::state::End)| {
            after.link.len() <= self.setup.link.max(before.link.len())
        };
        links.all(fits)
    }
}

impl Model for Capnp {
    type State = State;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<State, Infallible> {
        Ok(State::initial(&self.setup))
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        for agent in 0..self.agents(state) as u16 {
            let ways = self.ways(state, agent).into_iter();
            let ways = ways.map(|pick| Choice { agent, pick });
            choices.extend(ways.filter(|&choice| self.has_room(state, choice)));
        }
        Ok(())
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, Infallible> {
        let mut violations = Violations::default();
        violations.extend(self.step(state, choice).into_iter().map(Into::into));
        Ok(violations)
    }

    fn fingerprint(&self, state: &State) -> u128 {
        fingerprint(state)
    }

    fn agents(&self, state: &State) -> usize {
        self.setup.streams.len() + 2 * state.ends.len()
    }

    fn may_cycle(&self) -> bool {
        false
    }

    fn check(
        &mut self,
        state: &State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, Infallible> {
        let violation = |property, message| Violation::new(property, String::new(), message);
        if let Some(message) = self.overfull(state) {
            return Ok(Some(violation(MEMORY, message)));
        }
        if !enabled.is_empty() {
            return Ok(None);
        }
        if let Some(message) = deadlock::explain(self, state) {
            return Ok(Some(violation(DEADLOCK, message)));
        }
        Ok(self.leaked(state).map(|message| violation(LEAK, message)))
    }
}
