"""What was observed on the real kernel, checked on the reference alone.

Every test is a statement of the Xous kernel facts; the Rust kernel is compared with the reference elsewhere.
"""

from __future__ import annotations

import pytest

from .kernel import Kernel, Misuse
from .state import Step
from .words import PAGE, Call, Error, Kind, Sid, Tag, Words, error, result, sender_word

A: Sid = (1, 1, 1, 1)
B: Sid = (2, 2, 2, 2)
SEND, TRY_SEND = Call.SEND_MESSAGE, Call.TRY_SEND_MESSAGE
SCALAR = (Kind.SCALAR + 1, 7, 0, 0, 0, 0)
BLOCKING_SCALAR = (Kind.BLOCKING_SCALAR + 1, 7, 0, 0, 0, 0)


def booted(profile: str = "hardware", *, connect: str = "reuse", mode: str = "faithful") -> tuple[Kernel, int, int]:
    """Start a kernel with two processes."""
    kernel = Kernel(profile=profile, connect=connect, mode=mode)
    return kernel, kernel.boot_process(), kernel.boot_process()


def serve(kernel: Kernel, pid: int, sid: Sid) -> int:
    """Create a server and return its owner's CID."""
    return words_of(kernel.syscall(pid, 2, Call.CREATE_SERVER_WITH_ADDRESS, *sid))[5]


def connect(kernel: Kernel, pid: int, sid: Sid) -> int:
    """Connect and return the CID."""
    return words_of(kernel.syscall(pid, 2, Call.TRY_CONNECT, *sid))[1]


def words_of(step: Step) -> Words:
    """Return the result of a call that succeeded."""
    assert step.result is not None and step.result[0] != Tag.ERROR, step
    return step.result


def called(kernel: Kernel, server: int, client: int, sid: Sid) -> int:
    """Let a client's blocking scalar be received; return its sender word."""
    assert kernel.syscall(client, 2, SEND, connect(kernel, client, sid), *BLOCKING_SCALAR).outcome == "blocked"
    return words_of(kernel.syscall(server, 2, Call.RECEIVE_MESSAGE, *sid))[1]


def test_connecting_twice_gives_the_same_cid_and_one_disconnect_kills_it() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    cid = connect(kernel, client, A)
    assert connect(kernel, client, A) == cid
    kernel.syscall(client, 2, Call.DISCONNECT, cid)
    assert kernel.syscall(client, 2, SEND, cid, *SCALAR).result == error(Error.SERVER_NOT_FOUND)


def test_a_unique_connect_takes_another_slot_each_time() -> None:
    kernel, server, client = booted(connect="unique")
    serve(kernel, server, A)
    assert [connect(kernel, client, A) for _ in range(3)] == [2, 3, 4]


def test_a_full_map_makes_even_the_blocking_connect_to_a_missing_server_fail() -> None:
    kernel, server, client = booted()
    for n in range(32):
        serve(kernel, server, (n, 5, 5, 5))
    assert kernel.syscall(server, 2, Call.CONNECT, *A).result == error(Error.OUT_OF_MEMORY)
    assert kernel.syscall(client, 2, Call.CONNECT, *A).outcome == "retry"
    assert connect(kernel, server, (3, 5, 5, 5)) == 5


def test_create_server_with_a_full_map_fails_but_the_server_exists() -> None:
    kernel, server, client = booted()
    for n in range(32):
        serve(kernel, server, (n, 5, 5, 5))
    step = kernel.syscall(server, 2, Call.CREATE_SERVER_WITH_ADDRESS, *A)
    assert step.result == error(Error.OUT_OF_MEMORY)
    assert connect(kernel, client, A) == 2


def test_the_server_table_is_full_with_error_9() -> None:
    kernel, server, _ = booted()
    for n in range(128):
        kernel.syscall(server, 2, Call.CREATE_SERVER_WITH_ADDRESS, n, 5, 5, 5)
    step = kernel.syscall(server, 2, Call.CREATE_SERVER_WITH_ADDRESS, *A)
    assert step.result == error(Error.SERVER_NOT_FOUND)


@pytest.mark.parametrize("connect_mode", ["reuse", "unique"])
def test_process_death_leaves_tombstones_that_connect_does_not_reuse(connect_mode: str) -> None:
    kernel, server, client = booted(connect=connect_mode)
    for _ in range(32):
        serve(kernel, server, A)
        connect(kernel, client, A)
        kernel.crash_process(server)
        assert kernel.boot_process() == server
    assert kernel.connection_map(client) == bytes([1] * 32)
    serve(kernel, server, A)
    assert kernel.syscall(client, 2, Call.CONNECT, *A).result == error(Error.OUT_OF_MEMORY)
    kernel.syscall(client, 2, Call.DISCONNECT, 9)
    assert connect(kernel, client, A) == 9


def test_destroying_a_server_frees_the_slots_and_wakes_callers_with_error_9() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    kernel.syscall(client, 2, SEND, connect(kernel, client, A), *BLOCKING_SCALAR)
    step = kernel.syscall(server, 2, Call.DESTROY_SERVER, *A)
    assert step.wakes == ((client, 2, error(Error.SERVER_NOT_FOUND)),)
    assert not any(kernel.connection_map(client))


def test_destroy_is_refused_while_a_received_call_is_unanswered() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    sender = called(kernel, server, client, A)
    assert kernel.syscall(server, 2, Call.DESTROY_SERVER, *A).result == error(Error.SERVER_QUEUE_FULL)
    step = kernel.syscall(server, 2, Call.RETURN_SCALAR1, sender, 42)
    assert step.wakes == ((client, 2, result(Tag.SCALAR1, 42)),)


def test_callers_of_a_dead_process_are_never_woken() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    called(kernel, server, client, A)
    assert kernel.crash_process(server).wakes == ()
    with pytest.raises(Misuse):
        kernel.syscall(client, 2, Call.GET_PROCESS_ID)


def test_the_lowest_parked_thread_wins_whatever_the_parking_order() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    for tid in (3, 4):
        assert words_of(kernel.syscall(server, 2, Call.CREATE_THREAD, 0x1000, 0x8000, 0x1000))[1] == tid
    for tid in (4, 3):
        kernel.syscall(server, tid, Call.RECEIVE_MESSAGE, *A)
    step = kernel.syscall(client, 2, SEND, connect(kernel, client, A), *SCALAR)
    envelope = result(Tag.MESSAGE_ENVELOPE, sender_word(client, 0, 0), Kind.SCALAR, 7, 0, 0, 0, 0)
    assert step.wakes == ((server, 3, envelope),)


def test_the_wrong_kind_of_reply_destroys_the_waiting_entry() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    sender = called(kernel, server, client, A)
    wrong = kernel.syscall(server, 2, Call.RETURN_MEMORY, sender, PAGE, PAGE, 0, 0)
    right = kernel.syscall(server, 2, Call.RETURN_SCALAR1, sender, 1)
    assert wrong.result == right.result == error(Error.DOUBLE_FREE)


def test_answering_a_directly_delivered_scalar_answers_whatever_waits_in_slot_0() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    called(kernel, server, client, A)
    forged = sender_word(99, 0, 0)
    step = kernel.syscall(server, 2, Call.RETURN_SCALAR2, forged, 1, 2)
    assert step.wakes == ((client, 2, result(Tag.SCALAR2, 1, 2)),)


def test_a_reply_to_a_dead_client_fails_with_10_and_then_25() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    sender = called(kernel, server, client, A)
    kernel.crash_process(client)
    assert kernel.syscall(server, 2, Call.RETURN_SCALAR1, sender, 1).result == error(Error.PROCESS_NOT_FOUND)
    assert kernel.syscall(server, 2, Call.RETURN_SCALAR1, sender, 1).result == error(Error.DOUBLE_FREE)


def test_a_reply_reaches_the_process_that_reused_the_pid() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    sender = called(kernel, server, client, A)
    kernel.crash_process(client)
    assert kernel.boot_process() == client
    assert kernel.syscall(server, 2, Call.RETURN_SCALAR1, sender, 1).wakes[0][:2] == (client, 2)


def test_a_dead_clients_queued_call_arrives_as_a_scalar() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    kernel.syscall(client, 2, SEND, connect(kernel, client, A), *BLOCKING_SCALAR)
    kernel.crash_process(client)
    assert words_of(kernel.syscall(server, 2, Call.RECEIVE_MESSAGE, *A))[2] == Kind.SCALAR


def test_a_dead_clients_queued_lend_arrives_and_its_return_fails_with_10() -> None:
    kernel, server, client = booted("hosted")
    serve(kernel, server, A)
    kernel.syscall(client, 2, SEND, connect(kernel, client, A), 2, 7, 0x1234, 1, 0, 0)
    kernel.crash_process(client)
    words = words_of(kernel.syscall(server, 2, Call.RECEIVE_MESSAGE, *A))
    assert words[2] == Kind.BORROW
    step = kernel.syscall(server, 2, Call.RETURN_MEMORY, words[1], words[4], words[5], 0, 0)
    assert step.result == error(Error.PROCESS_NOT_FOUND)


@pytest.mark.parametrize(("profile", "length"), [("hardware", 128), ("hosted", 64)])
def test_a_full_queue_refuses_try_send_and_delays_send(profile: str, length: int) -> None:
    kernel, server, client = booted(profile)
    serve(kernel, server, A)
    cid = connect(kernel, client, A)
    for _ in range(length):
        assert words_of(kernel.syscall(client, 2, TRY_SEND, cid, *SCALAR))[0] == Tag.OK
    assert kernel.syscall(client, 2, TRY_SEND, cid, *SCALAR).result == error(Error.SERVER_QUEUE_FULL)
    assert kernel.syscall(client, 2, SEND, cid, *SCALAR).outcome == "retry"


def test_a_failed_reply_and_receive_next_leaves_the_caller_parked() -> None:
    kernel, server, _ = booted()
    serve(kernel, server, A)
    step = kernel.syscall(server, 2, Call.REPLY_AND_RECEIVE_NEXT, sender_word(0, 0, 5), 0, 0, 0, 0, 0, 1)
    assert step.result == error(Error.DOUBLE_FREE)
    assert kernel.syscall(server, 2, Call.RECEIVE_MESSAGE, *A).outcome == "panic"


def test_a_safe_failed_reply_and_receive_next_changes_nothing() -> None:
    kernel, server, _ = booted(mode="safe")
    serve(kernel, server, A)
    kernel.syscall(server, 2, Call.REPLY_AND_RECEIVE_NEXT, sender_word(0, 0, 5), 0, 0, 0, 0, 0, 1)
    assert kernel.syscall(server, 2, Call.RECEIVE_MESSAGE, *A).outcome == "blocked"


def test_a_full_queue_loses_the_pages_and_the_retry_fails_with_2() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    cid = connect(kernel, client, A)
    for _ in range(128):
        kernel.syscall(client, 2, TRY_SEND, cid, *SCALAR)
    page = words_of(kernel.syscall(client, 2, Call.MAP_MEMORY, 0, 0, PAGE, 6))[1]
    lend = (Kind.MUTABLE_BORROW + 1, 7, page, PAGE, 0, 0)
    assert kernel.syscall(client, 2, SEND, cid, *lend).outcome == "retry"
    assert kernel.syscall(client, 2, SEND, cid, *lend).result == error(Error.BAD_ADDRESS)


def test_a_lent_page_comes_back_with_the_answer() -> None:
    kernel, server, client = booted()
    serve(kernel, server, A)
    cid = connect(kernel, client, A)
    page = words_of(kernel.syscall(client, 2, Call.MAP_MEMORY, 0, 0, PAGE, 6))[1]
    lend = (Kind.BORROW + 1, 7, page, PAGE, 0, 0)
    kernel.syscall(client, 2, SEND, cid, *lend)
    words = words_of(kernel.syscall(server, 2, Call.RECEIVE_MESSAGE, *A))
    step = kernel.syscall(server, 2, Call.RETURN_MEMORY, words[1], words[4], words[5], 3, 4)
    assert step.wakes == ((client, 2, result(Tag.MEMORY_RETURNED, 3, 4)),)
    assert kernel.syscall(client, 2, SEND, cid, *lend).outcome == "blocked"


@pytest.mark.parametrize(("sidx", "outcome"), [(128, "panic"), (129, "done")])
def test_only_server_index_128_in_a_sender_panics(sidx: int, outcome: str) -> None:
    kernel, server, _ = booted()
    assert kernel.syscall(server, 2, Call.RETURN_SCALAR1, sender_word(0, sidx, 0), 1).outcome == outcome


@pytest.mark.parametrize("pid", [33, 5])
def test_connect_for_process_panics_for_impossible_and_for_never_run_processes(pid: int) -> None:
    kernel, first, _ = booted("hosted")
    for _ in range(2):
        kernel.syscall(first, 2, Call.CREATE_PROCESS, 1, 2, 3, 4)
    assert kernel.syscall(first, 2, Call.CONNECT_FOR_PROCESS, pid, *A).outcome == "panic"


@pytest.mark.parametrize(("profile", "usable"), [("hardware", 29), ("hosted", 31)])
def test_a_process_has_that_many_usable_threads(profile: str, usable: int) -> None:
    kernel, pid, _ = booted(profile)
    for _ in range(usable - 1):
        words_of(kernel.syscall(pid, 2, Call.CREATE_THREAD, 0x1000, 0x8000, 0x1000))
    step = kernel.syscall(pid, 2, Call.CREATE_THREAD, 0x1000, 0x8000, 0x1000)
    assert step.result == error(Error.THREAD_NOT_AVAILABLE)


def test_only_the_lowest_joiner_is_woken_and_a_late_join_gets_0() -> None:
    kernel, pid, _ = booted()
    for _ in range(2):
        kernel.syscall(pid, 2, Call.CREATE_THREAD, 0x1000, 0x8000, 0x1000)
    kernel.syscall(pid, 4, Call.JOIN_THREAD, 3)
    kernel.syscall(pid, 2, Call.JOIN_THREAD, 3)
    assert kernel.exit_thread(pid, 3, 9).wakes == ((pid, 2, result(Tag.SCALAR1, 9)),)
    assert kernel.syscall(pid, 2, Call.JOIN_THREAD, 3).result == result(Tag.SCALAR1, 0)


@pytest.mark.parametrize(("mode", "outcome"), [("faithful", "panic"), ("safe", "done")])
def test_hosted_destroy_panics_when_another_thread_is_parked(mode: str, outcome: str) -> None:
    kernel, pid, _ = booted("hosted", mode=mode)
    serve(kernel, pid, A)
    kernel.syscall(pid, 2, Call.CREATE_THREAD)
    kernel.syscall(pid, 3, Call.RECEIVE_MESSAGE, *A)
    assert kernel.syscall(pid, 2, Call.DESTROY_SERVER, *A).outcome == outcome


@pytest.mark.parametrize("number", [0, 1, 8, 13, 37, 47, 99])
def test_unknown_calls_get_error_17(number: int) -> None:
    kernel, pid, _ = booted("hosted")
    assert kernel.syscall(pid, 2, number).result == error(Error.UNHANDLED_SYSCALL)
