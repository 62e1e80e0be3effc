//! A recording in the Trace Event Format, which the Perfetto UI and `chrome://tracing` import.
//!
//! "Trace Event Format" (Google, 2016): complete events (`X`) are steps, on a track for each thread and one for the
//! kernel; a flow (`s`, `f`) leads from a system call to the kernel's side of it; counters (`C`) are slots in use;
//! instants (`i`) are preemptions, faults and the violation. Departure: time is the step's number, a millisecond each,
//! because an interleaving has an order and no durations.

use crate::recording::{KERNEL, Recording, Step};
use crate::snapshot::Snapshot;
use serde_json::{Value, json};

/// Microseconds of a step, the format's unit.
const STEP: usize = 1000;
/// The kernel's own PID in Xous, which no process has.
const KERNEL_PID: u64 = 1;
/// For threads of no process; beyond all PIDs.
const NO_PROCESS: u64 = 1000;

/// The JSON text.
#[must_use]
pub fn perfetto(recording: &Recording) -> String {
    let actors = recording.actors();
    let mut events = names(recording, &actors);
    events.extend(counters(recording, &recording.before, 0));
    for (number, step) in recording.steps.iter().enumerate() {
        let tid = 1 + actors
            .iter()
            .position(|name| *name == step.thread)
            .unwrap_or(0);
        let track = (pid_of(recording, &step.thread), tid as u64);
        events.extend(step_events(number, step, track));
        events.extend(counters(recording, &step.after, number + 1));
    }
    events.extend(violation(recording));
    let document = json!({
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": { "scenario": recording.scenario, "schedule": recording.schedule },
    });
    format!("{document:#}\n")
}

/// Where a thread's track is: the PID of its process.
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
        name("process_name", KERNEL_PID, 0, KERNEL);
        name("thread_name", KERNEL_PID, 0, "system calls");
    }
    for process in &recording.processes {
        name("process_name", process.pid.into(), 0, &process.name);
    }
    let of_none = |actor: &&str| pid_of(recording, actor) == NO_PROCESS;
    if actors.iter().any(of_none) {
        name("process_name", NO_PROCESS, 0, &recording.scenario);
    }
    for (number, actor) in actors.iter().enumerate() {
        name(
            "thread_name",
            pid_of(recording, actor),
            number as u64 + 1,
            actor,
        );
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
        events.push(slice(KERNEL_PID, 0));
        events.push(flow("s", pid, tid, at));
        events.push(flow("f", KERNEL_PID, 0, at + STEP / 2));
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
            "ph": "C", "name": "connections", "cat": "state", "pid": process.pid, "tid": 0, "ts": number * STEP,
            "args": { "slots in use": own.count() },
        })
    };
    recording.processes.iter().map(of_process).collect()
}

fn violation(recording: &Recording) -> Option<Value> {
    let violation = recording.violation.as_ref()?;
    let last = recording.steps.last().map_or("", |step| &step.thread);
    let pid = pid_of(recording, last);
    let actors = recording.actors();
    let tid = actors
        .iter()
        .position(|name| *name == last)
        .map_or(0, |n| n + 1);
    let mut mark = instant(
        &violation.property,
        recording.steps.len() * STEP,
        (pid, tid as u64),
        "g",
    );
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
        assert_eq!(tracks, [1, 1, 1, 2, 2, 1, 2]);
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
