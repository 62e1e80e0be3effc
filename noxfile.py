"""The project's tasks; continuous integration runs exactly these.

``nox`` runs the checks of every change. The heavy ones have to be named:
``nox -s slow nightly mutants hosted fuzz bench pictures book``.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.sessions = ["readme", "rust", "lint", "types", "browser"]
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
MERMAID = "mermaid@11.4.1"
NO_TIME_LIMIT = "--override-ini=faulthandler_timeout=0"


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
    others += [str(path) for path in ROOT.glob("rust/clients/published/**/*.rs")]
    others += [str(path) for path in ROOT.glob("rust/hosted/fuzz/**/*.rs")]
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


def chromium(session: nox.Session) -> None:
    """Debian's Chromium and its driver, installed if they are not there."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return
    if shutil.which("apt-get") is None:
        session.skip("there is no Chromium, and no apt-get to install it with")
    session.run("apt-get", "update", "--quiet", external=True)
    packages = ["chromium", "chromium-driver", "fonts-dejavu-core"]
    session.run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages, external=True)


def mermaid(session: nox.Session) -> dict[str, str]:
    """Where Mermaid is, for the tests that draw with it; nowhere without npm."""
    library = session.cache_dir.absolute() / "mermaid" / "package" / "dist" / "mermaid.min.js"
    if shutil.which("npm") is None:
        return {}
    if not library.is_file():
        folder = library.parents[2]
        folder.mkdir(parents=True, exist_ok=True)
        session.run("npm", "pack", "--silent", "--pack-destination", str(folder), MERMAID, external=True)
        shutil.unpack_archive(folder / f"{MERMAID.replace('@', '-')}.tgz", folder)
    return {"XOUS_SIM_MERMAID": str(library)}


@nox.session
def browser(session: nox.Session) -> None:
    """The pages and pictures that traces are rendered as, in a real browser."""
    chromium(session)
    install(session)
    session.run("pytest", "-m", "browser", "tests/browser", *session.posargs, env=mermaid(session))


@nox.session
def slow(session: nox.Session) -> None:
    """The tests that take minutes."""
    install(session)
    session.run("pytest", "-m", "slow", NO_TIME_LIMIT, *session.posargs)


@nox.session
def nightly(session: nox.Session) -> None:
    """The property tests, with many more examples."""
    install(session)
    session.run("pytest", "tests/property", NO_TIME_LIMIT, *session.posargs, env={"HYPOTHESIS_PROFILE": "nightly"})


@nox.session
def mutants(session: nox.Session) -> None:
    """Builds mutants of the searches, each of which the cross-check of searches must notice; prints the table."""
    install(session)
    session.env["CARGO_TARGET_DIR"] = str(ROOT / "target" / "mutants")
    session.chdir(session.cache_dir / "clone")
    session.run("python", "tests/mutants/hunt.py", *session.posargs)


@nox.session(venv_backend="none")
def hosted(session: nox.Session) -> None:
    """Real Xous programs at length: a million messages, 100 equal schedules, the published wrappers; prints speed."""
    session.run("cargo", "test", "--release", "-p", "xous-sim-clients", "--", "--ignored", "--nocapture")
    session.run("cargo", "test", "--manifest-path", "rust/clients/published/Cargo.toml")
    session.run("cargo", "bench", "-p", "xous-sim-hosted", "--bench", "loopback")


@nox.session(venv_backend="none")
def fuzz(session: nox.Session) -> None:
    """Random bytes for the codec of the hosted kernel, guided by coverage, for a minute or as libFuzzer is told to."""
    passes = ("level=4", "inline-8bit-counters", "pc-table")
    coverage = " ".join(f"-Cllvm-args=-sanitizer-coverage-{option}" for option in passes)
    env = {"RUSTFLAGS": f"--cfg fuzzing -Cdebug-assertions -Ccodegen-units=1 -Cpasses=sancov-module {coverage}"}
    target = re.search(r"^host: (.+)$", str(session.run("rustc", "-vV", silent=True)), re.MULTILINE)
    assert target is not None, "rustc names its host"
    where = ["--manifest-path", "rust/hosted/fuzz/Cargo.toml", "--target-dir", str(ROOT / "target" / "fuzz")]
    # With a target named, the flags are not those of build scripts.
    command = ["cargo", "run", "--release", "--target", target[1], *where, "--bin", "codec", "--"]
    session.run(*command, "-max_len=4096", *(session.posargs or ["-max_total_time=60"]), env=env)


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
    """Makes the documentation's pictures and what it says in tables."""
    install(session)
    session.install("matplotlib>=3.9")
    session.chdir(session.create_tmp())
    env = {"PYTHONPATH": str(ROOT / "benches")}
    session.run("python", str(ROOT / "docs" / "make_pictures.py"), env=env)
    session.run("python", str(ROOT / "benches" / "neighbour_pictures.py"))
    chromium(session)
    session.run("python", str(ROOT / "docs" / "make_race.py"))
    session.run("python", str(ROOT / "benches" / "growth.py"), "--page", str(ROOT / "docs" / "speed.md"))


@nox.session
def book(session: nox.Session) -> None:
    """Builds the documentation as a book, into target/book; installs mdBook if it is not there."""
    install(session)
    pages = session.cache_dir.absolute() / "pages"
    session.run("python", str(ROOT / "docs" / "make_book.py"), str(pages))
    session.run(mdbook(session), "build", str(pages), "--dest-dir", str(ROOT / "target" / "book"), external=True)


def mdbook(session: nox.Session) -> str:
    """The program, from where it is found, or built here."""
    home = session.cache_dir.absolute() / "mdbook"
    found = shutil.which("mdbook") or shutil.which("mdbook", path=home / "bin")
    if found is not None:
        return found
    features = ("--no-default-features", "--features", "search")  # no server, which is most of what there is to compile
    session.run("cargo", "install", "mdbook@0.5.4", "--locked", *features, "--root", str(home), external=True)
    return str(home / "bin" / "mdbook")
