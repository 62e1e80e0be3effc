//! Executions in words: who acts, what happens, what is on the links and in the tables.

use super::message::Message;
use super::model::{Agent, Capnp};
use super::state::{Answer, End, EndId, Phase, State};
use super::steps::CALLER;
use crate::tells::{Place, Tells, Told};
use xous_sim_step::Choice;

/// The vats' names, along the chain.
pub fn vat_name(vat: usize) -> char {
    char::from(b'A' + vat as u8)
}

/// Words, counted.
pub fn counted(words: u64) -> String {
    match words {
        1 => "1 word".into(),
        _ => format!("{words} words"),
    }
}

/// A link, by the vats that it joins.
fn link_name(end: EndId) -> String {
    format!("{}>{}", vat_name(end.peer().vat()), vat_name(end.vat()))
}

impl Tells for Capnp {
    fn tell(&self, before: &State, choice: Choice, after: &State) -> Told {
        let (agent, operation) = match self.agent(choice.agent) {
            Agent::Stream(stream) => self.tell_stream(before, stream, choice.pick),
            Agent::Reader(end) => {
                let head = before.end(end).link.front();
                let what = head.map_or(String::new(), Message::to_string);
                (
                    format!("reader {}", link_name(end)),
                    format!("reads {what}"),
                )
            }
            Agent::Worker(end) => {
                let done = before.end(end).ready().nth(choice.pick.into());
                let answer = done.and_then(|id| before.end(end).answers[usize::from(id)]);
                let label = answer.map_or(String::new(), |answer| answer.label.to_string());
                (
                    format!("vat {}", vat_name(end.vat())),
                    format!("completes Call {label}"),
                )
            }
        };
        Told {
            agent,
            operation,
            result: consequences(before, after),
        }
    }

    fn show(&self, state: &State) -> Vec<Place> {
        state
            .end_ids()
            .flat_map(|end| {
                let at = state.end(end);
                let place = |name: String, contents| Place { name, contents };
                let messages = at.link.iter().map(Message::to_string).collect();
                let answers = at.answers().map(|(_, answer)| entry(answer)).collect();
                [
                    place(format!("link {}", link_name(end)), messages),
                    place(format!("answers of {}", table_name(end, state)), answers),
                ]
            })
            .collect()
    }
}

impl Capnp {
    fn tell_stream(&self, before: &State, stream: usize, pick: u16) -> (String, String) {
        let name = match self.setup.streams.len() {
            1 => "stream".into(),
            _ => format!("stream {stream}"),
        };
        let prefix = if stream > 0 {
            format!("{stream}:")
        } else {
            String::new()
        };
        let Some(n) = pick.checked_sub(1) else {
            let next = before.streams[stream].next;
            return (name, format!("sends Call {prefix}{next}"));
        };
        let id = self.finishable(before, stream)[usize::from(n)];
        let question = before.end(CALLER).questions[usize::from(id)];
        let label = question.map_or(String::new(), |question| question.label.to_string());
        (name, format!("sends Finish {label}"))
    }
}

/// Whose table it is; a vat between two others has two.
fn table_name(end: EndId, state: &State) -> String {
    let between = state.ends.len() > 2;
    let side = if between {
        format!(" for {}", vat_name(end.peer().vat()))
    } else {
        String::new()
    };
    format!("{}{side}", vat_name(end.vat()))
}

fn entry(answer: &Answer) -> String {
    let phase = match answer.phase {
        Phase::Waiting => "waits",
        Phase::Running => "runs",
        Phase::Calling => "calls",
        Phase::Done => "done",
        Phase::Returned => "returned",
    };
    format!("{} {phase}", answer.label)
}

/// What else a step did: messages that it sent, words in flight that it changed, a reader that stopped or went on.
fn consequences(before: &State, after: &State) -> String {
    let ends = after.end_ids();
    ends.flat_map(|end| changes(end, before.end(end), after.end(end)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn changes(end: EndId, before: &End, after: &End) -> Vec<String> {
    let vat = vat_name(end.vat());
    let mut list = Vec::new();
    if before.in_flight != after.in_flight {
        list.push(format!("{vat} has {} in flight", counted(after.in_flight)));
    }
    match (before.stopped, after.stopped) {
        (false, true) => list.push(format!("{vat} stops reading")),
        (true, false) => list.push(format!("{vat} reads again")),
        _ => {}
    }
    if !before.reported && after.reported {
        list.push(format!("{vat} reports that the soft limit is exceeded"));
    }
    if !before.dropped && after.dropped {
        list.push(format!("{vat} loses the connection"));
    }
    list
}
