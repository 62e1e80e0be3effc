"""Neighbour systems: what Cap'n Proto and bus1 do about messages that wait, explored as programs on Xous are.

:mod:`xous_sim.neighbours.capnp` is about limits on calls in flight, and the deadlocks that they cause;
:mod:`xous_sim.neighbours.bus1` is about quotas, and who can starve whom. Neither knows a Xous kernel.
"""

from . import bus1, capnp

__all__ = ["bus1", "capnp"]
