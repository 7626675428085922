"""Traits of a partner's PSA that nobody documents: shown, fixed by a person, learned from read-back, forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.contracts.events.sync import TroubleNoted
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import FieldProblem, InvalidFields, NotFound
from services.kit.ledger import bus
from services.sync.connections import repository
from services.sync.connections.schemas import TraitOut
from services.sync.settings import MOST_DECIMALS
from services.sync.systems import KnownTraits, Trait, TraitOrigin, TraitValue

WORDS = {
    "price_decimals": "decimals kept of a unit price",
    "quantity_decimals": "decimals kept of a quantity",
    "catches_up": "bills the days that earlier invoices missed",
    "proration_rounds": "what is rounded where days are prorated",
}
DECIMALS = ("price_decimals", "quantity_decimals")
LEARNED_BY = "read-back"


class TraitNotFound(NotFound):
    """No such trait can be learned or fixed on this connection."""

    action = "Take one of the traits that the connection lists."


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an addition that was read back has shown."""

    trait: str
    value: TraitValue
    addition_id: str
    sent: str
    kept: str


async def find_known_traits(session: ReadSession, system: str) -> KnownTraits:
    rows = await repository.list_traits(session, system)
    by_origin = {
        origin: {row.trait: row.value for row in rows if row.origin == origin.value}
        for origin in (TraitOrigin.FIXED, TraitOrigin.LEARNED)
    }
    return KnownTraits(by_origin[TraitOrigin.FIXED], by_origin[TraitOrigin.LEARNED])


async def show_traits(session: ReadSession, system: str, weighed: Sequence[Trait]) -> list[TraitOut]:
    """Each trait with its value in force, where that comes from, and what was learned."""
    rows = await repository.list_traits(session, system)
    learned = {row.trait: row for row in rows if row.origin == TraitOrigin.LEARNED.value}
    shown = []
    for trait in weighed:
        row = learned.get(trait.name)
        shown.append(
            TraitOut(
                name=trait.name,
                words=WORDS[trait.name],
                value=trait.value,
                origin=trait.origin,
                learned=row.value if row else None,
                learned_at=row.noted_at if row else None,
                addition_id=row.addition_id if row else "",
                sent=row.sent if row else "",
                kept=row.kept if row else "",
            )
        )
    return shown


async def learn(session: WriteSession, system: str, lesson: Lesson) -> bool:
    """Keep what was learned; false where it was known already."""
    known = await find_known_traits(session, system)
    if known.learned.get(lesson.trait) == lesson.value:
        return False
    values: dict[str, object] = {
        "value": lesson.value,
        "addition_id": lesson.addition_id,
        "sent": lesson.sent,
        "kept": lesson.kept,
        "noted_by": LEARNED_BY,
    }
    await repository.save_trait(session, system, lesson.trait, TraitOrigin.LEARNED, values)
    return True


async def fix(session: WriteSession, system: str, name: str, value: TraitValue) -> None:
    """A person says what is true of the PSA: nothing that is learned changes it.

    Raises:
        InvalidFields: the trait cannot have this value.
    """
    if trouble := _find_trouble(name, value):
        raise InvalidFields([FieldProblem(field="value", message=trouble)])
    who = session.circumstances.actor.name
    values: dict[str, object] = {"value": value, "addition_id": "", "sent": "", "kept": "", "noted_by": who}
    await repository.save_trait(session, system, name, TraitOrigin.FIXED, values)
    await _note(session, system, f"Fixed: {describe(name, value)}")


async def forget(session: WriteSession, system: str, name: str) -> None:
    """Neither what a person fixed nor what was learned holds any more: the next push learns anew."""
    await repository.forget_traits(session, system, name, (TraitOrigin.FIXED, TraitOrigin.LEARNED))
    await _note(session, system, f"Forgotten: {WORDS[name]}")


def require_trait(weighed: Sequence[Trait], name: str) -> None:
    if name not in {trait.name for trait in weighed}:
        raise TraitNotFound(f"Nothing called {name} can be learned or fixed here.")


def _find_trouble(name: str, value: TraitValue) -> str:
    if name in DECIMALS:
        is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_DECIMALS
        return "" if is_count else f"must be a whole number from 0 to {MOST_DECIMALS}"
    if name == "catches_up":
        return "" if isinstance(value, bool) else "must be true or false"
    return "" if value in ("unit_price", "amount") else "must be unit_price or amount"


def describe(name: str, value: TraitValue) -> str:
    """A trait and its value, for people: `decimals kept of a unit price: 2`."""
    said = ("yes" if value else "no") if isinstance(value, bool) else str(value).replace("_", " ")
    return f"{WORDS[name]}: {said}"


async def _note(session: WriteSession, system: str, title: str) -> None:
    details = "Lines that are not sent are rated again with it."
    fact = TroubleNoted(level=LogLevel.INFO, title=title, details=details)
    await bus.publish(session, fact, subject=f"connection/{system}")
