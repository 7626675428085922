"""Builds the single-page app when its sources changed, by content: a fresh clone has fresh times on old files."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
NOT_SOURCES = {"node_modules", "dist", "tests", "mock", ".cache"}


def main() -> None:
    if os.environ.get("TIEOUT_SPA_DIR"):
        return  # built elsewhere
    install_packages()
    if sys.argv[1:] != ["packages"]:  # which are enough for its checks
        build()


def install_packages() -> None:
    """What package-lock.json lists, with the Node that came with the virtual environment."""
    stamp = FRONTEND / "node_modules" / ".installed"
    wanted = digest([FRONTEND / "package-lock.json"])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing what frontend/package-lock.json lists …", flush=True)
    npm("ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
    stamp.write_text(wanted)


def build() -> None:
    stamp = FRONTEND / "dist" / ".built"
    wanted = digest(sources())
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Building the app …", flush=True)
    npm("run", "--silent", "build", "--", "--logLevel=warn")
    stamp.write_text(wanted)


def sources() -> Iterable[Path]:
    """Files the build reads."""
    for path in sorted(FRONTEND.iterdir()):
        if path.name in NOT_SOURCES:
            continue
        yield from (each for each in sorted(path.rglob("*")) if each.is_file()) if path.is_dir() else (path,)


def digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def npm(*arguments: str) -> None:
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}:{os.environ.get('PATH', '')}"}
    if done := subprocess.run([programs / "npm", *arguments], cwd=FRONTEND, env=environment, check=False).returncode:
        raise SystemExit(done)


if __name__ == "__main__":
    main()
