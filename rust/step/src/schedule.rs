//! Schedules: the list of choices that alone reproduces an execution, and its one-line form.
//!
//! The line is `x1:` followed by runs of equal choices, separated by dots. A run is `agent`, `agent=pick` where the
//! agent also picked a value, and `*count` behind it where it is longer than one: `x1:0*3.1.0=2` is agent 0 three
//! times, agent 1 once, then agent 0 picking 2. `!3` is a fault that befalls agent 3: a process that dies, for instance.
//! It speaks of operations, never of byte code or of line numbers.

use std::fmt;
use std::str::FromStr;

/// One decision of a schedule: which agent acts, and what it picks where it has a choice of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Choice {
    /// The thread (or other actor) that takes the next step.
    pub agent: u16,
    /// Which of its possible results it gets; 0 where there is only one.
    pub pick: u16,
}

/// The pick of a fault; no agent has so many possible results of its own.
const FAULT: u16 = u16::MAX;

impl Choice {
    /// The next step of `agent`, which has only one result.
    #[must_use]
    pub const fn of(agent: u16) -> Self {
        Self { agent, pick: 0 }
    }

    /// A fault that befalls `agent`: it may happen, but nobody can rely on it.
    #[must_use]
    pub const fn fault(agent: u16) -> Self {
        Self { agent, pick: FAULT }
    }

    /// Whether this is a fault.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        self.pick == FAULT
    }

    /// Whether this choice, one of those `enabled`, stops the agent of the choice before although it could go on. A fault
    /// is no decision of a scheduler: it preempts nobody, and `previous` is the [last choice that is
    /// none](Schedule::last_step).
    #[must_use]
    pub fn preempts(self, previous: Option<Self>, enabled: &[Self]) -> bool {
        let goes_on = |before: Self| {
            let mut own = enabled.iter().filter(|choice| choice.agent == before.agent);
            own.any(|choice| !choice.is_fault())
        };
        !self.is_fault() && previous.is_some_and(|p| p.agent != self.agent && goes_on(p))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pick {
            FAULT => write!(f, "!{}", self.agent),
            0 => write!(f, "{}", self.agent),
            pick => write!(f, "{}={pick}", self.agent),
        }
    }
}

/// The choices of one execution, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Schedule(pub Vec<Choice>);

impl Schedule {
    /// The last choice that is no fault: whom the next choice may preempt.
    #[must_use]
    pub fn last_step(&self) -> Option<Choice> {
        let mut choices = self.0.iter();
        choices.rfind(|choice| !choice.is_fault()).copied()
    }

    /// Whether the schedule, where `enabled` is possible behind it, goes on with a choice that [preempts](Choice::preempts).
    #[must_use]
    pub fn is_preempted_by(&self, choice: Choice, enabled: &[Choice]) -> bool {
        choice.preempts(self.last_step(), enabled)
    }
}

/// A line that is not a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseScheduleError {
    /// The part that could not be read.
    pub part: String,
}

impl fmt::Display for ParseScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not part of a schedule: a schedule looks like x1:0*3.1.0=2.!3 (agents, *repetitions, =picks, !faults)",
            self.part
        )
    }
}

impl std::error::Error for ParseScheduleError {}

const PREFIX: &str = "x1:";
/// Longer runs than this cannot come from a search and would only eat memory.
const MAX_LENGTH: usize = 1 << 24;

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        for (i, run) in self.0.chunk_by(|a, b| a == b).enumerate() {
            let separator = if i == 0 { "" } else { "." };
            write!(f, "{separator}{}", run[0])?;
            if run.len() > 1 {
                write!(f, "*{}", run.len())?;
            }
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = ParseScheduleError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let error = |part: &str| ParseScheduleError { part: part.into() };
        let body = line
            .trim()
            .strip_prefix(PREFIX)
            .ok_or_else(|| error(line))?;
        let mut choices = Vec::new();
        for run in body.split('.').filter(|_| !body.is_empty()) {
            let (choice, count) = parse_run(run).ok_or_else(|| error(run))?;
            if choices.len() + count > MAX_LENGTH {
                return Err(error(run));
            }
            choices.extend(std::iter::repeat_n(choice, count));
        }
        Ok(Self(choices))
    }
}

fn parse_run(run: &str) -> Option<(Choice, usize)> {
    let (choice, count) = match run.split_once('*') {
        Some((choice, count)) => (choice, count.parse().ok().filter(|&n| n > 0)?),
        None => (run, 1),
    };
    let (agent, pick) = match (choice.strip_prefix('!'), choice.split_once('=')) {
        (Some(agent), _) => (agent, FAULT),
        (None, Some((agent, pick))) => (agent, pick.parse().ok().filter(|&n| n != FAULT)?),
        (None, None) => (choice, 0),
    };
    let agent = agent.parse().ok()?;
    Some((Choice { agent, pick }, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_parsing_and_printing() {
        for line in [
            "x1:",
            "x1:0",
            "x1:0*3.1.0=2",
            "x1:7=1*2.0",
            "x1:0.!3*2.!4.1",
        ] {
            let schedule: Schedule = line.parse().expect("a valid line");
            assert_eq!(schedule.to_string(), line);
        }
    }

    #[test]
    fn a_fault_preempts_nobody_and_is_nobodys_way_to_go_on() {
        let (zero, one, fault) = (Choice::of(0), Choice::of(1), Choice::fault(2));
        let all = [zero, one, fault];
        assert!(one.preempts(Some(zero), &all));
        assert!(!fault.preempts(Some(zero), &all));
        assert!(!one.preempts(Some(Choice::of(2)), &all));
        assert!(!one.preempts(None, &all) && !zero.preempts(Some(zero), &all));
    }

    #[test]
    fn whom_a_choice_preempts_acted_before_the_deaths_between() {
        let schedule: Schedule = "x1:1.0.!2*2".parse().expect("a schedule");
        let all = [Choice::of(0), Choice::of(1)];
        assert_eq!(schedule.last_step(), Some(Choice::of(0)));
        assert!(schedule.is_preempted_by(Choice::of(1), &all));
        assert!(!schedule.is_preempted_by(Choice::of(0), &all));
        assert!(!Schedule::default().is_preempted_by(Choice::of(0), &all));
    }

    #[test]
    fn a_line_that_is_no_schedule_names_the_part_that_is_wrong() {
        for (line, part) in [
            ("0.1", "0.1"),
            ("x1:0..1", ""),
            ("x1:0*0", "0*0"),
            ("x1:70000", "70000"),
            ("x1:!0=1", "!0=1"),
            ("x1:0=65535", "0=65535"),
            ("x1:0*99999999999", "0*99999999999"),
        ] {
            let error = line.parse::<Schedule>().expect_err("not a schedule");
            assert_eq!(error.part, part, "{line}");
        }
    }
}
