"""Which user the database server runs as, and where that user can reach its programs and data.

PostgreSQL refuses to run as root. Instead of opening the folders above it to everyone, a run as root
hands the server to an existing unprivileged user, and moves programs and data out of a closed home.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

UNPRIVILEGED = ("postgres", "nobody", "daemon")
OUTSIDE = Path("/var/lib")


class RunAs(TypedDict, total=False):
    """Arguments for subprocess that hand a program to another user; empty when it runs as oneself."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A user to run a server as."""

    uid: int
    gid: int
    is_oneself: bool

    def run_as(self) -> RunAs:
        if self.is_oneself:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_use(self, path: Path) -> bool:
        """Whether this user can enter a folder, or read a file: asked of the kernel, which knows of ACLs and mounts."""
        right = "-x" if path.is_dir() else "-r"
        probe = ["/bin/sh", "-c", f'test {right} "$0"', str(path)]
        return subprocess.run(probe, check=False, cwd="/", **self.run_as()).returncode == 0

    def own(self, folder: Path) -> Path:
        """Make `folder` this user's alone, and nobody else's."""
        folder.mkdir(parents=True, exist_ok=True)
        if not self.is_oneself:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder


def server_account() -> Account:
    """Oneself, or when that is root an unprivileged user that exists already."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_oneself=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, is_oneself=False)
    message = f"PostgreSQL does not run as root, and none of the users {', '.join(UNPRIVILEGED)} exists: run as a user"
    raise RuntimeError(message)


def reachable_folder(account: Account, wanted: Path) -> Path:
    """`wanted`, or a folder outside a closed home that stands for it, the same one each time."""
    folder = kept_folder(account, wanted)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder != wanted:
        folder.parent.chmod(0o755)
    return account.own(folder)


def kept_folder(account: Account, wanted: Path) -> Path:
    """Where what belongs into `wanted` is kept, without making it."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    return wanted if account.can_use(wanted.parent) else _outside(wanted.parent) / wanted.name


def forget_folder(account: Account, wanted: Path) -> None:
    """Remove what is kept for `wanted`, and the place outside if that was made for it."""
    folder = kept_folder(account, wanted)
    shutil.rmtree(folder, ignore_errors=True)
    if folder != wanted:
        with contextlib.suppress(OSError):  # it keeps something else too
            folder.parent.rmdir()


def reachable_programs(account: Account, package: Path) -> Path:
    """`package` (an installed folder of programs), or a copy of it and its libraries that `account` can run."""
    if all(account.can_use(path) for path in (package, *sorted(package.rglob("bin/*"))[:1])):
        return package
    version = str(package.stat().st_mtime_ns)
    copy = _outside(package, version) / package.name
    if not copy.exists():
        copy.parent.mkdir(exist_ok=True)
        copy.parent.chmod(0o755)
        libraries = package.with_name(f"{package.name}.libs")  # found by the programs relative to themselves
        if libraries.exists():
            _copy_readable(libraries, copy.with_name(libraries.name))
        _copy_readable(package, copy)
    return copy


def _outside(folder: Path, version: str = "") -> Path:
    """A folder outside of homes that stands for `folder` (in one `version` of it)."""
    name = hashlib.sha256(f"{folder.resolve()}{version}".encode()).hexdigest()[:12]
    return OUTSIDE / f"tieout-{name}"


def _copy_readable(source: Path, target: Path) -> None:
    """Copy beside the target first, so that a copy which was cut short is never taken for whole."""
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial)
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    partial.rename(target)
