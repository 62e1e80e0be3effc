//! Steps on a weak machine: as many for one operation as there are ways in which it can come out.
//!
//! A step depends on its thread's local state, the memory, the object (or what is picked) and who performs it. The ways of
//! each are computed once and looked up from then on, as the steps of a strong machine are.

use super::{C11, Roles, Way};
use crate::advance::{Performer, Upcoming};
use crate::behaviour::TraceError;
use crate::local::News;
use crate::machine::Effect;
use crate::object::{Misuse, Object, Reply};
use crate::op::{BodyId, CellOp, ObjectId, Op};
use crate::properties;
use crate::state::State;
use crate::value::Value;
use crate::world::{Kind, Outcome, World};
use std::sync::Arc;
use xous_sim_kernel::Caller;
use xous_sim_memory::{Memory, PlainAccess};
use xous_sim_step::{Choice, Violation};

/// What the ways of a step depend on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    local: u32,
    memory: u32,
    /// The object's number, or what is picked.
    object: u32,
    thread: usize,
}

/// One way in which a step can come out.
#[derive(Clone)]
pub(crate) struct Taken {
    /// The pick that chooses it among the others.
    pub pick: u16,
    pub outcome: Outcome,
    pub memory: u32,
    /// Threads that went round in vain and were shown all stores.
    pub caught_up: Vec<Caller>,
}

/// An operation that was carried out, before its thread has looked at the result.
struct Performed {
    pick: u16,
    object: u32,
    memory: Memory<Value>,
    effect: Effect,
    /// What it means for the loops that the thread is in.
    news: Option<News>,
}

impl World<'_> {
    /// Where the memory is in a state.
    pub(crate) fn memory_place(&self) -> usize {
        self.layout.object(self.program.objects.len() + 1)
    }

    /// A fence acts on the memory itself.
    pub(crate) fn fence_kind(&self) -> Kind {
        Kind::Object {
            place: self.memory_place() as u32,
            by_thread: true,
            may_wait: false,
        }
    }

    /// The memory's parts of this world.
    pub(super) fn c11(&mut self) -> &mut C11 {
        let c11 = self.c11.as_mut();
        c11.expect("weak steps are taken on a weak machine")
    }

    /// The number of the memory before the threads begin.
    pub(crate) fn first_memory(&mut self) -> u32 {
        let bodies: Vec<BodyId> = self.program.threads.iter().map(|plan| plan.body).collect();
        let interests: Vec<_> = bodies.iter().map(|&body| self.interest(body)).collect();
        let memory = Roles::memory(&self.program, interests);
        self.c11().memories.intern(memory)
    }

    /// Appends the choices that are enabled: a thread's operation in all its ways.
    #[cold]
    pub(crate) fn enabled_c11(
        &mut self,
        state: &State,
        choices: &mut Vec<Choice>,
    ) -> Result<(), TraceError> {
        for thread in 0..self.layout.thread_count(state) {
            let agent = self.layout.agent(thread);
            let choice = |pick| Choice { agent, pick };
            match self.next_kind(state, thread) {
                Kind::Idle => {}
                Kind::Choose(n) => choices.extend((0..n).map(choice)),
                Kind::Object { .. } => {
                    let ways = self.ways(state, thread, 0)?;
                    choices.extend(ways.iter().map(|way| choice(way.pick)));
                }
            }
        }
        self.enabled_fates(state, choices);
        Ok(())
    }

    /// Takes a step as to the memory; what it does to its thread and its object is left to the caller.
    #[cold]
    pub(crate) fn step_c11(
        &mut self,
        state: &mut State,
        thread: usize,
        pick: u16,
    ) -> Result<Outcome, TraceError> {
        let taken = self.taken(state, thread, pick)?;
        state.0[self.memory_place()] = taken.memory;
        self.c11().caught_up = taken.caught_up;
        Ok(taken.outcome)
    }

    /// The way that is picked.
    fn taken(&mut self, state: &State, thread: usize, pick: u16) -> Result<Taken, TraceError> {
        let ways = self.ways(state, thread, pick)?;
        let way = self.way(&ways, state, thread, pick);
        Ok(way.expect("only enabled choices are taken").clone())
    }

    /// The way that is picked; what is chosen freely has only one.
    fn way<'w>(
        &self,
        ways: &'w [Taken],
        state: &State,
        thread: usize,
        pick: u16,
    ) -> Option<&'w Taken> {
        match self.next_kind(state, thread) {
            Kind::Object { .. } => ways.iter().find(|way| way.pick == pick),
            _ => ways.first(),
        }
    }

    /// What a step did that was taken before.
    pub(crate) fn known_taken(&self, state: &State, thread: usize, pick: u16) -> Option<Outcome> {
        let key = self.key_c11(state, thread, pick);
        let ways = self.c11.as_ref()?.steps.get(&key)?;
        self.way(ways, state, thread, pick)
            .map(|taken| taken.outcome)
    }

    /// Forgets which threads the last step showed all stores to.
    pub(crate) fn begin_step(&mut self) {
        if let Some(c11) = &mut self.c11 {
            c11.caught_up.clear();
        }
    }

    /// Threads that the last step showed all stores to.
    pub(crate) fn caught_up(&self) -> &[Caller] {
        self.c11.as_ref().map_or(&[], |c11| &c11.caught_up)
    }

    /// All values that some thread may still read from the memory.
    pub(crate) fn values_in_memory(&self, state: &State) -> impl Iterator<Item = &Value> {
        let memory = self.c11.as_ref().map(|c11| {
            let number = state.0[self.memory_place()];
            &c11.memories[number]
        });
        memory.into_iter().flat_map(Memory::values)
    }

    /// What an operation on an atomic gives in the way that is picked, in words.
    pub(crate) fn result_c11(
        &self,
        state: &State,
        thread: usize,
        pick: u16,
        op: &Op<Value>,
    ) -> String {
        let (Op::Atomic(id, atomic, order, operands), Some(c11)) = (op, &self.c11) else {
            unreachable!("it is asked of atomics on a weak machine");
        };
        let caller = self.caller(state, thread);
        let memory = &c11.memories[state.0[self.memory_place()]];
        let ways = c11
            .roles
            .atomic(memory, caller, (*id, *atomic, *order), operands);
        match ways {
            Ok(ways) => ways
                .iter()
                .find(|way| way.pick == pick)
                .map_or_else(String::new, Way::to_string),
            Err(misuse) => misuse,
        }
    }

    /// Whether a thread may overlook a store.
    pub(crate) fn is_behind(&self, state: &State, thread: usize) -> bool {
        let caller = self.caller(state, thread);
        self.c11.as_ref().is_some_and(|c11| {
            let number = state.0[self.memory_place()];
            Roles::is_behind(&c11.memories[number], caller)
        })
    }

    /// Shows all stores to a thread that goes round.
    pub(crate) fn catch_up(&mut self, state: &mut State, thread: usize) {
        self.change_memory(state, thread, Roles::caught_up);
        let caller = self.caller(state, thread);
        if let Some(c11) = &mut self.c11 {
            c11.caught_up.push(caller);
        }
    }

    /// Changes the memory on behalf of a thread, where there is one.
    pub(crate) fn change_memory(
        &mut self,
        state: &mut State,
        thread: usize,
        change: fn(&Memory<Value>, Caller) -> Memory<Value>,
    ) {
        let place = self.memory_place();
        let caller = self.caller(state, thread);
        if let Some(c11) = &mut self.c11 {
            let memory = change(&c11.memories[state.0[place]], caller);
            state.0[place] = c11.memories.intern(memory);
        }
    }

    fn next_kind(&self, state: &State, thread: usize) -> Kind {
        let local = state.0[self.layout.thread(thread)];
        self.infos[local as usize].kind
    }

    fn key_c11(&self, state: &State, thread: usize, pick: u16) -> Key {
        let object = match self.next_kind(state, thread) {
            Kind::Object { place, .. } => state.0[place as usize],
            _ => u32::from(pick),
        };
        Key {
            local: state.0[self.layout.thread(thread)],
            memory: state.0[self.memory_place()],
            object,
            thread,
        }
    }

    /// The ways of the next operation, computed where they are new.
    fn ways(
        &mut self,
        state: &State,
        thread: usize,
        pick: u16,
    ) -> Result<Arc<[Taken]>, TraceError> {
        let key = self.key_c11(state, thread, pick);
        if let Some(known) = self.c11().steps.get(&key) {
            return Ok(Arc::clone(known));
        }
        let performer = self.performer(state, thread);
        let ways: Arc<[Taken]> = self.compute_ways(performer, key)?.into();
        self.c11().steps.insert(key, Arc::clone(&ways));
        Ok(ways)
    }

    fn compute_ways(&mut self, performer: Performer, key: Key) -> Result<Vec<Taken>, TraceError> {
        let upcoming = self.upcoming(key.local)?;
        let memory = self.c11().memories[key.memory].clone();
        match self.perform_c11(performer, &upcoming.op, key.object, memory) {
            Ok(performed) => {
                let ways = performed
                    .into_iter()
                    .map(|one| self.take(performer.caller, &upcoming, one));
                ways.filter_map(Result::transpose).collect()
            }
            Err(misuse) => Ok(vec![Taken {
                pick: 0,
                outcome: self.misused(&upcoming, key.object, &misuse)?,
                memory: key.memory,
                caught_up: Vec::new(),
            }]),
        }
    }

    /// All ways of an operation on an object.
    fn perform_c11(
        &mut self,
        performer: Performer,
        op: &Op<Value>,
        object: u32,
        memory: Memory<Value>,
    ) -> Result<Vec<Performed>, Misuse> {
        let caller = performer.caller;
        if let Op::Atomic(id, atomic, order, operands) = op {
            let roles = &self.c11().roles;
            let ways = roles.atomic(&memory, caller, (*id, *atomic, *order), operands)?;
            return Ok(ways
                .into_iter()
                .map(|way| self.performed(*id, object, way))
                .collect());
        }
        let before = object;
        let (object, mut effect) = self.perform(performer, op, object)?;
        let acted = matches!(op, Op::Choose(n) if *n > 1) || object != before;
        let roles = &self.c11().roles;
        let (memory, race) = roles.other(&memory, caller, op, &effect.reply);
        effect.violation = effect
            .violation
            .or(race.map(|race| self.data_race(race, caller, op)));
        Ok(vec![Performed {
            pick: 0,
            object,
            memory,
            effect,
            news: acted.then_some(News::Acted),
        }])
    }

    /// One way of an operation on an atomic; its object holds the newest value.
    fn performed(&mut self, id: ObjectId, before: u32, way: Way) -> Performed {
        let newest = self.c11().roles.newest(&way.memory, id);
        let object = self.objects.intern(Object::Atomic(newest));
        Performed {
            pick: way.pick,
            object,
            news: news(&way, object != before),
            memory: way.memory,
            effect: Effect::reply(way.reply),
        }
    }

    /// The memory when the thread has begun that an operation starts, if it starts one.
    fn start_child(
        &mut self,
        memory: Memory<Value>,
        parent: Caller,
        effect: &Effect,
    ) -> Result<Memory<Value>, TraceError> {
        let Some(child) = &effect.spawned else {
            return Ok(memory);
        };
        self.behaviour(child.body)?;
        let interest = self.interest(child.body);
        Ok(Roles::started(&memory, parent, child.caller, interest))
    }

    /// The step behind an operation; `None` if the operation has to wait.
    fn take(
        &mut self,
        caller: Caller,
        upcoming: &Upcoming,
        performed: Performed,
    ) -> Result<Option<Taken>, TraceError> {
        let Performed { effect, .. } = performed;
        let memory = self.start_child(performed.memory, caller, &effect)?;
        let behind = Roles::is_behind(&memory, caller);
        let Some(after) = self.reply(upcoming, &effect.reply, performed.news, behind)? else {
            return Ok(None);
        };
        let child = effect.spawned.as_ref().map(|spawned| spawned.caller);
        let child_is_behind = child.is_some_and(|child| Roles::is_behind(&memory, child));
        let begun = self.begin_spawned(&effect, child_is_behind)?;
        let child = child.filter(|_| begun.as_ref().is_some_and(|begun| begun.caught_up));
        let own = after.caught_up.then_some(caller);
        let caught_up: Vec<Caller> = own.into_iter().chain(child).collect();
        let memory = memory_behind(memory, caller, &effect.reply, &caught_up);
        let memory = self.c11().memories.intern(memory);
        let object = match upcoming.op {
            Op::Fence(_) => memory,
            _ => performed.object,
        };
        Ok(Some(Taken {
            pick: performed.pick,
            outcome: self.outcome(object, after, effect, begun)?,
            memory,
            caught_up,
        }))
    }

    fn data_race(&self, earlier: PlainAccess, caller: Caller, op: &Op<Value>) -> Violation {
        let variable = op.object().unwrap_or(ObjectId::MACHINE);
        let name = crate::describe::object_name(&self.program, variable);
        let writes = matches!(op, Op::Cell(_, CellOp::Set, _));
        let before = super::caller(earlier.thread).map(|caller| self.program.caller_name(caller));
        properties::data_race(
            &name,
            (&before.unwrap_or_default(), earlier.writes),
            (&self.program.caller_name(caller), writes),
        )
    }
}

/// What one way of an operation on an atomic means for the loops that its thread is in. A store that was passed over may
/// yet be seen, as if it came later. Writing what is there already changes nothing: nobody sees more by it.
fn news(way: &Way, changed: bool) -> Option<News> {
    match (changed, way.only_looks) {
        (true, _) => Some(News::Acted),
        (false, true) => (way.pick > 0).then_some(News::Changed),
        (false, false) => (way.pick > 0).then_some(News::Acted),
    }
}

/// The memory when a step is over: threads that went round in vain have seen all stores, a thread that was stopped is forgotten.
fn memory_behind(
    mut memory: Memory<Value>,
    caller: Caller,
    reply: &Reply,
    caught_up: &[Caller],
) -> Memory<Value> {
    for &thread in caught_up {
        memory = Roles::caught_up(&memory, thread);
    }
    match reply {
        Reply::Never => Roles::killed(&memory, caller),
        _ => memory,
    }
}
