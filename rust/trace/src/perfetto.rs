//! A recording in the Trace Event Format, which the Perfetto UI and `chrome://tracing` import.
//!
//! "Trace Event Format" (Google, 2016): complete events (`X`) are steps, on a track for each thread and one for the
//! kernel; a flow (`s`, `f`) leads from a system call to the kernel's side of it; counters (`C`) are slots in use;
//! instants (`i`) are preemptions, faults and the violation. Departure: time is the step's number, a millisecond each,
//! because an interleaving has an order and no durations.
//!
//! Perfetto's importer (`src/trace_processor/importers/json`) reads less than the format allows, so what is written keeps
//! to this: no control characters, for which it has no escapes, and no text that ends in a backslash, which it takes for
//! one more escape; a flow's ends lie behind the slices that they belong to, because it reads events one by one; and a
//! thread's number belongs to one process only, because it names threads by their number alone.

use crate::recording::{KERNEL, Recording, Step};
use crate::snapshot::Snapshot;
use serde_json::{Value, json};

/// Microseconds of a step, the format's unit.
const STEP: usize = 1000;
/// The kernel's own PID in Xous, which no process has.
const KERNEL_PID: u64 = 1;
/// For threads of no process; beyond all PIDs.
const NO_PROCESS: u64 = 1000;
/// The number of the first thread: beyond those of processes, which are also those of what belongs to no thread.
const FIRST_THREAD: u64 = 1001;

/// The JSON text.
#[must_use]
pub fn perfetto(recording: &Recording) -> String {
    let actors = recording.actors();
    let mut events = names(recording, &actors);
    events.extend(counters(recording, &recording.before, 0));
    for (number, step) in recording.steps.iter().enumerate() {
        let track = track_of(recording, &actors, &step.thread);
        events.extend(step_events(number, step, track));
        events.extend(counters(recording, &step.after, number + 1));
    }
    events.extend(violation(recording));
    let mut document = json!({
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": { "scenario": recording.scenario, "schedule": recording.schedule },
    });
    make_readable(&mut document);
    format!("{document:#}\n")
}

/// Takes out of all texts what Perfetto does not read.
fn make_readable(value: &mut Value) {
    match value {
        Value::String(text) => {
            *text = text.replace(char::is_control, " ");
            if text.ends_with('\\') {
                text.push(' ');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(make_readable),
        Value::Object(fields) => fields.values_mut().for_each(make_readable),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A thread's track: the PID of its process, and a number of its own.
fn track_of(recording: &Recording, actors: &[&str], thread: &str) -> (u64, u64) {
    let number = actors.iter().position(|name| *name == thread).unwrap_or(0);
    (pid_of(recording, thread), FIRST_THREAD + number as u64)
}

/// The PID of a thread's process.
fn pid_of(recording: &Recording, thread: &str) -> u64 {
    let listed = recording
        .threads
        .iter()
        .find(|listed| listed.name == thread);
    let process = listed.and_then(|thread| thread.process.as_ref());
    let mut processes = recording.processes.iter();
    let process = process.and_then(|name| processes.find(|process| process.name == *name));
    process.map_or(NO_PROCESS, |process| process.pid.into())
}

/// Metadata: what tracks are called, in which order they stand.
fn names(recording: &Recording, actors: &[&str]) -> Vec<Value> {
    let mut events = Vec::new();
    let mut name = |what: &str, pid: u64, tid: u64, name: &str| {
        events.push(
            json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": { "name": name } }),
        );
    };
    if recording.kernel.is_some() {
        name("process_name", KERNEL_PID, KERNEL_PID, KERNEL);
        name("thread_name", KERNEL_PID, KERNEL_PID, "system calls");
    }
    for process in &recording.processes {
        let pid = process.pid.into();
        name("process_name", pid, pid, &process.name);
    }
    let of_none = |actor: &&str| pid_of(recording, actor) == NO_PROCESS;
    if actors.iter().any(of_none) {
        name("process_name", NO_PROCESS, NO_PROCESS, &recording.scenario);
    }
    for actor in actors {
        let (pid, tid) = track_of(recording, actors, actor);
        name("thread_name", pid, tid, actor);
    }
    events
}

fn step_events(number: usize, step: &Step, (pid, tid): (u64, u64)) -> Vec<Value> {
    let at = number * STEP;
    let source = step.source.as_ref();
    let source = source.map_or_else(String::new, |s| format!("{}:{}", s.file, s.line));
    let args = json!({ "step": number + 1, "result": step.result, "source": source });
    let slice = |pid: u64, tid: u64| {
        json!({
            "ph": "X", "name": step.operation, "cat": "step", "pid": pid, "tid": tid, "ts": at, "dur": STEP,
            "args": args,
        })
    };
    let mut events = vec![slice(pid, tid)];
    if step.acts_on.as_deref() == Some(KERNEL) && !step.is_fault() {
        let flow = |ph: &str, pid: u64, tid: u64, ts: usize| {
            json!({
                "ph": ph, "name": "system call", "cat": "call", "id": number, "pid": pid, "tid": tid, "ts": ts,
                "bp": "e",
            })
        };
        events.push(slice(KERNEL_PID, KERNEL_PID));
        events.push(flow("s", pid, tid, at));
        events.push(flow("f", KERNEL_PID, KERNEL_PID, at + STEP / 2));
    }
    if step.preempts {
        events.push(instant("preemption", at, (pid, tid), "t"));
    }
    if step.is_fault() {
        events.push(instant("fault", at, (pid, tid), "p"));
    }
    events
}

/// A point in time; `scope` says how far its mark reaches: a thread, a process, everything.
fn instant(name: &str, ts: usize, (pid, tid): (u64, u64), scope: &str) -> Value {
    json!({ "ph": "i", "name": name, "cat": "mark", "pid": pid, "tid": tid, "ts": ts, "s": scope })
}

/// How many slots of each process are in use.
fn counters(recording: &Recording, state: &Snapshot, number: usize) -> Vec<Value> {
    let of_process = |process: &crate::system::Process| {
        let own = state.used().filter(|slot| slot.process == process.name);
        json!({
            "ph": "C", "name": "connections", "cat": "state", "pid": process.pid, "tid": process.pid, "ts": number * STEP,
            "args": { "slots in use": own.count() },
        })
    };
    recording.processes.iter().map(of_process).collect()
}

fn violation(recording: &Recording) -> Option<Value> {
    let violation = recording.violation.as_ref()?;
    let last = recording.steps.last().map_or("", |step| &step.thread);
    let track = track_of(recording, &recording.actors(), last);
    let at = recording.steps.len() * STEP;
    let mut mark = instant(&violation.property, at, track, "g");
    mark["args"] = json!({ "message": violation.message });
    Some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::race;

    fn events(recording: &Recording) -> Vec<Value> {
        let document: Value = serde_json::from_str(&perfetto(recording)).expect("it is JSON");
        document["traceEvents"].as_array().expect("a list").clone()
    }

    #[test]
    fn each_step_is_a_slice_on_its_threads_track() {
        let events = events(&race());
        let slices = events.iter().filter(|e| e["ph"] == "X" && e["pid"] == 2);
        let tracks: Vec<u64> = slices.filter_map(|e| e["tid"].as_u64()).collect();
        assert_eq!(tracks, [1001, 1001, 1001, 1002, 1002, 1001, 1002]);
    }

    #[test]
    fn no_text_has_what_perfetto_does_not_read() {
        let mut value = json!([{ "name": "a\u{1b}[31m\nb\u{7f}\u{9b}c\\", "ts": 1 }, "ä"]);
        make_readable(&mut value);
        assert_eq!(value, json!([{ "name": "a [31m b  c\\ ", "ts": 1 }, "ä"]));
    }

    #[test]
    fn every_flow_that_begins_ends() {
        let ids = |ph: &str| {
            let events = events(&race());
            let flows = events.into_iter().filter(|e| e["ph"] == ph);
            flows.map(|e| e["id"].as_u64()).collect::<Vec<_>>()
        };
        assert_eq!(ids("s"), [1, 4, 5, 6].map(Some));
        assert_eq!(ids("s"), ids("f"));
    }

    #[test]
    fn nothing_is_left_out_of_an_empty_recording_but_what_it_does_not_have() {
        assert_eq!(events(&Recording::default()), Vec::<Value>::new());
    }
}
