//! The thread's deadlock, as a reader sees it.

use crate::cases::*;
use xous_sim_explore::{Execution, Exhaustive, Silent};
use xous_sim_neighbours::capnp::*;

#[test]
fn the_deadlock_of_the_thread_is_a_cycle_through_return_and_finish() {
    let limit = words(2, Release::Finish, Reading::V1);
    let report = explore(&pair(limit, vec![stream(4, 1, Finish::AtReturn)]));
    let found = &report.counterexamples[0];
    assert_eq!(found.violation.property, DEADLOCK);
    assert_eq!(
        found.violation.message,
        "A waits for Return 3, but B has not read Call 3; B does not read Call 3 with 3 words in flight and a limit of 2: \
         it waits for Finish 0, and Finish 0 is behind Call 3 on the link to B; which closes the cycle"
    );
}

#[test]
fn the_schedule_of_a_deadlock_replays_to_it() {
    let limit = words(2, Release::Finish, Reading::V2);
    let setup = pair(limit, vec![stream(4, 1, Finish::Later)]);
    let mut model = Capnp::new(setup).expect("a case with a meaning");
    let Ok(report) = Exhaustive::default().run(&mut model, &mut Silent);
    let found = &report.counterexamples[0];
    let Ok(followed) = Execution::follow(&mut model, &found.schedule);
    let followed = followed.expect("the schedule fits");
    let (steps, violation) = followed.violations.last().expect("it ends in a violation");
    assert_eq!(
        (*steps, violation),
        (found.schedule.0.len(), &found.violation)
    );
}
