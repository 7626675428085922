"""A world while it is being read: what the order brings, in front of what is there already."""

from collections import Counter
from datetime import date

from services.sandbox.connectwise.behaviour import Behaviour
from services.sandbox.connectwise.books import WORLD_KINDS, Books
from services.sandbox.connectwise.currencies import make_currency
from services.sandbox.seed.references import Record, entered, reference
from services.sandbox.world import World


class Draft:
    """Reads like the books, and writes nothing: an order that turns out wrong has changed nothing."""

    def __init__(self, books: Books, *, is_whole: bool, today: date | None, instant: str) -> None:
        self._books, self._is_whole, self._instant = books, is_whole, instant
        self.made: dict[str, dict[int, Record]] = {}
        self.world: World = books.world if today is None else books.world._replace(pinned=today)
        self.behaviour: Behaviour = books.behaviour
        self._counted: Counter[int] = Counter()

    def find(self, kind: str, key: int, parent: int | None = None) -> Record | None:
        found = self.made.get(kind, {}).get(key)
        if found is None and not self._is_hidden(kind):
            found = self._books.find(kind, key, parent)
        return found

    def all(self, kind: str, parent: int | None = None) -> list[Record]:
        made = self.made.get(kind, {})
        before = [] if self._is_hidden(kind) else self._books.all(kind, parent)
        return [record for record in before if record["id"] not in made] + list(made.values())

    def count(self, kind: str, parent: int | None = None) -> int:
        """Of additions, those of the order alone: they get numbers in the order in which they are given."""
        return self._counted[parent or 0] if kind == "additions" else len(self.all(kind, parent))

    def keep(self, kind: str, record: Record) -> None:
        self.made.setdefault(kind, {})[record["id"]] = {
            **record,
            "_info": record.get("_info") or entered(self._instant),
        }
        if kind == "additions":
            self._counted[record["agreementId"]] += 1

    def first(self, kind: str) -> Record:
        """What stands in a setup table first, as a reference."""
        return reference(kind, self._books.all(kind)[0])

    def currency(self, code: str) -> Record:
        """The currency of a code; one that is not set up yet is, with the decimals of ISO 4217."""
        known = next((each for each in self.all("currencies") if each["currencyCode"] == code), None)
        if known is None:
            known = make_currency(self._free_id("currencies"), code)
            self.keep("currencies", known)
        return known

    def add_seat(self, company: Record) -> Record:
        """The company with a contact and a site, which agreements need; those it has are kept."""
        before = self.find("companies", company["id"])
        if before is not None and before.get("defaultContact"):
            return company | {name: before[name] for name in ("defaultContact", "site") if name in before}
        pointer = reference("companies", company)
        contact = {"id": self._free_id("contacts"), "firstName": "Accounts", "lastName": "Payable", "company": pointer}
        contact |= {"inactiveFlag": False, "defaultFlag": True}
        site = {"id": self._free_id("sites"), "name": "Main", "company": pointer, "primaryAddressFlag": True}
        self.keep("contacts", contact)
        self.keep("sites", site)
        return company | {"defaultContact": reference("contacts", contact), "site": reference("sites", site)}

    def _free_id(self, kind: str) -> int:
        return max(self._books.next_id(kind), max(self.made.get(kind, {}), default=0) + 1)

    def _is_hidden(self, kind: str) -> bool:
        return self._is_whole and kind in WORLD_KINDS
