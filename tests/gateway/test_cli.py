"""Commands for operators."""

import subprocess
import sys

import pytest

from tests.gateway.conftest import PASSWORD, Door
from tests.support.backends import ROOT
from tests.support.databases import TestDatabase


def create(
    database: TestDatabase, password: str, email: str = "Owner@Northwind.example"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "services.gateway.cli",
            "create-partner",
            "--name",
            "Northwind MSP",
            "--owner-email",
            email,
            "--password-stdin",
        ],
        cwd=ROOT,
        input=f"{password}\n",
        env={"TIEOUT_DATABASE_URL": database.url("gateway"), "TIEOUT_INTERNAL_KEY": "x" * 32},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestCreatePartner:
    async def test_repeated_it_keeps_the_partner_and_gives_the_new_password(self, door: Door) -> None:
        first = create(door.database, "the first long password")
        again = create(door.database, PASSWORD)

        assert first.stdout.split()[::2] == ["partner", "created"], first.stderr
        assert again.stdout.split() == [*first.stdout.split()[:2], "exists"]
        me = (await (await door.sign_in("owner@northwind.example")).get("/api/v1/me")).json()
        assert (me["partner"]["id"], me["roles"]) == (first.stdout.split()[1], ["owner"])

    @pytest.mark.parametrize(("password", "email"), [("short", "a@b.example"), ("long enough by far", "nobody")])
    def test_nonsense_is_refused_before_anything_is_made(
        self, database: TestDatabase, password: str, email: str
    ) -> None:
        done = create(database, password, email)
        assert done.returncode == 2
        assert "password needs" in done.stderr or "not an e-mail address" in done.stderr

    def test_without_settings_it_lists_what_is_missing(self) -> None:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "services.gateway.cli",
                "create-partner",
                "--name",
                "N",
                "--owner-email",
                "a@b.example",
                "--password-stdin",
            ],
            cwd=ROOT,
            input=f"{PASSWORD}\n",
            env={},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

        assert done.returncode == 1
        assert "These settings are missing or wrong:\n  TIEOUT_DATABASE_URL: Field required" in done.stderr
        assert "Traceback" not in done.stderr
