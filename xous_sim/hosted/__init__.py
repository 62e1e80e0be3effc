"""The hosted kernel: real Xous programs, built for the desktop, run on the emulator and are watched."""

from .report import Cut, Exit, Finding, HostedReport
from .server import HostedServer, Invitation, Schedule

__all__ = ["Cut", "Exit", "Finding", "HostedReport", "HostedServer", "Invitation", "Schedule"]
