"""Who depends on what: layers, the queue's single importer, and lock files that name no registry."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, sources

LOCKS = [ROOT / "requirements.lock", ROOT / "frontend" / "package-lock.json"]
REGISTRY = re.compile(r'"resolved"|index-url|find-links| @ \w+://|registry\.')  # npm locks also name funding pages


class TestLayers:
    def test_imports_go_one_way(self) -> None:
        """A repository that imports a service, or a service that imports another, cannot be moved or tested alone.

        The contracts are in pyproject.toml, `exhaustive`: a new module fails until somebody says where it belongs.
        """
        linter = Path(sys.executable).with_name("lint-imports")
        checked = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def test_only_the_kits_queue_imports_arq(self) -> None:
        """arq loses or repeats work in a dozen ways; each is dealt with in one file, and must not be met again."""
        importers = {
            source.name
            for source in sources("services", "deploy")
            for _, name in source.imports()
            if name.split(".")[0] == "arq"
        }
        assert importers <= {"services/kit/ledger/queue.py"}

    def test_nothing_in_production_imports_the_sandbox(self) -> None:
        """A stand-in that ships is a stand-in that will one day answer for the real thing."""
        importers = [
            source.at(statement)
            for source in sources("services")
            if not source.is_in("services/sandbox/")
            for statement, name in source.imports()
            if name.startswith("services.sandbox")
        ]
        assert not importers


class TestLockFiles:
    @pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
    def test_names_no_registry(self, lock: Path) -> None:
        """A lock that names the mirror it was made with cannot be installed where that mirror is out of reach."""
        sources_of_packages = [line for line in lock.read_text().splitlines() if REGISTRY.search(line)]
        assert not sources_of_packages

    def test_every_python_package_is_pinned_by_hash(self) -> None:
        """A version alone can be replaced on a mirror; its hash cannot."""
        lines = LOCKS[0].read_text().splitlines()
        pins = [number for number, line in enumerate(lines) if re.match(r"^[a-z0-9].*==", line)]
        loose = [lines[number] for number in pins if "--hash=sha256:" not in lines[number + 1]]
        assert pins
        assert not loose
