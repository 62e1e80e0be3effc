//! Where a schedule does not fit its scenario, in the scenario's own words: threads by name, and what they are about to do.

use crate::errors;
use crate::tracer::failed;
use xous_sim_explore::{Departure, Execution};
use xous_sim_step::{Choice, Schedule};
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::{Actor, At, State, World, describe};

/// A sentence about a schedule that departs, for whoever typed it.
pub fn in_words(
    world: &mut World<'_>,
    schedule: &Schedule,
    departure: &Departure,
) -> Result<String, TraceError> {
    let fits = Schedule(schedule.0[..departure.step].to_vec());
    let followed = Execution::follow(world, &fits)?.expect("the schedule fits up to its departure");
    let state = followed.states.last().expect("an execution has a state");
    let choice = departure.choice;
    Ok(format!(
        "the schedule departs from the scenario at step {}: it chooses {choice}, {}; {}",
        departure.step + 1,
        chosen(world, state, choice, &departure.enabled),
        possible(world, state, &departure.enabled),
    ))
}

/// Refuses a scenario that does not fit a schedule that another process made of it.
pub fn elsewhere<T>(
    world: &mut World<'_>,
    schedule: &Schedule,
    departure: &Departure,
) -> Result<T, TraceError> {
    let words = in_words(world, schedule, departure)?;
    Err(failed(errors::nondeterminism(format!(
        "the scenario is another one in another process, where {schedule} fits it: {words}. A scenario must depend on \
         nothing outside the simulator"
    ))))
}

/// Why the choice cannot be made.
fn chosen(world: &World<'_>, state: &State, choice: Choice, enabled: &[Choice]) -> String {
    let thread = match world.actor(choice) {
        Actor::Process(mortal) => return format!("but {}", fate(world, mortal, choice, "cannot")),
        Actor::Thread(thread) => thread,
    };
    let count = world.thread_count(state);
    if thread >= count {
        return format!("but there are {count} threads, numbered from 0");
    }
    let name = world.thread_name(state, thread);
    if enabled.iter().any(|c| c.agent == choice.agent) {
        return format!(
            "but {name} picks nothing like that: {}",
            operation(world, state, thread)
        );
    }
    let standing = match world.local(state, thread).at {
        At::Ended => "has ended".into(),
        At::Raised => "has ended with an exception".into(),
        At::Killed => "is no more".into(),
        At::Spinning(_) => "spins until something that it reads has changed".into(),
        At::Ready(_) | At::Blocked(_) => format!("waits in {}", operation(world, state, thread)),
    };
    format!("but {name} {standing}")
}

/// What can be chosen instead.
fn possible(world: &World<'_>, state: &State, enabled: &[Choice]) -> String {
    let runs = enabled.chunk_by(|a, b| a.agent == b.agent);
    let list: Vec<String> = runs.map(|run| one(world, state, run)).collect();
    match list.is_empty() {
        true => "no thread can go on there".into(),
        false => format!("what can be chosen there is {}", list.join(", or ")),
    }
}

fn one(world: &World<'_>, state: &State, picks: &[Choice]) -> String {
    let range = match picks {
        [only] => only.to_string(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    };
    let thread = match world.actor(picks[0]) {
        Actor::Process(mortal) => {
            return format!("{range} ({})", fate(world, mortal, picks[0], "can"));
        }
        Actor::Thread(thread) => thread,
    };
    let name = world.thread_name(state, thread);
    format!("{range} ({name}: {})", operation(world, state, thread))
}

/// What befalls a process that may die.
fn fate(world: &World<'_>, mortal: usize, choice: Choice, can: &str) -> String {
    let name = &world.program().environment.mortals[mortal].name;
    match choice.is_fault() {
        true => format!("{name} {can} die"),
        false => format!("{name} {can} start again"),
    }
}

fn operation(world: &World<'_>, state: &State, thread: usize) -> String {
    match world.operation(state, thread) {
        Some((op, source)) => format!(
            "{} at {source}",
            describe::op(world.program(), world.view(state).machine, &op)
        ),
        None => "nothing".into(),
    }
}
