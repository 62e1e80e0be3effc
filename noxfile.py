"""The project's tasks; continuous integration runs exactly these.

``nox`` runs the checks of every change. The heavy ones have to be named:
``nox -s slow nightly mutants bench pictures``.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.sessions = ["readme", "rust", "lint", "types"]
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent


def readme_commands() -> list[str]:
    """The commands in the README's first shell block, one a line."""
    block = re.search(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    if block is None:
        raise ValueError("README.md has no block of shell commands: begin one with ```sh")
    return block[1].splitlines()


def clone(session: nox.Session) -> Path:
    """A copy of what git sees, as a newcomer's clone: without anything that was built here.

    It is at the same place for all sessions, so that Rust code is compiled once.
    """
    listed = session.run(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", external=True, silent=True
    )
    target = session.cache_dir / "clone"
    shutil.rmtree(target, ignore_errors=True)
    for name in filter(None, str(listed).split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@nox.session
def readme(session: nox.Session) -> None:
    """The README's commands, exactly as written, in a fresh clone and a fresh virtual environment."""
    session.env["CARGO_TARGET_DIR"] = str(ROOT / "target")
    session.chdir(clone(session))
    for command in readme_commands():
        session.run("bash", "-euo", "pipefail", "-c", command, external=True)


@nox.session(venv_backend="none")
def rust(session: nox.Session) -> None:
    """Formatting, lints, tests and documentation of the Rust crates."""
    session.run("cargo", "fmt", "--check")
    others = [str(path) for path in ROOT.glob("benches/programs/*/src/main.rs")]  # They are no part of the workspace.
    session.run("rustfmt", "--check", "--edition", "2024", *others)
    session.run("cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings")
    session.run("cargo", "test", "--workspace", "--quiet")
    session.run("cargo", "doc", "--workspace", "--no-deps", env={"RUSTDOCFLAGS": "-D warnings"})


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting and lints of the Python code."""
    session.install("ruff>=0.9")
    session.run("ruff", "format", "--check")
    session.run("ruff", "check")


def install(session: nox.Session) -> None:
    """Installs the package with what its development needs."""
    session.env["CARGO_TARGET_DIR"] = str(ROOT / "target")
    session.install(f"{clone(session)}[dev]")


@nox.session
def types(session: nox.Session) -> None:
    """Strict type checking, and the native module against its stub."""
    install(session)
    session.run("mypy")
    session.chdir(session.create_tmp())  # away from the source tree, which has no native module of its own
    session.run("python", "-m", "mypy.stubtest", "xous_sim._native")


@nox.session
def slow(session: nox.Session) -> None:
    """The tests that take minutes."""
    install(session)
    session.run("pytest", "-m", "slow", *session.posargs)


@nox.session
def nightly(session: nox.Session) -> None:
    """The property tests, with many more examples."""
    install(session)
    session.run("pytest", "tests/property", *session.posargs, env={"HYPOTHESIS_PROFILE": "nightly"})


@nox.session
def mutants(session: nox.Session) -> None:
    """Builds mutants of the searches, each of which the cross-check of searches must notice; prints the table."""
    install(session)
    session.env["CARGO_TARGET_DIR"] = str(ROOT / "target" / "mutants")
    session.chdir(session.cache_dir / "clone")
    session.run("python", "tests/mutants/hunt.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measures speed and size, beside other tools where they can be installed, and writes docs/speed.md.

    Asserts nothing. Takes minutes, most of them spent by searches that hit their limit.
    """
    install(session)
    home, page = session.cache_dir.absolute() / "peers", ROOT / "docs" / "speed.md"
    session.chdir(session.create_tmp())
    session.run("python", str(ROOT / "benches" / "install_peers.py"), "--home", str(home))
    for script in ("same_program.py", "side_by_side.py"):
        session.run("python", str(ROOT / "benches" / script), "--home", str(home), "--page", str(page))
    session.run("python", str(ROOT / "benches" / "refcount_race.py"), "--page", str(page), *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Makes the documentation's pictures, and the table below one of them."""
    install(session)
    session.install("matplotlib>=3.9")
    session.chdir(session.create_tmp())
    for script in ("make_pictures.py", "make_neighbour_pictures.py"):
        session.run("python", str(ROOT / "docs" / script))
    session.run("python", str(ROOT / "benches" / "growth.py"), "--page", str(ROOT / "docs" / "speed.md"))
