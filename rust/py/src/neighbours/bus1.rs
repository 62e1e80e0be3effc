//! bus1: quotas, buses and attacks from Python's words and numbers.

use super::{explored, replayed};
use crate::errors::misuse;
use crate::results::{Execution, Report};
use crate::strategy::Keywords;
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard};
use xous_sim_neighbours::bus1 as native;
use xous_sim_neighbours::bus1::{
    Accounting, Amounts, Attack, Attackers, Contest, Delivery, Events, OnRefusal, Refusal, Rule,
    Uid,
};

fn unknown<T>(what: &str, word: &str) -> PyResult<T> {
    Err(misuse(format!("{word:?} is no {what}")))
}

fn rule(word: &str) -> PyResult<Rule> {
    let found = Rule::ALL.into_iter().find(|rule| rule.name() == word);
    found.map_or_else(|| unknown("quota rule", word), Ok)
}

fn accounting(word: &str, quota: &str) -> PyResult<Accounting> {
    match word {
        "sender" => Ok(Accounting::Sender),
        "receiver" => Ok(Accounting::Receiver(rule(quota)?)),
        "requester" => Ok(Accounting::Requester),
        other => unknown("accounting", other),
    }
}

/// A user's quota.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct Quota(Mutex<native::Quota>);

impl Quota {
    fn quota(&self) -> MutexGuard<'_, native::Quota> {
        self.0
            .lock()
            .expect("no thread panics while it holds a quota")
    }
}

#[pymethods]
impl Quota {
    #[new]
    fn new(limits: Amounts, rule_name: &str, owner: Option<Uid>) -> PyResult<Self> {
        Ok(Self(Mutex::new(native::Quota::new(
            limits,
            rule(rule_name)?,
            owner,
        ))))
    }

    fn charge(&self, uid: Uid, amounts: Amounts) -> bool {
        self.quota().charge(uid, amounts)
    }

    fn discharge(&self, uid: Uid, amounts: Amounts) -> bool {
        self.quota().discharge(uid, amounts).is_ok()
    }

    fn share(&self, uid: Uid) -> Amounts {
        self.quota().share(uid)
    }

    fn remaining(&self) -> Amounts {
        self.quota().remaining()
    }

    fn users(&self) -> u64 {
        self.quota().users()
    }
}

/// The bus.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct Bus(Mutex<native::Bus>);

/// A message that was received: who sent it, its tag, what it took, the number of its slice.
type Received = (usize, u8, Amounts, usize);

/// The number under which a message is held, or why it is not.
#[derive(IntoPyObject)]
enum Prepared {
    Held(usize),
    Refused(&'static str),
}

fn meaningless(error: native::BusError) -> PyErr {
    misuse(match error {
        native::BusError::UnknownUser => "there is no such user on this bus",
        native::BusError::UnknownPeer => "there is no such peer on this bus",
        native::BusError::KnownUser => "there is a user with this uid on this bus already",
        native::BusError::NothingToRelease => {
            "there is nothing to release: it was released or sent already, or flushed"
        }
    })
}

fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Quota => "quota",
        Refusal::PeerLimit => "peer-limit",
        Refusal::Gone => "gone",
    }
}

fn delivery(delivery: Result<Delivery, native::BusError>) -> PyResult<Option<&'static str>> {
    Ok(delivery.map_err(meaningless)?.err().map(refusal))
}

impl Bus {
    fn bus(&self) -> MutexGuard<'_, native::Bus> {
        self.0
            .lock()
            .expect("no thread panics while it holds a bus")
    }
}

#[pymethods]
impl Bus {
    #[new]
    fn new(accounting_name: &str, rule_name: &str) -> PyResult<Self> {
        let accounting = accounting(accounting_name, rule_name)?;
        Ok(Self(Mutex::new(native::Bus::new(accounting))))
    }

    fn add_user(&self, uid: Uid, limits: Amounts) -> PyResult<()> {
        self.bus().add_user(uid, limits).map_err(meaningless)
    }

    fn add_peer(&self, uid: Uid, limits: Amounts) -> PyResult<usize> {
        self.bus().add_peer(uid, limits).map_err(meaningless)
    }

    #[pyo3(signature = (from, to, amounts, tag, /))]
    fn send(
        &self,
        from: usize,
        to: usize,
        amounts: Amounts,
        tag: u8,
    ) -> PyResult<Option<&'static str>> {
        delivery(self.bus().send(from, to, amounts, tag))
    }

    fn prepare(&self, peer: usize, amounts: Amounts) -> PyResult<Prepared> {
        let prepared = self.bus().prepare(peer, amounts).map_err(meaningless)?;
        Ok(prepared.map_or_else(|why| Prepared::Refused(refusal(why)), Prepared::Held))
    }

    #[pyo3(signature = (from, to, prepared, tag, /))]
    fn post(
        &self,
        from: usize,
        to: usize,
        prepared: usize,
        tag: u8,
    ) -> PyResult<Option<&'static str>> {
        delivery(self.bus().post(from, to, prepared, tag))
    }

    #[pyo3(signature = (from, to, amounts, reply, tag, /))]
    fn request(
        &self,
        from: usize,
        to: usize,
        amounts: Amounts,
        reply: Amounts,
        tag: u8,
    ) -> PyResult<Option<&'static str>> {
        delivery(self.bus().request(from, to, amounts, reply, tag))
    }

    #[pyo3(signature = (from, to, amounts, tag, /))]
    fn reply(
        &self,
        from: usize,
        to: usize,
        amounts: Amounts,
        tag: u8,
    ) -> PyResult<Option<&'static str>> {
        delivery(self.bus().reply(from, to, amounts, tag))
    }

    #[pyo3(signature = (from, to, amounts, tag, past_refusals, /))]
    /// What became of each destination; `None` alone if it was refused as a whole.
    fn multicast(
        &self,
        from: usize,
        to: Vec<usize>,
        amounts: Amounts,
        tag: u8,
        past_refusals: bool,
    ) -> PyResult<(Option<&'static str>, Vec<Option<&'static str>>)> {
        let sent = self.bus().multicast(from, &to, amounts, tag, past_refusals);
        Ok(match sent.map_err(meaningless)? {
            Ok(each) => {
                let each = each.into_iter();
                (
                    None,
                    each.map(|delivery| delivery.err().map(refusal)).collect(),
                )
            }
            Err(whole) => (Some(refusal(whole)), Vec::new()),
        })
    }

    fn receive(&self, peer: usize) -> PyResult<(Option<&'static str>, Option<Received>)> {
        Ok(match self.bus().receive(peer).map_err(meaningless)? {
            Err(refused) => (Some(refusal(refused)), None),
            Ok(message) => {
                let message = message.map(|m| (m.from, m.tag, m.amounts, m.slice));
                (None, message)
            }
        })
    }

    fn release(&self, peer: usize, slice: usize) -> PyResult<()> {
        self.bus().release(peer, slice).map_err(meaningless)
    }

    fn reset(&self, peer: usize) -> PyResult<()> {
        self.bus().reset(peer).map_err(meaningless)
    }

    fn disconnect(&self, peer: usize) -> PyResult<()> {
        self.bus().disconnect(peer).map_err(meaningless)
    }

    fn remaining(&self, uid: Uid) -> PyResult<Amounts> {
        let bus = self.bus();
        let quota = bus.quota(uid).ok_or(native::BusError::UnknownUser);
        Ok(quota.map_err(meaningless)?.remaining())
    }

    fn share(&self, uid: Uid, actor: Uid) -> PyResult<Amounts> {
        let bus = self.bus();
        let quota = bus.quota(uid).ok_or(native::BusError::UnknownUser);
        Ok(quota.map_err(meaningless)?.share(actor))
    }

    fn peer_remaining(&self, peer: usize) -> PyResult<Amounts> {
        let remaining = self.bus().peer_remaining(peer);
        remaining.ok_or_else(|| meaningless(native::BusError::UnknownPeer))
    }

    fn queued(&self, peer: usize) -> usize {
        self.bus().queued(peer)
    }

    fn is_drained(&self) -> bool {
        self.bus().is_drained()
    }
}

/// An attack in Python's words.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct AttackInWords {
    limit: u64,
    accounting: String,
    rule: String,
    attackers: String,
    uids: u8,
    wanted: u8,
    on_refusal: String,
    events: String,
    credits: u8,
    event_count: u8,
    past_refusals: bool,
}

impl AttackInWords {
    fn model(&self) -> PyResult<Contest> {
        let attack = Attack {
            limit: self.limit,
            accounting: accounting(&self.accounting, &self.rule)?,
            attackers: match self.attackers.as_str() {
                "flood" => Attackers::Flood,
                "ask" => Attackers::Ask,
                "subscribe" => Attackers::Subscribe,
                "chunk" => Attackers::Chunk,
                other => return unknown("attack", other),
            },
            uids: self.uids,
            wanted: self.wanted,
            on_refusal: match self.on_refusal.as_str() {
                "drop" => OnRefusal::Drop,
                "disconnect" => OnRefusal::Disconnect,
                "wait" => OnRefusal::Wait,
                other => return unknown("answer to a refusal", other),
            },
            events: match self.events.as_str() {
                "accounting" => Events::Accounting,
                "subscriber" => Events::Subscriber,
                "credits" => Events::Credits(self.credits),
                other => return unknown("payer of events", other),
            },
            event_count: self.event_count,
            past_refusals: self.past_refusals,
        };
        Contest::new(attack).map_err(|error| misuse(error.to_string()))
    }
}

/// Explores an attack.
#[pyfunction]
#[pyo3(signature = (attack, strategy, *, stop_at_first, progress))]
pub fn explore_attack(
    py: Python<'_>,
    attack: AttackInWords,
    strategy: Keywords,
    stop_at_first: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Report> {
    explored(py, attack.model()?, &strategy, stop_at_first, progress)
}

/// Follows a schedule of an attack.
#[pyfunction]
pub fn replay_attack(py: Python<'_>, attack: AttackInWords, schedule: &str) -> PyResult<Execution> {
    replayed(py, attack.model()?, schedule)
}

/// How many users must collude; `None` if the limit is too large.
#[pyfunction]
pub fn sybils_needed(
    py: Python<'_>,
    limit: u64,
    units: u64,
    rule_name: &str,
) -> PyResult<Option<u64>> {
    let rule = rule(rule_name)?;
    Ok(py.detach(|| native::sybils_needed(limit, units, rule)))
}

/// What so many users get one after another, and what remains.
#[pyfunction]
pub fn greedy_shares(limit: u64, rule_name: &str, users: u64) -> PyResult<(Vec<u64>, u64)> {
    Ok(native::greedy_shares(limit, rule(rule_name)?, users))
}
