"""Writes the files of this folder with the version of Tieout that stands in the current folder.

    git worktree add ../before 3a9d547      # the last version whose newest migration is 0008
    cd ../before                            # with a virtual environment as `make run` builds it, and frontend/dist/
    PYTHONPATH=. .venv/bin/python <here>/make.py <here>

The version before runs as its users run it: the demo, a month loaded, two lines edited and one excluded by its
owner, pushed, planned once more. The stand-ins' day is pinned, so that the files do not age. Every record of
ConnectWise's stand-in is written into its state file, so that a later change of its seed moves nothing.
"""

# mypy: ignore-errors
# It runs against the version before, whose modules have other names and types than those of this tree.

import json
import lzma
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from deploy.local.installation import DATABASE
from deploy.local.servers import PostgresServer
from services.sandbox import exact_json
from services.sandbox.seed.psa import psa_records
from tests.support.api import Api
from tests.support.product import Product

TODAY = date(2026, 6, 15)
PERIOD = "2026-05"
LINES = 100
KEPT_KEYS = ("TIEOUT_SEALING_KEYS", "TIEOUT_DEMO_PASSWORD")
STATES = ("appxite", "connectwise")
OPEN = "SELECT count(*) FROM bus.delivery WHERE handled_at IS NULL"


def main(target: Path) -> None:
    product = Product({"TIEOUT_SANDBOX_TODAY": TODAY.isoformat(), "SANDBOX_LINES": str(LINES)})
    try:
        product.start()
        expected = live_a_month(Api(product))
        write(target / "expected.json.xz", json.dumps(expected, indent=1).encode())
        wait_until_all_is_handled(product)
        write(target / "database.sql.xz", dump(product))
        keys = "".join(f"{name}={product.installation.keys[name]}\n" for name in KEPT_KEYS)
        (target / "secrets.env").write_text(f"# Keys of this made-up installation alone.\n{keys}")
        product.stop()
        for system in STATES:
            write(target / f"{system}.sqlite3.xz", state(product.folder / "sandbox" / f"{system}.sqlite3"))
    finally:
        product.forget()


def live_a_month(api: Api) -> dict[str, Any]:
    """Load, edit, push and plan again; everything that has to be found again later."""
    loaded = api.load(PERIOD)
    assert loaded["status"] == "succeeded", loaded
    ready = list(api.items("/invoice-lines", period=PERIOD, status="ready", limit=1000))
    dated = next(line for line in ready if not line["is_recurring"])
    excluded = next(line for line in ready if line is not dated)
    edits = [
        edit(api, dated, charge_start_date=f"{PERIOD}-10", charge_end_date=f"{PERIOD}-20"),
        choose_agreement(api),
        edit(api, excluded, excluded=True),
    ]
    push = api.apply(api.plan(PERIOD))
    assert push["status"] == "succeeded", push
    again = api.plan(PERIOD)
    assert again["status"] == "ready", again
    return {
        "period": PERIOD,
        "plan": again,
        "lines": [api.get(f"/invoice-lines/{line['id']}") for line in edits],
        "totals": api.get("/invoice-lines/totals", period=PERIOD),
        "receipt": api.get(f"/receipts/{push['id']}"),
        "runs": api.get("/runs", limit=100)["items"],
    }


def choose_agreement(api: Api) -> dict[str, Any]:
    """Choose for a line that several agreements fit, until it is ready."""
    held = api.items("/invoice-lines", period=PERIOD, status="held", limit=1000)
    line = next(each for each in held if each["hold_reasons"] == ["agreement_ambiguous"])
    for agreement in api.items("/agreements", company_id=line["company_id"]):
        line = edit(api, line, agreement_id=agreement["id"])
        if line["status"] == "ready":
            return line
    raise SystemExit("No agreement made the line ready: choose another number of lines.")


def edit(api: Api, line: dict[str, Any], **change: Any) -> Any:
    body = {"version": line["version"], "reason": "as agreed with the customer", **change}
    return api.client.patch(f"/invoice-lines/{line['id']}", json=body).raise_for_status().json()


def wait_until_all_is_handled(product: Product) -> None:
    while server_of(product).psql(DATABASE, OPEN) != "0":
        time.sleep(0.5)


def server_of(product: Product) -> PostgresServer:
    """The running server: `make_postgres` of the product would choose another port, as this one is taken."""
    port = int((product.folder / "postgres.port").read_text())
    password = product.installation.keys["TIEOUT_DB_PASSWORD_OWNER"]
    return PostgresServer(product.folder / "postgres", port=port, password=password, log=product.folder / "pg.log")


def dump(product: Product) -> bytes:
    """Every row of every schema; the tables are made by the migrations."""
    server = server_of(product)
    program = str(server.programs / "pg_dump")
    options = ["--data-only", "--disable-triggers", "--no-owner", "--exclude-table-data=alembic_version"]
    return subprocess.run([program, *options, server.url(DATABASE)], check=True, capture_output=True).stdout


def state(file: Path) -> bytes:
    """The stand-in's state file, whole and in one piece."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        if file.stem == "connectwise":
            _keep_every_record(db)
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("VACUUM")
    return file.read_bytes()


def _keep_every_record(db: sqlite3.Connection) -> None:
    world = exact_json.loads(db.execute("SELECT value FROM facts WHERE name = 'world'").fetchone()[0])
    for kind, records in psa_records(world["seed"], date.fromisoformat(world["month"])).items():
        rows = [(kind, str(record["id"]), exact_json.dumps(record)) for record in records]
        db.executemany("INSERT OR IGNORE INTO records VALUES (?, ?, ?)", rows)


def write(file: Path, content: bytes) -> None:
    file.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
