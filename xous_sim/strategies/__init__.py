"""Strategies of Hypothesis: schedules of a scenario, client programs, kernels.

Needs Hypothesis, which the package itself does not: ``pip install 'xous_sim[test]'``. How a scenario is searched
without Hypothesis is said by :mod:`xous_sim.searches`.
"""

from .kernels import Configuration, kernels
from .program import Connect, Disconnect, Program, Send
from .programs import programs
from .schedules import schedules

__all__ = ["Configuration", "Connect", "Disconnect", "Program", "Send", "kernels", "programs", "schedules"]
