//! Where a schedule does not fit its scenario, in the scenario's own words: threads by name, and what they are about to do.

use xous_sim_explore::{Departure, Execution};
use xous_sim_step::{Choice, Schedule};
use xous_sim_userland::behaviour::TraceError;
use xous_sim_userland::{At, State, World, describe};

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

/// Why the choice cannot be made.
fn chosen(world: &World<'_>, state: &State, choice: Choice, enabled: &[Choice]) -> String {
    let thread = usize::from(choice.agent);
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
    let thread = usize::from(picks[0].agent);
    let range = match picks {
        [only] => only.to_string(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    };
    let name = world.thread_name(state, thread);
    format!("{range} ({name}: {})", operation(world, state, thread))
}

fn operation(world: &World<'_>, state: &State, thread: usize) -> String {
    match world.operation(state, thread) {
        Some((op, source)) => format!("{} at {source}", describe::op(world.program(), &op)),
        None => "nothing".into(),
    }
}
