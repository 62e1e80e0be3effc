"""The tools that are measured beside the simulator, one file a tool, and the simulator itself in the same form."""

from .frontrun import Frontrun
from .loom import Loom
from .musil import Musil
from .own import Own, OwnInRust
from .peer import Case, Peer, Row
from .ploom import Ploom
from .shuttle import Shuttle
from .spin import Spin

__all__ = ["Case", "Frontrun", "Loom", "Musil", "Own", "OwnInRust", "Peer", "Ploom", "Row", "Shuttle", "Spin"]
