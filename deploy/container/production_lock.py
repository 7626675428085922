"""Prints the part of requirements.lock that production needs: pins and hashes, without tests and local servers.

The lock says of each package who wanted it (`# via`), so the part follows from the lock alone.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = "tieout (pyproject.toml)"
PIN = re.compile(r"^([a-z0-9][a-z0-9.\-]*)==")


@dataclass
class Pin:
    lines: list[str] = field(default_factory=list)
    wanted_by: set[str] = field(default_factory=set)


def read_pins(lock: str) -> dict[str, Pin]:
    pins: dict[str, Pin] = {}
    pin = Pin()
    for line in lock.splitlines():
        if named := PIN.match(line):
            pin = pins.setdefault(named[1], Pin())
        if line.lstrip().startswith("#"):
            pin.wanted_by.add(line.strip().removeprefix("#").strip().removeprefix("via").strip())
        else:
            pin.lines.append(line)
    return pins


def production_part(lock: str) -> str:
    """The pins that the project wants itself, and whatever those want."""
    pins = read_pins(lock)
    kept: set[str] = set()
    while added := {name for name, pin in pins.items() if pin.wanted_by & {PROJECT, *kept}} - kept:
        kept |= added
    return "\n".join(line for name in sorted(kept) for line in pins[name].lines) + "\n"


if __name__ == "__main__":
    print(production_part(Path(sys.argv[1]).read_text()), end="")
