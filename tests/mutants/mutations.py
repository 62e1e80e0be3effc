"""The mutations: each makes a reduction, or what it relies on, wrong in one place.

Left out: what only makes searches slower, and what needs a full connection map to matter, which generated programs do
not fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Shown = Literal["the end", "every state", "written", "Rust", "bodies"]
"""Which states of generated programs are looked at: only the final ones, or all, which is what an invariant does.

Or none: where all searches would be wrong in the same way, only programs whose outcome is known can show it.

Or none: all searches tell livelocks in the same way, so only tests of the Rust crates, which know the answer, can show
that it is wrong. Bodies that are told apart by their arguments are not generated either: a test has them."""


@dataclass(frozen=True)
class Mutation:
    """A change of one place in the source.

    Attributes:
        name: What the mutant does wrong.
        path: The file.
        old: What stands there, exactly once.
        new: What the mutant has instead.
        shown_in: Whether final states show it, or only an invariant, or only the tests of the Rust crates or of bodies.
    """

    name: str
    path: str
    old: str
    new: str
    shown_in: Shown = "the end"

    def applied_to(self, source: str) -> str:
        """The mutant's source.

        Raises:
            LookupError: If what it replaces does not stand there exactly once.
        """
        if source.count(self.old) != 1:
            raise LookupError(f"{self.path} has {self.old!r} {source.count(self.old)} times, not once")
        return source.replace(self.old, self.new)


_FOOTPRINT: Final = "rust/userland/src/footprint.rs"
_FUTURE: Final = "rust/userland/src/future.rs"
_FAULTS: Final = "rust/userland/src/faults.rs"
_SYMMETRY: Final = "rust/userland/src/symmetry.rs"
_DPOR: Final = "rust/explore/src/dpor.rs"
_RACES: Final = "rust/explore/src/dpor/races.rs"
_WAKEUP: Final = "rust/explore/src/dpor/wakeup.rs"
_PERSISTENT: Final = "rust/explore/src/exhaustive/persistent.rs"
_SCHEDULE: Final = "rust/step/src/schedule.rs"
_SEARCH: Final = "rust/explore/src/exhaustive/search.rs"
_BLOCK: Final = "rust/explore/src/exhaustive/block.rs"
_FOUND: Final = "rust/explore/src/exhaustive/found.rs"
_KNOWN: Final = "rust/userland/src/known.rs"
_ADVANCE: Final = "rust/userland/src/advance.rs"
_WEAK_STEPS: Final = "rust/userland/src/c11/steps.rs"
_SHARING: Final = "xous_sim/_drivers/sharing.py"

MUTATIONS: Final = (
    Mutation(
        "a step's footprint lacks the object that it reads",
        _FOOTPRINT,
        "footprint = footprint.reading(place);",
        "",
    ),
    Mutation(
        "the footprint of a step with effects lacks the object that it reads",
        _FOOTPRINT,
        "footprint = footprint.reading(place as usize);",
        "let _ = place;",
    ),
    Mutation(
        "a step's footprint lacks what it changed",
        _FOOTPRINT,
        "footprint = footprint.union(self.written(before, after));",
        "let _ = self.written(before, after);",
    ),
    Mutation(
        "a step's footprint lacks the object that it changed",
        _FOOTPRINT,
        "footprint = footprint.union(self.noticed()).writing(place);",
        "footprint = footprint.union(self.noticed());",
    ),
    Mutation(
        "a step's footprint lacks the kernel that it changed",
        _FOOTPRINT,
        "            if old != new {",
        "            if old != new && place != self.layout.object(0) {",
    ),
    Mutation(
        "a change does not conflict with the steps of those who may note it",
        _FOOTPRINT,
        "true => Footprint::NOTHING.reading(noted::<W>()),",
        "true => Footprint::NOTHING,",
    ),
    Mutation(
        "a thread that is started may spin without being noticed",
        _FOOTPRINT,
        "*thread >= existed || before.0[place] != after.0[place]",
        "*thread < existed && before.0[place] != after.0[place]",
    ),
    Mutation(
        "the steps of threads that may spin do not conflict with changes",
        _FOOTPRINT,
        "true => footprint.writing(noted::<W>()),",
        "true => footprint,",
    ),
    Mutation(
        "a step's footprint lacks the thread that it starts",
        _FOOTPRINT,
        "for place in before.0.len()..after.0.len() {",
        "for place in after.0.len()..after.0.len() {",
    ),
    Mutation(
        "what an invariant is shown changes unnoticed",
        _FOOTPRINT,
        "true => spinners.visible(),",
        "true => spinners,",
        shown_in="every state",
    ),
    Mutation(
        "what an invariant is shown changes unnoticed by a step without effects",
        _FOOTPRINT,
        "footprint = footprint.union(self.noticed()).writing(place);",
        "footprint = footprint.writing(place);",
        shown_in="every state",
    ),
    Mutation(
        "a step that never came is thought to touch no object",
        _FOOTPRINT,
        "Kind::Object { place, .. } => Some(footprint.writing(place as usize)),",
        "Kind::Object { .. } => Some(footprint),",
    ),
    Mutation(
        "the future lacks later rounds",
        _FUTURE,
        "(local.rounds_left > 0).then_some(BEGIN)",
        "(local.rounds_left > u16::MAX - 1).then_some(BEGIN)",
    ),
    Mutation(
        "the future lacks all but the first branch of a look",
        _FUTURE,
        "open.extend(behaviour.successors(node));",
        "open.extend(behaviour.successors(node).take(1));",
    ),
    Mutation(
        "the future takes what was seen to write once for a reader",
        _FUTURE,
        "seen.writes |= writes;",
        "seen.writes = false & writes;",
    ),
    Mutation(
        "the future lacks threads that are ended or started",
        _FUTURE,
        "seen.reaches_threads |=",
        "seen.reaches_threads &=",
    ),
    Mutation(
        "what an operation is seen to do is no new knowledge",
        _FUTURE,
        "if *seen != before {",
        "if *seen != before && writes && !writes {",
    ),
    Mutation(
        "the search does not begin again with what it has learned",
        _SEARCH,
        "self.unsettled || self.model.knowledge() != self.known",
        "self.unsettled || self.model.knowledge() < self.known",
    ),
    Mutation(
        "a search that is taken up again forgets that it relied on too little",
        "rust/explore/src/exhaustive/resume.rs",
        "self.unsettled = checkpoint.unsettled || !self.rehearsed;",
        "self.unsettled = checkpoint.unsettled && !self.rehearsed;",
        shown_in="written",
    ),
    Mutation(
        "a persistent set lacks those who interfere with its second member",
        _PERSISTENT,
        "touched = touched.union(next);",
        "let _ = next;",
    ),
    Mutation(
        "a persistent set heeds only the next step of the others",
        _PERSISTENT,
        "future.all.conflicts(touched)",
        "future.next.unwrap_or_default().conflicts(touched)",
    ),
    Mutation(
        "a persistent set lacks those who wake a member that waits in the kernel",
        _PERSISTENT,
        "                return false;",
        "                continue;",
    ),
    Mutation(
        "symmetry forgets to rename the holder of a lock",
        _SYMMETRY,
        "state.0[place] = number_of(state.0[place], &renamed)?;",
        "number_of(state.0[place], &renamed)?;",
    ),
    Mutation(
        "symmetry interchanges threads inside the kernel",
        _SYMMETRY,
        " || self.is_in_kernel(state, class)",
        "",
    ),
    Mutation(
        "symmetry interchanges threads that can be told apart",
        _SYMMETRY,
        "Op::Spawn(..) | Op::Join(_) => true,",
        "Op::Spawn(..) | Op::Join(_) => false,",
    ),
    Mutation(
        "a lock belongs to a TID",
        "rust/userland/src/world.rs",
        "holder: Holder::Thread(thread as u16),",
        "holder: Holder::Outside(self.caller(state, thread)),",
    ),
    Mutation(
        "a thread without an operation keeps its TID",
        "rust/userland/src/world/model.rs",
        "if self.infos[state.0[thread] as usize].exits {",
        "if self.infos[state.0[thread] as usize].exits && thread > self.layout.threads {",
    ),
    Mutation(
        "dpor forgets that happening before is transitive",
        _DPOR,
        "            past.add_all(&self.events[earlier].past);\n",
        "",
    ),
    Mutation(
        "dpor takes steps for independent of those that read what they write",
        "rust/explore/src/dpor/touched.rs",
        "events.add_all(&self.readers[word][bit]);",
        "let _ = (word, bit);",
    ),
    Mutation(
        "dpor thinks that a step that waits needs nobody else to become possible",
        _RACES,
        "between.any(|event| !self.events[event].past.contains(earlier))",
        "between.any(|event| event < earlier)",
    ),
    Mutation(
        "dpor reverses only the nearest race",
        _DPOR,
        "races.add(earlier);",
        "(races == EventSet::default()).then(|| races.add(earlier));",
    ),
    Mutation(
        "dpor treats steps that wait as others",
        _DPOR,
        "true => candidates.clone(),",
        "true => EventSet::default(),",
    ),
    Mutation(
        "dpor does not look for steps that never came",
        _RACES,
        "self.reverse_unborn()\n",
        "Ok(())\n",
    ),
    Mutation(
        "dpor lets a step that never came be born at once or never",
        _RACES,
        "            events.retain(stays);",
        "            events.retain(stays);\n            return Ok(());",
    ),
    Mutation(
        "dpor does not look for steps that a death cut off",
        _RACES,
        "if at_end.is_some() ||",
        "if at_end.is_some() || begin <= end ||",
    ),
    Mutation(
        "a death commutes with what it does not write",
        _FAULTS,
        "            true => footprint.reading_everything(),",
        "            true => footprint,",
    ),
    Mutation(
        "a process that may die is thought to do nothing",
        _FUTURE,
        "match machine.may_act(environment, mortal) {",
        "match machine.may_act(environment, mortal) && false {",
    ),
    Mutation(
        "dpor wakes no sleeper",
        _DPOR,
        "!sleeper.footprint.conflicts(footprint)",
        "sleeper.footprint.conflicts(footprint) || true",
    ),
    Mutation(
        "dpor wakes one sleeper too few",
        _DPOR,
        "node.sleepers.iter().filter(asleep).copied().collect();",
        "(node.sleepers.iter().enumerate())\n"
        "            .filter(|(n, sleeper)| *n == 0 || asleep(sleeper)).map(|(_, sleeper)| *sleeper).collect();",
    ),
    Mutation(
        "dpor takes an agent that has no part in a sequence for its beginning",
        _RACES,
        "takes_part(s.agent) && may_begin",
        "(takes_part(s.agent) || true) && may_begin",
    ),
    Mutation(
        "dpor does not look again for races of steps that are replaced",
        _DPOR,
        "self.fresh = self.fresh.min(self.events.len());",
        "",
    ),
    Mutation(
        "dpor takes only the first choice of an agent that picks",
        _DPOR,
        "untried: untried.collect(),",
        "untried: untried.take(1).collect(),",
    ),
    Mutation(
        "a wake-up tree drops what is owed behind a step that it has",
        _WAKEUP,
        "branch.then.insert(sequence);",
        "sequence.clear();",
    ),
    Mutation(
        "a wake-up tree takes steps for independent of the last one before them",
        _WAKEUP,
        "&sequence[..own.unwrap_or(sequence.len())]",
        "&sequence[..own.unwrap_or(sequence.len()).saturating_sub(1)]",
    ),
    Mutation(
        "a wake-up tree takes one pick for another",
        _WAKEUP,
        "if picks_another || !may_begin",
        "if !may_begin",
    ),
    Mutation(
        "a cycle that a fair scheduler breaks counts as a livelock",
        "rust/explore/src/livelock.rs",
        "if starved.is_empty() {",
        "if starved.is_empty() || !members.is_empty() {",
        shown_in="Rust",
    ),
    Mutation(
        "a fair cycle inside an unfair one is not looked for",
        "rust/explore/src/livelock.rs",
        "open.extend(graph.components(&stays));",
        "let _ = stays;",
        shown_in="Rust",
    ),
    Mutation(
        "fairness is judged on representatives",
        "rust/explore/src/livelock.rs",
        "Graph::of(model, false, ledger)",
        "Graph::of(model, true, ledger)",
    ),
    Mutation(
        "a death is a preemption",
        _SCHEDULE,
        "!self.is_fault() && previous.is_some_and(",
        "previous.is_some_and(",
        shown_in="Rust",
    ),
    Mutation(
        "a death takes the turn of whoever went before it",
        _SCHEDULE,
        "choices.rfind(|choice| !choice.is_fault()).copied()",
        "choices.next_back().copied()",
        shown_in="Rust",
    ),
    Mutation(
        "the search for a better schedule forgets that a death may let the last agent go on",
        "rust/explore/src/better.rs",
        "choice.agent == last.agent || choice.is_fault()",
        "choice.agent == last.agent",
        shown_in="Rust",
    ),
    Mutation(
        "a counterexample is shortened to one that violates something else first",
        "rust/explore/src/goal.rs",
        "(true, Some(false)) => Standing::Astray,",
        "(true, Some(false)) => Standing::UnderWay,",
        shown_in="Rust",
    ),
    Mutation(
        "a line is followed to its first violation, whatever it was reported for",
        "rust/explore/src/execution.rs",
        "Some((last, _)) if *last == steps => steps,",
        "Some((last, _)) if *last == steps => first,",
        shown_in="Rust",
    ),
    Mutation(
        "states of a block that only the model can expand are left out",
        _BLOCK,
        "found.unknown.push(place as u32);",
        "let _ = place;",
    ),
    Mutation(
        "what only the model reaches in a block is kept last",
        _FOUND,
        "if self.late.is_empty() {",
        "if self.late.len() < usize::MAX {",
        shown_in="Rust",
    ),
    Mutation(
        "what only the model reaches in a block is looked up last",
        _FOUND,
        "let places = self.in_order(self.places());",
        "let places: Vec<u32> = self.places().collect();",
        shown_in="Rust",
    ),
    Mutation(
        "what is left out of a block is looked up all the same",
        _FOUND,
        "places.filter(|&place| (self.reached[place as usize].parent as usize) < self.done)",
        "places.filter(|&place| place < u32::MAX)",
        shown_in="Rust",
    ),
    Mutation(
        "what all sets but the first find in a block is left out",
        _BLOCK,
        "all.union_with(more)",
        "all.grow(more.len())",
        shown_in="Rust",
    ),
    Mutation(
        "what is known of a death leaves threads alive",
        _KNOWN,
        "self.kill(state, *pid)?;",
        "let _ = pid;",
    ),
    Mutation(
        "what is known of a change alerts nobody who spins",
        _KNOWN,
        "Some(alerts) => self.alert(state, thread, alerts, permits),",
        "Some(_) => Some(()),",
    ),
    Mutation(
        "what is known of a wake-up does not tell the kernel that the woken thread is over",
        _KNOWN,
        "self.exit_if_over(state, woken, permits)?;",
        "let _ = woken;",
    ),
    Mutation(
        "a quiet state counts as one in which nothing is wrong",
        _KNOWN,
        "(!quiet && holds).then_some(())",
        "(holds || quiet).then_some(())",
    ),
    Mutation(
        "a step that violates something counts as one that does not",
        _KNOWN,
        "if effects.exhausted.is_some() || !violated.all(permits) {",
        "if effects.exhausted.is_some() || !violated.all(|_| true) {",
    ),
    Mutation(
        "a quiet state in which something is wrong is all right when it is seen again",
        "rust/userland/src/check.rs",
        "if broken.is_none() && self.at_rest",
        "if self.at_rest",
    ),
    Mutation(
        "a round that wrote or chose is a wait",
        _ADVANCE,
        "(chose || object != object_before).then_some(News::Changed)",
        "(chose && object != object_before).then_some(News::Changed)",
        shown_in="written",
    ),
    Mutation(
        "a round after which other results are held is a wait",
        _ADVANCE,
        "let news = match carried.iter().any(differs) {",
        "let news = match carried.iter().all(differs) && carried.is_empty() {",
        shown_in="written",
    ),
    Mutation(
        "a loop forgets what changed in the rounds of those around it",
        _ADVANCE,
        "local.news.retain(|(outer, _)| *outer < head);",
        "local.news.clear();",
        shown_in="written",
    ),
    Mutation(
        "whoever has written in a round is shown all stores",
        _ADVANCE,
        "if news != Some(News::Acted) {",
        "if goes_round {",
        shown_in="written",
    ),
    Mutation(
        "a round that read an old store would do the same again",
        _WEAK_STEPS,
        "(false, true) => (way.pick > 0).then_some(News::Changed),",
        "(false, true) => None,",
        shown_in="written",
    ),
    Mutation(
        "what is chosen in a cycle may be the same for ever",
        "rust/explore/src/livelock.rs",
        "if remove_ways_out(model, graph, &members) {",
        "if remove_ways_out(model, graph, &members) && members.is_empty() {",
        shown_in="written",
    ),
    Mutation(
        "bodies whose arguments are equal share a trace, whatever their types",
        _SHARING,
        "        return kind, tuple(map(_key, item))",
        "        return kind, item",
        "bodies",
    ),
    Mutation(
        "bodies whose functions captured equal functions share a trace",
        _SHARING,
        "    return Same(item)",
        "    return _function_key(item)",
        "bodies",
    ),
)
"""All of them."""
