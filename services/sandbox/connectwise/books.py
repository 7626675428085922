"""All records of the stand-in in memory, every change written through, and the memory of young writes.

Lists may lag behind what was written; reads by id never do.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from itertools import chain
from typing import Any

from services.sandbox import clock
from services.sandbox.connectwise.behaviour import Behaviour, make_behaviour
from services.sandbox.connectwise.write_memory import WriteMemory
from services.sandbox.control import ResetOrder
from services.sandbox.faults import FaultBook
from services.sandbox.seed.psa import psa_records
from services.sandbox.seed.references import Record, entered
from services.sandbox.settings import Settings
from services.sandbox.store import Store
from services.sandbox.world import begin_world, open_world, pin_day, reset_world

_PARENTS = {
    "additions": lambda record: record["agreementId"],
    "sites": lambda record: record["company"]["id"],
    "invoices": lambda record: record["agreement"]["id"],
    "products": lambda record: record["invoice"]["id"],
}
WORLD_KINDS = frozenset(
    "companies contacts sites agreement_types agreements additions catalog invoices products".split()
)
"""What a world of one's own consists of; the setup tables stay."""
WRITER = "Tieout"
"""Identifier of the API member in `_info`."""


class Books:
    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self.settings = store, settings
        self.faults = FaultBook(store)
        self._memory = WriteMemory()
        self._load()

    def _load(self) -> None:
        self.world = open_world(self._store, self.settings)
        self._changed_behaviour: dict[str, Any] = self._store.fact("behaviour") or {}
        self.behaviour = make_behaviour(self.settings, self._changed_behaviour)
        seeded = psa_records(self.world.seed, self.world.month)
        if self._store.fact("is_replaced"):
            seeded = {kind: [] if kind in WORLD_KINDS else records for kind, records in seeded.items()}
        self._tables = {kind: {record["id"]: record for record in records} for kind, records in seeded.items()}
        self._last_id = {kind: max(table, default=0) for kind, table in self._tables.items()}
        self._children: dict[tuple[str, int], set[int]] = {}
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
        self._memory = WriteMemory()
        self._load()
        return world.as_json()

    def change_behaviour(self, changed: dict[str, Any]) -> Behaviour:
        """Raises OrderRefused, and then nothing has changed."""
        together = {**self._changed_behaviour, **changed}
        self.behaviour = make_behaviour(self.settings, together)
        self._changed_behaviour = together
        self._store.set_fact("behaviour", together)
        return self.behaviour

    def accept_world(self, records: dict[str, list[Record]], *, is_whole: bool, today: date | None) -> None:
        """Keep the records of a world order, instead of all others when they are the whole world.

        They count as having been there all the time: lists do not lag behind them.
        """
        with self._store.together():
            if is_whole:
                self._store.forget_records()
                self._store.set_fact("is_replaced", value=True)
            if today is not None:
                pin_day(self._store, self.world, today)
            for kind, made in records.items():
                for record in made:
                    self._store.put(kind, str(record["id"]), record)
        if is_whole:
            self._memory = WriteMemory()
        self._load()

    def together(self) -> AbstractContextManager[None]:
        """Many writes as one, on disk."""
        return self._store.together()

    def find(self, kind: str, key: int, parent: int | None = None) -> Record | None:
        """A record by id, if it belongs to `parent` where one is given."""
        record = self._tables[kind].get(key)
        if record is None or parent is None or _PARENTS[kind](record) == parent:
            return record
        return None

    def count(self, kind: str, parent: int | None = None) -> int:
        return len(self._keys(kind, parent))

    def next_id(self, kind: str) -> int:
        """The id that the next record of this kind would get."""
        return self._last_id[kind] + 1

    def all(self, kind: str, parent: int | None = None) -> list[Record]:
        """Every record (of one parent), by id."""
        table = self._tables[kind]
        return [table[key] for key in sorted(self._keys(kind, parent))]

    def all_as_listed(self, kind: str, parent: int | None = None, *, is_filtered: bool) -> list[Record]:
        """The same as a list shows it, which may lag behind; a filtered one by the ordered index lag too."""
        lag = max(self.behaviour.list_lag_seconds, self.faults.index_lag if is_filtered else 0.0)
        young = self._memory.states_before(kind, lag) if lag else {}
        if not young:
            return self.all(kind, parent)
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
        if kind in _PARENTS:
            self._children[kind, _PARENTS[kind](record)].discard(key)
        self._store.bury(kind, str(key))
        self._memory.remember(kind, key, record)

    def _put(self, kind: str, record: Record, before: Record | None) -> None:
        self._store.put(kind, str(record["id"]), record)
        self._tables[kind][record["id"]] = record
        if kind in _PARENTS:
            self._adopt(kind, record)
        self._memory.remember(kind, record["id"], before)

    def _adopt(self, kind: str, record: Record) -> None:
        self._children.setdefault((kind, _PARENTS[kind](record)), set()).add(record["id"])

    def _keys(self, kind: str, parent: int | None) -> Collection[int]:
        return self._tables[kind] if parent is None else self._children.get((kind, parent), ())


def _of_parent(kind: str, parent: int | None, records: Iterable[Record | None]) -> Iterator[Record]:
    for record in records:
        if record is not None and (parent is None or _PARENTS[kind](record) == parent):
            yield record
