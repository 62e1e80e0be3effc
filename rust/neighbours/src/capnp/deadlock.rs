//! Why nothing goes on: who waits for which message, and what that message is behind.
//!
//! The chain begins with a caller that has no Return, or with a link that nobody reads, and is followed until it comes to
//! something that it has met: that closes the cycle.

use super::limit::{Limit, Release};
use super::message::{Label, Message};
use super::model::Capnp;
use super::setup::Kind;
use super::state::{Answer, EndId, Origin, Phase, Progress, Question, State};
use super::steps::{CALLER, returns};
use super::tell::{counted, vat_name};

/// Something that somebody waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    /// The Return of a call that was made at this end.
    Return(EndId, Label),
    /// That the link to this end is read.
    Reading(EndId),
}

/// The sentence about a quiet state that should not be one; `None` if everything came to its end.
pub fn explain(model: &Capnp, state: &State) -> Option<String> {
    let first = begin(model, state)?;
    let mut met = Vec::new();
    let mut sentences = Vec::new();
    let mut next = Some(first);
    while let Some(awaited) = next.filter(|awaited| !met.contains(awaited)) {
        met.push(awaited);
        let (sentence, then) = reason(model, state, awaited);
        sentences.push(sentence);
        next = then;
    }
    if next.is_some() {
        sentences.push("which closes the cycle".into());
    }
    Some(sentences.join("; "))
}

/// Where to begin: with a caller that waits, a stream that cannot go on, or a link that is not read.
fn begin(model: &Capnp, state: &State) -> Option<Awaited> {
    let ends = || state.end_ids().filter(|&end| !state.end(end).dropped);
    let waits = |end: EndId| {
        let awaited =
            |question: &Question| !question.returned && question.kind != Kind::PipelineOnly;
        let (_, question) = state.end(end).find_question(awaited)?;
        Some(Awaited::Return(end, question.label))
    };
    let unread = |&end: &EndId| !state.end(end).link.is_empty();
    let unsent = || {
        let mut streams = state.streams.iter().zip(&model.setup.streams);
        let more = |progress: &Progress, calls: usize| usize::from(progress.next) < calls;
        let stuck = streams.any(|(at, stream)| more(at, stream.calls.len()) && !at.failed);
        stuck && !state.end(CALLER).dropped
    };
    ends()
        .find_map(waits)
        .or_else(|| ends().find(unread).map(Awaited::Reading))
        .or_else(|| unsent().then_some(Awaited::Reading(CALLER.peer())))
}

/// One link of the chain, and what it waits for in turn.
fn reason(model: &Capnp, state: &State, awaited: Awaited) -> (String, Option<Awaited>) {
    match awaited {
        Awaited::Return(end, label) => missing_return(state, end, label),
        Awaited::Reading(end) => unread(model, state, end),
    }
}

fn missing_return(state: &State, end: EndId, label: Label) -> (String, Option<Awaited>) {
    let (caller, callee) = (vat_name(end.vat()), vat_name(end.peer().vat()));
    let waits = format!("{caller} waits for Return {label}");
    let of_call = |message: &&Message| message.label() == label;
    let in_link = |end: EndId| state.end(end).link.iter().any(|message| of_call(&message));
    if in_link(end) {
        return (
            format!("{waits}, which {caller} does not read"),
            Some(Awaited::Reading(end)),
        );
    }
    if in_link(end.peer()) {
        let then = Some(Awaited::Reading(end.peer()));
        return (
            format!("{waits}, but {callee} has not read Call {label}"),
            then,
        );
    }
    let answers = state.end(end.peer()).answers();
    let answer = answers
        .map(|(_, answer)| answer)
        .find(|answer| answer.label == label);
    match answer.map(|answer| answer.phase) {
        Some(Phase::Calling) => {
            let made = Label {
                hop: label.hop + 1,
                ..label
            };
            let asks = state.end_ids().find(|&asking| {
                let mut questions = state.end(asking).questions();
                questions.any(|(_, question)| question.label == made)
            });
            let then = asks.map(|asking| Awaited::Return(asking, made));
            (
                format!("{waits}, and so Call {label} waits for Call {made}"),
                then,
            )
        }
        Some(Phase::Waiting) => (format!("{waits}, which waits for its turn"), None),
        _ => (waits, None),
    }
}

/// Why a link is not read.
fn unread(model: &Capnp, state: &State, end: EndId) -> (String, Option<Awaited>) {
    let at = state.end(end);
    let vat = vat_name(end.vat());
    let Some(head) = at.link.front() else {
        return (
            format!("the stream waits for room that {vat} does not make"),
            None,
        );
    };
    let (why, held) = match model.setup.limits[end.vat()] {
        Limit::Words { limit, release, .. } => {
            let why = format!(
                "with {} in flight and a limit of {limit}",
                counted(at.in_flight)
            );
            (why, pinned(state, end, release))
        }
        Limit::Requests { running, waiting } => {
            let why = format!("while {running} calls run and {waiting} wait");
            (why, pinned(state, end, Release::Return))
        }
        _ => ("because it cannot write".into(), None),
    };
    let stops = format!("{vat} does not read {head} {why}");
    match held {
        Some((reason, then)) => (format!("{stops}: {reason}"), then),
        None => (stops, None),
    }
}

/// A call whose words are not given back, and what it waits for.
fn pinned(state: &State, end: EndId, release: Release) -> Option<(String, Option<Awaited>)> {
    let charged = |answer: &&Answer| answer.charged && answer.phase != Phase::Waiting;
    let answers = || {
        state
            .end(end)
            .answers()
            .map(|(_, answer)| answer)
            .filter(charged)
    };
    let calls = |answer: &&Answer| answer.phase == Phase::Calling;
    let by_finish = |answer: &&Answer| {
        release == Release::Finish && answer.phase == Phase::Returned || !returns(answer.kind)
    };
    if let Some(answer) = answers().find(by_finish) {
        return Some(missing_finish(state, end, answer.label));
    }
    if let Some(answer) = answers().find(calls) {
        let then = state.end_ids().find_map(|asking| {
            let mut questions = state.end(asking).questions().map(|(_, question)| question);
            let made = |q: &&Question| {
                matches!(q.origin, Origin::Answer(..))
                    && q.label.number == answer.label.number
                    && q.label.hop == answer.label.hop + 1
            };
            questions
                .find(made)
                .map(|q| Awaited::Return(asking, q.label))
        });
        return Some((format!("Call {} has not returned", answer.label), then));
    }
    let tail = answers().find(|answer| answer.tail.is_some())?;
    let reason = format!(
        "the Return that takes the result of Tail call {} is unread",
        tail.label
    );
    Some((reason, Some(Awaited::Reading(end))))
}

fn missing_finish(state: &State, end: EndId, label: Label) -> (String, Option<Awaited>) {
    let vat = vat_name(end.vat());
    let link = &state.end(end).link;
    let is_it =
        |message: &Message| matches!(message, Message::Finish { .. }) && message.label() == label;
    let waits = format!("it waits for Finish {label}");
    match link.iter().position(is_it) {
        Some(0) => (waits, Some(Awaited::Reading(end))),
        Some(_) => {
            let head = link[0];
            let then = Some(Awaited::Reading(end));
            (
                format!("{waits}, and Finish {label} is behind {head} on the link to {vat}"),
                then,
            )
        }
        None => {
            let caller = end.peer();
            let questions = state.end(caller).questions();
            let unread = state
                .end(caller)
                .link
                .iter()
                .any(|message| message.label() == label);
            let then = unread.then_some(Awaited::Reading(caller));
            let known = questions.map(|(_, q)| q.label).any(|known| known == label);
            let why = match known {
                true => format!(", which {} has not sent", vat_name(caller.vat())),
                false => String::new(),
            };
            (format!("{waits}{why}"), then)
        }
    }
}
