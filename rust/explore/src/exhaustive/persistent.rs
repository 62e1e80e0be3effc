//! Persistent sets: choices of some agents that suffice, because nobody else will ever interfere with them.
//!
//! P. Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems" (LNCS 1032, 1996), section 4.4: the
//! closure of one agent under "may ever conflict with the next step of a member", as in W. Overman's algorithm. What
//! an agent may ever do comes from the model ([`Model::future`](xous_sim_step::Model::future)) and may grow while the search learns; whoever uses
//! these sets begins again if it did. A model that may cycle should foresee everything for agents that go round: then
//! no step is put off for ever (the "ignoring problem" of section 4.5).

use xous_sim_step::Future;

/// Scratch space, kept from state to state.
#[derive(Default)]
pub struct Persistent<const W: usize> {
    futures: Vec<Future<W>>,
    members: Vec<bool>,
    smallest: Vec<bool>,
}

impl<const W: usize> Persistent<W> {
    /// Leaves only the choices of a persistent set with the fewest agents, of so many `agents` with these futures. True if
    /// anything was left out; `None` if a future is not known.
    pub fn reduce<T>(
        &mut self,
        agents: usize,
        mut future: impl FnMut(u16) -> Option<Future<W>>,
        choices: &mut Vec<T>,
        agent_of: impl Fn(&T) -> u16,
    ) -> Option<bool> {
        let agent_of = &agent_of;
        if (choices.iter().map(agent_of)).all(|agent| agent == agent_of(&choices[0])) {
            return Some(false);
        }
        self.futures.clear();
        for agent in 0..agents {
            self.futures.push(future(agent as u16)?);
        }
        if !self.find_smallest(choices.iter().map(agent_of)) {
            return Some(false);
        }
        let before = choices.len();
        choices.retain(|choice| self.smallest[usize::from(agent_of(choice))]);
        Some(choices.len() < before)
    }

    /// Finds the smallest set that is the closure of an enabled agent; `enabled` has each in a row. False if there is none.
    fn find_smallest(&mut self, enabled: impl Iterator<Item = u16>) -> bool {
        let mut fewest = usize::MAX;
        let mut before = None;
        for agent in enabled {
            if fewest == 1 {
                break;
            }
            if before.replace(agent) == Some(agent) || !self.close(usize::from(agent)) {
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
        let Some(mut touched) = self.futures[seed].next else {
            return false;
        };
        self.members.clear();
        self.members.resize(self.futures.len(), false);
        self.members[seed] = true;
        let mut grown = true;
        while std::mem::take(&mut grown) {
            // Whoever conflicts with a member conflicts with what all members touch.
            for (member, future) in self.members.iter_mut().zip(&self.futures) {
                if !*member && future.all.conflicts(touched) {
                    let Some(next) = future.next else {
                        return false;
                    };
                    *member = true;
                    touched = touched.union(next);
                    grown = true;
                }
            }
        }
        true
    }
}
