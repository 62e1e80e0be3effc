//! The kernel by itself, driven call by call: nothing blocks, a call that would is answered with `blocked`.

use crate::config::config;
use crate::convert::pid;
use crate::errors::misuse;
use pyo3::prelude::*;
use std::sync::Mutex;
use xous_sim_kernel::{Caller, Misuse, Outcome, Pid, Step, Tid};

/// The exact kernel.
#[pyclass(frozen, module = "xous_sim._native")]
pub struct Kernel(Mutex<xous_sim_kernel::Kernel>);

type Words = (u64, u64, u64, u64, u64, u64, u64, u64);

/// What a call did.
#[pyclass(frozen, get_all, module = "xous_sim._native")]
pub struct KernelStep {
    outcome: &'static str,
    result: Option<Words>,
    reason: Option<String>,
    wakes: Vec<(u8, u8, Words)>,
    ended: Vec<u8>,
}

impl KernelStep {
    fn new(step: Result<Step, Misuse>) -> PyResult<Self> {
        let step = step.map_err(|e| misuse(e.to_string()))?;
        let (outcome, result, reason) = match step.outcome {
            Outcome::Done(result) => ("done", Some(result.encode().into()), None),
            Outcome::Blocked => ("blocked", None, None),
            Outcome::Retry => ("retry", None, None),
            Outcome::NoReply => ("no-reply", None, None),
            Outcome::Ended => ("ended", None, None),
            Outcome::Panic(reason) => ("panic", None, Some(reason.to_string())),
        };
        let wakes = step.wakes.iter();
        let wakes = wakes.map(|w| (w.thread.pid.get(), w.thread.tid.0, w.result.encode().into()));
        Ok(Self {
            outcome,
            result,
            reason,
            wakes: wakes.collect(),
            ended: step.ended.iter().map(|pid| pid.get()).collect(),
        })
    }
}

impl Kernel {
    /// A kernel as it stands somewhere else.
    pub fn copy_of(kernel: &xous_sim_kernel::Kernel) -> Self {
        Self(Mutex::new(kernel.clone()))
    }

    fn with<T>(&self, f: impl FnOnce(&mut xous_sim_kernel::Kernel) -> T) -> T {
        f(&mut self
            .0
            .lock()
            .expect("no thread panics while it holds the kernel"))
    }
}

fn thread(pid_number: u8, tid: u8) -> PyResult<Caller> {
    Ok(Caller {
        pid: pid(pid_number)?,
        tid: Tid(tid),
    })
}

#[pymethods]
impl Kernel {
    #[new]
    #[pyo3(signature = (*, profile, slots, connect, mode, seed, queue_quota))]
    fn new(
        profile: &str,
        slots: u32,
        connect: &str,
        mode: &str,
        seed: u64,
        queue_quota: &str,
    ) -> PyResult<Self> {
        let config = config(profile, slots, connect, mode, seed, queue_quota)?;
        let kernel = xous_sim_kernel::Kernel::new(config);
        Ok(Self(Mutex::new(kernel)))
    }

    fn boot_process(&self) -> PyResult<u8> {
        let pid = self.with(|kernel| kernel.boot_process());
        Ok(pid
            .map_err(|e| misuse(format!("the kernel has no room for another process: {e}")))?
            .get())
    }

    fn start_process(&self, pid_number: u8) -> PyResult<()> {
        let pid = pid(pid_number)?;
        self.with(|kernel| kernel.start_process(pid))
            .map_err(|e| misuse(e.to_string()))?;
        Ok(())
    }

    #[pyo3(signature = (pid_number, tid, number, *words))]
    fn syscall(
        &self,
        pid_number: u8,
        tid: u8,
        number: u64,
        words: Vec<u64>,
    ) -> PyResult<KernelStep> {
        let mut arguments = [0; 7];
        let given = words.len();
        let places = arguments.get_mut(..given);
        places
            .ok_or_else(|| {
                misuse(format!(
                    "a system call has 7 arguments at most, not {given}"
                ))
            })?
            .copy_from_slice(&words);
        let caller = thread(pid_number, tid)?;
        KernelStep::new(self.with(|kernel| kernel.call_words(caller, number, arguments)))
    }

    fn exit_thread(&self, pid_number: u8, tid: u8, value: u64) -> PyResult<KernelStep> {
        let caller = thread(pid_number, tid)?;
        KernelStep::new(self.with(|kernel| kernel.exit_thread(caller, value)))
    }

    fn crash_process(&self, pid_number: u8) -> PyResult<KernelStep> {
        let pid = pid(pid_number)?;
        KernelStep::new(self.with(|kernel| kernel.crash_process(pid)))
    }

    fn connection_map(&self, pid_number: u8) -> PyResult<Vec<u8>> {
        let pid = pid(pid_number)?;
        let map = self.with(|kernel| kernel.connection_map(pid).map(|map| map.bytes().to_vec()));
        map.ok_or_else(|| misuse(format!("process {pid_number} does not exist")))
    }

    fn page(&self, pid_number: u8) -> PyResult<crate::page::Page> {
        self.with(|kernel| crate::page::Page::of(kernel, pid_number))
    }

    fn processes(&self) -> Vec<u16> {
        self.with(|kernel| {
            kernel
                .process_ids()
                .iter()
                .map(|pid| u16::from(pid.get()))
                .collect()
        })
    }

    fn threads(&self, pid_number: u8) -> PyResult<Vec<u16>> {
        let pid: Pid = pid(pid_number)?;
        Ok(self.with(|kernel| {
            kernel
                .threads(pid)
                .iter()
                .map(|tid| u16::from(tid.0))
                .collect()
        }))
    }

    fn read_memory(&self, pid_number: u8, address: u64, length: u64) -> PyResult<Vec<u8>> {
        let pid = pid(pid_number)?;
        let read = self.with(|kernel| kernel.read_memory(pid, address, length));
        read.map_err(|fault| misuse(fault.to_string()))
    }

    fn write_memory(&self, pid_number: u8, address: u64, bytes: &[u8]) -> PyResult<()> {
        let pid = pid(pid_number)?;
        let written = self.with(|kernel| kernel.write_memory(pid, address, bytes));
        written.map_err(|fault| misuse(fault.to_string()))
    }
}
