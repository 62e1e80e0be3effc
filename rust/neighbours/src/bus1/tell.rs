//! Attacks in words: who does what, and what of each user's limit is left.

use super::attack::Attackers;
use super::bus::PeerId;
use super::model::{AGENT, Contest, EVENT, State};
use super::quota::Uid;
use crate::tells::{Place, Tells, Told};
use xous_sim_step::Choice;

impl Contest {
    /// What a peer is called.
    pub(super) fn name(&self, peer: PeerId) -> String {
        match peer {
            AGENT => "the agent".into(),
            _ if peer == self.victim() => "the victim".into(),
            _ if self.attack.uids == 1 => "the attacker".into(),
            _ => format!("attacker {peer}"),
        }
    }

    fn operation(&self, before: &State, actor: PeerId, pick: u16) -> String {
        let subscribes = self.attack.attackers == Attackers::Subscribe;
        match (actor, pick) {
            (AGENT, _) if before.pending.is_some() => "sends what it has waited with".into(),
            (AGENT, 1) => "sends an event to all subscribers".into(),
            (AGENT, _) => "receives and answers a message".into(),
            (_, 1) if actor == self.victim() => "receives".into(),
            _ if subscribes => "subscribes".into(),
            _ if actor == self.victim() => "sends a request".into(),
            _ => match self.attack.attackers {
                Attackers::Ask => "sends a request".into(),
                _ if pick == 0 => "sends 1 unit".into(),
                _ => format!("sends {} units", pick + 1),
            },
        }
    }
}

impl Tells for Contest {
    fn tell(&self, before: &State, choice: Choice, after: &State) -> Told {
        let actor = PeerId::from(choice.agent);
        Told {
            agent: self.name(actor),
            operation: self.operation(before, actor, choice.pick),
            result: self.result(before, actor, after),
        }
    }

    fn show(&self, state: &State) -> Vec<Place> {
        let peers = 0..=self.victim();
        let place = |peer: PeerId| {
            let quota = state
                .bus
                .quota(peer as Uid)
                .expect("users are numbered as peers");
            Place {
                name: format!("left to {}", self.name(peer)),
                contents: vec![format!("{} of {}", quota.remaining()[0], quota.limits()[0])],
            }
        };
        peers.map(place).collect()
    }
}

impl Contest {
    fn result(&self, before: &State, actor: PeerId, after: &State) -> String {
        let refused = match actor {
            AGENT => false,
            _ if actor == self.victim() => after.missed > before.missed,
            _ => after.attackers[actor - 1].1,
        };
        if refused {
            return "EDQUOT".into();
        }
        match after.pending {
            Some((to, tag)) if before.pending.is_none() => {
                let what = if tag == EVENT {
                    "the event"
                } else {
                    "the reply"
                };
                format!("EDQUOT: it waits for room for {what} to {}", self.name(to))
            }
            _ if actor == AGENT && after.missed > before.missed => "EDQUOT for the victim".into(),
            _ => "Ok".into(),
        }
    }
}
