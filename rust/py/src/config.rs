//! From Python's words and numbers to the kernel's: configurations, SIDs, callers.

use crate::convert::pid;
use crate::errors::misuse;
use pyo3::prelude::*;
use xous_sim_kernel::{
    Caller, Config, ConnectMode, Fidelity, Profile, QueueQuota, Sid, Slots, Tid,
};
use xous_sim_userland::c11::MemoryModel;

/// The configuration that Python's words choose.
pub fn config(
    profile: &str,
    slots: u32,
    connect: &str,
    mode: &str,
    seed: u64,
    queue_quota: &str,
) -> PyResult<Config> {
    let unknown = |what: &str, word: &str, known: &str| {
        Err(misuse(format!("{word:?} is no {what}: choose {known}")))
    };
    Ok(Config {
        profile: match profile {
            "hardware" => Profile::Hardware,
            "hosted" => Profile::Hosted,
            other => return unknown("profile", other, "\"hardware\" or \"hosted\""),
        },
        slots: match slots {
            32 => Slots::Classic,
            46 => Slots::Extended,
            other => {
                return unknown(
                    "size of the connection map",
                    &other.to_string(),
                    "32 or 46 slots",
                );
            }
        },
        connect: match connect {
            "reuse" => ConnectMode::Reuse,
            "unique" => ConnectMode::Unique,
            other => return unknown("connect mode", other, "\"reuse\" or \"unique\""),
        },
        fidelity: match mode {
            "faithful" => Fidelity::Faithful,
            "safe" => Fidelity::Safe,
            other => return unknown("mode", other, "\"faithful\" or \"safe\""),
        },
        seed,
        queue_quota: match queue_quota {
            "none" => QueueQuota::None,
            "half" => QueueQuota::Half,
            "per-user" => QueueQuota::PerUser,
            "quasilinear" => QueueQuota::Quasilinear,
            other => {
                return unknown(
                    "queue quota",
                    other,
                    "\"none\", \"half\", \"per-user\" or \"quasilinear\"",
                );
            }
        },
    })
}

/// The memory model of this name.
pub fn memory_model(memory: &str) -> PyResult<MemoryModel> {
    match memory {
        "sc" => Ok(MemoryModel::SequentiallyConsistent),
        "c11" => Ok(MemoryModel::C11),
        other => Err(misuse(format!(
            "{other:?} is no memory model: choose \"sc\" or \"c11\""
        ))),
    }
}

/// The SID that a name of up to 16 bytes is, filled up with zeros.
#[pyfunction]
pub fn sid_words(name: &str) -> PyResult<(u32, u32, u32, u32)> {
    let sid = sid_of(name).ok_or_else(|| {
        misuse(format!(
            "{name:?} is {} bytes long: a SID has 16 at most",
            name.len()
        ))
    })?;
    Ok(sid.0.into())
}

pub fn sid_of(name: &str) -> Option<Sid> {
    let mut bytes = [0; 16];
    bytes
        .get_mut(..name.len())?
        .copy_from_slice(name.as_bytes());
    Sid::from_bytes(&bytes)
}

/// Numbers from here on are no PIDs.
pub const STRANGERS: u32 = 65;

/// Who acts, from the numbers that Python gives; numbers beyond all PIDs stand for threads of no process.
pub fn caller(pid_number: u8, tid: u32) -> PyResult<Caller> {
    let (process, thread) = match pid_number {
        0 => (STRANGERS + tid / 256 % (256 - STRANGERS), tid % 256),
        known => (u32::from(known), tid),
    };
    let tid = u8::try_from(thread).map_err(|_| misuse(format!("there is no thread {thread}")))?;
    Ok(Caller {
        pid: pid(process as u8)?,
        tid: Tid(tid),
    })
}
