//! Values, operations and records of bodies, from and to Python.
//!
//! A value is `None`, an int, or a tuple that begins with a letter: `("c", pid, cid, serial)` a connection,
//! `("e", number)` an error, `("t", [parts])` a tuple, `("s", n)` a strong and `("w", n)` a weak reference. An operand
//! may also be `("r", n)`, a register, or `("f", n, k)`, a part of one.

use crate::errors::misuse;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyTuple};
use xous_sim_kernel::{Cid, Error, Pid, ServerSerial};
use xous_sim_userland::behaviour::{OpRecord, Recorded, Return};
use xous_sim_userland::names::NamesOp;
use xous_sim_userland::op::{
    AtomicOp, BodyId, CellOp, Comparison, HeapOp, MutexOp, ObjectId, OnceOp, Op, Operand, Order,
    Test,
};
use xous_sim_userland::value::{Connection, Value};

/// A violation in Python's words: property, subject, message.
pub type Words = (String, String, String);

/// A PID.
pub fn pid(number: u8) -> PyResult<Pid> {
    Pid::new(number).ok_or_else(|| misuse("there is no process 0"))
}

/// A value for Python.
pub fn value_to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Unit => py.None().into_bound(py),
        Value::Int(n) => n.into_pyobject(py)?.into_any(),
        Value::Connection(c) => ("c", c.pid.get(), c.cid.0, c.opened_for.0)
            .into_pyobject(py)?
            .into_any(),
        Value::Error(error) => ("e", *error as u8).into_pyobject(py)?.into_any(),
        Value::Tuple(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(|part| value_to_python(py, part))
                .collect::<PyResult<_>>()?;
            ("t", PyList::new(py, parts)?).into_pyobject(py)?.into_any()
        }
        Value::Strong(n) => ("s", *n).into_pyobject(py)?.into_any(),
        Value::Weak(n) => ("w", *n).into_pyobject(py)?.into_any(),
    })
}

/// A value from Python.
pub fn value_from_python(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    match operand_from_python(object)? {
        Operand::Const(value) => Ok(value),
        _ => Err(misuse(
            "a result of a traced body is used outside of that body",
        )),
    }
}

/// An operand from Python.
pub fn operand_from_python(object: &Bound<'_, PyAny>) -> PyResult<Operand> {
    if object.is_none() {
        return Ok(Operand::Const(Value::Unit));
    }
    if object.is_instance_of::<PyInt>() {
        return Ok(Operand::Const(Value::Int(object.extract()?)));
    }
    let tuple = object.cast::<PyTuple>()?;
    let letter: String = tuple.get_item(0)?.extract()?;
    let number = |place: usize| -> PyResult<u32> { tuple.get_item(place)?.extract() };
    Ok(match letter.as_str() {
        "r" => Operand::Register(number(1)?),
        "f" => Operand::Field(number(1)?, tuple.get_item(2)?.extract()?),
        "c" => Operand::Const(Value::Connection(Connection {
            pid: pid(tuple.get_item(1)?.extract()?)?,
            cid: Cid(number(2)?),
            opened_for: ServerSerial(number(3)?),
        })),
        "e" => Operand::Const(Value::Error(Error::from_word(number(1)?.into()))),
        "t" => {
            let parts: Vec<Bound<'_, PyAny>> = tuple.get_item(1)?.extract()?;
            let parts = parts
                .iter()
                .map(value_from_python)
                .collect::<PyResult<Vec<Value>>>()?;
            Operand::Const(Value::Tuple(parts.into()))
        }
        "s" => Operand::Const(Value::Strong(tuple.get_item(1)?.extract()?)),
        "w" => Operand::Const(Value::Weak(tuple.get_item(1)?.extract()?)),
        other => return Err(misuse(format!("{other:?} is no kind of value"))),
    })
}

/// An operation from Python.
pub fn op_from_python(object: &Bound<'_, PyAny>) -> PyResult<Op<Operand>> {
    let tuple = object.cast::<PyTuple>()?;
    let item = |place: usize| tuple.get_item(place);
    let object_id = || -> PyResult<ObjectId> { Ok(ObjectId(item(1)?.extract()?)) };
    let word = |place: usize| -> PyResult<String> { item(place)?.extract() };
    let operands = |place: usize| -> PyResult<Vec<Operand>> {
        let list: Vec<Bound<'_, PyAny>> = item(place)?.extract()?;
        list.iter().map(operand_from_python).collect()
    };
    Ok(match word(0)?.as_str() {
        "atomic" => Op::Atomic(
            object_id()?,
            atomic(&word(2)?)?,
            order(&word(3)?)?,
            operands(4)?,
        ),
        "fence" => Op::Fence(order(&word(1)?)?),
        "mutex" => Op::Mutex(object_id()?, mutex(&word(2)?)?),
        "once" => Op::Once(
            object_id()?,
            once(&word(2)?)?,
            Some(operand_from_python(&item(3)?)?),
        ),
        "cell" => Op::Cell(
            object_id()?,
            cell(&word(2)?)?,
            Some(operand_from_python(&item(3)?)?),
        ),
        "heap" => Op::Heap(
            object_id()?,
            heap(&word(2)?)?,
            operand_from_python(&item(3)?)?,
        ),
        "syscall" => Op::Syscall(item(1)?.extract()?, operands(2)?),
        "names" => Op::Names(names(&item(1)?)?, operands(2)?),
        "persist" => Op::Persist(operand_from_python(&item(1)?)?),
        "release" => Op::Release(operand_from_python(&item(1)?)?),
        "spawn" => Op::Spawn(BodyId(item(1)?.extract()?), operands(2)?),
        "join" => Op::Join(operand_from_python(&item(1)?)?),
        "choose" => Op::Choose(item(1)?.extract()?),
        "yield" => Op::Yield,
        other => return Err(misuse(format!("{other:?} is no operation"))),
    })
}

/// An operation whose operands are all known.
pub fn known_op(object: &Bound<'_, PyAny>) -> PyResult<Op<Value>> {
    let op = op_from_python(object)?;
    if op.operands().any(|operand| operand.register().is_some()) {
        return Err(misuse(
            "a result of a traced body is used outside of that body",
        ));
    }
    Ok(op.map(|operand| match operand {
        Operand::Const(value) => value.clone(),
        Operand::Register(_) | Operand::Field(..) => unreachable!("all operands are constants"),
    }))
}

/// What a run of a body did.
pub fn records_from_python(list: &Bound<'_, PyAny>) -> PyResult<Vec<Recorded>> {
    let records: Vec<Bound<'_, PyTuple>> = list.extract()?;
    records.iter().map(record_from_python).collect()
}

fn record_from_python(record: &Bound<'_, PyTuple>) -> PyResult<Recorded> {
    let item = |place: usize| record.get_item(place);
    let kind: String = item(0)?.extract()?;
    Ok(match kind.as_str() {
        "op" => Recorded::Op(OpRecord {
            op: op_from_python(&item(1)?)?,
            register: item(2)?.extract()?,
            live: item(3)?.extract()?,
            source: item(4)?.extract()?,
        }),
        "test" => Recorded::Test(test_from_python(&item(1)?)?),
        "loop_head" => Recorded::LoopHead,
        "loop_exit" => Recorded::LoopExit,
        "yield" => Recorded::Yield,
        "back" => Recorded::Back(Return {
            place: item(1)?.extract()?,
            registers: item(2)?.extract()?,
        }),
        "end" => Recorded::End,
        "raise" => Recorded::Raise(item(1)?.extract()?),
        other => return Err(misuse(format!("{other:?} is no kind of record"))),
    })
}

fn test_from_python(object: &Bound<'_, PyAny>) -> PyResult<Test> {
    let tuple = object.cast::<PyTuple>()?;
    let operand = |place: usize| operand_from_python(&tuple.get_item(place)?);
    let kind: String = tuple.get_item(0)?.extract()?;
    Ok(match kind.as_str() {
        "is_ok" => Test::IsOk(operand(1)?),
        "value" => Test::ValueOf(operand(1)?),
        _ => {
            let comparison: String = tuple.get_item(2)?.extract()?;
            let comparison = match comparison.as_str() {
                "eq" => Comparison::Equal,
                "lt" => Comparison::Less,
                _ => Comparison::LessOrEqual,
            };
            Test::Compare(operand(1)?, comparison, operand(3)?)
        }
    })
}

fn names(request: &Bound<'_, PyAny>) -> PyResult<NamesOp> {
    let (kind, name, limit): (String, String, Option<u32>) = request.extract()?;
    Ok(match kind.as_str() {
        "register" => NamesOp::Register(name, limit),
        "lookup" => NamesOp::Lookup(name),
        "try_connect" => NamesOp::TryConnect(name),
        "blocking_connect" => NamesOp::BlockingConnect(name),
        "unregister" => NamesOp::Unregister,
        "disconnect" => NamesOp::Disconnect(name),
        "trusted_init_done" => NamesOp::TrustedInitDone,
        _ => return unknown("request to the name server", &kind),
    })
}

fn unknown<T>(what: &str, word: &str) -> PyResult<T> {
    Err(misuse(format!("{word:?} is no {what}")))
}

fn atomic(word: &str) -> PyResult<AtomicOp> {
    Ok(match word {
        "load" => AtomicOp::Load,
        "store" => AtomicOp::Store,
        "swap" => AtomicOp::Swap,
        "fetch_add" => AtomicOp::FetchAdd,
        "fetch_sub" => AtomicOp::FetchSub,
        "compare_exchange" => AtomicOp::CompareExchange,
        _ => return unknown("atomic operation", word),
    })
}

fn order(word: &str) -> PyResult<Order> {
    Ok(match word {
        "relaxed" => Order::Relaxed,
        "acquire" => Order::Acquire,
        "release" => Order::Release,
        "acq_rel" => Order::AcqRel,
        "seq_cst" => Order::SeqCst,
        _ => return unknown("memory order", word),
    })
}

fn mutex(word: &str) -> PyResult<MutexOp> {
    Ok(match word {
        "lock" => MutexOp::Lock,
        "try_lock" => MutexOp::TryLock,
        "unlock" => MutexOp::Unlock,
        _ => return unknown("operation of a mutex", word),
    })
}

fn once(word: &str) -> PyResult<OnceOp> {
    Ok(match word {
        "begin" => OnceOp::Begin,
        "complete" => OnceOp::Complete,
        "get" => OnceOp::Get,
        _ => return unknown("operation of a OnceLock", word),
    })
}

fn cell(word: &str) -> PyResult<CellOp> {
    Ok(match word {
        "get" => CellOp::Get,
        "set" => CellOp::Set,
        _ => return unknown("operation of a cell", word),
    })
}

fn heap(word: &str) -> PyResult<HeapOp> {
    Ok(match word {
        "new" => HeapOp::New,
        "clone" => HeapOp::Clone,
        "drop" => HeapOp::Drop,
        "drop_of_scenario" => HeapOp::DropOfScenario,
        "get" => HeapOp::Get,
        "downgrade" => HeapOp::Downgrade,
        "upgrade" => HeapOp::Upgrade,
        "drop_weak" => HeapOp::DropWeak,
        _ => return unknown("operation of a reference count", word),
    })
}
