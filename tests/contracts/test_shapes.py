import pytest
from pydantic import ValidationError

from services.contracts.shapes import PUSHED, PushedAddition
from services.contracts.vocabulary import OperationKind


def pushed(operation: OperationKind) -> PushedAddition:
    return PushedAddition.model_validate(
        {
            "marker": "m",
            "line_id": "01920000-0000-7000-8000-000000000001",
            "line_version": 1,
            "operation": operation,
            "agreement_id": "1",
            "addition_id": "2",
            "amount": "1.00",
        }
    )


class TestPushedAddition:
    def test_what_becomes_of_a_desired_addition_travels(self) -> None:
        assert [pushed(operation).operation for operation in PUSHED.members] == list(PUSHED.members)

    def test_a_cancelled_addition_is_desired_by_nobody_and_does_not(self) -> None:
        with pytest.raises(ValidationError, match="cancel does not travel here"):
            pushed(OperationKind.CANCEL)
