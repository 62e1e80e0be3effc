//! The kinds of moves by which a schedule may get better: parts are dropped, or joined.

use std::collections::BTreeSet;
use std::ops::Range;
use xous_sim_step::Choice;

/// A kind of move: its `n`-th way to change a schedule; `None` if there are no more.
pub type Move = fn(&[Choice], usize) -> Option<Vec<Choice>>;

/// All but the steps of one agent.
pub fn without_agent(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
    let agents: BTreeSet<u16> = choices.iter().map(|choice| choice.agent).collect();
    let agent = agents.into_iter().nth(n)?;
    let others = choices.iter().filter(|choice| choice.agent != agent);
    Some(others.copied().collect())
}

/// All but one run: steps that one agent takes on end.
pub fn without_run(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
    let run = runs(choices).nth(n)?;
    Some([&choices[..run.start], &choices[run.end..]].concat())
}

/// All but one step.
pub fn without_step(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
    choices.get(n)?;
    Some([&choices[..n], &choices[n + 1..]].concat())
}

/// One run joined with the next run of its agent: first by moving that one up, then by moving this one back.
pub fn joined(choices: &[Choice], n: usize) -> Option<Vec<Choice>> {
    let (run, next) = pairs(choices).nth(n / 2)?;
    let mut joined = choices.to_vec();
    if n.is_multiple_of(2) {
        joined[run.end..next.end].rotate_right(next.len());
    } else {
        joined[run.start..next.start].rotate_left(run.len());
    }
    Some(joined)
}

/// Each run with the next one of its agent.
fn pairs(choices: &[Choice]) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
    runs(choices).filter_map(|run| {
        let agent = choices[run.start].agent;
        let rest = &choices[run.end..];
        let next = run.end + rest.iter().position(|choice| choice.agent == agent)?;
        let others = choices[next..].iter();
        let len = others.take_while(|choice| choice.agent == agent).count();
        Some((run, next..next + len))
    })
}

fn runs(choices: &[Choice]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut end = 0;
    choices.chunk_by(|a, b| a.agent == b.agent).map(move |run| {
        let start = end;
        end += run.len();
        start..end
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use xous_sim_step::Schedule;

    fn all(kind: Move, line: &str) -> Vec<String> {
        let schedule: Schedule = line.parse().expect("a schedule");
        let ways = (0..).map_while(|n| kind(&schedule.0, n));
        ways.map(|choices| Schedule(choices).to_string()).collect()
    }

    #[test]
    fn a_run_is_joined_with_the_next_of_its_agent_both_ways() {
        assert_eq!(all(joined, "x1:0*2.1.0"), ["x1:0*3.1", "x1:1.0*3"]);
        assert_eq!(all(joined, "x1:0.1*2.2"), [""; 0]);
    }

    #[test]
    fn parts_are_dropped_one_at_a_time() {
        let line = "x1:2.0*2.2";
        assert_eq!(all(without_agent, line), ["x1:2*2", "x1:0*2"]);
        assert_eq!(all(without_run, line), ["x1:0*2.2", "x1:2*2", "x1:2.0*2"]);
        let steps = ["x1:0*2.2", "x1:2.0.2", "x1:2.0.2", "x1:2.0*2"];
        assert_eq!(all(without_step, line), steps);
    }
}
