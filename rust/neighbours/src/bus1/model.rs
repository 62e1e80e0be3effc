//! The contest: an agent, attackers and a victim on one bus, in every order of their steps.
//!
//! Agent 0 is the system agent: it takes the next message and answers it, or sends the next event. Then come the
//! attackers, and the victim is last. All amounts are pool slices.

use super::attack::{Attack, AttackError, Attackers, Events, OnRefusal};
use super::bus::{Accounting, Bus, Delivery, PeerId, Refusal};
use super::quota::{Amounts, Quota, Uid};
use crate::fingerprint::fingerprint;
use std::convert::Infallible;
use xous_sim_step::{Choice, Model, Property, Unknown, Violation, Violations};

/// The victim is refused although it has less in flight than it wants.
pub const STARVED: Property = Property("starved");
/// Somebody waits for ever for a message that was refused.
pub const WAITS_FOR_EVER: Property = Property("waits-for-ever");
/// A full subscriber keeps an event from another one.
pub const VETOED: Property = Property("vetoed");
/// A message cannot be received for lack of quota.
pub const RECEIVE_REFUSED: Property = Property("receive-refused");
/// With everything received and released, something is still charged.
pub const NOT_DRAINED: Property = Property("not-drained");
/// What is allowed depends on how it is cut into messages.
pub const CHUNKING: Property = Property("chunking");

/// The system agent's peer, and its user.
pub(super) const AGENT: PeerId = 0;

/// Tags of messages.
pub(super) const NOTE: u8 = 0;
pub(super) const REQUEST: u8 = 1;
pub(super) const REPLY: u8 = 2;
pub(super) const SUBSCRIBE: u8 = 3;
pub(super) const EVENT: u8 = 4;

/// A state.
#[derive(Clone, Debug, Hash)]
pub struct State {
    pub(super) bus: Bus,
    /// A reply or an event that the agent waits to send, and to whom.
    pub(super) pending: Option<(PeerId, u8)>,
    pub(super) subscribers: Vec<PeerId>,
    pub(super) events_left: u8,
    /// Messages that each attacker has sent, and whether one was refused.
    pub(super) attackers: Vec<(u16, bool)>,
    /// Messages that the victim has sent.
    pub(super) sent: u8,
    /// Replies or events that it has received.
    pub(super) received: u8,
    /// Replies and events for the victim that were refused.
    pub(super) missed: u8,
}

/// A case, ready to be explored.
#[derive(Clone, Debug)]
pub struct Contest {
    pub(super) attack: Attack,
}

pub(super) const fn units(amount: u64) -> Amounts {
    [amount, 0, 0, 0]
}

fn violation(property: Property, message: String) -> Violation {
    Violation::new(property, String::new(), message)
}

impl Contest {
    /// Refuses a case that has no meaning.
    pub fn new(attack: Attack) -> Result<Self, AttackError> {
        attack.check()?;
        Ok(Self { attack })
    }

    /// The victim's peer, and its number among those who act.
    pub(super) const fn victim(&self) -> PeerId {
        self.attack.uids as PeerId + 1
    }

    fn subscribes(&self) -> bool {
        self.attack.attackers == Attackers::Subscribe
    }

    /// Whether the victim still waits for something it asked for.
    fn victim_waits(&self, state: &State) -> bool {
        !self.subscribes() && state.received + state.missed < state.sent
    }

    fn ways(&self, state: &State, actor: PeerId) -> Vec<u16> {
        match actor {
            AGENT => self.ways_of_agent(state),
            _ if actor == self.victim() => {
                let sends = if self.subscribes() {
                    1
                } else {
                    self.attack.wanted
                };
                let send = (state.sent < sends && state.missed == 0).then_some(0);
                let receive = (state.bus.queued(actor) > 0).then_some(1);
                send.into_iter().chain(receive).collect()
            }
            _ => self.ways_of_attacker(state, actor),
        }
    }

    fn ways_of_agent(&self, state: &State) -> Vec<u16> {
        if let Some((to, tag)) = state.pending {
            let mut bus = state.bus.clone();
            return match self.say(&mut bus, to, tag) {
                Err(Refusal::Quota | Refusal::PeerLimit) => vec![],
                _ => vec![0],
            };
        }
        let receive = (state.bus.queued(AGENT) > 0).then_some(0);
        let event = (state.events_left > 0 && !state.subscribers.is_empty()).then_some(1);
        receive.into_iter().chain(event).collect()
    }

    fn ways_of_attacker(&self, state: &State, actor: PeerId) -> Vec<u16> {
        let (sent, refused) = state.attackers[actor - 1];
        let most = match self.attack.attackers {
            Attackers::Subscribe => 1,
            _ => self.attack.limit as u16 + 1,
        };
        if refused || sent >= most {
            return vec![];
        }
        match self.attack.attackers {
            Attackers::Ask if state.bus.queued_from(actor, AGENT) > 0 => vec![],
            Attackers::Chunk => (0..self.attack.limit as u16).collect(),
            _ => vec![0],
        }
    }

    /// A message of the agent: a reply or an event.
    fn say(&self, bus: &mut Bus, to: PeerId, tag: u8) -> Delivery {
        let amounts = units(1);
        let said = match (tag, self.attack.events) {
            (EVENT, Events::Subscriber) => bus.send_at_expense_of_receiver(AGENT, to, amounts, tag),
            (EVENT, Events::Credits(_)) if bus.reserved(to) == 0 => Ok(Err(Refusal::Quota)),
            (EVENT, Events::Accounting) => bus.send(AGENT, to, amounts, tag),
            _ => bus.reply(AGENT, to, amounts, tag),
        };
        said.expect("all peers are there")
    }

    fn act_as_agent(&self, state: &mut State, pick: u16) -> Vec<Violation> {
        if let Some((to, tag)) = state.pending.take() {
            return self.say_or_react(state, to, tag);
        }
        if pick == 1 {
            return self.emit(state);
        }
        let message = match state.bus.receive(AGENT).expect("the agent is there") {
            Ok(message) => message.expect("the choice is enabled"),
            Err(_) => return vec![self.cannot_receive(state, AGENT)],
        };
        let released = state.bus.release(AGENT, message.slice);
        released.expect("it was just received");
        match message.tag {
            REQUEST => self.say_or_react(state, message.from, REPLY),
            SUBSCRIBE => {
                state.subscribers.push(message.from);
                state.subscribers.sort_unstable();
                vec![]
            }
            _ => vec![],
        }
    }

    /// Without quota nothing can be received any more; the queue is flushed, so that executions end.
    fn cannot_receive(&self, state: &mut State, peer: PeerId) -> Violation {
        state.bus.reset(peer).expect("the peer is there");
        violation(
            RECEIVE_REFUSED,
            format!(
                "{} cannot receive: its user has nothing left",
                self.name(peer)
            ),
        )
    }

    fn say_or_react(&self, state: &mut State, to: PeerId, tag: u8) -> Vec<Violation> {
        match self.say(&mut state.bus, to, tag) {
            Ok(()) => vec![],
            Err(refusal) => self.react(state, to, tag, refusal),
        }
    }

    fn react(&self, state: &mut State, to: PeerId, tag: u8, refusal: Refusal) -> Vec<Violation> {
        match self.attack.on_refusal {
            OnRefusal::Wait if refusal != Refusal::Gone => {
                state.pending = Some((to, tag));
                return vec![];
            }
            OnRefusal::Disconnect if to != self.victim() => {
                state.bus.disconnect(to).expect("the peer is there");
                state.attackers[to - 1].1 = true;
                state.subscribers.retain(|&subscriber| subscriber != to);
            }
            _ => {}
        }
        if to != self.victim() {
            return vec![];
        }
        state.missed += 1;
        if self.has_itself_to_blame(state, tag) {
            return vec![];
        }
        let what = if tag == EVENT {
            "an event"
        } else {
            "the reply"
        };
        let message = format!("{what} for the victim is refused, although the victim has room");
        vec![violation(STARVED, message)]
    }

    /// Whether the victim pays for such messages, and has not received those that it has.
    fn has_itself_to_blame(&self, state: &State, tag: u8) -> bool {
        let pays = match (tag, self.attack.events) {
            (EVENT, Events::Subscriber | Events::Credits(_)) => true,
            _ => matches!(self.attack.accounting, Accounting::Receiver(_)),
        };
        let out_of_credits = tag == EVENT && matches!(self.attack.events, Events::Credits(_));
        pays && (out_of_credits || state.bus.queued(self.victim()) > 0)
    }

    /// Sends an event to all subscribers.
    fn emit(&self, state: &mut State) -> Vec<Violation> {
        state.events_left -= 1;
        let subscribers = state.subscribers.clone();
        if self.attack.past_refusals || self.attack.events != Events::Accounting {
            let each = subscribers.into_iter();
            return each
                .flat_map(|to| self.say_or_react(state, to, EVENT))
                .collect();
        }
        let before = state.bus.clone();
        let sent = state
            .bus
            .multicast(AGENT, &subscribers, units(1), EVENT, false);
        if sent.expect("subscribers are there").is_ok() {
            return vec![];
        }
        let victim = self.victim();
        let alone = self.say(&mut before.clone(), victim, EVENT);
        let vetoed = subscribers.contains(&victim) && alone.is_ok();
        let message = "the victim misses an event because another subscriber is full";
        vetoed
            .then(|| violation(VETOED, message.into()))
            .into_iter()
            .collect()
    }

    fn act_as_attacker(&self, state: &mut State, actor: PeerId, pick: u16) -> Vec<Violation> {
        let amount = u64::from(pick) + 1;
        let expected = (self.attack.attackers == Attackers::Chunk)
            .then(|| self.in_units(state, actor, amount));
        let sent = match self.attack.attackers {
            Attackers::Flood | Attackers::Chunk => {
                state.bus.send(actor, AGENT, units(amount), NOTE)
            }
            Attackers::Ask => state.bus.request(actor, AGENT, units(1), units(1), REQUEST),
            Attackers::Subscribe => self.subscribe(&mut state.bus, actor),
        };
        let sent = sent.expect("all peers are there").is_ok();
        let record = &mut state.attackers[actor - 1];
        *record = (record.0 + 1, !sent);
        let differs = expected.filter(|&expected| expected != sent);
        let differs = differs.map(|_| {
            let (one, each) = if sent {
                ("allowed", "not")
            } else {
                ("refused", "allowed")
            };
            let message = format!(
                "a message of {amount} units is {one}, {amount} messages of one unit are {each}"
            );
            violation(CHUNKING, message)
        });
        differs.into_iter().collect()
    }

    fn subscribe(&self, bus: &mut Bus, actor: PeerId) -> Result<Delivery, super::bus::BusError> {
        if let Events::Credits(credits) = self.attack.events
            && let Err(refusal) = bus.reserve(actor, units(1), credits.into())?
        {
            return Ok(Err(refusal));
        }
        bus.send(actor, AGENT, units(1), SUBSCRIBE)
    }

    /// Whether as many messages of one unit would be allowed.
    fn in_units(&self, state: &State, actor: PeerId, amount: u64) -> bool {
        let payer = match self.attack.accounting {
            Accounting::Receiver(_) => AGENT,
            Accounting::Sender | Accounting::Requester => actor,
        };
        let quota = state
            .bus
            .quota(payer as Uid)
            .expect("users are numbered as peers");
        let mut quota: Quota = quota.clone();
        (0..amount).all(|_| quota.charge(actor as Uid, units(1)))
    }

    fn act_as_victim(&self, state: &mut State, pick: u16) -> Vec<Violation> {
        let victim = self.victim();
        if pick == 1 {
            let received = state.bus.receive(victim).expect("the victim is there");
            let Ok(message) = received else {
                return vec![self.cannot_receive(state, victim)];
            };
            let message = message.expect("the choice is enabled");
            state
                .bus
                .release(victim, message.slice)
                .expect("it was just received");
            state.received += 1;
            return vec![];
        }
        let in_flight = state.sent - state.received;
        state.sent += 1;
        let sent = match self.subscribes() {
            true => self.subscribe(&mut state.bus, victim),
            false => state
                .bus
                .request(victim, AGENT, units(1), units(1), REQUEST),
        };
        if sent.expect("all peers are there").is_ok() {
            return vec![];
        }
        state.missed += 1;
        let message = format!(
            "the victim is refused, with {in_flight} of the {} units in flight that it wants",
            self.attack.wanted
        );
        vec![violation(STARVED, message)]
    }

    /// Whether everything that is charged goes away with the messages.
    fn drains(&self, state: &State) -> bool {
        let mut bus = state.bus.clone();
        for peer in 0..=self.victim() {
            bus.reset(peer).expect("all peers are there");
        }
        bus.is_drained()
    }
}

impl Model for Contest {
    type State = State;
    type Error = Infallible;
    type Step = ();
    type Known<'k> = Unknown;

    fn initial(&mut self) -> Result<State, Infallible> {
        let mut bus = Bus::new(self.attack.accounting);
        for peer in 0..=self.victim() {
            let limits = units(self.attack.limit);
            bus.add_user(peer as Uid, limits).expect("numbers differ");
            bus.add_peer(peer as Uid, limits)
                .expect("the user is there");
        }
        Ok(State {
            bus,
            pending: None,
            subscribers: Vec::new(),
            events_left: self.attack.event_count,
            attackers: vec![(0, false); self.attack.uids.into()],
            sent: 0,
            received: 0,
            missed: 0,
        })
    }

    fn enabled(&mut self, state: &State, choices: &mut Vec<Choice>) -> Result<(), Infallible> {
        for actor in 0..=self.victim() {
            let agent = actor as u16;
            let ways = self.ways(state, actor).into_iter();
            choices.extend(ways.map(|pick| Choice { agent, pick }));
        }
        Ok(())
    }

    fn apply(&mut self, state: &mut State, choice: Choice) -> Result<Violations, Infallible> {
        let actor = PeerId::from(choice.agent);
        let found = match actor {
            AGENT => self.act_as_agent(state, choice.pick),
            _ if actor == self.victim() => self.act_as_victim(state, choice.pick),
            _ => self.act_as_attacker(state, actor, choice.pick),
        };
        let mut violations = Violations::default();
        violations.extend(found.into_iter().map(Into::into));
        Ok(violations)
    }

    fn fingerprint(&self, state: &State) -> u128 {
        fingerprint(state)
    }

    fn agents(&self, _: &State) -> usize {
        self.victim() + 1
    }

    fn may_cycle(&self) -> bool {
        false
    }

    fn check(
        &mut self,
        state: &State,
        enabled: &[Choice],
    ) -> Result<Option<Violation>, Infallible> {
        if !enabled.is_empty() {
            return Ok(None);
        }
        if let Some((to, _)) = state.pending {
            let victim = if self.victim_waits(state) {
                ", and the victim for its reply"
            } else {
                ""
            };
            let message = format!(
                "the agent waits for ever for room for {}{victim}",
                self.name(to)
            );
            return Ok(Some(violation(WAITS_FOR_EVER, message)));
        }
        if self.victim_waits(state) {
            let message = "the victim waits for ever for a reply".into();
            return Ok(Some(violation(WAITS_FOR_EVER, message)));
        }
        let message = || "something stays charged when all messages are gone".into();
        Ok((!self.drains(state)).then(|| violation(NOT_DRAINED, message())))
    }
}
