"""Makes `.venv` from the hashed lock with nothing but the Python it is run by: the standard library only.

pip installs uv, uv installs everything else at exactly the versions and hashes of `requirements.lock`.
A package whose hash differs stops it. Does nothing while the lock is the one that was installed.
"""

import ast
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
STAMP = VENV / ".installed"


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file alone is run by whatever Python there is
        raise SystemExit(f"Tieout needs Python 3.11 or later, and {sys.executable} is {sys.version.split()[0]}.")
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted and (VENV / "bin" / "python").exists():
        return
    print("Installing what requirements.lock lists into .venv …", flush=True)
    make_venv()
    install_uv()
    sync()
    STAMP.write_text(wanted)


def make_venv() -> None:
    """A virtual environment; without pip of its own where the system's Python came without ensurepip."""
    if (VENV / "bin" / "python").exists():
        return
    try:
        import ensurepip  # noqa: F401 - only whether it is there
    except ImportError:
        venv.create(VENV, with_pip=False, symlinks=True)
    else:
        venv.create(VENV, with_pip=True, symlinks=True)


def install_uv() -> None:
    """Uv as the lock names it, from a file that holds its part of the lock only."""
    part = VENV / "uv.lock"
    part.write_text(section_of("uv"))
    python = str(VENV / "bin" / "python")
    install = ["install", "-qq", "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(part)]
    if has_module(python, "uv"):
        return
    if has_module(python, "pip"):
        run([python, "-m", "pip", *install])
    elif has_module(sys.executable, "pip"):
        run([sys.executable, "-m", "pip", f"--python={python}", *install])
    else:
        raise SystemExit(f"{sys.executable} has neither ensurepip nor pip. On Debian: apt-get install python3-venv")


def section_of(package: str) -> str:
    """The lines of the lock about one package: its pin and its hashes."""
    lines = LOCK.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    section = [lines[start]]
    for line in lines[start + 1 :]:
        if not line.startswith("    --hash="):
            break
        section.append(line)
    return "\n".join(section) + "\n"


def sync() -> None:
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(VENV), **indexes()}
    uv = [str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", str(LOCK)]
    run(uv, environment)


def indexes() -> dict[str, str]:
    """Where pip is told to look on this machine: uv does not read pip's settings. Hashes guard what comes."""
    if any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX")) for name in os.environ):
        return {}
    asked = subprocess.run(
        [VENV / "bin" / "python", "-m", "pip", "config", "list"], check=False, capture_output=True, text=True
    )
    told: dict[str, str] = {}
    for line in asked.stdout.splitlines():
        name, _, value = line.partition("=")
        told[name.rpartition(".")[2]] = str(ast.literal_eval(value))  # pip prints Python strings
    found = {"UV_DEFAULT_INDEX": told.get("index-url"), "UV_INDEX": told.get("extra-index-url")}
    chosen = {name: value for name, value in found.items() if value}
    # Two indexes may each hold some of the versions; the hash decides, not the order.
    return chosen | {"UV_INDEX_STRATEGY": "unsafe-best-match"} if chosen else {}


def has_module(python: str, module: str) -> bool:
    probe = [python, "-c", f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"]
    return subprocess.run(probe, check=False, cwd="/").returncode == 0


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    if done := subprocess.run(command, check=False, env=environment).returncode:
        raise SystemExit(done)


if __name__ == "__main__":
    main()
