"""A Xous program of a few lines: it speaks the wire protocol by itself, from the variables in its environment.

``raw_client.py ROLE``, with one of the roles at the end; ``ask`` ends with status 42 if all went well.
"""

from __future__ import annotations

import math
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

DONE: Final = 42
SID: Final = struct.unpack("<4I", b"raw-server".ljust(16, b"\0"))
OWN: Final = struct.unpack("<4I", b"raw-service".ljust(16, b"\0"))

CREATE_SERVER_WITH_ADDRESS: Final = 14
RECEIVE_MESSAGE: Final = 15
SEND_MESSAGE: Final = 16
CONNECT: Final = 17
RETURN_SCALAR1: Final = 26
CREATE_THREAD: Final = 18
BLOCKING_SCALAR: Final = 5

ROUNDS: Final = 20


class Client:
    """A connection to the kernel, and its main thread."""

    def __init__(self) -> None:
        host, port = os.environ["XOUS_SERVER"].rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)))
        self._socket.sendall(bytes.fromhex(os.environ["XOUS_PROCESS_KEY"]))
        assert self._socket.recv(1)[0] == int(os.environ["XOUS_PID"])
        tag, self._tid, *_ = self._call(65536, CREATE_THREAD)
        assert tag == 10

    def call(self, number: int, *words: int) -> tuple[int, ...]:
        """Makes a call; its result's eight words."""
        return self._call(self._tid, number, *words)

    def _call(self, tid: int, number: int, *words: int) -> tuple[int, ...]:
        try:
            self._send(tid, number, *words)
            packet = self._receive(72)
        except ConnectionError:  # The kernel may go away between any two bytes, and leave some unread.
            sys.exit(0)
        thread, *result = struct.unpack("<9Q", packet)
        assert thread == tid
        return tuple(result)

    def begin(self, number: int, *words: int) -> None:
        """Makes a call and does not wait for its result."""
        self._send(self._tid, number, *words)

    def create_thread(self) -> None:
        """Takes a TID, for a thread that makes no call."""
        assert self.call(CREATE_THREAD)[0] == 10

    def _send(self, tid: int, number: int, *words: int) -> None:
        self._socket.sendall(struct.pack("<9Q", tid, number, *words, *[0] * (7 - len(words))))

    def _receive(self, length: int) -> bytes:
        received = b""
        while len(received) < length:
            more = self._socket.recv(length - len(received))
            if not more:
                raise ConnectionResetError("the kernel is gone")
            received += more
        return received


def serve(rounds: float = math.inf) -> None:
    """Answers what it is sent with twice that."""
    client = Client()
    client.call(CREATE_SERVER_WITH_ADDRESS, *SID)
    while rounds > 0:
        _, sender, _, _, word, *_ = client.call(RECEIVE_MESSAGE, *SID)
        client.call(RETURN_SCALAR1, sender, 2 * word)
        rounds -= 1


def ask() -> None:
    client = Client()
    tag, cid, *_ = client.call(CONNECT, *SID)
    assert (tag, cid) == (7, 2)
    for word in range(ROUNDS):
        assert client.call(SEND_MESSAGE, cid, BLOCKING_SCALAR, 0, word)[:2] == (14, 2 * word)
    sys.exit(DONE)


def wait() -> None:
    """Waits for a message that nobody sends."""
    client = Client()
    client.call(CREATE_SERVER_WITH_ADDRESS, *SID)
    print("waiting", flush=True)
    client.call(RECEIVE_MESSAGE, *SID)


def forget(*, has_clock: bool) -> None:
    """Receives calls and answers none; with a clock there is a thread that may do it when it is time to."""
    client = Client()
    if has_clock:
        client.create_thread()
    client.call(CREATE_SERVER_WITH_ADDRESS, *SID)
    while True:
        client.call(RECEIVE_MESSAGE, *SID)


def greet() -> None:
    """Joins, and ends."""
    Client()


def leave() -> None:
    """Ends with a call received and not answered."""
    client = Client()
    client.call(CREATE_SERVER_WITH_ADDRESS, *SID)
    client.call(RECEIVE_MESSAGE, *SID)


def sleep(*, serves: bool) -> None:
    """Calls, touches the file that is its argument, and waits for the answer."""
    client = Client()
    if serves:
        client.call(CREATE_SERVER_WITH_ADDRESS, *OWN)
    _, cid, *_ = client.call(CONNECT, *SID)
    client.begin(SEND_MESSAGE, cid, BLOCKING_SCALAR, 0)
    Path(sys.argv[2]).touch()
    time.sleep(3600)


ROLES: Final[dict[str, Callable[[], None]]] = {
    "serve": serve,
    "serve-and-end": lambda: serve(ROUNDS),
    "ask": ask,
    "wait": wait,
    "greet": greet,
    "clock": lambda: forget(has_clock=True),
    "forget": lambda: forget(has_clock=False),
    "leave": leave,
    "sleep": lambda: sleep(serves=False),
    "sleep-as-service": lambda: sleep(serves=True),
}

if __name__ == "__main__":
    ROLES[sys.argv[1]]()
