"""What a local installation remembers, and what it tells each process."""

import json
import os
import socket
import stat
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from deploy.local import account as accounts
from deploy.local.account import Account, kept_folder, reachable_programs, server_account
from deploy.local.installation import PORTS, Installation
from deploy.local.keys import MAKERS, load_keys
from deploy.local.ports import PortIsTaken, free_port, is_free, remembered_port
from deploy.local.process import wait_until
from deploy.local.run import CannotRun, only_one_run, require_free_ports, sync_workers
from deploy.local.supervisor import FIRST_PAUSE, LONGEST_PAUSE, Child, Supervisor, end_leftovers
from deploy.programs import PROGRAMS, programs_with

OWNER_URL = "postgresql://owner:se%2Fcret@db.example.com:6432/tieout?sslmode=require"


class TestSyncWorkers:
    def test_as_many_run_as_are_asked_for(self, tmp_path: Path) -> None:
        two = programs_with(sync_workers(Installation(tmp_path, {"SYNC_WORKERS": "2"})))
        assert [each.name for each in two if each.module == "services.sync.worker"] == ["sync-worker", "sync-worker-2"]
        assert programs_with(sync_workers(Installation(tmp_path, {}))) == PROGRAMS

    @pytest.mark.parametrize("asked", ["0", "-1", "two"])
    def test_a_wrong_number_is_refused_before_anything_starts(self, tmp_path: Path, asked: str) -> None:
        with pytest.raises(CannotRun, match="whole number"):
            sync_workers(Installation(tmp_path, {"SYNC_WORKERS": asked}))


class TestKeys:
    def test_are_made_once_and_private(self, tmp_path: Path) -> None:
        file = tmp_path / "new" / "secrets.env"
        first = load_keys(file, {})
        assert load_keys(file, {}) == first
        assert first.keys() == MAKERS.keys()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_keep_what_is_there_when_a_new_one_is_needed(self, tmp_path: Path) -> None:
        file = tmp_path / "secrets.env"
        file.write_text("# kept\nTIEOUT_SEALING_KEYS=old=\n")
        assert load_keys(file, {})["TIEOUT_SEALING_KEYS"] == "old="

    def test_follow_the_environment_without_writing_it_down(self, tmp_path: Path) -> None:
        file = tmp_path / "secrets.env"
        assert load_keys(file, {"TIEOUT_INTERNAL_KEY": "given"})["TIEOUT_INTERNAL_KEY"] == "given"
        assert "given" not in file.read_text()


class TestInstallation:
    def test_each_room_signs_in_as_its_own_role(self, tmp_path: Path) -> None:
        installation = Installation(tmp_path, {})
        password = installation.keys["TIEOUT_DB_PASSWORD_BILLING"]
        told = installation.environment_of("billing", OWNER_URL, "redis://r")
        expected = f"postgresql://tieout_billing:{password}@db.example.com:6432/tieout?sslmode=require"
        assert told["TIEOUT_DATABASE_URL"] == expected

    def test_only_sync_can_open_the_stored_credentials(self, tmp_path: Path) -> None:
        installation = Installation(tmp_path, {})
        rooms = ["gateway", "sync", "billing", "audit", "sandbox"]
        opens = [room for room in rooms if "TIEOUT_SEALING_KEYS" in installation.environment_of(room, OWNER_URL, "r")]
        assert opens == ["sync"]

    def test_the_sandbox_is_told_no_secret(self, tmp_path: Path) -> None:
        told = Installation(tmp_path, {}).environment_of("sandbox", OWNER_URL, "redis://r")
        assert not told.keys() & (MAKERS.keys() | {"TIEOUT_DATABASE_URL", "TIEOUT_REDIS_URL"})

    @pytest.mark.parametrize("name", ["DATABASE_URL", "TIEOUT_DATABASE_URL"])
    def test_a_database_of_ones_own_is_used(self, tmp_path: Path, name: str) -> None:
        given = Installation(tmp_path, {name: "postgresql+asyncpg://me@there/db"}).given_database_url
        assert given == "postgresql://me@there/db"

    def test_port_and_settings_are_respected(self, tmp_path: Path) -> None:
        installation = Installation(tmp_path, {"PORT": "9000", "TIEOUT_SYNC_PORT": "9001", "TIEOUT_LOG_LEVEL": "DEBUG"})
        told = installation.environment_of("gateway", OWNER_URL, "redis://r")
        assert (installation.address("gateway"), told["TIEOUT_SYNC_URL"], told["TIEOUT_LOG_LEVEL"]) == (
            "http://127.0.0.1:9000",
            "http://127.0.0.1:9001",
            "DEBUG",
        )

    def test_two_runs_in_one_folder_are_refused(self, tmp_path: Path) -> None:
        installation = Installation(tmp_path, {})
        with only_one_run(installation), pytest.raises(CannotRun, match=str(os.getpid())), only_one_run(installation):
            pass

    def test_a_taken_port_is_named_with_what_to_do(self, tmp_path: Path) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            ports = {Installation.port_setting(name): str(free_port()) for name in PORTS}
            installation = Installation(tmp_path, ports | {"PORT": str(other.getsockname()[1])})
            with pytest.raises(PortIsTaken, match=r"gateway needs it.*PORT=\d+ make run"):
                require_free_ports(installation)


class TestPorts:
    def test_a_port_is_remembered_while_it_is_free(self, tmp_path: Path) -> None:
        record = tmp_path / "port"
        first = remembered_port(record)
        assert remembered_port(record) == first
        with socket.socket() as other:
            other.bind(("127.0.0.1", first))
            other.listen()
            assert not is_free(first)
            assert remembered_port(record) != first


class TestAccount:
    def test_a_closed_home_is_left_closed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        home, outside = tmp_path / "home", tmp_path / "var"
        home.mkdir(mode=0o700)
        outside.mkdir()
        monkeypatch.setattr(accounts, "OUTSIDE", outside)
        monkeypatch.setattr(Account, "can_use", lambda _, path: not path.is_relative_to(home))
        account = Account(os.geteuid(), os.getegid(), is_oneself=False)
        kept = kept_folder(account, home / "data")
        assert kept.is_relative_to(outside)
        assert kept == kept_folder(account, home / "data")
        assert stat.S_IMODE(home.stat().st_mode) == 0o700

    def test_a_folder_that_may_be_passed_through_is_used(self, tmp_path: Path) -> None:
        account = server_account()
        open_folder = Path(tempfile.mkdtemp(prefix="tieout-test-"))
        open_folder.chmod(0o711)
        assert kept_folder(account, open_folder / "data") == open_folder / "data"
        open_folder.rmdir()

    def test_programs_in_a_closed_home_are_copied_with_their_libraries(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        package, outside = tmp_path / "home" / "server", tmp_path / "var"
        (package / "bin").mkdir(parents=True)
        (package / "bin" / "start").touch(0o700)
        (tmp_path / "home" / "server.libs").mkdir()
        outside.mkdir()
        monkeypatch.setattr(accounts, "OUTSIDE", outside)
        monkeypatch.setattr(Account, "can_use", lambda _, path: not path.is_relative_to(tmp_path / "home"))
        copy = reachable_programs(Account(os.geteuid(), os.getegid(), is_oneself=False), package)
        assert stat.S_IMODE((copy / "bin" / "start").stat().st_mode) == 0o755
        assert copy.with_name("server.libs").is_dir()


class TestSupervisor:
    @pytest.fixture
    def supervisor(self, tmp_path: Path) -> Supervisor:
        return Supervisor(tmp_path, tmp_path / "processes.json")

    def test_a_killed_process_starts_again(self, supervisor: Supervisor, tmp_path: Path) -> None:
        child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path / "log")
        supervisor.start(child)
        assert child.process is not None
        first = child.process
        first.kill()
        first.wait()
        assert "sleeper ended with -9" in supervisor.restart_ended()[0]
        assert wait_until(lambda: not supervisor.restart_ended() and child.process is not first, 10)
        supervisor.stop()
        assert child.has_ended()

    def test_one_that_ends_at_once_is_started_ever_more_rarely(self, tmp_path: Path) -> None:
        child = Child("failing", [], {}, tmp_path / "log", started_at=100.0)
        pauses = [child.plan_restart(101.0) for _ in range(9)]
        assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
        assert pauses[-1] == LONGEST_PAUSE
        assert child.plan_restart(1000.0) == FIRST_PAUSE

    def test_what_a_killed_run_left_is_ended(self, supervisor: Supervisor, tmp_path: Path) -> None:
        child = Child("orphan", [sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path / "log")
        supervisor.start(child)
        assert end_leftovers(supervisor.record) == 1
        assert child.has_ended()

    def test_a_stranger_with_the_same_number_is_left_alone(self, tmp_path: Path) -> None:
        record = tmp_path / "processes.json"
        record.write_text(json.dumps({str(os.getpid()): psutil.Process().create_time() - 1}))
        assert end_leftovers(record) == 0

    def test_a_process_that_does_not_answer_is_not_healthy(self, supervisor: Supervisor, tmp_path: Path) -> None:
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        child = Child("silent", command, {}, tmp_path / "log", port=free_port())
        supervisor.start(child)
        assert not child.is_healthy()
        supervisor.stop()
