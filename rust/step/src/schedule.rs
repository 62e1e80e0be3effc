//! Schedules: the list of choices that alone reproduces an execution, and its one-line form.
//!
//! The line is `x1:` followed by runs of equal choices, separated by dots. A run is `agent`, `agent=pick` where the
//! agent also picked a value, and `*count` behind it where it is longer than one: `x1:0*3.1.0=2` is agent 0 three
//! times, agent 1 once, then agent 0 picking 2. It speaks of operations, never of byte code or of line numbers.

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

impl Choice {
    /// The next step of `agent`, which has only one result.
    #[must_use]
    pub const fn of(agent: u16) -> Self {
        Self { agent, pick: 0 }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pick {
            0 => write!(f, "{}", self.agent),
            pick => write!(f, "{}={pick}", self.agent),
        }
    }
}

/// The choices of one execution, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Schedule(pub Vec<Choice>);

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
            "{:?} is not part of a schedule: a schedule looks like x1:0*3.1.0=2 (agents, *repetitions, =picks)",
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
    let (agent, pick) = match choice.split_once('=') {
        Some((agent, pick)) => (agent, pick.parse().ok()?),
        None => (choice, 0),
    };
    let agent = agent.parse().ok()?;
    Some((Choice { agent, pick }, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_parsing_and_printing() {
        for line in ["x1:", "x1:0", "x1:0*3.1.0=2", "x1:7=1*2.0"] {
            let schedule: Schedule = line.parse().expect("a valid line");
            assert_eq!(schedule.to_string(), line);
        }
    }

    #[test]
    fn a_line_that_is_no_schedule_names_the_part_that_is_wrong() {
        for (line, part) in [
            ("0.1", "0.1"),
            ("x1:0..1", ""),
            ("x1:0*0", "0*0"),
            ("x1:70000", "70000"),
            ("x1:0*99999999999", "0*99999999999"),
        ] {
            let error = line.parse::<Schedule>().expect_err("not a schedule");
            assert_eq!(error.part, part, "{line}");
        }
    }
}
