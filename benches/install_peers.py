"""Installs the tools that the benchmark compares with, as far as this machine allows; says what came of it.

Nothing goes into the simulator's own environment but Debian's package of SPIN, which is installed if this runs as root.
"""

from __future__ import annotations

import subprocess

from peers import Peer
from side_by_side import contestants, options


def install(peer: Peer) -> str:
    """Installs a tool, and says how that went."""
    try:
        peer.install()
    except subprocess.CalledProcessError as error:
        said = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        return f"not installed: {said[-1] if said else error}"
    except OSError as error:
        return f"not installed: {error}"
    return "ready" if peer.available() else "not installed"


def main() -> None:
    """Installs and prints."""
    for peer in contestants(options().home):
        print(f"{peer.name}: {install(peer)}", flush=True)


if __name__ == "__main__":
    main()
