from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.connectwise.conditions import Both, Comparison, Either, parse
from services.sandbox.connectwise.errors import PsaError
from services.sandbox.connectwise.filters import make_element_filter, make_filter
from services.sandbox.connectwise.schemas import AGREEMENT, COMPANY

RECORD: dict[str, Any] = {
    "id": 11,
    "name": "Kestrel - Cloud [EU]",
    "company": {"id": 250, "identifier": "Kestrel", "name": "Kestrel Dental Group"},
    "type": {"id": 7, "name": "Cloud Subscriptions"},
    "cancelledFlag": False,
    "agreementStatus": "Active",
    "startDate": "2026-01-01T00:00:00Z",
    "billAmount": Decimal("12.50"),
    "customFields": [{"id": 21, "caption": "Ext Id", "value": "abc"}, {"id": 22, "caption": "Other", "value": 5}],
    "_info": {"lastUpdated": "2026-03-31T10:00:00Z"},
}


def passes(condition: str) -> bool:
    return make_filter(AGREEMENT, condition)(RECORD)


class TestParse:
    def test_and_binds_tighter_than_or(self) -> None:
        one, two, three = (Comparison(name, "=", Decimal(1)) for name in "abc")
        assert parse("a=1 or b=1 AND c=1") == Either([one, Both([two, three])])
        assert parse("(a=1 or b=1) and c=1") == Both([Either([one, two]), three])

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('"it\\"s \\\\ fine"', 'it"s \\ fine'),
            ("'single'", "single"),
            ("-3.50", Decimal("-3.50")),
            ("TRUE", True),
            ("False", False),
            ("Null", None),
            ("[2016-08-20T18:04:26Z]", datetime(2016, 8, 20, 18, 4, 26, tzinfo=UTC)),
            ("[2026-03-31]", datetime(2026, 3, 31, tzinfo=UTC)),
            ("[2026-03-31T08:00:00.125]", datetime(2026, 3, 31, 8, 0, 0, 125000, tzinfo=UTC)),
        ],
    )
    def test_values(self, text: str, value: Any) -> None:
        assert parse(f"name = {text}") == Comparison("name", "=", value)

    def test_lists_and_negations(self) -> None:
        assert parse("id in (3, 2,4)") == Comparison("id", "in", [Decimal(3), Decimal(2), Decimal(4)])
        assert parse('name NOT LIKE "a*"') == Comparison("name", "like", "a*", is_negated=True)

    @pytest.mark.parametrize(
        "text", ["", "name", "name=", "name=abc", "name='a", "(a=1", "a=1)", "a=1 and", "a==1", "id in 3", "a=[soon]"]
    )
    def test_wrong_syntax_is_400_with_advice(self, text: str) -> None:
        with pytest.raises(PsaError, match="surrounded by quotes") as caught:
            parse(text)
        assert caught.value.status == 400


class TestFilters:
    @pytest.mark.parametrize(
        "condition",
        [
            "company/id=250",
            "company/id in (1,250)",
            'name like "kestrel*"',
            'name like "%cloud%"',
            'name like "*[[]EU]"',
            'name contains "CLOUD"',
            "id = 12 or id = 11",
            "billAmount >= 12.5 and billAmount < 12.51",
            "cancelledFlag = false",
            "prorateFlag = False",
            "endDate = null",
            "startDate != null",
            "startDate <= [2026-01-01]",
            "lastUpdated > [2026-03-31T09:59:59Z]",
            'type/name="cloud subscriptions"',
            (
                'company/id=250 and cancelledFlag=false and (agreementStatus="Active" or agreementStatus="Inactive") '
                "and lastUpdated > [2026-01-01T00:00:00Z]"
            ),
        ],
    )
    def test_that_pass(self, condition: str) -> None:
        assert passes(condition)

    @pytest.mark.parametrize(
        "condition",
        [
            "company/id=251",
            "id not in (11)",
            'name not contains "cloud"',
            "endDate < [2027-01-01]",
            'workOrder != "x"',
            "cancelledFlag = true",
        ],
    )
    def test_that_fail(self, condition: str) -> None:
        assert not passes(condition)

    @pytest.mark.parametrize(
        "condition",
        [
            "company=250",
            "unknown=1",
            "company/phone='1'",
            "name/first='a'",
            "customFields=1",
            "id='11'",
            "name=11",
            'startDate > "2026-01-01"',
            "cancelledFlag='false'",
            "id like 1",
        ],
    )
    def test_unknown_fields_and_wrong_kinds_are_400(self, condition: str) -> None:
        with pytest.raises(PsaError) as caught:
            passes(condition)
        assert (caught.value.status, caught.value.code) == (400, "ApiFindCondition")

    def test_child_conditions_want_one_element_that_passes(self) -> None:
        company = {"types": [{"id": 1, "name": "Client"}, {"id": 3, "name": "Vendor"}]}
        assert make_element_filter('types/name = "vendor" and types/id = 3')(company)
        assert not make_element_filter('types/name = "vendor" and types/id = 1')(company)
        assert "types" in COMPANY.fields

    def test_custom_field_conditions_want_one_field_that_passes(self) -> None:
        assert make_element_filter('caption="Ext Id" and value="abc"', within="customFields")(RECORD)
        assert make_element_filter('caption="Other" and value != null', within="customFields")(RECORD)
        assert not make_element_filter('caption="Other" and value="abc"', within="customFields")(RECORD)
