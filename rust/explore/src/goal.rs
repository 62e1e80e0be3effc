//! What a schedule is to come to: a violation, and nothing else before it where that can be had.

use xous_sim_step::{Violation, Violations};

/// The violation that a schedule is to end in.
#[derive(Clone, Copy)]
pub struct Goal<'v> {
    violation: &'v Violation,
    /// Whether it must be the first thing that the schedule violates.
    alone: bool,
}

/// Where an execution is on its way to a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not there yet.
    UnderWay,
    /// It has just come there.
    There,
    /// It has violated something else first.
    Astray,
}

impl<'v> Goal<'v> {
    /// The violation as the first one.
    pub fn alone(violation: &'v Violation) -> Self {
        Self {
            violation,
            alone: true,
        }
    }

    /// The violation, whatever else is violated before it.
    pub fn at_last(violation: &'v Violation) -> Self {
        Self {
            violation,
            alone: false,
        }
    }

    /// Where an execution is that has violated nothing that counts, and now this.
    pub fn judge(self, violations: &Violations) -> Standing {
        let mut found = violations.iter().map(|found| found.is_like(self.violation));
        match (self.alone, found.next()) {
            (_, None) => Standing::UnderWay,
            (_, Some(true)) => Standing::There,
            (true, Some(false)) => Standing::Astray,
            (false, Some(false)) if found.any(|is_it| is_it) => Standing::There,
            (false, Some(false)) => Standing::UnderWay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use xous_sim_step::Property;

    fn violation(name: &'static str) -> Violation {
        Violation::new(Property(name), String::new(), String::new())
    }

    #[test]
    fn what_stands_behind_another_violation_of_a_step_is_not_alone() {
        let judge = |found: &[&'static str]| {
            let mut violations = Violations::default();
            violations.extend(found.iter().map(|name| Arc::new(violation(name))));
            let leak = violation("leak");
            [Goal::alone(&leak), Goal::at_last(&leak)].map(|goal| goal.judge(&violations))
        };
        assert_eq!(judge(&[]), [Standing::UnderWay; 2]);
        assert_eq!(judge(&["leak", "severed"]), [Standing::There; 2]);
        assert_eq!(
            judge(&["severed", "leak"]),
            [Standing::Astray, Standing::There]
        );
        assert_eq!(judge(&["severed"]), [Standing::Astray, Standing::UnderWay]);
    }
}
