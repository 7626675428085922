"""What developers type: `make dev`, `make logs`, `make psql`, `make test TESTS=…`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.dev import Reloading, concerns
from deploy.local.installation import ROOT, Installation
from deploy.local.logs import files_to_follow
from deploy.local.psql import where
from deploy.local.supervisor import Child, Supervisor
from deploy.programs import PROGRAMS

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """One process of billing and one of audit, which only sleep."""
    running = Supervisor(tmp_path, tmp_path / "processes.json")
    for name in ("billing-worker", "audit"):
        running.start(Child(name, SLEEP, {}, tmp_path / f"{name}.log"))
    yield running
    running.stop()


def numbers(supervisor: Supervisor) -> dict[str, int]:
    return {child.name: child.process.pid for child in supervisor.children if child.process is not None}


class TestDev:
    def test_a_changed_file_starts_its_service_again_and_no_other(self, supervisor: Supervisor, tmp_path: Path) -> None:
        file = tmp_path / "services" / "billing" / "rules" / "rate.py"
        file.parent.mkdir(parents=True)
        file.write_text("RATE = 1")
        reloading = Reloading(supervisor, tmp_path / "services")
        before = numbers(supervisor)
        assert reloading.look() == []

        file.write_text("RATE = 2")
        said = reloading.look()

        after = numbers(supervisor)
        assert said == ["billing changed: started billing-worker again"]
        assert after["billing-worker"] != before["billing-worker"]
        assert after["audit"] == before["audit"]
        assert reloading.look() == []

    @pytest.mark.parametrize("room", ["kit", "contracts"])
    def test_a_change_of_what_services_share_concerns_every_process_but_vite(self, room: str) -> None:
        assert all(concerns({room}, program.name) for program in PROGRAMS)
        assert not concerns({room}, "vite")

    def test_the_name_of_every_process_begins_with_its_room(self) -> None:
        assert [program.name for program in PROGRAMS if not concerns({program.room}, program.name)] == []


class TestLogs:
    def test_all_are_followed_unless_one_is_named(self, tmp_path: Path) -> None:
        files = [tmp_path / "sync-worker.log", tmp_path / "sync.log"]
        for file in files:
            file.touch()
        assert files_to_follow(tmp_path, []) == files
        assert files_to_follow(tmp_path, ["sync"]) == [tmp_path / "sync.log"]

    def test_a_name_that_no_process_has_is_answered_with_those_there_are(self, tmp_path: Path) -> None:
        (tmp_path / "sync.log").touch()
        with pytest.raises(SystemExit, match=r"no log of snyc\. There are: sync\."):
            files_to_follow(tmp_path, ["snyc"])

    def test_before_the_first_run_there_are_none(self, tmp_path: Path) -> None:
        with pytest.raises(SystemExit, match="make run"):
            files_to_follow(tmp_path, [])


class TestPsql:
    def test_the_password_is_on_no_command_line(self, tmp_path: Path) -> None:
        (tmp_path / "postgres.port").write_text("5433\n")
        installation = Installation(tmp_path, {})
        address, environment = where(installation)
        assert address == "postgresql://postgres@127.0.0.1:5433/tieout"
        assert environment == {"PGPASSWORD": installation.keys["TIEOUT_DB_PASSWORD_OWNER"]}

    def test_a_database_of_ones_own_is_opened(self, tmp_path: Path) -> None:
        given = "postgresql://me@there/db"
        assert where(Installation(tmp_path, {"DATABASE_URL": given})) == (given, {})


class TestMake:
    """Read from what make would do (`make -n`), which runs nothing."""

    @pytest.mark.parametrize(
        ("tests", "needs_browser", "shares_out"),
        [
            ("tests", True, True),
            ("tests/journey", True, False),
            ("tests/deploy/test_run.py::TestRun", True, False),
            ("tests/billing/rules", False, False),
            ("tests/kit", False, True),
        ],
    )
    def test_a_part_waits_for_nothing_it_does_not_need(self, tests: str, needs_browser: bool, shares_out: bool) -> None:
        would_do = make("-n", "test", f"TESTS={tests}").stdout
        assert ("deploy.local.browser" in would_do) is needs_browser
        assert (f"-n auto {tests}" in would_do) is shares_out
        assert ("coverage" in would_do) is (tests == "tests")

    def test_a_verb_that_does_not_exist_is_answered_with_those_that_do(self) -> None:
        done = make("nosuch")
        assert done.returncode != 0
        assert "There is no verb 'nosuch'" in done.stdout
        assert "  bench " in done.stdout


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As typed in a terminal: what the make that runs this test was given is not handed on."""
    ours = ("MAKE", "MFLAGS", "TESTS", "WORKERS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
