"""Random calls that mostly make sense: each move picks a caller and arguments by looking at the reference.

`pick(n)` gives a number below n, from Hypothesis or from a seeded generator. Left out, because the kernel facts are
silent: lends of borrowed pages, of unmapped or lent pages within a process, memory replies to a reused PID on hardware,
CreateProcess with full tables.
"""

from __future__ import annotations

from collections.abc import Callable

from .mirror import Mirror
from .pages import LENT, OWNED
from .server import Message, Waiting
from .state import FIRST_CID, FREE, PHANTOM_TID, SERVERS, TOMBSTONE, Process, State, Step
from .words import PAGE, Call, Error, Kind, Sid, Tag, error, sender_server, sender_slot, sender_word

Pick = Callable[[int], int]
NAMED_SIDS: list[Sid] = [(n, n, n, n) for n in (1, 2, 3)]
OTHER_SIDS: list[Sid] = [(n, 0x51D, 0, 0) for n in range(31)]
SCALAR = (Kind.SCALAR + 1, 7, 1, 2, 3, 4)
MOST_PROCESSES = 4
UNMAPPED = 0x5000_0000
RETURNS = ((Call.RETURN_SCALAR1, 1), (Call.RETURN_SCALAR2, 2), (Call.RETURN_SCALAR5, 5))


class Moves:
    """The moves of one random run."""

    def __init__(self, mirror: Mirror, pick: Pick) -> None:
        """Begin with two processes."""
        self.mirror = mirror
        self.pick = pick
        self.random_sids: list[Sid] = []
        for _ in range(2):
            self._fresh_process()

    @property
    def state(self) -> State:
        """The reference's state."""
        return self.mirror.reference.state

    @property
    def over(self) -> bool:
        """Whether the kernel has panicked or shut down, or what follows is undefined."""
        return self.mirror.reference.panic is not None or self.state.shut_down or self.mirror.wakes_itself

    # Choosing callers and arguments.

    def _seldom(self, one_in: int) -> bool:
        return self.pick(one_in) == one_in - 1

    def _ready(self, pid: int | None = None) -> list[tuple[int, int]]:
        return [
            (process.pid, tid)
            for process in self.state.processes.values()
            for tid, thread in process.threads.items()
            if not thread.blocked and not thread.exited and tid != PHANTOM_TID and pid in (None, process.pid)
        ]

    def _caller(self) -> tuple[int, int]:
        ready = self._ready()
        if not ready:
            return self._fresh_process(), 2
        return ready[self.pick(len(ready))]

    def _fresh_process(self) -> int:
        others = [pid for pid in self.state.processes if pid != 1]
        if len(others) >= MOST_PROCESSES:
            self.mirror.crash(others[self.pick(len(others))])
        pid = self.mirror.boot()
        for _ in range(self.pick(4)):
            self._new_thread(pid, 2)
        return pid

    def _sid(self) -> Sid:
        sids = NAMED_SIDS + self.random_sids[-2:] + (OTHER_SIDS[:2] if self._seldom(4) else [])
        return sids[self.pick(len(sids))]

    def _cid(self, pid: int) -> int:
        slots = self.state.processes[pid].slots
        used = [slot for slot, value in enumerate(slots) if value != FREE]
        named = [
            slot for slot in used if slots[slot] > TOMBSTONE and self.state.server_at(slots[slot] - 2).sid in NAMED_SIDS
        ]
        if not used or self._seldom(10):
            return self.pick(len(slots) + 2 * FIRST_CID)
        likely = named if named and not self._seldom(6) else used
        return likely[self.pick(len(likely))] + FIRST_CID

    def _call(self, number: int, *args: int) -> Step:
        return self.mirror.call(*self._caller(), number, *args)

    # Connections and servers.

    def connect(self) -> None:
        """Connect or TryConnect."""
        self._call((Call.CONNECT, Call.TRY_CONNECT)[self.pick(2)], *self._sid())

    def connect_for_process(self) -> None:
        """ConnectForProcess, seldom of an impossible process."""
        pids = [pid for pid, process in self.state.processes.items() if process.started or self._seldom(20)]
        pid = pids[self.pick(len(pids))]
        if self._seldom(10):
            pid = (0, self.state.profile.pid_limit, self.state.profile.pid_limit + 1)[self.pick(3)]
        self._call(Call.CONNECT_FOR_PROCESS, pid, *self._sid())

    def disconnect(self) -> None:
        """Disconnect."""
        pid, tid = self._caller()
        self.mirror.call(pid, tid, Call.DISCONNECT, self._cid(pid))

    def create_server(self) -> None:
        """CreateServerWithAddress, seldom CreateServer or CreateServerId."""
        if not self._seldom(4):
            self._call(Call.CREATE_SERVER_WITH_ADDRESS, *NAMED_SIDS[self.pick(len(NAMED_SIDS))])
            return
        step = self._call((Call.CREATE_SERVER, Call.CREATE_SERVER_ID)[self.pick(2)])
        if step.result is not None and step.result[0] in (Tag.SERVER_ID, Tag.NEW_SERVER_ID):
            self.random_sids.append(step.result[1:5])

    def destroy_server(self) -> None:
        """DestroyServer, mostly by its owner."""
        pid, tid, sid = self._owner_and_sid()
        self.mirror.call(pid, tid, Call.DESTROY_SERVER, *sid)

    def _owner_and_sid(self) -> tuple[int, int, Sid]:
        ready = self._ready()
        owned = [
            (pid, tid, s)
            for pid, tid in ready
            for s in self.state.servers
            if s is not None and s.owner == pid and min(s.sid) >= 0
        ]
        if not owned or self._seldom(8):
            return *self._caller(), self._sid()
        busy = [choice for choice in owned if choice[2].queued()]
        likely = busy if busy and not self._seldom(6) else owned
        pid, tid, server = likely[self.pick(len(likely))]
        return pid, tid, server.sid

    def receive(self) -> None:
        """ReceiveMessage or TryReceiveMessage, mostly by the owner."""
        pid, tid, sid = self._owner_and_sid()
        index = self.state.server_named(sid, pid)
        empty = index is None or not self.state.server_at(index).queued()
        number = Call.TRY_RECEIVE_MESSAGE if self._seldom(2 if empty else 4) else Call.RECEIVE_MESSAGE
        self.mirror.call(pid, tid, number, *sid)

    # Messages.

    def send_scalar(self) -> None:
        """Send or try to send a scalar, mostly a blocking one."""
        pid, tid = self._caller()
        kind = Kind.SCALAR if self._seldom(3) else Kind.BLOCKING_SCALAR
        number = (Call.SEND_MESSAGE, Call.TRY_SEND_MESSAGE)[self.pick(2)]
        body = (self.pick(4), self.pick(4), 2, 3, 4)
        self.mirror.call(pid, tid, number, self._cid(pid), kind + 1, *body)

    def send_memory(self) -> None:
        """Send, or try to send, a lend or a move."""
        pid, tid = self._caller()
        cid = self._cid(pid)
        address, length = self._buffer(self.state.processes[pid], pid, tid, own=self._is_own_server(pid, cid))
        kind = (Kind.BORROW, Kind.MUTABLE_BORROW, Kind.MOVE)[self.pick(3)]
        if pid not in self.state.processes or (pid, tid) not in self._ready():
            return
        number = (Call.SEND_MESSAGE, Call.TRY_SEND_MESSAGE)[self.pick(2)]
        self.mirror.call(pid, tid, number, cid, kind + 1, self.pick(4), address, length, 5, 6)

    def _is_own_server(self, pid: int, cid: int) -> bool:
        slots = self.state.processes[pid].slots
        value = slots[cid - FIRST_CID] if FIRST_CID <= cid < FIRST_CID + len(slots) else FREE
        return value > TOMBSTONE and self.state.server_at(value - 2).owner == pid

    def _buffer(self, process: Process, pid: int, tid: int, *, own: bool) -> tuple[int, int]:
        if self._seldom(20):
            return ((0, PAGE), (PAGE, 0))[self.pick(2)]
        if self.state.profile.hosted:
            return 0x1230 + self.pick(16), 1 + self.pick(64)
        if self._seldom(8):
            return UNMAPPED + (16 if own else (0, 16)[self.pick(2)]), PAGE
        usable = [
            page for page, use in process.pages.items() if use == (LENT if self._seldom(8) and not own else OWNED)
        ]
        if not usable:
            self.mirror.call(pid, tid, Call.MAP_MEMORY, 0, 0, 2 * PAGE, 6)
            usable = [page for page, use in process.pages.items() if use == OWNED]
        if not usable:
            return UNMAPPED + 16, PAGE
        page = usable[self.pick(len(usable))]
        return page, 2 * PAGE if process.pages.get(page + PAGE) == process.pages.get(page) else PAGE

    def send_badly(self) -> None:
        """Send with a kind that does not exist."""
        pid, tid = self._caller()
        number = (Call.SEND_MESSAGE, Call.TRY_SEND_MESSAGE)[self.pick(2)]
        self.mirror.call(pid, tid, number, self._cid(pid), (0, 6, 9)[self.pick(3)], 1, PAGE, PAGE, 0, 0)

    # Replies.

    def _waiting(self) -> list[tuple[int, int, Message]]:
        return [
            (sidx, slot, entry.message)
            for sidx, server in enumerate(self.state.servers)
            if server is not None and self._ready(server.owner)
            for slot, entry in enumerate(server.queue)
            if isinstance(entry, Waiting)
        ]

    def reply(self) -> None:
        """Answer a call that waits, or receive; seldom with the wrong kind of reply or with a forged sender."""
        waiting = self._waiting()
        if not waiting:
            self._reply_to_nobody() if self._seldom(4) else self.receive()
            return
        sidx, slot, message = waiting[self.pick(len(waiting))]
        sender = sender_word(message.pid, sidx, slot)
        forged = self._seldom(4)
        if forged:
            sender = self._forge(sender)
        if self._is_answerable(sender):
            self._reply(self._replier(sidx), sender, message, forged=forged)

    def _reply_to_nobody(self) -> None:
        owned = [sidx for sidx, server in enumerate(self.state.servers) if server and self._ready(server.owner)]
        if not owned or self._seldom(4):
            self._call(Call.RETURN_SCALAR1, self._forge(0), 5)
            return
        sidx = owned[self.pick(len(owned))]
        number = (Call.REPLY_AND_RECEIVE_NEXT, Call.RETURN_SCALAR2)[self.pick(2)]
        self.mirror.call(*self._replier(sidx), number, sender_word(1, sidx, self.pick(3)), 1, 2, 3, 4, 5, 1)

    def _replier(self, sidx: int) -> tuple[int, int]:
        ready = self._ready(self.state.server_at(sidx).owner)
        return self._caller() if self._seldom(10) else ready[self.pick(len(ready))]

    def _forge(self, sender: int) -> int:
        part = self.pick(3)
        if part == 0:
            return sender ^ 0x55 << 24
        if part == 1:
            return sender & ~0xFFFF | (0, 1, 2, 63, 64, 127, 128, 0xFFFF)[self.pick(8)]
        sidx = 128 if self._seldom(12) else (0, 1, 2, 127, 129, 255)[self.pick(6)]
        return sender & ~0xFF_0000 | sidx << 16

    def _is_answerable(self, sender: int) -> bool:
        sidx, slot = sender_server(sender), sender_slot(sender)
        server = self.state.servers[sidx] if sidx < SERVERS else None
        entry = server.queue[slot] if server is not None and slot < len(server.queue) else None
        if not isinstance(entry, Waiting) or entry.message.buffer is None:
            return True
        client = self.state.processes.get(entry.message.pid)
        moved = entry.message.buffer.moved_between_processes
        return not moved or client is None or client.incarnation == entry.message.incarnation

    def _reply(self, replier: tuple[int, int], sender: int, message: Message, *, forged: bool) -> None:
        wrong = self._seldom(8)
        if self._seldom(3):
            step = self._reply_and_receive(replier, sender, message)
        elif message.kind.is_memory != wrong:
            step = self._return_memory(replier, sender, message)
        else:
            number, count = RETURNS[self.pick(3)]
            step = self.mirror.call(*replier, number, sender, *range(40, 40 + count))
        answered = bool(step.wakes)
        self.mirror.reached["forged-sender reply"] += forged and answered
        self.mirror.reached["wrong-kind reply"] += wrong and step.result == error(Error.DOUBLE_FREE)

    def _return_memory(self, replier: tuple[int, int], sender: int, message: Message) -> Step:
        address, length = PAGE, PAGE
        if message.buffer is not None:
            address, length = message.buffer.server_address or PAGE, message.buffer.length
        if self._seldom(10):
            address += (PAGE, -address)[self.pick(2)]
        return self.mirror.call(*replier, Call.RETURN_MEMORY, sender, address, length, 8, 9)

    def _reply_and_receive(self, replier: tuple[int, int], sender: int, message: Message) -> Step:
        kind = self.state.profile.word if message.kind.is_memory else (1, 2, 5)[self.pick(3)]
        return self.mirror.call(*replier, Call.REPLY_AND_RECEIVE_NEXT, sender, 30, PAGE, PAGE, 33, 34, kind)

    # Threads and processes.

    def create_thread(self) -> None:
        """CreateThread, seldom with a stack at address 0."""
        stack = (8, 8) if self._seldom(20) else (0x7000_0000, PAGE)
        self._new_thread(*self._caller(), stack)

    def _new_thread(self, pid: int, tid: int, stack: tuple[int, int] = (0x7000_0000, PAGE)) -> None:
        args = () if self.state.profile.hosted else (0x1000, *stack, 1, 2, 3, 4)
        self.mirror.call(pid, tid, Call.CREATE_THREAD, *args)

    def join_thread(self) -> None:
        """JoinThread, mostly of a thread of the same process."""
        pid, tid = self._caller()
        tids = [other for other in self.state.processes[pid].threads if other != PHANTOM_TID] + [9]
        target = 31 + self.pick(2) if self._seldom(20) else tids[self.pick(len(tids))]
        self.mirror.call(pid, tid, Call.JOIN_THREAD, target)

    def exit_thread(self) -> None:
        """A thread ends."""
        self.mirror.exit(*self._caller(), 70 + self.pick(3))

    def boot(self) -> None:
        """An init process starts, in the place of another if there are many."""
        self._fresh_process()

    def crash(self) -> None:
        """A process dies and, mostly, another takes its PID."""
        pids = [pid for pid in self.state.processes if pid != 1]
        if pids:
            self.mirror.crash(pids[self.pick(len(pids))])
        if not self._seldom(3):
            self._fresh_process()

    def terminate(self) -> None:
        """TerminateProcess, seldom."""
        if self._seldom(3):
            self._call(Call.TERMINATE_PROCESS, 1)

    def create_process(self) -> None:
        """CreateProcess, and seldom the child never runs."""
        pid, tid = self._caller()
        full = FREE not in self.state.processes[pid].slots or None not in self.state.servers
        if full or len(self.state.processes) > MOST_PROCESSES:
            return
        words = self.mirror.call(pid, tid, Call.CREATE_PROCESS, 1, 2, 3, 4, 5, 6, 7).result
        if words is not None and words[0] == Tag.NEW_PROCESS and not self._seldom(3):
            self.mirror.start(words[1])
            if self.state.profile.hosted:
                self._new_thread(words[1], PHANTOM_TID)

    def shutdown(self) -> None:
        """Shutdown, seldom."""
        if self._seldom(30):
            self._call(Call.SHUTDOWN)

    # The rest.

    def small_call(self) -> None:
        """A call without effect, or of a number that does not exist."""
        numbers = (Call.GET_PROCESS_ID, Call.GET_THREAD_ID, Call.YIELD, 0, 1, 8, 13, 37, 47, 1000)
        self._call(numbers[self.pick(len(numbers))])

    def misuse(self) -> None:
        """A call by a thread that cannot make one."""
        blocked = [
            (p.pid, tid)
            for p in self.state.processes.values()
            for tid, t in p.threads.items()
            if t.blocked and tid != PHANTOM_TID
        ]
        candidates = [*blocked, (60, 2)]
        self.mirror.refuse(*candidates[self.pick(len(candidates))])

    def unmap(self) -> None:
        """UnmapMemory of a page that the caller has."""
        pid, tid = self._caller()
        owned = [page for page, use in self.state.processes[pid].pages.items() if use == OWNED]
        if owned:
            self.mirror.call(pid, tid, Call.UNMAP_MEMORY, owned[self.pick(len(owned))], PAGE)

    # Many calls at once, to reach what is rare.

    def fill_servers(self) -> None:
        """Create 31 servers, which fills the creator's map."""
        pid, tid = self._caller()
        for sid in OTHER_SIDS:
            if self.mirror.call(pid, tid, Call.CREATE_SERVER_WITH_ADDRESS, *sid).outcome == "panic":
                return

    def fill_map(self) -> None:
        """Connect to 31 other servers."""
        pid, tid = self._caller()
        for sid in OTHER_SIDS:
            if self.mirror.call(pid, tid, Call.TRY_CONNECT, *sid).outcome == "panic":
                return

    def fill_queue(self) -> None:
        """Send scalars until a queue is full, or all but one."""
        pid, tid = self._caller()
        cid = self._cid(pid)
        for _ in range(self.state.profile.queue_length - self.pick(2)):
            if self.mirror.call(pid, tid, Call.TRY_SEND_MESSAGE, cid, *SCALAR).result != (0,) * 8:
                return


# How often the seeded driver makes a move.
WEIGHTS: list[tuple[int, Callable[[Moves], None]]] = [
    (10, Moves.connect),
    (2, Moves.connect_for_process),
    (3, Moves.disconnect),
    (6, Moves.create_server),
    (2, Moves.destroy_server),
    (24, Moves.receive),
    (20, Moves.send_scalar),
    (12, Moves.send_memory),
    (1, Moves.send_badly),
    (24, Moves.reply),
    (8, Moves.create_thread),
    (1, Moves.join_thread),
    (2, Moves.exit_thread),
    (1, Moves.boot),
    (1, Moves.crash),
    (1, Moves.terminate),
    (1, Moves.create_process),
    (1, Moves.shutdown),
    (1, Moves.small_call),
    (1, Moves.misuse),
    (1, Moves.unmap),
    (1, Moves.fill_servers),
    (1, Moves.fill_map),
    (1, Moves.fill_queue),
]
