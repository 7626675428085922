"""Loopback ports: which are free, and what to say when one is not."""

import contextlib
import errno
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


class PortIsTaken(Exception):
    """Another program listens where one of ours has to."""

    def __init__(self, port: int, purpose: str, remedy: str = "Stop that program.") -> None:
        super().__init__(f"Port {port} is taken by another program, and {purpose} needs it. {remedy}")


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A listener that stopped a moment ago leaves connections in TIME_WAIT, which bar nobody.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def remembered_port(record: Path) -> int:
    """The port written in `record` if it is still free, else a new one, which is written there."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        port = int(record.read_text())
        if is_free(port):
            return port
    port = free_port()
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(f"{port}\n")
    return port
