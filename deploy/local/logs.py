"""`make logs`: follows the logs of the running installation, all of them or the one that is named."""

import os
import sys
from pathlib import Path

from deploy.local.installation import Installation

LINES = "20"  # of what was written before


def main() -> None:
    files = files_to_follow(Installation.here().logs, sys.argv[1:])
    os.execvp("tail", ["tail", "-n", LINES, "-F", *map(str, files)])  # noqa: S606 - ours to become


def files_to_follow(folder: Path, names: list[str]) -> list[Path]:
    """The logs of the named processes, or all; a name that nobody has ends with those there are."""
    logs = {path.stem: path for path in sorted(folder.glob("*.log"))}
    if not logs:
        raise SystemExit(f"There are no logs in {folder} yet. Start Tieout with `make run`.")
    if unknown := [name for name in names if name not in logs]:
        raise SystemExit(f"There is no log of {', '.join(unknown)}. There are: {', '.join(logs)}.")
    return [logs[name] for name in names] or list(logs.values())


if __name__ == "__main__":
    main()
