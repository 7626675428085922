"""Puts the installation that `make.py` kept into the folder of a product that has not been started yet."""

import json
import lzma
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.local.backends import make_postgres
from deploy.local.installation import DATABASE, ROOT
from deploy.local.servers import PostgresServer
from tests.support.product import Product

KEPT = Path(__file__).parent
NEWEST_MIGRATION = "0008"  # of the version that made the files
SYSTEMS = ("appxite", "connectwise")


def restore(product: Product) -> dict[str, Any]:
    """Keys, stand-ins and database as the version before left them; what it answered last."""
    (product.folder / "secrets.env").write_text((KEPT / "secrets.env").read_text())
    (product.folder / "demo.json").write_text("{}")
    (product.folder / "sandbox").mkdir()
    for system in SYSTEMS:
        (product.folder / "sandbox" / f"{system}.sqlite3").write_bytes(unpack(f"{system}.sqlite3"))
    server = make_postgres(product.installation)
    server.start()
    try:
        fill(server, product)
    finally:
        server.stop()
    expected: dict[str, Any] = json.loads(unpack("expected.json"))
    return expected


def fill(server: PostgresServer, product: Product) -> None:
    """The tables as the old migrations make them, the old rows, and the addresses that the stand-ins have now."""
    server.create_database(DATABASE)
    environment = os.environ | product.installation.keys | {"TIEOUT_DATABASE_URL": server.url(DATABASE)}
    command = [sys.executable, "-m", "deploy.migrate", "upgrade", "--to", NEWEST_MIGRATION]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    server.psql(DATABASE, unpack("database.sql").decode())
    for system in SYSTEMS:
        address = product.installation.address(system)
        script = f"UPDATE sync.connection SET address = '{address}' WHERE system = '{system}'"  # noqa: S608 - ours
        server.psql(DATABASE, script)


def unpack(name: str) -> bytes:
    return lzma.decompress((KEPT / f"{name}.xz").read_bytes())
