//! Local descent from a schedule to a better one that comes to a goal, move by move.
//!
//! A move makes another list of choices out of the best schedule so far. The list is followed leniently: choices that are
//! not possible where their turn comes are skipped, and what comes after the violation is cut off. A list that violates
//! something else first is no better, where the violation is to stand alone. If what remains is better, it is the best
//! schedule from then on. What the descent ends with cannot be improved by one move, but need not
//! be the best of all.

use crate::effort::Effort;
use crate::goal::{Goal, Standing};
use crate::moves::Move;
use crate::walk::Walk;
use xous_sim_step::{Choice, Model, Schedule};

/// What is to become small: preemptions first, then steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Switches away from an agent that could have gone on.
    pub preemptions: usize,
    /// Choices.
    pub steps: usize,
}

impl Cost {
    /// That of no step.
    pub const NOTHING: Self = Self {
        preemptions: 0,
        steps: 0,
    };

    /// What any schedule is better than.
    pub const WORST: Self = Self {
        preemptions: usize::MAX,
        steps: usize::MAX,
    };

    /// The cost of one step more.
    pub fn step(self, preempts: bool) -> Self {
        Self {
            preemptions: self.preemptions + usize::from(preempts),
            steps: self.steps + 1,
        }
    }
}

/// A descent.
pub struct Descent<'a, M> {
    model: &'a mut M,
    goal: Goal<'a>,
    /// The best schedule so far.
    pub best: Schedule,
    /// Its cost; the worst as long as none comes to the goal.
    pub cost: Cost,
    /// What it may still spend.
    pub effort: Effort,
}

impl<'a, M: Model> Descent<'a, M> {
    /// Starts from `schedule`, which need not come to the goal.
    pub fn begin(
        model: &'a mut M,
        schedule: Schedule,
        goal: Goal<'a>,
        effort: impl Into<Effort>,
    ) -> Result<Self, M::Error> {
        let mut descent = Self {
            model,
            goal,
            best: schedule,
            cost: Cost::WORST,
            effort: effort.into(),
        };
        let begin = descent.best.0.clone();
        descent.attempt(&begin)?;
        Ok(descent)
    }

    /// Whether the best schedule comes to the goal.
    pub fn is_there(&self) -> bool {
        self.cost < Cost::WORST
    }

    /// Tries each way of each kind of move once; whether one led to a better schedule.
    pub fn improve(&mut self, kinds: &[Move]) -> Result<bool, M::Error> {
        let before = self.cost;
        for kind in kinds {
            let mut n = 0;
            while let Some(candidate) = kind(&self.best.0, n).filter(|_| !self.effort.is_below(1)) {
                // A better schedule has another n-th way.
                n += usize::from(!self.attempt(&candidate)?);
            }
        }
        Ok(self.cost < before)
    }

    /// Follows a list of choices; whether it led to a better schedule.
    fn attempt(&mut self, candidate: &[Choice]) -> Result<bool, M::Error> {
        let mut walk = Walk::begin(self.model)?;
        let mut cost = Cost::NOTHING;
        for choice in candidate {
            if self.goal.judge(&walk.violations) != Standing::UnderWay {
                break;
            }
            if !walk.enabled.contains(choice) {
                continue;
            }
            cost = cost.step(walk.preempts(*choice));
            if cost >= self.cost {
                return Ok(false);
            }
            walk.step(self.model, *choice)?;
            self.effort.spend();
        }
        let better = self.goal.judge(&walk.violations) == Standing::There;
        if better {
            (self.best, self.cost) = (walk.schedule, cost);
        }
        Ok(better)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shrink::MOVES;
    use crate::toy::reaching::Reaching;
    use crate::toy::{Op, Toy, programs};
    use crate::walk::random_walk;
    use proptest::prelude::*;
    use xous_sim_step::{Property, Violation};

    #[test]
    fn what_does_not_matter_is_dropped_and_what_does_is_joined() {
        let first = vec![Op::Write(0, 1), Op::Swap(0, 2), Op::Read(0), Op::Fail(9)];
        let mut toy = Toy::new(vec![first, vec![Op::Write(0, 2)], vec![Op::Read(1); 4]]);
        let violation = Violation::new(Property("fail"), "0 9".into(), String::new());
        for line in [
            "x1:2.0.2.1.2.0*3",
            "x1:0.2.1.0.2*2.0.2.0",
            "x1:2*3.0.1.0*2.2.0",
        ] {
            let schedule = line.parse().expect("a schedule");
            let Ok(mut descent) = Descent::begin(&mut toy, schedule, Goal::alone(&violation), 300);
            while descent.improve(&MOVES).expect("a toy never fails") {}
            assert_eq!(descent.best.to_string(), "x1:0.1.0*3");
        }
    }

    #[test]
    fn a_step_is_not_dropped_at_the_price_of_a_preemption() {
        let first = vec![Op::Write(0, 1), Op::Read(1), Op::Read(1)];
        let mut toy = Toy::new(vec![first, vec![Op::Read(0), Op::Fail(1)]]);
        let violation = Violation::new(Property("fail"), "1 1".into(), String::new());
        let schedule: Schedule = "x1:0*3.1*2".parse().expect("a schedule");
        let goal = Goal::alone(&violation);
        let Ok(mut descent) = Descent::begin(&mut toy, schedule.clone(), goal, 300);
        assert_eq!(descent.improve(&MOVES), Ok(false));
        assert_eq!(descent.best, schedule);
    }

    proptest! {
        #[test]
        fn it_never_gets_worse_and_comes_to_an_end(
            mut toy in programs(), seed: u64, steps in 0..12_usize,
        ) {
            let Ok(way) = random_walk(&mut toy, seed, steps);
            let mut model = Reaching::end_of(toy, &way, steps);
            let violation = Reaching::violation();
            let Ok(mut descent) = Descent::begin(&mut model, way, Goal::at_last(&violation), 10_000);
            prop_assert!(descent.is_there());
            let mut before = descent.cost;
            while descent.improve(&MOVES)? {
                prop_assert!(descent.cost < before);
                before = descent.cost;
            }
            prop_assert_eq!(descent.cost, before);
            prop_assert!(descent.effort.steps > 0);
        }
    }
}
