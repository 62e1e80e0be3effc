//! Livelocks are found where a fair scheduler cannot break a cycle, and only there.

use std::convert::Infallible;
use std::time::Duration;
use xous_sim_explore::{Budget, Exhaustive, Limits, Report, Silent, Verdict};
use xous_sim_step::{Choice, Model, Unknown, Violation, Violations};

/// A graph: for each state, the agents that act and where each goes.
struct Drawn(Vec<Vec<(u16, usize)>>);

impl Model for Drawn {
    type State = usize;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<usize, Infallible> {
        Ok(0)
    }

    fn enabled(&mut self, state: &usize, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        choices.extend(self.0[*state].iter().map(|(agent, _)| Choice::of(*agent)));
        Ok(())
    }

    fn apply(&mut self, state: &mut usize, choice: Choice) -> Result<Violations, Infallible> {
        let step = self.0[*state]
            .iter()
            .find(|(agent, _)| *agent == choice.agent);
        *state = step.expect("an enabled agent acts").1;
        Ok(Violations::default())
    }

    fn fingerprint(&self, state: &usize) -> u128 {
        *state as u128 + 1
    }

    fn agents(&self, _: &usize) -> usize {
        3
    }

    fn check(&mut self, _: &usize, _: &[Choice]) -> Result<Option<Violation>, Infallible> {
        Ok(None)
    }
}

fn explore(steps: Vec<Vec<(u16, usize)>>) -> Report {
    let found = Exhaustive::default().run(&mut Drawn(steps), &mut Silent);
    found.expect("a drawn graph never fails")
}

#[test]
fn two_agents_that_undo_each_other_are_reported_with_their_loop() {
    let report = explore(vec![
        vec![(0, 1)],
        vec![(0, 2), (1, 2)],
        vec![(1, 1), (0, 1)],
    ]);
    assert_eq!(report.verdict, Verdict::Violated);
    let found = &report.counterexamples[0];
    assert_eq!(found.violation.property.0, "livelock");
    assert_eq!(
        (found.schedule.to_string(), found.repeats_from),
        ("x1:0*2.1".into(), Some(1))
    );
}

#[test]
fn a_cycle_that_an_agent_could_leave_at_any_time_is_fairly_left() {
    let report = explore(vec![vec![(0, 1), (1, 2)], vec![(0, 0), (1, 2)], vec![]]);
    assert_eq!(report.verdict, Verdict::Sound);
}

#[test]
fn a_cycle_that_an_agent_could_leave_again_and_again_is_fairly_left() {
    let report = explore(vec![vec![(0, 1), (1, 2)], vec![(0, 0)], vec![]]);
    assert_eq!(report.verdict, Verdict::Sound);
}

#[test]
fn a_fair_cycle_inside_an_unfair_one_is_found() {
    let report = explore(vec![
        vec![(0, 1), (2, 3)],
        vec![(0, 2), (1, 2)],
        vec![(0, 1), (1, 0)],
        vec![],
    ]);
    assert_eq!(report.counterexamples[0].repeats_from, Some(1));
}

#[test]
fn a_cycle_from_which_an_agent_leads_back_to_where_another_may_leave_is_fairly_left() {
    let report = explore(vec![
        vec![(0, 1), (2, 3)],
        vec![(0, 2), (1, 0)],
        vec![(0, 1)],
        vec![],
    ]);
    assert_eq!(report.verdict, Verdict::Sound);
}

#[test]
fn looking_for_a_livelock_ends_when_time_is_up() {
    let ring = |n| (0..n).map(|at| vec![(0, (at + 1) % n)]).collect();
    assert_eq!(explore(ring(10_000)).verdict, Verdict::Violated);
    let limits = Limits {
        deadline: Limits::after(Duration::ZERO),
        ..Limits::default()
    };
    let search = Exhaustive {
        limits,
        ..Exhaustive::default()
    };
    let report = search.run(&mut Drawn(ring(10_000)), &mut Silent);
    let report = report.expect("a drawn graph never fails");
    assert_eq!(
        (report.verdict, report.exhausted),
        (Verdict::Incomplete, Some(Budget::Time))
    );
}

/// A wait with a time-out: what agent 0 picks decides whether it goes round.
struct Picks {
    /// Where each pick leads to, by state.
    leads_to: Vec<[usize; 2]>,
    /// Whether every pick is made in the end, or only the first.
    free: bool,
}

impl Model for Picks {
    type State = usize;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<usize, Infallible> {
        Ok(0)
    }

    fn enabled(&mut self, state: &usize, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        let picks = self
            .leads_to
            .get(*state)
            .map_or(0, |picks| picks.len() as u16);
        choices.extend((0..picks).map(|pick| Choice { agent: 0, pick }));
        Ok(())
    }

    fn apply(&mut self, state: &mut usize, choice: Choice) -> Result<Violations, Infallible> {
        *state = self.leads_to[*state][usize::from(choice.pick)];
        Ok(Violations::default())
    }

    fn fingerprint(&self, state: &usize) -> u128 {
        *state as u128 + 1
    }

    fn agents(&self, _: &usize) -> usize {
        1
    }

    fn is_made_in_the_end(&self, _: &usize, choice: Choice) -> bool {
        self.free || choice.pick == 0
    }

    fn check(&mut self, _: &usize, _: &[Choice]) -> Result<Option<Violation>, Infallible> {
        Ok(None)
    }
}

fn choose(leads_to: Vec<[usize; 2]>, free: bool) -> Report {
    let found = Exhaustive::default().run(&mut Picks { leads_to, free }, &mut Silent);
    found.expect("a drawn graph never fails")
}

#[test]
fn a_cycle_that_some_pick_leaves_is_left_in_the_end() {
    assert_eq!(choose(vec![[0, 1]], true).verdict, Verdict::Sound);
    assert_eq!(choose(vec![[1, 0]], false).verdict, Verdict::Sound);
}

#[test]
fn a_pick_that_need_never_be_made_leaves_no_cycle() {
    let report = choose(vec![[0, 1]], false);
    assert_eq!(report.counterexamples[0].violation.property.0, "livelock");
}

#[test]
fn a_loop_is_told_with_all_that_is_picked_in_it() {
    let report = choose(vec![[1, 2], [0, 0], [0, 0]], true);
    let found = &report.counterexamples[0];
    let picks = |state: usize| {
        found
            .schedule
            .0
            .iter()
            .skip(state)
            .step_by(2)
            .map(|c| c.pick)
    };
    assert_eq!(found.repeats_from, Some(0));
    assert!(picks(0).any(|pick| pick == 0) && picks(0).any(|pick| pick == 1));
}
