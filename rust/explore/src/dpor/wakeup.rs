//! Wake-up trees: the beginnings of executions that a search still owes to a state.
//!
//! Section 6.2 of P. A. Abdulla, S. Aronis, B. Jonsson and K. Sagonas, "Source Sets: A Foundation for Optimal Dynamic
//! Partial Order Reduction" (JACM 64, 2017). Departure: an agent that picks a value has a branch for each pick that is
//! owed something; wherever it is explored, it is explored with all its picks.

use xous_sim_step::{Choice, Footprint};

/// A step of a sequence, with what it reads and writes there.
#[derive(Clone, Copy, Debug)]
pub struct Planned<const W: usize = 1> {
    /// Who steps, and what it picks.
    pub choice: Choice,
    /// What the step touches where it stands in its sequence.
    pub footprint: Footprint<W>,
}

/// A step that is owed, and what is owed behind it. Behind a leaf everything is explored.
#[derive(Debug)]
pub struct Branch<const W: usize> {
    /// The step.
    pub step: Planned<W>,
    /// What is owed behind it.
    pub then: Tree<W>,
}

/// The branches, in the order in which they are explored.
#[derive(Debug, Default)]
pub struct Tree<const W: usize>(pub Vec<Branch<W>>);

/// Whether `step`, taken by an agent that is not in `sequence` yet, commutes with all of it.
fn commutes<const W: usize>(step: Footprint<W>, sequence: &[Planned<W>]) -> bool {
    !sequence.iter().any(|other| step.conflicts(other.footprint))
}

/// Whether an execution that begins with `sequence` may as well begin with a step of `agent` that touches `footprint`:
/// whether the agent is a weak initial of the sequence.
pub fn may_begin<const W: usize>(
    agent: u16,
    footprint: Footprint<W>,
    sequence: &[Planned<W>],
) -> bool {
    let own = sequence.iter().position(|step| step.choice.agent == agent);
    commutes(footprint, &sequence[..own.unwrap_or(sequence.len())])
}

impl<const W: usize> Tree<W> {
    /// A tree of one sequence.
    fn chain(sequence: &[Planned<W>]) -> Self {
        let behind = |then, &step| Self(vec![Branch { step, then }]);
        sequence.iter().rev().fold(Self::default(), behind)
    }

    /// Makes sure that an execution which begins like `sequence`, up to the order of independent steps, is owed. Leaves of the
    /// sequence what it found no place for.
    pub fn insert(&mut self, sequence: &mut Vec<Planned<W>>) {
        for branch in &mut self.0 {
            let Planned { choice, footprint } = branch.step;
            let own = sequence
                .iter()
                .position(|step| step.choice.agent == choice.agent);
            let picks_another = own.is_some_and(|own| sequence[own].choice != choice);
            if picks_another || !may_begin(choice.agent, footprint, sequence) {
                continue;
            }
            own.map(|own| sequence.remove(own));
            if !branch.then.0.is_empty() && !sequence.is_empty() {
                branch.then.insert(sequence);
            }
            return;
        }
        self.0.append(&mut Self::chain(sequence).0);
    }

    /// Takes all branches of one agent, that of the first branch.
    pub fn take_first(&mut self) -> Option<(u16, Vec<Branch<W>>)> {
        let agent = self.0.first()?.step.choice.agent;
        let of_agent = |branch: &mut Branch<W>| branch.step.choice.agent == agent;
        Some((agent, self.0.extract_if(.., of_agent).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes(agent: u16, place: usize) -> Planned {
        Planned {
            choice: Choice::of(agent),
            footprint: Footprint::NOTHING.writing(place),
        }
    }

    #[test]
    fn a_sequence_that_is_owed_up_to_the_order_of_independent_steps_adds_nothing() {
        let mut tree = Tree::default();
        tree.insert(&mut vec![writes(0, 0), writes(1, 1)]);
        tree.insert(&mut vec![writes(1, 1), writes(0, 0)]);
        assert_eq!(tree.0.len(), 1);
        assert_eq!(tree.0[0].then.0.len(), 1);
    }

    #[test]
    fn a_sequence_in_another_order_of_dependent_steps_is_a_branch_of_its_own() {
        let mut tree = Tree::default();
        tree.insert(&mut vec![writes(0, 0), writes(1, 0)]);
        tree.insert(&mut vec![writes(1, 0), writes(0, 0)]);
        assert_eq!(tree.0.len(), 2);
    }

    #[test]
    fn what_lies_behind_a_leaf_is_covered() {
        let mut tree = Tree::default();
        tree.insert(&mut vec![writes(0, 0)]);
        tree.insert(&mut vec![writes(0, 0), writes(1, 0)]);
        assert!(tree.0[0].then.0.is_empty());
    }
}
