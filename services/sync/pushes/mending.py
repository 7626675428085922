"""Mending additions in the run that wrote them, where the PSA keeps fewer decimals than were sent. Pure.

The same money is said again in the first form that the PSA can hold. A new addition that no form can say is taken
back, so that it never bills a wrong amount, and its line is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.contracts.invoicing.amounts import AdditionAmount, AmountForm, Decimals, represent, say_quantity
from services.contracts.money import as_text
from services.contracts.shapes import DesiredAddition, PsaTraits
from services.sync.additions.twins import stop_billing
from services.sync.plans.schemas import CREATES
from services.sync.psas.addition import AdditionValues
from services.sync.psas.port import Psa
from services.sync.pushes.proof import ReadBack

AS_ONE = "quantity 1 at the total"


@dataclass(frozen=True, slots=True)
class Mend:
    """An operation with the values that the PSA can hold."""

    operation_id: UUID
    addition_id: str
    """Found by its marker where the answer to its creation was never recorded: a mend changes it, and makes none."""
    desired: dict[str, Any]
    held: dict[str, Any]
    after: dict[str, Any]
    explanation: list[str]

    def as_row(self) -> dict[str, Any]:
        return {
            "id": self.operation_id,
            "addition_id": self.addition_id,
            "desired": self.desired,
            "mending": self.held,
            "after": self.after,
            "explanation": self.explanation,
        }


def list_mends(coarser: Sequence[ReadBack], psa: Psa) -> list[Mend]:
    """A mend for each addition that holds what was sent with fewer decimals, as far as another form says its money."""
    mends = (_mend(read, psa) for read in coarser)
    return [mend for mend in mends if mend is not None]


def _mend(read: ReadBack, psa: Psa) -> Mend | None:
    row = read.row
    desired = DesiredAddition.model_validate(row.desired)
    found = _choose_form(desired, psa.traits)
    if found is None and row.kind in CREATES:
        after = psa.as_held(stop_billing(read.addition, None))
        explanation = [*row.explanation, _explain_nothing(desired, psa.traits)]
        return Mend(
            operation_id=row.id,
            addition_id=read.addition.id,
            desired=desired.model_dump(mode="json"),
            held=read.addition.values.as_json(),
            after=after.as_json(),
            explanation=explanation,
        )
    if found is None or (found.quantity, found.unit_price) == (desired.quantity, desired.unit_price):
        return None
    description = desired.invoice_description
    if found.form is AmountForm.SINGLE and not desired.carries:  # what gathers lines stands for no quantity of theirs
        charged = desired.quantity if desired.charged_quantity is None else desired.charged_quantity
        description = say_quantity(description, charged, psa.traits.longest_description)
    changes = {
        "quantity": found.quantity,
        "unit_price": found.unit_price,
        "invoice_description": description,
    }
    after = psa.as_held(AdditionValues.model_validate(row.after).model_copy(update=changes))
    return Mend(
        operation_id=row.id,
        addition_id=read.addition.id,
        desired=desired.model_copy(update=changes).model_dump(mode="json"),
        held=read.addition.values.as_json(),
        after=after.as_json(),
        explanation=[*row.explanation, _explain(desired, found, psa.traits)],
    )


def explain_unmended(read: ReadBack, psa: Psa) -> str:
    """Why an addition stays with other decimals than were sent."""
    desired = DesiredAddition.model_validate(read.row.desired)
    sent = f"{as_text(desired.quantity)} × {as_text(desired.unit_price)}"
    held = f"{as_text(read.addition.values.quantity)} × {as_text(read.addition.values.unit_price)}"
    if _choose_form(desired, psa.traits) is None:
        return f"{psa.traits.label} holds {held} instead of {sent}. {_explain_nothing(desired, psa.traits)}"
    return (
        f"{psa.traits.label} holds {held} instead of {sent}, so it keeps fewer decimals than are set for it. "
        "Correct that with the connection, under Settings, then plan again."
    )


def _explain_nothing(desired: DesiredAddition, traits: PsaTraits) -> str:
    decimals = f"{traits.price_decimals} decimals of a price and {traits.quantity_decimals} of a quantity"
    return f"{traits.label} keeps {decimals}, and nothing of so few comes to {as_text(desired.amount)}."


def _choose_form(desired: DesiredAddition, traits: PsaTraits) -> AdditionAmount | None:
    kept = Decimals(traits.price_decimals, traits.quantity_decimals, is_exact=desired.is_exact)
    return represent(desired.quantity, desired.unit_price, desired.amount, desired.currency, kept)


def _explain(desired: DesiredAddition, found: AdditionAmount, traits: PsaTraits) -> str:
    form = AS_ONE if found.form is AmountForm.SINGLE else f"{as_text(found.quantity)} × {as_text(found.unit_price)}"
    sent = f"{as_text(desired.quantity)} × {as_text(desired.unit_price)}"
    return f"{traits.label} did not keep all decimals of {sent}, so it was sent again as {form}."
