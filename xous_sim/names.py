"""The name server, xous-names, as programs reach it.

A server with a name registers it and gets a SID; a client asks by name and gets a connection. The client's own
connection to the name server has the same life cycle as any other, and the same races.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ._options import is_int
from .errors import MisuseError
from .handles import Connection, cid_operand
from .values import OUT_OF_REACH, Raw, Result, Value, encode, out_of_reach, part, shown, unwrap_error

if TYPE_CHECKING:
    from .process import Process

Token = tuple[Value, Value, Value, Value]
"""What the name server gives out with a connection, and wants back."""


@final
class NamedConnection:
    """What the name server answered to a request for a connection."""

    __slots__ = ("_names", "_raw", "_what")

    def __init__(self, names: XousNames, raw: Raw, what: str) -> None:
        self._names = names
        self._raw = raw
        self._what = what

    def is_ok(self) -> bool:
        """Whether there is a connection."""
        return Result(self._raw, self._what).is_ok()

    def unwrap(self) -> Connection:
        """The connection.

        Raises:
            UnwrapError: If there is none: SERVER_NOT_FOUND for an unknown name and for a limit that is reached.
        """
        if not self.is_ok():
            raise unwrap_error(self._what, self._raw)
        return Connection(self._names._process._world, part(self._raw, 0), owned=True)

    @property
    def token(self) -> Token:
        """The token of the name, of four words."""
        words = tuple(Value(part(self._raw, place)) for place in range(1, 5))
        return (words[0], words[1], words[2], words[3])

    def __repr__(self) -> str:
        if out_of_reach(self._raw):
            return f"<NamedConnection {OUT_OF_REACH}>"
        if not self.is_ok():
            return f"<NamedConnection failed: {shown(self._raw)}>"
        return f"<NamedConnection CID {shown(part(self._raw, 0))}>"


@final
class XousNames:
    """A client of the name server, over a connection that somebody else owns. Made by :meth:`Process.xous_names`.

    Example:
        >>> import xous_sim as xs
        >>> world = xs.World()
        >>> name_server = world.names()
        >>> net = world.server("_Middleware Network Server_", limit=1)
        >>> app = world.process("app")
        >>> names = app.xous_names(app.connect(name_server))
        >>> names.request_connection("_Middleware Network Server_").unwrap()
        <Connection CID 3 to _Middleware Network Server_>
        >>> names.request_connection("_Middleware Network Server_").is_ok()  # one is the limit
        False
    """

    __slots__ = ("_connection", "_process")

    def __init__(self, process: Process, connection: Connection) -> None:
        self._process = process
        self._connection = connection

    def _ask(self, kind: str, name: str = "", limit: int | None = None, *words: Any) -> Raw:
        operands = [cid_operand(self._connection, self._process), *(encode(word._raw) for word in words)]
        return self._process._world._driver.perform(("names", (kind, name, limit), operands), self._process.pid)

    def register_name(self, name: str, limit: int | None = None) -> Result:
        """Registers a name; the answer is a SID of four words, to create a server with.

        Args:
            name: Fewer than 64 bytes; more crash the real name server.
            limit: Connections that it gives out at most; ``None`` is no limit.

        Returns:
            The SID (``unwrap_all()``), or INTERNAL_ERROR if the name is taken.
        """
        if limit is not None and (not is_int(limit) or not 0 <= limit < 1 << 32):
            raise MisuseError(f"limit must be a number that is not negative, or None, not {limit!r}")
        return Result(self._ask("register", _name(name), limit), "register_name")

    def request_connection(self, name: str) -> NamedConnection:
        """Connects if the name is known and has a connection left, without waiting."""
        return NamedConnection(self, self._ask("lookup", _name(name)), "request_connection")

    def request_connection_blocking(self, name: str) -> NamedConnection:
        """Connects, waiting until the name is known; a limit that is reached is waited for, for ever."""
        return NamedConnection(self, self._ask("blocking_connect", _name(name)), "request_connection_blocking")

    def try_connect(self, name: str) -> NamedConnection:
        """Connects if the name is known, as std does."""
        return NamedConnection(self, self._ask("try_connect", _name(name)), "try_connect")

    def disconnect_with_token(self, name: str, token: Token) -> Result:
        """Tells the name server that the connections to a name are given back; its count becomes 0.

        The token is the same for all who connected since the last such call, and is invalid after it.
        """
        return Result(self._ask("disconnect", _name(name), None, *token), "disconnect_with_token")

    def unregister_server(self, sid: tuple[Value, ...]) -> Result:
        """Takes the name of a SID out; connections stay."""
        if len(sid) != 4:
            raise MisuseError(f"a SID has 4 words, not {len(sid)}")
        return Result(self._ask("unregister", "", None, *sid), "unregister_server")

    def trusted_init_done(self) -> Value:
        """1 if every name with a limit has exactly that many connections, else 0."""
        return Result(self._ask("trusted_init_done"), "trusted_init_done").unwrap()

    def __repr__(self) -> str:
        return f"<XousNames over {self._connection!r}>"


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise MisuseError(f"a name is a text, not {type(name).__name__}")
    return name
