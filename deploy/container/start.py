"""The image's entry point: `gateway`, `sync`, `sync-worker`, … become that process; `migrate` migrates."""

import os
import sys

from deploy.programs import PROGRAMS

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - a container's own network; what reaches it is decided outside
PORT = 8080


def command(name: str) -> list[str]:
    """What a process of the image runs. SystemExit, with the names there are, for one there is not."""
    if name == "migrate":
        return [sys.executable, "-m", "deploy.migrate"]
    for program in PROGRAMS:
        if program.name == name and program.room != "sandbox":
            port = int(os.environ.get("PORT", PORT)) if program.listens else None
            return program.command(EVERY_ADDRESS, port)
    names = ["migrate", *(program.name for program in PROGRAMS if program.room != "sandbox")]
    raise SystemExit(f"Which process? One of: {', '.join(names)}")


def main() -> None:
    """Replace this process, so that the container's signals reach the product and not a parent."""
    chosen = command(" ".join(sys.argv[1:]))
    os.execv(chosen[0], chosen)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
