//! Operations in words, for traces and for reports of deadlocks.

use crate::machine::{Environment, Machine, sid_text};
use crate::names::NamesOp;
use crate::op::{AtomicOp, CellOp, HeapOp, MutexOp, ObjectId, OnceOp, Op};
use crate::program::Program;
use crate::value::Value;
use xous_sim_kernel::Sid;
use xous_sim_trace::KERNEL;

/// An operation as a reader of the scenario would write it, performed on `machine`.
pub fn op(program: &Program, machine: &Machine, op: &Op<Value>) -> String {
    let name = |id: &ObjectId| object_name(program, *id);
    match op {
        Op::Atomic(id, op, order, operands) => {
            let mut arguments: Vec<String> = operands.iter().map(Value::to_string).collect();
            arguments.push(order.to_string());
            format!("{}.{}({})", name(id), atomic(*op), arguments.join(", "))
        }
        Op::Fence(order) => format!("fence({order})"),
        Op::Mutex(id, op) => format!("{}.{}()", name(id), mutex(*op)),
        Op::Once(id, op, operand) => call(&name(id), once(*op), operand.as_ref()),
        Op::Cell(id, CellOp::Get, _) => format!("{}.get()", name(id)),
        Op::Cell(id, CellOp::Set, operand) => call(&name(id), "set", operand.as_ref()),
        Op::Heap(_, op, operand) => heap(*op, operand),
        Op::Syscall(number, arguments) => syscall(program, machine, *number, arguments),
        Op::Names(request, _) => names(request),
        Op::Persist(connection) => format!("{connection} is meant to stay"),
        Op::Release(connection) => format!("{connection} may end"),
        Op::Spawn(..) => "spawn a thread".into(),
        Op::Join(tid) => format!("join thread {tid}"),
        Op::Choose(n) => format!("choose({n})"),
        Op::Yield => "yield_now()".into(),
    }
}

fn names(request: &NamesOp) -> String {
    match request {
        NamesOp::Register(name, None) => format!("register {name}"),
        NamesOp::Register(name, Some(limit)) => format!("register {name} for {limit} connections"),
        NamesOp::Lookup(name) => format!("look {name} up and connect"),
        NamesOp::TryConnect(name) => format!("try to connect to {name}"),
        NamesOp::BlockingConnect(name) => format!("connect to {name}, waiting for it"),
        NamesOp::Unregister => "unregister a server".into(),
        NamesOp::Disconnect(name) => format!("give the connections to {name} back with a token"),
        NamesOp::TrustedInitDone => "ask whether trusted init is done".into(),
    }
}

/// What an operation acts on, by name; `None` if it is nothing that others can see.
pub fn acted_on(program: &Program, op: &Op<Value>) -> Option<String> {
    match op {
        Op::Heap(_, HeapOp::New, _) => None,
        Op::Heap(_, _, operand) => Some(operand.to_string()),
        _ => op.object().map(|id| object_name(program, id)),
    }
}

/// The name of an object.
pub fn object_name(program: &Program, id: ObjectId) -> String {
    let index = usize::from(id.0).checked_sub(1);
    let named = index.and_then(|index| program.objects.get(index));
    named.map_or_else(|| KERNEL.into(), |named| named.name.clone())
}

fn call(object: &str, method: &str, operand: Option<&Value>) -> String {
    let operand = operand.map(Value::to_string).unwrap_or_default();
    format!("{object}.{method}({operand})")
}

fn atomic(op: AtomicOp) -> &'static str {
    match op {
        AtomicOp::Load => "load",
        AtomicOp::Store => "store",
        AtomicOp::Swap => "swap",
        AtomicOp::FetchAdd => "fetch_add",
        AtomicOp::FetchSub => "fetch_sub",
        AtomicOp::CompareExchange => "compare_exchange",
    }
}

fn mutex(op: MutexOp) -> &'static str {
    match op {
        MutexOp::Lock => "lock",
        MutexOp::TryLock => "try_lock",
        MutexOp::Unlock => "unlock",
    }
}

fn once(op: OnceOp) -> &'static str {
    match op {
        OnceOp::Begin => "get_or_init",
        OnceOp::Complete => "init",
        OnceOp::Get => "get",
    }
}

fn heap(op: HeapOp, operand: &Value) -> String {
    match op {
        HeapOp::New => format!("Arc::new({operand})"),
        HeapOp::Clone => format!("clone {operand}"),
        HeapOp::Drop | HeapOp::DropOfScenario | HeapOp::DropWeak => format!("drop {operand}"),
        HeapOp::Get => format!("read {operand}"),
        HeapOp::Downgrade => format!("downgrade {operand}"),
        HeapOp::Upgrade => format!("upgrade {operand}"),
    }
}

fn syscall(program: &Program, machine: &Machine, number: u8, arguments: &[Value]) -> String {
    let environment = &program.environment;
    let list = |rest: &[Value]| {
        let rest: Vec<String> = rest.iter().map(Value::to_string).collect();
        rest.join(", ")
    };
    match number {
        14 | 15 | 17 | 25 | 28 | 34 => {
            let verb = match number {
                14 => "create server",
                15 => "receive from",
                17 => "connect to",
                25 => "try to connect to",
                28 => "try to receive from",
                _ => "destroy",
            };
            format!("{verb} {}", server(program, arguments))
        }
        16 | 24 => send(environment, machine, number == 24, arguments),
        20 => format!("return memory to sender {}", list(arguments)),
        22 => "terminate the process".into(),
        26 | 27 | 40 => format!(
            "return scalar {}",
            list(&arguments[1.min(arguments.len())..])
        ),
        30 => format!("connect for process {}", list(arguments)),
        35 => format!(
            "disconnect {}",
            connection(environment, machine, arguments.first())
        ),
        36 => format!("join thread {}", list(arguments)),
        41 => "reply and receive next".into(),
        number => format!("system call {number}({})", list(arguments)),
    }
}

fn send(environment: &Environment, machine: &Machine, trying: bool, arguments: &[Value]) -> String {
    let kind = match arguments.get(1).and_then(Value::as_int) {
        Some(1) => "MutableBorrow",
        Some(2) => "Borrow",
        Some(3) => "Move",
        Some(4) => "Scalar",
        Some(5) => "BlockingScalar",
        _ => "a message of unknown kind",
    };
    let verb = if trying { "try to send" } else { "send" };
    let opcode = arguments.get(2).map(Value::to_string).unwrap_or_default();
    format!(
        "{verb} {kind} {opcode} through {}",
        connection(environment, machine, arguments.first())
    )
}

fn connection(environment: &Environment, machine: &Machine, value: Option<&Value>) -> String {
    match value {
        Some(Value::Connection(c)) => {
            let server = environment.server_name(machine, c.opened_for);
            format!("CID {} ({server})", c.cid.0)
        }
        Some(other) => format!("CID {other}"),
        None => "no CID".into(),
    }
}

/// A server by its SID: by name where it has one, else by the bytes where they are text.
fn server(program: &Program, sid: &[Value]) -> String {
    let mut words = [0; 4];
    for (word, value) in words.iter_mut().zip(sid) {
        *word = value.as_int().unwrap_or(0) as u32;
    }
    let sid = Sid(words);
    let serial = program.machine.kernel.server_named(sid);
    let name = serial.and_then(|serial| program.environment.server_names.get(&serial));
    name.cloned().unwrap_or_else(|| sid_text(sid))
}
