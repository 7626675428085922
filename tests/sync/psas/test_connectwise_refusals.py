import pytest

from services.kit.upstream.http import MissingUpstream, Refused
from services.sync.psas.connectwise.errors import (
    AlreadyThere,
    DateRefused,
    FieldMissing,
    ObjectRefused,
    RecordInUse,
    ReferenceUnknown,
    ValueTooLong,
)
from services.sync.psas.connectwise.refusals import explain_refusal

KINDS = [
    AlreadyThere,
    DateRefused,
    FieldMissing,
    MissingUpstream,
    ObjectRefused,
    RecordInUse,
    ReferenceUnknown,
    Refused,
    ValueTooLong,
]


class TestRefusals:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_refusal_says_what_happened_in_connectwises_words_and_what_to_do(self, kind: type[Refused]) -> None:
        said = explain_refusal(kind("The field is invalid.", status=400))
        assert "ConnectWise" in said
        assert "“The field is invalid”" in said
        assert said.endswith(("then plan again.", "Plan again in a few minutes."))

    def test_refusals_that_need_different_acts_read_differently(self) -> None:
        assert len({explain_refusal(kind("x", status=400)) for kind in KINDS}) == len(KINDS) - 2
