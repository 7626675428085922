from decimal import Decimal
from typing import Any

from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import OperationKind
from services.kit.base.ids import new_id
from services.sync.additions.values import wanted_values
from services.sync.additions.written import Written
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import OperationStatus
from services.sync.psas.addition import Addition
from services.sync.pushes.proof import Proof, read_back
from tests.sync.memory_psa import MemoryPsa
from tests.sync.plans.builders import desire, held, written


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
        "after": wanted_values(desired).as_json(),
        "error": "",
        **changes,
    }
    return OperationRow(**values)


def psa(*additions: Addition) -> MemoryPsa:
    return MemoryPsa.of(*additions)


async def prove(psa: MemoryPsa, row: OperationRow, *known: Written) -> tuple[Proof, OperationStatus, str]:
    proof = await read_back(psa, [row], known)
    outcome = proof.outcomes[row.id]
    return proof, outcome.status, outcome.error


class TestReadingBack:
    async def test_what_is_held_as_it_should_be_is_done(self) -> None:
        row = operation()
        proof, status, error = await prove(psa(held()), row)
        assert (status, error) == (OperationStatus.DONE, "")
        assert proof.proven[row.id].addition.values.total("EUR") == Decimal("50.00")

    async def test_every_field_that_differs_is_named(self) -> None:
        proof, status, error = await prove(psa(held(quantity=Decimal(4), taxable=False)), operation())
        assert status is OperationStatus.FAILED
        assert (
            error
            == "Ledgerly holds quantity 4 instead of 5, taxable False instead of True. Make a new plan to mend it."
        )
        assert [each.addition.values.quantity for each in proof.differing] == [Decimal(4)]

    async def test_what_a_list_does_not_show_yet_is_asked_for_by_id(self) -> None:
        lagging = psa(held())
        lagging.hidden = {"70"}
        _, status, _ = await prove(lagging, operation(), written())
        assert (status, lagging.asked_by_id) == (OperationStatus.DONE, ["70"])

    async def test_what_is_gone_is_a_failure(self) -> None:
        _, status, error = await prove(psa(), operation())
        assert (status, error) == (OperationStatus.FAILED, "Addition 70 is gone from Ledgerly.")

    async def test_one_of_unknown_outcome_is_found_by_its_marker(self) -> None:
        row = operation(status=OperationStatus.UNKNOWN.value, addition_id=None)
        proof, status, _ = await prove(psa(held("77")), row)
        assert status is OperationStatus.DONE
        assert proof.outcomes[row.id].addition_id == "77"

    async def test_one_that_is_nowhere_was_never_confirmed(self) -> None:
        row = operation(status=OperationStatus.UNKNOWN.value, addition_id=None)
        _, status, error = await prove(psa(), row)
        assert status is OperationStatus.UNKNOWN
        assert error.startswith("Ledgerly never confirmed this addition")

    async def test_a_second_addition_of_one_marker_is_never_passed_over(self) -> None:
        _, status, error = await prove(psa(held("70"), held("71")), operation())
        assert status is OperationStatus.FAILED
        assert error.startswith("Additions 70 and 71 carry the same marker.")

    async def test_a_refusal_stays_what_it_was(self) -> None:
        row = operation(status=OperationStatus.FAILED.value, addition_id=None, error="Refused.")
        _, status, error = await prove(psa(), row)
        assert (status, error) == (OperationStatus.FAILED, "Refused.")

    async def test_a_create_that_was_answered_with_a_failure_is_looked_for(self) -> None:
        row = operation(status=OperationStatus.FAILED.value, addition_id=None, error="It failed.")
        proof, status, error = await prove(psa(held("77")), row)
        assert (status, error) == (OperationStatus.DONE, "")
        assert proof.outcomes[row.id].addition_id == "77"

    async def test_a_change_that_was_answered_with_a_failure_and_stands_is_done(self) -> None:
        row = operation(kind=OperationKind.UPDATE.value, status=OperationStatus.FAILED.value, error="It failed.")
        _, status, error = await prove(psa(held()), row)
        assert (status, error) == (OperationStatus.DONE, "")

    async def test_one_that_was_refused_before_it_was_planned_stays_refused(self) -> None:
        row = operation(kind=OperationKind.NONE.value, status=OperationStatus.FAILED.value, error="It waits.")
        _, status, error = await prove(psa(held()), row)
        assert (status, error) == (OperationStatus.FAILED, "It waits.")

    async def test_one_that_failed_and_left_other_values_stays_failed(self) -> None:
        row = operation(status=OperationStatus.FAILED.value, addition_id=None, error="It failed.")
        _, status, error = await prove(psa(held("77", quantity=Decimal(9))), row)
        assert (status, error) == (OperationStatus.FAILED, "It failed.")

    async def test_what_was_written_on_an_agreement_that_cannot_be_read_is_not_proven(self) -> None:
        gone = psa()
        gone.missing_agreements = {"11"}
        other = operation(desire("TO-B", agreement_id="12"), addition_id="80")
        gone.held["80"] = held("80", agreement_id="12", serial_number="TO-B")
        row = operation()
        proof = await read_back(gone, [row, other], [])
        assert proof.outcomes[row.id].error.startswith("It was written and cannot be read back.")
        assert proof.outcomes[other.id].status is OperationStatus.DONE

    async def test_a_marker_on_another_agreement_is_no_twin(self) -> None:
        _, status, _ = await prove(psa(held("70"), held("71", agreement_id="12")), operation())
        assert status is OperationStatus.DONE
