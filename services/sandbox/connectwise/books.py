"""All records of the stand-in in memory, every change written through, and the memory of young writes.

A filtered read may lag behind ("index lag"): for that the state before each of the last writes is kept a while.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from services.sandbox import clock
from services.sandbox.control import ResetOrder
from services.sandbox.faults import FaultBook
from services.sandbox.seed.psa import psa_records
from services.sandbox.seed.references import Record, entered
from services.sandbox.settings import Settings
from services.sandbox.store import Store
from services.sandbox.world import begin_world, open_world, reset_world

_PARENTS = {"additions": lambda record: record["agreementId"], "sites": lambda record: record["company"]["id"]}
_REMEMBERED_WRITES = 10_000
WRITER = "Tieout"
"""Identifier of the API member in `_info`."""


class _Write(NamedTuple):
    at: float
    before: Record | None


class Books:
    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self.settings = store, settings
        self.faults = FaultBook(store)
        self._load()

    def _load(self) -> None:
        self.world = open_world(self._store, self.settings)
        seeded = psa_records(self.world.seed, self.world.month)
        self._tables = {kind: {record["id"]: record for record in records} for kind, records in seeded.items()}
        self._last_id = {kind: max(table, default=0) for kind, table in self._tables.items()}
        self._children: dict[tuple[str, int], set[int]] = {}
        self._writes: OrderedDict[tuple[str, int], _Write] = OrderedDict()
        for kind, key, body in self._store.changed():
            self._last_id[kind] = max(self._last_id[kind], int(key))
            if body is None:
                self._tables[kind].pop(int(key), None)
            else:
                self._tables[kind][int(key)] = body
        for kind in _PARENTS:
            for record in self._tables[kind].values():
                self._adopt(kind, record)

    def reset(self, order: ResetOrder) -> dict[str, Any]:
        world = begin_world(self.settings, seed=order.seed, lines=order.lines, today=order.today)
        reset_world(self._store, self.settings, world)
        self._load()
        return world.as_json()

    def find(self, kind: str, key: int, parent: int | None = None) -> Record | None:
        """A record by id, if it belongs to `parent` where one is given."""
        record = self._tables[kind].get(key)
        if record is None or parent is None or _PARENTS[kind](record) == parent:
            return record
        return None

    def count(self, kind: str, parent: int | None = None) -> int:
        return len(self._keys(kind, parent))

    def all(self, kind: str, parent: int | None = None) -> list[Record]:
        """Every record (of one parent), by id."""
        table = self._tables[kind]
        return [table[key] for key in sorted(self._keys(kind, parent))]

    def all_as_indexed(self, kind: str, parent: int | None = None) -> list[Record]:
        """The same as a filtered read sees it while the index lags."""
        lag = self.faults.index_lag
        if not lag:
            return self.all(kind, parent)
        young = {
            key: write.before
            for (written_kind, key), write in self._writes.items()
            if written_kind == kind and write.at > clock.ticks() - lag
        }
        now = (record for record in self.all(kind, parent) if record["id"] not in young)
        return sorted(chain(now, _of_parent(kind, parent, young.values())), key=lambda record: int(record["id"]))

    def insert(self, kind: str, record: Record) -> Record:
        """Give the record an id and keep it."""
        self._last_id[kind] += 1
        record = {"id": self._last_id[kind], **record, "_info": entered(clock.stamp(), WRITER)}
        self._put(kind, record, None)
        return record

    def replace(self, kind: str, record: Record) -> Record:
        before = self._tables[kind][record["id"]]
        info = {**before.get("_info", {}), "lastUpdated": clock.stamp(), "updatedBy": WRITER}
        record = {**record, "_info": info}
        self._put(kind, record, before)
        return record

    def delete(self, kind: str, key: int) -> None:
        record = self._tables[kind].pop(key)
        self._children[kind, _PARENTS[kind](record)].discard(key)
        self._store.bury(kind, str(key))
        self._remember(kind, key, record)

    def _put(self, kind: str, record: Record, before: Record | None) -> None:
        self._store.put(kind, str(record["id"]), record)
        self._tables[kind][record["id"]] = record
        if kind in _PARENTS:
            self._adopt(kind, record)
        self._remember(kind, record["id"], before)

    def _remember(self, kind: str, key: int, before: Record | None) -> None:
        self._writes.pop((kind, key), None)
        self._writes[kind, key] = _Write(clock.ticks(), before)
        if len(self._writes) > _REMEMBERED_WRITES:
            self._writes.popitem(last=False)

    def _adopt(self, kind: str, record: Record) -> None:
        self._children.setdefault((kind, _PARENTS[kind](record)), set()).add(record["id"])

    def _keys(self, kind: str, parent: int | None) -> Collection[int]:
        return self._tables[kind] if parent is None else self._children.get((kind, parent), ())


def _of_parent(kind: str, parent: int | None, records: Iterable[Record | None]) -> Iterator[Record]:
    for record in records:
        if record is not None and (parent is None or _PARENTS[kind](record) == parent):
            yield record
