"""What rules need of the records they are about: the books, or a world that is still being read."""

from typing import Protocol

from services.sandbox.connectwise.behaviour import Behaviour
from services.sandbox.seed.references import Record
from services.sandbox.world import World


class Records(Protocol):
    world: World
    behaviour: Behaviour

    def find(self, kind: str, key: int, parent: int | None = None) -> Record | None: ...

    def all(self, kind: str, parent: int | None = None) -> list[Record]: ...

    def count(self, kind: str, parent: int | None = None) -> int: ...
