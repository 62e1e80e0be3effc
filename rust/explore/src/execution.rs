//! One execution: a model driven along a given schedule.

use std::collections::BTreeSet;
use std::fmt;
use xous_sim_step::{Choice, Model, Schedule, Violation, Violations};

/// A schedule that does not fit the model: at `step` its choice is not enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The step, counted from 0.
    pub step: usize,
    /// What the schedule asks for.
    pub choice: Choice,
    /// What is possible there.
    pub enabled: Vec<Choice>,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list: Vec<String> = self.enabled.iter().map(Choice::to_string).collect();
        write!(
            f,
            "the schedule departs from the scenario at step {}: it chooses {}, but {} can be chosen there",
            self.step + 1,
            self.choice,
            if list.is_empty() {
                "nothing".into()
            } else {
                list.join(", ")
            }
        )
    }
}

impl std::error::Error for Departure {}

/// What happened along a schedule.
pub struct Execution<S> {
    /// The states, one more than there are steps.
    pub states: Vec<S>,
    /// The violations on the way, each with the number of steps taken until it.
    pub violations: Vec<(usize, Violation)>,
    /// Switches away from an agent that could have gone on.
    pub preemptions: usize,
    /// The step from which on the schedule can be repeated for ever, if that was looked for.
    pub repeats_from: Option<usize>,
}

impl<S: Clone> Execution<S> {
    /// Follows `schedule`. The outer error is the model's own, the inner one a schedule that does not fit.
    pub fn follow<M: Model<State = S>>(
        model: &mut M,
        schedule: &Schedule,
    ) -> Result<Result<Self, Departure>, M::Error> {
        let mut execution = Self {
            states: vec![model.initial()?],
            violations: Vec::new(),
            preemptions: 0,
            repeats_from: None,
        };
        execution.note_all(&model.violated_at_first());
        let mut enabled = Vec::new();
        let mut previous: Option<Choice> = None;
        for (step, &choice) in schedule.0.iter().enumerate() {
            let mut state = execution.look(model, &mut enabled)?;
            if !enabled.contains(&choice) {
                return Ok(Err(Departure {
                    step,
                    choice,
                    enabled,
                }));
            }
            if choice.preempts(previous, &enabled) {
                execution.preemptions += 1;
            }
            if !choice.is_fault() {
                previous = Some(choice);
            }
            let violations = model.apply(&mut state, choice)?;
            execution.states.push(state);
            execution.note_all(&violations);
        }
        execution.look(model, &mut enabled)?;
        Ok(Ok(execution))
    }

    /// The same, and notes the livelock that the schedule may end in: the last state was there before, and since then
    /// every agent that could act has acted, and chosen freely all that it could where it did.
    pub fn follow_round<M: Model<State = S>>(
        model: &mut M,
        schedule: &Schedule,
    ) -> Result<Result<Self, Departure>, M::Error> {
        let mut followed = Self::follow(model, schedule)?;
        if let Ok(execution) = &mut followed {
            execution.look_back(model, schedule)?;
        }
        Ok(followed)
    }

    /// What is shown of the execution: so many steps, and what is violated at their end. Those are all steps if their end
    /// violates anything; else they end where something is violated first.
    pub fn shown(&self) -> (usize, Vec<Violation>) {
        let steps = self.states.len() - 1;
        let first = self.violations.first().map_or(steps, |(at, _)| *at);
        let end = match self.violations.last() {
            Some((last, _)) if *last == steps => steps,
            _ => first,
        };
        let at_end = self.violations.iter().filter(|(at, _)| *at == end);
        (
            end,
            at_end.map(|(_, violation)| violation.clone()).collect(),
        )
    }

    fn look_back<M: Model<State = S>>(
        &mut self,
        model: &mut M,
        schedule: &Schedule,
    ) -> Result<(), M::Error> {
        let Some((last, earlier)) = self.states.split_last().filter(|_| model.may_cycle()) else {
            return Ok(());
        };
        let fingerprint = model.fingerprint(last);
        let same = |state: &S| model.fingerprint(state) == fingerprint;
        let Some(begin) = earlier.iter().rposition(same) else {
            return Ok(());
        };
        let round = &schedule.0[begin..];
        let prints: Vec<u128> = earlier[begin..]
            .iter()
            .map(|s| model.fingerprint(s))
            .collect();
        let taken: BTreeSet<(u128, Choice)> =
            prints.iter().copied().zip(round.iter().copied()).collect();
        let (mut enabled, mut all_chosen) = (Vec::new(), true);
        for ((state, &print), taken_here) in earlier[begin..].iter().zip(&prints).zip(round) {
            let known = enabled.len();
            model.enabled(state, &mut enabled)?;
            all_chosen &= enabled[known..].iter().all(|&choice| {
                let passed_over =
                    choice.agent == taken_here.agent && !taken.contains(&(print, choice));
                !(passed_over && model.is_made_in_the_end(state, choice))
            });
        }
        enabled.retain(|choice| !choice.is_fault());
        let acts = |choice: &Choice| round.iter().any(|c| c.agent == choice.agent);
        if all_chosen && enabled.iter().all(acts) {
            let agents: BTreeSet<u16> = enabled.iter().map(|choice| choice.agent).collect();
            let agents: Vec<u16> = agents.into_iter().collect();
            let livelock = model.livelock(last, &agents);
            self.repeats_from = Some(begin);
            self.note(Some(livelock));
        }
        Ok(())
    }

    /// Checks the last state and lists what is enabled in it.
    fn look<M: Model<State = S>>(
        &mut self,
        model: &mut M,
        enabled: &mut Vec<Choice>,
    ) -> Result<S, M::Error> {
        let state = self
            .states
            .last()
            .expect("an execution has a state")
            .clone();
        enabled.clear();
        model.enabled(&state, enabled)?;
        let violation = model.check(&state, enabled)?;
        self.note(violation);
        Ok(state)
    }

    fn note_all(&mut self, violations: &Violations) {
        for violation in violations.iter() {
            self.note(Some(Violation::clone(violation)));
        }
    }

    fn note(&mut self, violation: Option<Violation>) {
        let steps = self.states.len() - 1;
        self.violations
            .extend(violation.map(|violation| (steps, violation)));
    }
}

/// The schedule that a search went along among representatives, in terms of the agents of the initial state.
pub fn actual_schedule<M: Model>(model: &mut M, schedule: &Schedule) -> Result<Schedule, M::Error> {
    let mut state = model.initial()?;
    let mut names = model.places(&state);
    model.canonicalize(&mut state);
    let mut actual = Schedule::default();
    for &choice in &schedule.0 {
        let name = |place: u16| names.get(usize::from(place)).copied().unwrap_or(place);
        actual.0.push(Choice {
            agent: name(choice.agent),
            ..choice
        });
        model.apply(&mut state, choice)?;
        names = model.places(&state).into_iter().map(name).collect();
        model.canonicalize(&mut state);
    }
    Ok(actual)
}
