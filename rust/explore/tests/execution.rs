//! What is shown of a schedule that is followed.

mod toy;

use toy::{Op, Toy};
use xous_sim_explore::Execution;

/// The subjects of what is violated at the end of what is shown, and how many steps that takes.
fn shown(line: &str) -> (usize, Vec<String>) {
    let mut toy = Toy::new(vec![vec![
        Op::Fail(0),
        Op::Read(0),
        Op::Fail(0),
        Op::Read(0),
    ]]);
    let schedule = line.parse().expect("a schedule");
    let Ok(followed) = Execution::follow(&mut toy, &schedule);
    let (steps, violations) = followed.expect("the schedule fits").shown();
    (steps, violations.into_iter().map(|v| v.subject).collect())
}

#[test]
fn a_line_is_shown_to_its_end_if_that_violates_anything() {
    assert_eq!(shown("x1:0"), (1, vec!["0 0".into()]));
    assert_eq!(shown("x1:0*3"), (3, vec!["0 0".into()]));
    assert_eq!(shown("x1:"), (0, vec![]));
}

#[test]
fn a_line_that_ends_well_is_shown_to_its_first_violation() {
    assert_eq!(shown("x1:0*2"), (1, vec!["0 0".into()]));
    assert_eq!(shown("x1:0*4"), (1, vec!["0 0".into()]));
}
