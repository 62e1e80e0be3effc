//! The steps: a stream sends, a vat reads the next message of a link, a call returns. Each is one function.
//!
//! What follows at once from a message happens in the step that reads it: a call begins, a call that waited for a Return
//! returns itself, the Finish that a Return asks for is sent. So a step is what an event loop does with one event.

use super::limit::{Limit, Release};
use super::message::{Id, Label, Message, Outcome};
use super::properties::{DROPPED, GAP, LOST, REFUSED};
use super::setup::{Call, Finish, Kind, Setup, Window};
use super::state::{Answer, End, EndId, Origin, Phase, Question, State};
use xous_sim_step::{Property, Violation};

/// The end at which the streams are.
pub const CALLER: EndId = EndId(0);

/// A step under way.
pub struct Step<'a> {
    pub setup: &'a Setup,
    pub state: &'a mut State,
    /// What it violates.
    pub violations: Vec<Violation>,
    /// Whether an adaptive window grows if this step is the one that can grow it.
    pub grow: bool,
}

impl Step<'_> {
    /// Stream `stream` sends its next call, with the Finish that its rule puts beside it.
    pub fn send_next(&mut self, stream: usize) {
        let rule = self.setup.streams[stream].finish;
        let number = self.state.streams[stream].next;
        if rule == Finish::BeforeNext && number > 0 {
            self.finish_call(stream, number - 1);
        }
        let call = self.setup.streams[stream].calls[usize::from(number)];
        let label = Label {
            stream: stream as u8,
            number,
            hop: 0,
        };
        let no_finish = rule == Finish::NotNeeded;
        let id = self.call(CALLER, label, call, Origin::Stream, false, no_finish);
        let progress = &mut self.state.streams[stream];
        progress.next += 1;
        progress.in_flight += call.words;
        progress.largest = progress.largest.max(call.words);
        if matches!(rule, Finish::Early | Finish::EarlyCancelling) && returns(call.kind) {
            self.finish(CALLER, id, rule == Finish::EarlyCancelling);
        }
    }

    /// Finishes an early call of a stream, if that was not done.
    fn finish_call(&mut self, stream: usize, number: u8) {
        let unfinished = |question: &Question| {
            let label = question.label;
            let own = question.origin == Origin::Stream && returns(question.kind);
            own && !question.finished
                && (usize::from(label.stream), label.number) == (stream, number)
        };
        if let Some((id, _)) = self.state.end(CALLER).find_question(unfinished) {
            self.finish(CALLER, id, false);
        }
    }

    /// Sends a Call.
    fn call(
        &mut self,
        from: EndId,
        label: Label,
        call: Call,
        origin: Origin,
        tail: bool,
        no_finish: bool,
    ) -> Id {
        let question = Question {
            label,
            origin,
            kind: call.kind,
            words: call.words,
            returned: false,
            finished: false,
        };
        let id = self.state.end_mut(from).ask(question);
        let message = Message::Call {
            id,
            label,
            kind: call.kind,
            words: call.words,
            result: call.result,
            tail,
            no_finish,
        };
        self.send(from, message);
        id
    }

    fn send(&mut self, from: EndId, message: Message) {
        let to = self.state.end_mut(from.peer());
        if !to.dropped {
            to.link.push_back(message);
        }
    }

    /// Sends Finish; a question that was answered is free then.
    pub fn finish(&mut self, from: EndId, id: Id, cancel: bool) {
        let question = self.state.end_mut(from).question(id);
        question.finished = true;
        let (label, over) = (
            question.label,
            question.returned || question.kind == Kind::PipelineOnly,
        );
        self.send(from, Message::Finish { id, label, cancel });
        if over {
            self.state.end_mut(from).forget_question(id);
        }
    }

    /// The vat at `end` reads the next message of its link.
    pub fn read(&mut self, end: EndId) {
        let link = &mut self.state.end_mut(end).link;
        let message = link.pop_front().expect("there is something to read");
        match message {
            Message::Call { .. } => self.read_call(end, message),
            Message::Return { id, outcome, .. } => self.read_return(end, id, outcome),
            Message::Finish { id, cancel, .. } => self.read_finish(end, id, cancel),
        }
    }

    fn read_call(&mut self, end: EndId, message: Message) {
        let Message::Call {
            id,
            label,
            kind,
            words,
            result,
            tail,
            no_finish,
        } = message
        else {
            unreachable!("only Calls are given to it");
        };
        let limit = self.setup.limits[end.vat()];
        let in_flight = self.state.end(end).in_flight + words;
        let refused = matches!(limit, Limit::Advertised { limit } if in_flight > limit);
        self.note_order(label, refused);
        let answer = Answer {
            label,
            kind,
            phase: Phase::Waiting,
            words,
            result,
            charged: !refused,
            finished: false,
            no_finish,
            tail: tail.then_some(None),
        };
        let at = self.state.end_mut(end);
        at.enter(id, answer);
        if refused {
            return self.reply(end, id, Outcome::Exception);
        }
        at.in_flight = in_flight;
        match limit {
            Limit::Words { limit, reading, .. } => at.stopped = reading.stops(in_flight, limit),
            Limit::Held { soft, hard } => {
                at.reported |= at.held() > soft;
                if at.held() > hard {
                    return self.drop_connection(end);
                }
            }
            _ => {}
        }
        self.begin_waiting(end);
    }

    /// Notes a refused call of a stream, and one that comes through behind it.
    fn note_order(&mut self, label: Label, refused: bool) {
        let stream = &mut self.state.streams[usize::from(label.stream)];
        if refused {
            stream.refused = true;
            let message = format!("Call {label} does not fit and comes back with an exception");
            self.violate(REFUSED, message);
        } else if label.hop == 0 && stream.refused {
            let message = format!("Call {label} is let in, although one before it was refused");
            self.violate(GAP, message);
        }
    }

    fn violate(&mut self, property: Property, message: String) {
        let violation = Violation::new(property, String::new(), message);
        self.violations.push(violation);
    }

    /// Lets calls begin whose turn it is.
    fn begin_waiting(&mut self, end: EndId) {
        let places = match self.setup.limits[end.vat()] {
            Limit::Requests { running, .. } => usize::from(running),
            _ => usize::MAX,
        };
        while self.state.end(end).running() < places {
            let waits = |answer: &Answer| answer.phase == Phase::Waiting;
            let answers = self.state.end(end).answers();
            let first = answers
                .filter(|(_, answer)| waits(answer))
                .min_by_key(|(_, answer)| answer.label);
            let Some((id, answer)) = first else {
                return;
            };
            let answer = *answer;
            self.begin(end, id, answer);
        }
    }

    fn begin(&mut self, end: EndId, id: Id, answer: Answer) {
        self.state.end_mut(end).answer(id).phase = Phase::Running;
        let mut onward = Call {
            kind: Kind::Plain { hops: 0 },
            words: answer.words,
            result: answer.result,
        };
        let label = Label {
            hop: answer.label.hop + 1,
            ..answer.label
        };
        match answer.kind {
            Kind::Plain { hops: 0 } | Kind::PipelineOnly | Kind::Endless => {}
            Kind::Plain { hops } => {
                onward.kind = Kind::Plain { hops: hops - 1 };
                let from = end.onward(self.setup.limits.len());
                self.state.end_mut(end).answer(id).phase = Phase::Calling;
                self.call(from, label, onward, Origin::Answer(end, id), false, false);
            }
            Kind::Tail => {
                let tail = self.call(end, label, onward, Origin::Tail, true, false);
                self.reply(end, id, Outcome::TakeFrom(tail));
            }
        }
    }

    /// A call that runs has its result.
    pub fn complete(&mut self, end: EndId, id: Id) {
        let answer = self.state.end_mut(end).answer(id);
        match answer.tail {
            None => {
                let finish = !answer.no_finish;
                self.reply(end, id, Outcome::Result { finish });
            }
            Some(taker) => {
                answer.phase = Phase::Done;
                if let Some(question) = taker {
                    self.take_result(end, id, question);
                }
            }
        }
    }

    /// The result of a tail call goes to the question that was answered by it.
    fn take_result(&mut self, end: EndId, tail: Id, question: Id) {
        self.reply(end, tail, Outcome::Elsewhere);
        self.resolve(end, question, Outcome::Result { finish: true });
    }

    /// Sends Return, and frees what need not wait for the Finish.
    fn reply(&mut self, end: EndId, id: Id, outcome: Outcome) {
        let answer = self.state.end_mut(end).answer(id);
        answer.phase = Phase::Returned;
        if matches!(outcome, Outcome::Exception | Outcome::Cancelled) {
            answer.result = 0;
        }
        let (label, finished) = (answer.label, answer.finished);
        self.send(end, Message::Return { id, label, outcome });
        let over = finished || matches!(outcome, Outcome::Result { finish: false });
        let at_finish = matches!(
            self.setup.limits[end.vat()],
            Limit::Words {
                release: Release::Finish,
                ..
            }
        );
        if over || !at_finish {
            self.release(end, id);
        }
        if over {
            self.state.end_mut(end).forget_answer(id);
        }
        self.begin_waiting(end);
    }

    /// Gives the words of a call back; a reader that has stopped may go on.
    fn release(&mut self, end: EndId, id: Id) {
        let limit = self.setup.limits[end.vat()];
        let at = self.state.end_mut(end);
        let answer = at.answer(id);
        if !answer.charged {
            return;
        }
        answer.charged = false;
        at.in_flight -= answer.words;
        if let Limit::Words { limit, reading, .. } = limit {
            at.stopped &= !reading.wakes(at.in_flight, limit);
        }
    }

    fn read_return(&mut self, end: EndId, id: Id, outcome: Outcome) {
        if let Outcome::TakeFrom(tail) = outcome {
            let answer = self.state.end_mut(end).answer(tail);
            answer.tail = Some(Some(id));
            if answer.phase == Phase::Done {
                self.take_result(end, tail, id);
            }
            return;
        }
        self.resolve(end, id, outcome);
    }

    /// A question has its result: whoever asked goes on.
    fn resolve(&mut self, end: EndId, id: Id, outcome: Outcome) {
        let question = self.state.end_mut(end).question(id);
        question.returned = true;
        let question = *question;
        let no_finish = outcome == (Outcome::Result { finish: false });
        let rule = self.setup.streams[usize::from(question.label.stream)].finish;
        let at_once = question.origin != Origin::Stream || rule == Finish::AtReturn;
        if question.origin == Origin::Stream {
            self.acknowledge(question, outcome);
        }
        if question.finished || no_finish {
            self.state.end_mut(end).forget_question(id);
        } else if at_once || outcome == Outcome::Cancelled {
            self.finish(end, id, false);
        }
        if let Origin::Answer(at, call) = question.origin {
            let failed = outcome == Outcome::Exception;
            match failed {
                true => self.reply(at, call, Outcome::Exception),
                false => self.complete(at, call),
            }
        }
    }

    /// A stream reads a Return: its window opens.
    fn acknowledge(&mut self, question: Question, outcome: Outcome) {
        let number = usize::from(question.label.stream);
        let window = self.setup.streams[number].window;
        let stream = &mut self.state.streams[number];
        stream.in_flight -= question.words;
        stream.failed |= window != Window::None && outcome == Outcome::Exception;
        if let (Window::Adaptive { most, .. }, true) = (window, self.grow) {
            stream.window = stream.window.map(|window| (2 * window).min(most));
        }
    }

    fn read_finish(&mut self, end: EndId, id: Id, cancel: bool) {
        let answer = self.state.end_mut(end).answer(id);
        answer.finished = true;
        let answer = *answer;
        if answer.phase == Phase::Returned || answer.kind == Kind::PipelineOnly {
            self.release(end, id);
            self.state.end_mut(end).forget_answer(id);
            return self.begin_waiting(end);
        }
        if cancel {
            self.cancel(end, id, answer);
        }
    }

    fn cancel(&mut self, end: EndId, id: Id, answer: Answer) {
        if answer.kind != Kind::Endless {
            let message = format!("Call {} is cancelled before it has a result", answer.label);
            self.violate(LOST, message);
        }
        let from = end.onward(self.setup.limits.len());
        let made = Origin::Answer(end, id);
        let made_by_it = |question: &Question| question.origin == made;
        if let Some((nested, _)) = self.state.end(from).find_question(made_by_it) {
            self.state.end_mut(from).question(nested).origin = Origin::Nobody;
            self.finish(from, nested, true);
        }
        self.reply(end, id, Outcome::Cancelled);
    }

    /// The hard limit is exceeded: everything on this connection is over.
    fn drop_connection(&mut self, end: EndId) {
        let held = self.state.end(end).held();
        let message =
            format!("{held} words are held, more than the hard limit: the connection is dropped");
        self.violate(DROPPED, message);
        for side in [end, end.peer()] {
            let at = self.state.end_mut(side);
            let questions: Vec<Question> = at.questions().map(|(_, q)| *q).collect();
            *at = End {
                dropped: true,
                reported: at.reported,
                ..End::default()
            };
            for question in questions.iter().filter(|question| !question.returned) {
                self.fail(end, question);
            }
        }
    }

    /// What a question comes to whose connection is gone.
    fn fail(&mut self, end: EndId, question: &Question) {
        match question.origin {
            Origin::Stream => self.state.streams[usize::from(question.label.stream)].failed = true,
            Origin::Answer(at, call) if at != end && at != end.peer() => {
                self.reply(at, call, Outcome::Exception);
            }
            _ => {}
        }
    }
}

/// Whether a call of this kind returns unless something keeps it from returning; others are finished by their caller.
pub const fn returns(kind: Kind) -> bool {
    matches!(kind, Kind::Plain { .. } | Kind::Tail)
}
