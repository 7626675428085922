"""What survives a restart: a SQLite file of changed records, written through on every change.

Seeded records are never stored, they can be made again. A record that was deleted is kept as a row
without a body, so that its id is never given out twice. WAL without fsync survives the kill of the
process, though not of the machine; a stand-in needs no more.
"""

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.sandbox import exact_json

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS records (kind TEXT, id TEXT, body BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
"""


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(_TABLES)
        self.close = weakref.finalize(self, self._db.close)

    def changed(self) -> Iterator[tuple[str, str, Any]]:
        """Every changed record as (kind, id, body); body None means deleted."""
        for kind, key, body in self._db.execute("SELECT kind, id, body FROM records ORDER BY kind, id"):
            yield kind, key, None if body is None else exact_json.loads(body)

    def put(self, kind: str, key: str, body: object) -> None:
        self._db.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (kind, key, exact_json.dumps(body)))

    def bury(self, kind: str, key: str) -> None:
        """Remember that a record was deleted."""
        self._db.execute("INSERT OR REPLACE INTO records VALUES (?, ?, NULL)", (kind, key))

    @contextmanager
    def together(self) -> Iterator[None]:
        """All writes inside are kept, or none."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def forget_records(self) -> None:
        self._db.execute("DELETE FROM records")

    def fact(self, name: str) -> Any:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else exact_json.loads(row[0])

    def set_fact(self, name: str, value: object) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, exact_json.dumps(value)))

    def clear(self) -> None:
        self._db.executescript("DELETE FROM records; DELETE FROM facts;")
