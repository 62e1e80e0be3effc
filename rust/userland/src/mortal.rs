//! Processes that may die, and servers that are started again: what a fault does to the machine.
//!
//! A death is the kernel's own (`kernel/src/services.rs:2186-2246`): the slots of the process's clients become
//! tombstones, and nobody who waits for it is woken. How many deaths may still happen is part of the machine. A server
//! that restarts comes back under its SID in a new process, started by an init process that is not modelled; it counts
//! as the same server, though no old connection leads to it. Left out: threads that die alone, processes with bodies
//! that start again, and memory that goes with a process: a mutex that a dead thread holds stays locked.

use crate::machine::{Effect, Environment, Machine};
use crate::object::{Misuse, Reply};
use crate::program::Program;
use std::collections::{BTreeMap, BTreeSet};
use xous_sim_kernel::{
    Caller, ConnectionMap, Error, Outcome, Pid, ServerSerial, Sid, Syscall, Tid,
};

/// A process that may die.
#[derive(Clone, Debug)]
pub struct Mortal {
    /// For readers.
    pub name: String,
    /// The server that comes back after a death; `None` if the process stays dead.
    pub comes_back: Option<FirstLife>,
}

/// A server that comes back after the death of its process.
#[derive(Clone, Copy, Debug)]
pub struct FirstLife {
    /// Its SID in every life.
    pub sid: Sid,
    /// Which server it was at first.
    pub serial: ServerSerial,
}

/// Who has died, and who may yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mortality {
    deaths_left: u16,
    /// The PIDs of the mortal processes; none of those that are dead.
    living: Vec<Option<Pid>>,
    /// For each server that came back, the one that it was at first.
    first_lives: BTreeMap<ServerSerial, ServerSerial>,
    /// PIDs that the scenario's processes had; whoever has one now is another process.
    gone: BTreeSet<Pid>,
}

/// One death may happen where nothing else is said.
impl Default for Mortality {
    fn default() -> Self {
        Self {
            deaths_left: 1,
            living: Vec::new(),
            first_lives: BTreeMap::new(),
            gone: BTreeSet::new(),
        }
    }
}

impl Program {
    /// Lets a process die at any point.
    pub fn may_die(&mut self, pid: Pid, name: &str, comes_back: Option<FirstLife>) {
        let living = &mut self.machine.mortality.living;
        if !living.contains(&Some(pid)) {
            living.push(Some(pid));
            self.environment.mortals.push(Mortal {
                name: name.into(),
                comes_back,
            });
        }
    }

    /// Starts a server that answers at once, in a process of its own that may die.
    ///
    /// # Errors
    ///
    /// When the kernel has no room for it.
    pub fn start_mortal_server(
        &mut self,
        sid: Sid,
        name: &str,
        answer: u64,
        comes_back: bool,
    ) -> Result<(), Misuse> {
        let (pid, serial) = self.machine.start_server(sid)?;
        self.environment.answering.insert(serial, answer);
        self.environment.server_names.insert(serial, name.into());
        let first = FirstLife { sid, serial };
        self.may_die(pid, name, comes_back.then_some(first));
        Ok(())
    }
}

impl Machine {
    /// How many processes may die in all, from now on.
    pub fn limit_deaths(&mut self, at_most: u16) {
        self.mortality.deaths_left = at_most;
    }

    /// Starts a process of the scenario.
    ///
    /// # Errors
    ///
    /// `ProcessNotFound` when all PIDs are taken.
    pub fn boot_process(&mut self) -> Result<Pid, Error> {
        let pid = self.kernel.boot_process()?;
        self.mortality.gone.remove(&pid);
        Ok(pid)
    }

    /// The connections of a process of the scenario; `None` once it is dead, whoever has its PID by then.
    pub fn connection_map(&self, pid: Pid) -> Option<&ConnectionMap> {
        match self.mortality.gone.contains(&pid) {
            true => None,
            false => self.kernel.connection_map(pid),
        }
    }

    /// The PID of a mortal process; `None` if it is dead.
    pub fn living(&self, mortal: usize) -> Option<Pid> {
        self.mortality.living[mortal]
    }

    /// Whether a mortal process may die now.
    pub fn can_die(&self, mortal: usize) -> bool {
        let alive = self.living(mortal).is_some() && self.kernel.panicked().is_none();
        alive && self.mortality.deaths_left > 0
    }

    /// The server that a server was before its process died for the first time; mostly itself.
    pub(crate) fn first_life(&self, serial: ServerSerial) -> ServerSerial {
        let known = self.mortality.first_lives.get(&serial);
        known.copied().unwrap_or(serial)
    }

    /// Whether a mortal process may yet do anything: die, or come back.
    pub(crate) fn may_act(&self, environment: &Environment, mortal: usize) -> bool {
        let comes_back = environment.mortals[mortal].comes_back.is_some();
        self.can_die(mortal) || (comes_back && self.living(mortal).is_none())
    }

    /// A mortal process dies, or its server is started again; `None` where neither can happen.
    pub fn live_on(&mut self, environment: &Environment, mortal: usize) -> Option<Effect> {
        if self.can_die(mortal) {
            return Some(self.die(mortal));
        }
        let first = environment.mortals[mortal].comes_back?;
        let dead = self.living(mortal).is_none() && self.kernel.panicked().is_none();
        dead.then(|| self.come_back(mortal, first)).flatten()
    }

    fn die(&mut self, mortal: usize) -> Effect {
        let pid = self.living(mortal).expect("only the living die");
        self.mortality.deaths_left -= 1;
        let died = self.kernel.crash_process(pid);
        let died = died.expect("a living process of a scenario is not the kernel's own");
        let mut effect = self.effect(main_thread(pid), 0, died);
        self.bury(&effect.ended);
        effect.followed_by(self.poll_names());
        effect
    }

    /// `None` where the kernel has no room.
    fn come_back(&mut self, mortal: usize, first: FirstLife) -> Option<Effect> {
        let (pid, serial) = self.start_server(first.sid).ok()?;
        self.mortality.living[mortal] = Some(pid);
        self.mortality.first_lives.insert(serial, first.serial);
        let mut effect = Effect::reply(Reply::Never);
        effect.followed_by(self.poll_names());
        Some(effect)
    }

    /// Forgets what only concerned processes that are dead now.
    pub(crate) fn bury(&mut self, ended: &[Pid]) {
        if ended.is_empty() {
            return;
        }
        let is_dead = |pid: Pid| ended.contains(&pid);
        self.persistent.retain(|&(pid, _), _| !is_dead(pid));
        self.cut.retain(|connection| !is_dead(connection.pid));
        self.asked.retain(|caller, _| !is_dead(caller.pid));
        self.ended_threads.retain(|caller| !is_dead(caller.pid));
        for living in &mut self.mortality.living {
            *living = living.filter(|&pid| !is_dead(pid));
        }
        self.mortality.gone.extend(ended);
    }

    /// Starts a server in a process of its own, which keeps no connection to it.
    fn start_server(&mut self, sid: Sid) -> Result<(Pid, ServerSerial), Misuse> {
        let mut kernel = self.kernel.clone();
        let pid = kernel.boot_process().map_err(|e| e.to_string())?;
        let mut call = |syscall: &Syscall| {
            let step = kernel.call(main_thread(pid), syscall);
            match step.map_err(|e| e.to_string())?.outcome {
                Outcome::Done(result) if result.error().is_none() => Ok(result.encode()),
                other => Err(format!("the kernel answered {other:?}")),
            }
        };
        let created = call(&Syscall::CreateServerWithAddress { sid })?;
        let cid = xous_sim_kernel::Cid(created[5] as u32);
        call(&Syscall::Disconnect { cid })?;
        let servers = kernel.servers();
        let own = servers.iter().find(|server| server.owner == pid);
        let serial = own.expect("a server that was created exists").serial;
        self.kernel = kernel;
        Ok((pid, serial))
    }
}

fn main_thread(pid: Pid) -> Caller {
    Caller {
        pid,
        tid: Tid::INITIAL,
    }
}
