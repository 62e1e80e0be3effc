//! The machine: the kernel, and around it what only the observer of a program knows.
//!
//! Ghost state: which connections are meant to stay, which threads have ended. Environment: servers that answer at
//! once, as a prompt server with a parked thread does; their queues are not modelled, because no program of the
//! scenario can see them. Every other server has the kernel's exact queue.

use crate::mortal::{Mortal, Mortality};
use crate::names::NamesOp;
use crate::object::{Misuse, Reply};
use crate::op::{BodyId, Op};
use crate::properties;
use crate::value::{Connection, Value};
use std::collections::{BTreeMap, BTreeSet};
use xous_sim_kernel::NameServer;
use xous_sim_kernel::{Caller, Cid, Error, Kernel, Outcome, Pid, ServerSerial, Sid, Step};
use xous_sim_step::Violation;

/// Numbers of the syscalls that the machine looks at (`xous-rs/src/syscall.rs:581-692`).
pub mod number {
    #![allow(missing_docs)]
    pub const CREATE_SERVER: u8 = 14;
    pub const SEND_MESSAGE: u8 = 16;
    pub const CONNECT: u8 = 17;
    pub const CREATE_THREAD: u8 = 18;
    pub const UNMAP_MEMORY: u8 = 19;
    pub const TRY_SEND_MESSAGE: u8 = 24;
    pub const TRY_CONNECT: u8 = 25;
    pub const DESTROY_SERVER: u8 = 34;
    pub const DISCONNECT: u8 = 35;
}

/// The message kinds that travel in registers, as syscalls number them (`xous-rs/src/definitions/messages`).
const SCALAR: u64 = 4;
const BLOCKING_SCALAR: u64 = 5;

/// What does not change while a scenario runs.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Servers that answer at once, and the scalar that they answer.
    pub answering: BTreeMap<ServerSerial, u64>,
    /// Names of servers, for readers.
    pub server_names: BTreeMap<ServerSerial, String>,
    /// Names of processes, for readers.
    pub process_names: BTreeMap<Pid, String>,
    /// The processes that may die.
    pub mortals: Vec<Mortal>,
}

impl Environment {
    /// The name of a server for readers; a server without one is known by its SID, as long as it lives.
    pub fn server_name(&self, machine: &Machine, serial: ServerSerial) -> String {
        if let Some(name) = self.server_names.get(&machine.first_life(serial)) {
            return name.clone();
        }
        let servers = machine.kernel.servers();
        let server = servers.iter().find(|server| server.serial == serial);
        server.map_or_else(
            || "a server that is gone".into(),
            |server| sid_text(server.sid),
        )
    }
}

/// A SID as text where its bytes are text, else in numbers.
pub fn sid_text(sid: Sid) -> String {
    let bytes = sid.to_bytes();
    let end = bytes
        .iter()
        .rposition(|&byte| byte != 0)
        .map_or(0, |last| last + 1);
    let text = String::from_utf8(bytes[..end].to_vec()).ok();
    let printable =
        |text: &String| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    text.filter(printable).unwrap_or_else(|| sid.to_string())
}

/// The kernel and the observer's knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    /// The kernel.
    pub kernel: Kernel,
    /// Connections that are meant to stay when all is quiet.
    pub persistent: BTreeMap<(Pid, Cid), ServerSerial>,
    /// Connections that ended with their server, and that nobody has given back.
    pub(crate) cut: BTreeSet<Connection>,
    /// The name server, where the scenario has one.
    pub names: Option<NameServer>,
    /// What threads have asked the name server, until they are answered.
    pub(crate) asked: BTreeMap<Caller, NamesOp>,
    /// Threads that have ended, where the kernel does not know it (hosted).
    pub(crate) ended_threads: BTreeSet<Caller>,
    /// Who has died, and who may yet.
    pub(crate) mortality: Mortality,
}

/// What an operation on the machine did, to its caller and to others.
#[derive(Clone, Debug)]
pub struct Effect {
    /// What the caller gets.
    pub reply: Reply,
    /// Other threads whose operation is complete now, with the result.
    pub wakes: Vec<(Caller, Value)>,
    /// Processes that died.
    pub ended: Vec<Pid>,
    /// A thread that begins.
    pub spawned: Option<Spawned>,
    /// A property that is violated.
    pub violation: Option<Violation>,
    /// A process whose connection map was full when it wanted one more.
    pub exhausted: Option<Pid>,
}

/// A thread that begins.
#[derive(Clone, Debug)]
pub struct Spawned {
    /// Who it is.
    pub caller: Caller,
    /// What it does.
    pub body: BodyId,
    /// With what.
    pub arguments: Vec<Value>,
}

impl Effect {
    /// Only the caller is concerned.
    pub fn reply(reply: Reply) -> Self {
        Self {
            reply,
            wakes: Vec::new(),
            ended: Vec::new(),
            spawned: None,
            violation: None,
            exhausted: None,
        }
    }

    fn done(value: Value) -> Self {
        Self::reply(Reply::Done(value))
    }

    /// Adds what happens to others in consequence.
    pub(crate) fn followed_by(&mut self, consequence: Self) {
        self.wakes.extend(consequence.wakes);
        self.violation = self.violation.take().or(consequence.violation);
    }
}

impl Machine {
    /// A machine whose observer knows nothing yet.
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            persistent: BTreeMap::new(),
            cut: BTreeSet::new(),
            names: None,
            asked: BTreeMap::new(),
            ended_threads: BTreeSet::new(),
            mortality: Mortality::default(),
        }
    }

    /// Carries out an operation of `caller`.
    pub fn apply(
        &mut self,
        environment: &Environment,
        caller: Caller,
        op: &Op<Value>,
    ) -> Result<Effect, Misuse> {
        match op {
            Op::Syscall(number, arguments) => self.syscall(environment, caller, *number, arguments),
            Op::Persist(Value::Connection(c)) => {
                self.persistent.insert((c.pid, c.cid), c.opened_for);
                Ok(Effect::done(Value::Unit))
            }
            Op::Release(Value::Connection(c)) => {
                self.persistent.remove(&(c.pid, c.cid));
                Ok(Effect::done(Value::Unit))
            }
            Op::Persist(other) | Op::Release(other) => Err(format!("{other} is not a connection")),
            Op::Spawn(body, arguments) => self.spawn(caller, *body, arguments),
            Op::Join(Value::Int(tid)) => Ok(self.join(caller, *tid)),
            Op::Names(request, operands) => self.ask_names(environment, caller, request, operands),
            Op::Join(other) => Err(format!("{other} is not a thread")),
            _ => unreachable!("the operation acts on another object"),
        }
    }

    fn syscall(
        &mut self,
        environment: &Environment,
        caller: Caller,
        number: u8,
        arguments: &[Value],
    ) -> Result<Effect, Misuse> {
        let words = words(arguments)?;
        let sending = matches!(number, number::SEND_MESSAGE | number::TRY_SEND_MESSAGE);
        let violation = match arguments.first() {
            Some(Value::Connection(c)) if sending => properties::delivery(self, environment, *c),
            Some(what) if number == number::DISCONNECT => {
                self.disconnect_of_free_slot(caller.pid, what, words[0])
            }
            _ => None,
        };
        let inline = match sending {
            true => self.answer(environment, caller, number, &words)?,
            false => None,
        };
        let mut effect = match inline {
            Some(value) => Effect::done(value),
            None => {
                let before = (number == number::DESTROY_SERVER).then(|| self.kernel.clone());
                let step = self.call(caller, number, words)?;
                if let Some(before) = before {
                    self.note_cut(environment, &before);
                }
                self.effect(caller, number, step)
            }
        };
        self.bury(&effect.ended);
        if number == number::CREATE_SERVER || !effect.ended.is_empty() {
            effect.followed_by(self.poll_names());
        }
        effect.violation = effect.violation.or(violation);
        Ok(effect)
    }

    /// A system call, made again at once where being refused for now has changed something: the bare-metal kernel has
    /// taken the pages of a lend already when it finds the queue full, and fails for want of them the second time.
    fn call(&mut self, caller: Caller, number: u8, words: [u64; 7]) -> Result<Step, Misuse> {
        loop {
            let before = self.kernel.clone();
            let step = self.kernel.call_words(caller, u64::from(number), words);
            let step = step.map_err(|misuse| misuse.to_string())?;
            if step.outcome != Outcome::Retry || self.kernel == before {
                return Ok(step);
            }
        }
    }

    /// The reply of a server that answers at once, if the message goes to one.
    fn answer(
        &mut self,
        environment: &Environment,
        caller: Caller,
        number: u8,
        words: &[u64; 7],
    ) -> Result<Option<Value>, Misuse> {
        let cid = u32::try_from(words[0]).ok().map(Cid);
        let server = cid.and_then(|cid| self.kernel.server_behind(caller.pid, cid));
        let server = server.map(|server| self.first_life(server));
        let Some(answer) = server.and_then(|server| environment.answering.get(&server)) else {
            return Ok(None);
        };
        match words[1] {
            SCALAR => Ok(Some(Value::Unit)),
            BLOCKING_SCALAR => Ok(Some(Value::Int(*answer))),
            _ => self.answer_memory(caller, number, words).map(Some),
        }
    }

    /// Such a server gives lent pages back as they are and frees those that it is given. Whether the kernel would pass
    /// them on is tried on a copy of it.
    fn answer_memory(
        &mut self,
        caller: Caller,
        number: u8,
        words: &[u64; 7],
    ) -> Result<Value, Misuse> {
        let sent = self
            .kernel
            .clone()
            .call_words(caller, u64::from(number), *words);
        let Outcome::Done(result) = sent.map_err(|misuse| misuse.to_string())?.outcome else {
            return Ok(Value::Tuple([Value::Int(0), Value::Int(0)].into()));
        };
        if result.error().is_none() {
            let unmap = [words[3], words[4], 0, 0, 0, 0, 0];
            let unmapped = self
                .kernel
                .call_words(caller, u64::from(number::UNMAP_MEMORY), unmap);
            unmapped.map_err(|misuse| misuse.to_string())?;
        }
        Ok(plain_value(result.encode()))
    }

    /// What a kernel step means to the threads.
    pub(crate) fn effect(&self, caller: Caller, number: u8, step: Step) -> Effect {
        let mut effect = Effect::reply(Reply::Blocked);
        match step.outcome {
            Outcome::Done(result) => {
                let value = self.value(caller, number, result.encode());
                let connecting = matches!(number, number::CONNECT | number::TRY_CONNECT);
                let full = connecting && value == Value::Error(Error::OutOfMemory);
                effect.exhausted = full.then_some(caller.pid);
                effect.reply = Reply::Done(value);
            }
            Outcome::Blocked | Outcome::NoReply => {}
            Outcome::Retry => effect.reply = Reply::Wait,
            Outcome::Ended => effect.reply = Reply::Never,
            Outcome::Panic(reason) => {
                effect.reply = Reply::Never;
                effect.violation = Some(properties::kernel_panic(&reason.to_string()));
            }
        }
        let wake = |w: xous_sim_kernel::Wake| (w.thread, plain_value(w.result.encode()));
        effect.wakes = step.wakes.into_iter().map(wake).collect();
        effect.ended = step.ended;
        effect
    }

    /// A result as a program sees it; a connection remembers what it was opened for.
    fn value(&self, caller: Caller, number: u8, words: [u64; 8]) -> Value {
        let connecting = matches!(number, number::CONNECT | number::TRY_CONNECT);
        let cid = Cid(words[1] as u32);
        match self.kernel.server_behind(caller.pid, cid) {
            Some(opened_for) if connecting && words[0] == tag::CONNECTION_ID => {
                Value::Connection(Connection {
                    pid: caller.pid,
                    cid,
                    opened_for,
                })
            }
            _ => plain_value(words),
        }
    }

    fn spawn(
        &mut self,
        caller: Caller,
        body: BodyId,
        arguments: &[Value],
    ) -> Result<Effect, Misuse> {
        match self.create_thread(caller)? {
            Ok(new) => {
                let mut effect = Effect::done(Value::Int(new.tid.0.into()));
                effect.spawned = Some(Spawned {
                    caller: new,
                    body,
                    arguments: arguments.to_vec(),
                });
                Ok(effect)
            }
            Err(error) => Ok(Effect::done(Value::Error(error))),
        }
    }

    /// A new thread of the caller's process, or the kernel's error.
    pub fn create_thread(&mut self, caller: Caller) -> Result<Result<Caller, Error>, Misuse> {
        // Entry point, stack and arguments are never looked at; a stack of one page satisfies the kernel's checks.
        const ENTRY: u64 = 0x0001_0000;
        const STACK: u64 = 0x7FFF_0000;
        let words = [ENTRY, STACK, 4096, 0, 0, 0, 0];
        let number = u64::from(number::CREATE_THREAD);
        let step = self
            .kernel
            .call_words(caller, number, words)
            .map_err(|e| e.to_string())?;
        let result = match step.outcome {
            Outcome::Done(result) => result.encode(),
            other => return Err(format!("the kernel did not create a thread: {other:?}")),
        };
        if result[0] == tag::ERROR {
            return Ok(Err(Error::from_word(result[1])));
        }
        let tid = xous_sim_kernel::Tid(result[1] as u8);
        Ok(Ok(Caller { tid, ..caller }))
    }

    /// `JoinHandle::join`: waits for the end, whatever the kernel's JoinThread would lose.
    fn join(&self, caller: Caller, tid: u64) -> Effect {
        let alive = self
            .kernel
            .threads(caller.pid)
            .iter()
            .any(|t| u64::from(t.0) == tid);
        let ended = self
            .ended_threads
            .iter()
            .any(|c| c.pid == caller.pid && u64::from(c.tid.0) == tid);
        Effect::reply(if ended || !alive {
            Reply::Done(Value::Unit)
        } else {
            Reply::Wait
        })
    }

    /// Whether somebody else must complete an operation of this thread.
    pub fn is_waiting(&self, caller: Caller) -> bool {
        self.asked.contains_key(&caller) || self.kernel.is_blocked(caller).is_some()
    }

    /// A thread reaches the end of its body.
    pub fn exit(&mut self, caller: Caller) -> Effect {
        match self.kernel.exit_thread(caller, 0) {
            Ok(step) => {
                if self.kernel.threads(caller.pid).contains(&caller.tid) {
                    self.ended_threads.insert(caller);
                }
                self.effect(caller, 0, step)
            }
            Err(_) => Effect::reply(Reply::Never),
        }
    }
}

/// The tags of encoded results that the machine tells apart (`xous-rs/src/definitions.rs:314-541`).
mod tag {
    pub const OK: u64 = 0;
    pub const ERROR: u64 = 1;
    pub const MEMORY_ADDRESS: u64 = 2;
    pub const MEMORY_RANGE: u64 = 3;
    pub const SERVER_ID: u64 = 6;
    pub const CONNECTION_ID: u64 = 7;
    pub const NEW_SERVER_ID: u64 = 8;
    pub const THREAD_ID: u64 = 10;
    pub const PROCESS_ID: u64 = 11;
    pub const SCALAR1: u64 = 14;
    pub const SCALAR2: u64 = 15;
    pub const NONE: u64 = 17;
    pub const MEMORY_RETURNED: u64 = 18;
    pub const SCALAR5: u64 = 20;
}

/// Argument words of a syscall.
fn words(arguments: &[Value]) -> Result<[u64; 7], Misuse> {
    let mut words = [0; 7];
    if arguments.len() > words.len() {
        return Err(format!(
            "a syscall has 7 arguments at most, not {}",
            arguments.len()
        ));
    }
    for (word, argument) in words.iter_mut().zip(arguments) {
        let number = argument.as_int();
        *word = number.ok_or_else(|| format!("{argument} is not a number that a syscall takes"))?;
    }
    Ok(words)
}

/// A result as a program sees it: its words behind the tag, as many as the tag has.
fn plain_value(words: [u64; 8]) -> Value {
    let ints =
        |count: usize| Value::Tuple(words[1..=count].iter().map(|&n| Value::Int(n)).collect());
    match words[0] {
        tag::OK | tag::NONE => Value::Unit,
        tag::ERROR => Value::Error(Error::from_word(words[1])),
        tag::MEMORY_ADDRESS
        | tag::CONNECTION_ID
        | tag::THREAD_ID
        | tag::PROCESS_ID
        | tag::SCALAR1 => Value::Int(words[1]),
        tag::MEMORY_RANGE | tag::SCALAR2 | tag::MEMORY_RETURNED => ints(2),
        tag::SERVER_ID => ints(4),
        tag::NEW_SERVER_ID | tag::SCALAR5 => ints(5),
        _ => ints(7),
    }
}
