//! Persistent sets: choices of some agents that suffice, because nobody else will ever interfere with them.
//!
//! P. Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems" (LNCS 1032, 1996), section 4.4: the
//! closure of one agent under "may ever conflict with the next step of a member", as in W. Overman's algorithm. What
//! an agent may ever do comes from the model ([`Model::future`](xous_sim_step::Model::future)) and may grow while the search learns; whoever uses
//! these sets begins again if it did. A model that may cycle should foresee everything for agents that go round: then
//! no step is put off for ever (the "ignoring problem" of section 4.5).

use xous_sim_step::{Choice, Future};

/// Scratch space, kept from state to state.
#[derive(Default)]
pub struct Persistent {
    futures: Vec<Future>,
    members: Vec<bool>,
    smallest: Vec<bool>,
    open: Vec<usize>,
}

impl Persistent {
    /// Leaves only the choices of a persistent set with the fewest agents, of so many `agents` with these futures. True if
    /// anything was left out; `None` if a future is not known.
    pub fn reduce(
        &mut self,
        agents: usize,
        mut future: impl FnMut(u16) -> Option<Future>,
        choices: &mut Vec<Choice>,
    ) -> Option<bool> {
        if choices
            .iter()
            .all(|choice| choice.agent == choices[0].agent)
        {
            return Some(false);
        }
        self.futures.clear();
        for agent in 0..agents {
            self.futures.push(future(agent as u16)?);
        }
        if !self.find_smallest(choices) {
            return Some(false);
        }
        let before = choices.len();
        choices.retain(|choice| self.smallest[usize::from(choice.agent)]);
        Some(choices.len() < before)
    }

    /// Finds the smallest set that is the closure of an enabled agent. False if there is none.
    fn find_smallest(&mut self, choices: &[Choice]) -> bool {
        let mut fewest = usize::MAX;
        for of_agent in choices.chunk_by(|a, b| a.agent == b.agent) {
            if !self.close(usize::from(of_agent[0].agent)) {
                continue;
            }
            let size = self.members.iter().filter(|member| **member).count();
            if size < fewest {
                fewest = size;
                self.smallest.clone_from(&self.members);
            }
        }
        fewest < usize::MAX
    }

    /// Closes the set of one agent. False if it cannot be told who would have to belong to it.
    fn close(&mut self, seed: usize) -> bool {
        self.members.clear();
        self.members.resize(self.futures.len(), false);
        self.members[seed] = true;
        self.open.clear();
        self.open.push(seed);
        while let Some(member) = self.open.pop() {
            let Some(next) = self.futures[member].next else {
                return false;
            };
            for (other, future) in self.futures.iter().enumerate() {
                if !self.members[other] && future.all.conflicts(next) {
                    self.members[other] = true;
                    self.open.push(other);
                }
            }
        }
        true
    }
}
