//! One run of a Rust body: what it did so far, and the observations that it still gets.

use crate::behaviour::{Carried, OpRecord, Recorded, Return, TraceError, Tracer};
use crate::native::word::Held;
use crate::op::{BodyId, Op, Operand, Register, Test};
use crate::value::Value;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::rc::{Rc, Weak};

/// Operations of one run at most.
const MAX_OPERATIONS: usize = 10_000;

thread_local! {
    static CURRENT: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// The run that is under way on this thread.
struct Run {
    observations: VecDeque<Value>,
    records: Vec<Recorded>,
    registers: Vec<Weak<Register>>,
    abandoned: bool,
    /// Loops that were begun so far.
    loops: usize,
}

impl Run {
    /// The registers that the body can reach.
    fn alive(&self) -> Vec<Register> {
        let registers = self.registers.iter().enumerate();
        let alive = registers.filter(|(_, register)| register.strong_count() > 0);
        alive.map(|(number, _)| number as Register).collect()
    }
}

/// What unwinds a body whose run is over.
struct Suspended;
/// What unwinds a body that ends with an error of its own.
struct Ended(String);

/// A body.
pub type Body = Rc<dyn Fn()>;

/// Runs the Rust bodies of a scenario.
pub struct NativeTracer(pub Vec<Body>);

impl Tracer for NativeTracer {
    fn run(&mut self, body: BodyId, observations: &[Value]) -> Result<Vec<Recorded>, TraceError> {
        let run = Run {
            observations: observations.iter().cloned().collect(),
            records: Vec::new(),
            registers: Vec::new(),
            abandoned: false,
            loops: 0,
        };
        let outer = CURRENT.replace(Some(run));
        let body = Rc::clone(&self.0[usize::from(body.0)]);
        let ending = catch_unwind(AssertUnwindSafe(|| body()));
        let run = CURRENT.replace(outer).expect("the run outlives its body");
        let mut records = run.records;
        match ending {
            Ok(()) => records.push(Recorded::End),
            Err(payload) if payload.is::<Suspended>() => {}
            Err(payload) => records.push(Recorded::Raise(message(&*payload))),
        }
        Ok(records)
    }
}

/// What a panic says.
fn message(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(Ended(message)) = payload.downcast_ref() {
        return message.clone();
    }
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_string());
    text.or_else(|| payload.downcast_ref().cloned())
        .unwrap_or_else(|| "a panic".into())
}

/// Works on the current run; `None` if the body was thrown away.
fn with<T>(f: impl FnOnce(&mut Run) -> T) -> Option<T> {
    CURRENT.with_borrow_mut(|current| {
        let run = current
            .as_mut()
            .expect("operations are performed by the bodies of a scenario");
        (!run.abandoned).then(|| f(run))
    })
}

/// Ends the run here.
fn leave(payload: Box<dyn std::any::Any + Send>) -> ! {
    with(|run| run.abandoned = true);
    resume_unwind(payload)
}

/// Ends the body as a panic does.
pub fn panic(message: String) -> ! {
    leave(Box::new(Ended(message)))
}

/// Records an operation; the result is a register.
#[track_caller]
pub fn perform(op: Op<Operand>) -> Held {
    let source = Location::caller();
    let recorded = with(|run| {
        if run.records.len() > MAX_OPERATIONS {
            return None;
        }
        let live = run.alive();
        let register = Rc::new(run.registers.len() as Register);
        run.registers.push(Rc::downgrade(&register));
        run.records.push(Recorded::Op(OpRecord {
            op,
            register: *register,
            live,
            source: format!("{}:{}", source.file(), source.line()),
        }));
        Some(register)
    });
    match recorded {
        Some(Some(register)) => Held::Register(register),
        Some(None) => panic(format!(
            "a body performs more than {MAX_OPERATIONS} operations"
        )),
        None => Held::Nothing,
    }
}

/// Records a look and returns the observation; a body that was thrown away sees `otherwise`.
pub fn observe(test: Test, otherwise: Value) -> Value {
    let seen = with(|run| {
        run.records.push(Recorded::Test(test));
        run.observations.pop_front()
    });
    match seen {
        Some(Some(value)) => value,
        Some(None) => leave(Box::new(Suspended)),
        None => otherwise,
    }
}

/// Spins while `condition()` is true; nothing may survive a round.
pub fn spin_while(condition: impl FnOnce() -> bool) {
    let begun = with(|run| {
        run.records.push(Recorded::LoopHead);
        run.loops += 1;
        (run.loops - 1, run.alive())
    });
    if condition() {
        if let Some((place, alive)) = begun {
            let registers: Carried = alive.into_iter().map(|r| (r, r)).collect();
            with(|run| {
                run.records
                    .push(Recorded::Back(Return { place, registers }))
            });
        }
        leave(Box::new(Suspended));
    }
    with(|run| run.records.push(Recorded::LoopExit));
}
