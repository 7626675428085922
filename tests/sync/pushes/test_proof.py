from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import OperationKind
from services.kit.base.ids import new_id
from services.kit.upstream.http import MissingUpstream
from services.sync.additions.values import values_wanted
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.connectwise.models import Addition, AdditionDraft, Patch
from services.sync.pushes.proof import NEVER_CONFIRMED, Proof, read_back
from tests.sync.plans.builders import desire, held


@dataclass
class Psa:
    """ConnectWise that shows `listed` in lists, and `known` to whoever asks by id."""

    listed: list[Addition] = field(default_factory=list)
    known: list[Addition] = field(default_factory=list)

    async def additions(self, agreement_id: str) -> list[Addition]:
        return [each for each in self.listed if each.agreement_id == agreement_id]

    async def addition(self, agreement_id: str, addition_id: str) -> Addition:
        for each in self.known:
            if (each.agreement_id, each.id) == (agreement_id, addition_id):
                return each
        raise MissingUpstream("no such addition", status=404)

    async def create_addition(self, agreement_id: str, draft: AdditionDraft) -> Addition:
        raise AssertionError("reading back writes nothing")

    async def patch_addition(self, agreement_id: str, addition_id: str, patches: Sequence[Patch]) -> Addition:
        raise AssertionError("reading back writes nothing")


def operation(desired: DesiredAddition | None = None, **changes: Any) -> OperationRow:
    desired = desired or desire()
    values: dict[str, Any] = {
        "id": new_id(),
        "kind": OperationKind.CREATE.value,
        "status": OperationStatus.DONE.value,
        "agreement_id": desired.agreement_id,
        "addition_id": "70",
        "marker": desired.marker,
        "desired": desired.model_dump(mode="json"),
        "after": values_wanted(desired).as_json(),
        "error": "",
        **changes,
    }
    return OperationRow(**values)


async def prove(psa: Psa, row: OperationRow) -> tuple[Proof, OperationStatus, str]:
    proof = await read_back(psa, [row])
    outcome = proof.outcomes[row.id]
    return proof, outcome.status, outcome.error


class TestReadingBack:
    async def test_what_is_held_as_it_should_be_is_done(self) -> None:
        row = operation()
        proof, status, error = await prove(Psa([held()]), row)
        assert (status, error) == (OperationStatus.DONE, "")
        assert proof.holdings[row.id].held.total("EUR") == Decimal("50.00")

    async def test_every_field_that_differs_is_named(self) -> None:
        proof, status, error = await prove(Psa([held(quantity=Decimal(4), taxable=False)]), operation())
        assert status is OperationStatus.FAILED
        assert (
            error
            == "ConnectWise holds quantity 4 instead of 5, taxable False instead of True. Make a new plan to mend it."
        )
        assert [each.held.quantity for each in proof.differing] == [Decimal(4)]

    async def test_what_a_list_does_not_show_yet_is_asked_for_by_id(self) -> None:
        _, status, _ = await prove(Psa([], [held()]), operation())
        assert status is OperationStatus.DONE

    async def test_what_is_gone_is_a_failure(self) -> None:
        _, status, error = await prove(Psa(), operation())
        assert (status, error) == (OperationStatus.FAILED, "Addition 70 is gone from ConnectWise.")

    async def test_one_of_unknown_outcome_is_found_by_its_marker(self) -> None:
        row = operation(status=OperationStatus.UNKNOWN.value, addition_id=None)
        proof, status, _ = await prove(Psa([held("77")]), row)
        assert status is OperationStatus.DONE
        assert proof.outcomes[row.id].addition_id == "77"

    async def test_one_that_is_nowhere_was_never_confirmed(self) -> None:
        row = operation(status=OperationStatus.UNKNOWN.value, addition_id=None)
        _, status, error = await prove(Psa(), row)
        assert (status, error) == (OperationStatus.UNKNOWN, NEVER_CONFIRMED)

    async def test_a_second_addition_of_one_marker_is_never_passed_over(self) -> None:
        _, status, error = await prove(Psa([held("70"), held("71")]), operation())
        assert status is OperationStatus.FAILED
        assert error.startswith("Additions 70 and 71 carry the same marker.")

    async def test_a_refusal_stays_what_it_was(self) -> None:
        row = operation(status=OperationStatus.FAILED.value, addition_id=None, error="Refused.")
        _, status, error = await prove(Psa(), row)
        assert (status, error) == (OperationStatus.FAILED, "Refused.")

    async def test_a_marker_on_another_agreement_is_no_twin(self) -> None:
        _, status, _ = await prove(Psa([held("70"), replace(held("71"), agreement_id="12")]), operation())
        assert status is OperationStatus.DONE
