//! A state: the links with their messages, the tables at both ends of each connection, how far the streams are.
//!
//! Connection c joins vats c and c + 1. Its ends are numbered 2c (left) and 2c + 1 (right); what is on its way to an end is
//! that end's link.

use super::message::{Id, Label, Message};
use super::setup::{Kind, Setup, Window};
use std::collections::VecDeque;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndId(pub u8);

impl EndId {
    /// The other end.
    pub const fn peer(self) -> Self {
        Self(self.0 ^ 1)
    }

    /// The vat that it belongs to.
    pub const fn vat(self) -> usize {
        self.0 as usize / 2 + self.0 as usize % 2
    }

    /// Where a call that arrived here goes on: along the chain, or back where the chain ends.
    pub const fn onward(self, vats: usize) -> Self {
        let (vat, from_left) = (self.vat(), self.0 % 2 == 1);
        match from_left {
            true if vat + 1 < vats => Self(2 * vat as u8),
            false if vat > 0 => Self(2 * (vat as u8 - 1) + 1),
            _ => self,
        }
    }
}

/// Who waits for a Return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A stream.
    Stream,
    /// A call that the same vat is answering, at this end.
    Answer(EndId, Id),
    /// The answer that a tail call took over.
    Tail,
    /// Nobody any longer: what it was for has been cancelled.
    Nobody,
}

/// A call that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    pub label: Label,
    pub origin: Origin,
    pub kind: Kind,
    pub words: u64,
    pub returned: bool,
    pub finished: bool,
}

/// Where a call is that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It waits for its turn.
    Waiting,
    /// It runs.
    Running,
    /// It waits for the Return of a call that it made.
    Calling,
    /// It has its result, which nobody has asked for yet: a tail call.
    Done,
    /// It has returned.
    Returned,
}

/// A call that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    pub label: Label,
    pub kind: Kind,
    pub phase: Phase,
    pub words: u64,
    pub result: u64,
    /// Whether its words count as in flight.
    pub charged: bool,
    /// Whether its Finish was read.
    pub finished: bool,
    pub no_finish: bool,
    /// For a tail call: the caller's own question that takes its result, once it is known.
    pub tail: Option<Option<Id>>,
}

impl Answer {
    /// Whether it takes one of the places for calls that run.
    pub const fn runs(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Calling | Phase::Done)
    }

    /// The words that its entry holds: the call while it is in flight, then the result, and one for the entry.
    pub const fn held(&self) -> u64 {
        let results = matches!(self.phase, Phase::Done | Phase::Returned);
        1 + if self.charged { self.words } else { 0 } + if results { self.result } else { 0 }
    }
}

/// One end of a connection, with what its vat keeps for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct End {
    /// On its way here, in order.
    pub link: VecDeque<Message>,
    pub questions: Vec<Option<Question>>,
    pub answers: Vec<Option<Answer>>,
    /// Words of the calls in flight, those that are charged.
    pub in_flight: u64,
    /// Whether the reader has stopped.
    pub stopped: bool,
    /// Whether it has reported that the soft limit was exceeded.
    pub reported: bool,
    /// Whether the connection is gone.
    pub dropped: bool,
}

impl End {
    /// The entries of the answer table.
    pub fn answers(&self) -> impl Iterator<Item = (Id, &Answer)> {
        let entries = self.answers.iter().enumerate();
        entries.filter_map(|(id, answer)| Some((id as Id, answer.as_ref()?)))
    }

    /// The entries of the question table.
    pub fn questions(&self) -> impl Iterator<Item = (Id, &Question)> {
        let entries = self.questions.iter().enumerate();
        entries.filter_map(|(id, question)| Some((id as Id, question.as_ref()?)))
    }

    /// The first question of which this holds.
    pub fn find_question(&self, holds: impl Fn(&Question) -> bool) -> Option<(Id, Question)> {
        let found = self.questions().find(|(_, question)| holds(question))?;
        Some((found.0, *found.1))
    }

    /// The words that the answer table holds.
    pub fn held(&self) -> u64 {
        self.answers().map(|(_, answer)| answer.held()).sum()
    }

    /// Calls that run.
    pub fn running(&self) -> usize {
        self.answers().filter(|(_, answer)| answer.runs()).count()
    }

    /// Calls that wait for their turn.
    pub fn waiting(&self) -> usize {
        let waits = |answer: &Answer| answer.phase == Phase::Waiting;
        self.answers().filter(|(_, answer)| waits(answer)).count()
    }

    /// Calls that return by themselves, in the order of their numbers.
    pub fn ready(&self) -> impl Iterator<Item = Id> {
        let leaf = |kind| matches!(kind, Kind::Plain { hops: 0 });
        let ready = move |answer: &Answer| answer.phase == Phase::Running && leaf(answer.kind);
        self.answers()
            .filter(move |(_, answer)| ready(answer))
            .map(|(id, _)| id)
    }

    /// Puts an entry at the lowest free number of the question table.
    pub fn ask(&mut self, question: Question) -> Id {
        let free = self.questions.iter().position(Option::is_none);
        let id = free.unwrap_or(self.questions.len());
        if id == self.questions.len() {
            self.questions.push(None);
        }
        self.questions[id] = Some(question);
        id as Id
    }

    /// Frees an entry of the question table.
    pub fn forget_question(&mut self, id: Id) {
        self.questions[usize::from(id)] = None;
        truncate(&mut self.questions);
    }

    /// Enters a call under the number that the caller gave it.
    pub fn enter(&mut self, id: Id, answer: Answer) {
        let id = usize::from(id);
        if id >= self.answers.len() {
            self.answers.resize(id + 1, None);
        }
        self.answers[id] = Some(answer);
    }

    /// Frees an entry of the answer table.
    pub fn forget_answer(&mut self, id: Id) {
        self.answers[usize::from(id)] = None;
        truncate(&mut self.answers);
    }

    /// An entry that is there.
    pub fn answer(&mut self, id: Id) -> &mut Answer {
        let entry = self.answers.get_mut(usize::from(id));
        entry
            .and_then(Option::as_mut)
            .expect("messages name calls that are in the table")
    }

    /// An entry that is there.
    pub fn question(&mut self, id: Id) -> &mut Question {
        let entry = self.questions.get_mut(usize::from(id));
        entry
            .and_then(Option::as_mut)
            .expect("messages name calls that are in the table")
    }
}

/// Drops free entries at the end of a table, so that equal tables are equal.
fn truncate<T>(table: &mut Vec<Option<T>>) {
    while table.last().is_some_and(Option::is_none) {
        table.pop();
    }
}

/// How far a stream is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The next call.
    pub next: u8,
    /// Words without a Return.
    pub in_flight: u64,
    /// The largest call so far.
    pub largest: u64,
    /// The window, where there is one.
    pub window: Option<u64>,
    /// Whether one of its calls was refused.
    pub refused: bool,
    /// Whether the failure of a call has ended it.
    pub failed: bool,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub(super) ends: Vec<End>,
    pub(super) streams: Vec<Progress>,
}

impl State {
    /// Before anything was sent.
    pub fn initial(setup: &Setup) -> Self {
        let stream = |window| Progress {
            next: 0,
            in_flight: 0,
            largest: 0,
            window,
            refused: false,
            failed: false,
        };
        let windows = setup.streams.iter().map(|stream| match stream.window {
            Window::None => None,
            Window::Fixed(window) => Some(window),
            Window::Adaptive { least, .. } => Some(least),
        });
        Self {
            ends: vec![End::default(); 2 * (setup.limits.len() - 1)],
            streams: windows.map(stream).collect(),
        }
    }

    /// One end.
    pub fn end(&self, end: EndId) -> &End {
        &self.ends[usize::from(end.0)]
    }

    /// One end.
    pub fn end_mut(&mut self, end: EndId) -> &mut End {
        &mut self.ends[usize::from(end.0)]
    }

    /// All ends.
    pub fn end_ids(&self) -> impl Iterator<Item = EndId> + use<> {
        (0..self.ends.len() as u8).map(EndId)
    }
}
