"""What a person changes on one line: dates, agreement, exclusion. The rules then say what follows."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from services.billing.lines import service
from services.billing.lines.schemas import LineChange, LineItem
from services.billing.lines.service import LineNotFound
from services.billing.mirrors import repository as references
from services.billing.rating import repository
from services.billing.rating.record import StoredLine
from services.billing.rating.service import rate_again
from services.billing.rules.line import Line
from services.contracts.events.billing import LineEdited
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import Conflict, Unprocessable
from services.kit.ledger.bus import publish

# Field of the API → the user's value on a line.
_FIELDS = {
    "charge_start_date": "user_start",
    "charge_end_date": "user_end",
    "agreement_id": "user_agreement_id",
    "excluded": "is_excluded",
}


class StaleVersion(Conflict):
    """The line was changed since it was read."""

    action = "Look at the current line and decide again."


class AgreementNotInPsa(Unprocessable):
    """The chosen agreement is not in the PSA, as far as the last mirror knows."""

    action = "Choose another agreement, or run 'Sync Organizations' first if it is new."


async def edit_line(session: WriteSession, line_id: UUID, change: LineChange) -> LineItem:
    """Apply a person's change to a line and rate it again."""
    stored = await _read(session, line_id, change.version)
    wanted = _wanted(change)
    await _check_agreement(session, wanted.get("user_agreement_id"))
    line = replace(stored.line, **wanted)
    changes = _compare(stored.line, line)
    if changes:
        (edited,) = await rate_again(session, [replace(stored, line=line)])
        edited = replace(edited, version=stored.version + 1)
        try:
            await repository.save(session, session.circumstances.partner_id, [edited])
        except repository.LinesMoved as error:
            raise StaleVersion("The line was changed in this very moment.") from error
        fact = LineEdited(
            line_id=line_id,
            period=line.period,
            changes=changes,
            reason=change.reason,
            line=f"{line.organization_name}, {line.subscription_name or line.offer_name}",
        )
        await publish(session, fact, subject=f"line/{line_id}")
    return await service.show_line(session, line_id)


async def _read(session: ReadSession, line_id: UUID, version: int) -> StoredLine:
    found = await repository.find_by_ids(session, session.circumstances.partner_id, [line_id])
    if not found:
        raise LineNotFound(f"There is no line {line_id}.")
    if found[0].version != version:
        current = await service.show_line(session, line_id)
        raise StaleVersion(
            f"The line is at version {current.version}, not {version}.", current=current.model_dump(mode="json")
        )
    return found[0]


def _wanted(change: LineChange) -> dict[str, Any]:
    given = {field: getattr(change, field) for field in _FIELDS if field in change.model_fields_set}
    if given.get("excluded", False) is None:
        given["excluded"] = False
    return {_FIELDS[field]: value for field, value in given.items()}


async def _check_agreement(session: ReadSession, agreement_id: str | None) -> None:
    if agreement_id and not await references.find(session, MirrorKind.AGREEMENT, [agreement_id]):
        psa = (await references.find_traits(session)).label
        raise AgreementNotInPsa(f"There is no agreement {agreement_id} in {psa}.")


def _compare(before: Line, after: Line) -> list[FieldChange]:
    pairs = ((field, getattr(before, name), getattr(after, name)) for field, name in _FIELDS.items())
    return [FieldChange(field=field, before=_json(old), after=_json(new)) for field, old, new in pairs if old != new]


def _json(value: date | str | bool | None) -> JsonValue:
    return value.isoformat() if isinstance(value, date) else value
