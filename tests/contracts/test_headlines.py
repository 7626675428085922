"""What people read in the system log about changes: words and names, no field names and no ids."""

from decimal import Decimal
from uuid import uuid4

import pytest
from pydantic import JsonValue

from services.contracts.envelope import Headline
from services.contracts.events.billing import LineEdited, MappingChanged, MirrorTaken, RulesChanged
from services.contracts.events.sync import PlanComputed, RunFinished
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import LogLevel, MirrorKind, RunKind, RunStatus


def change(field: str, before: JsonValue, after: JsonValue) -> FieldChange:
    return FieldChange(field=field, before=before, after=after)


class TestMappingChanged:
    def test_a_chosen_record_is_called_by_its_name(self) -> None:
        changes = [change("state", "excluded", "approved"), change("company_id", None, "250")]
        names = {"company_id/250": "Adatum B.V."}
        fact = MappingChanged(
            mapping="organization", external_id="c2f0", name="Adatum BV", changes=changes, names=names
        )
        headline = fact.headline()
        assert headline.title == "Mapping of organization Adatum BV changed"
        assert headline.details == "state: excluded → approved; company: not set → Adatum B.V."

    def test_two_records_with_one_id_keep_their_names(self) -> None:
        changes = [change("company_id", None, "7"), change("agreement_id", None, "7")]
        names = {"company_id/7": "Contoso", "agreement_id/7": "Cloud 2026"}
        fact = MappingChanged(mapping="organization", external_id="c", name="C", changes=changes, names=names)
        assert fact.headline().details == "company: not set → Contoso; agreement: not set → Cloud 2026"

    def test_one_that_connectwise_has_lost_keeps_its_id(self) -> None:
        fact = MappingChanged(
            mapping="product", external_id="o", name="M365", changes=[change("product_id", "9", None)]
        )
        assert fact.headline().details == "catalog item: 9 → not set"


class TestLineEdited:
    def test_it_says_whose_line_what_changed_and_why(self) -> None:
        changes = [change("charge_start_date", None, "2026-10-15"), change("excluded", False, True)]
        fact = LineEdited(line_id=uuid4(), period="2026-10", changes=changes, reason="began late", line="Contoso, M365")
        assert fact.headline().details == (
            "Contoso, M365 – charge start date: not set → 2026-10-15; excluded: no → yes (began late)"
        )

    def test_an_older_fact_names_the_line_by_its_id(self) -> None:
        line_id = uuid4()
        fact = LineEdited(line_id=line_id, period="2026-10", changes=[change("excluded", True, False)])
        assert fact.headline().details == f"Line {line_id} – excluded: yes → no"


class TestPlanComputed:
    def test_only_kinds_that_occur_are_counted(self) -> None:
        fact = PlanComputed(plan_id=uuid4(), period="2026-10", summary={"create": 0, "update": 2, "none": 720})
        assert fact.headline().details == "2 to update, 720 unchanged"

    def test_a_plan_without_operations_says_so(self) -> None:
        fact = PlanComputed(plan_id=uuid4(), period="2026-10", summary={"create": 0})
        assert fact.headline().details == "no additions"


class TestRunFinished:
    @pytest.mark.parametrize(
        ("kind", "status", "title"),
        [
            (RunKind.MIRROR, RunStatus.FAILED, "Sync of organizations and products failed"),
            (RunKind.LOAD, RunStatus.SUCCEEDED, "Load succeeded"),
            (RunKind.PUSH, RunStatus.SUCCEEDED, "Push succeeded"),
        ],
    )
    def test_it_is_told_in_words_of_the_screens(self, kind: RunKind, status: RunStatus, title: str) -> None:
        fact = RunFinished(run_id=uuid4(), kind=kind, status=status, seconds=Decimal(3), outcomes={})
        headline = fact.headline()
        assert headline is not None
        assert headline.title == title


class TestMirrorTaken:
    def test_what_was_synced_is_named_as_the_screens_name_it(self) -> None:
        fact = MirrorTaken(run_id=uuid4(), part=0, kind=MirrorKind.CATALOG_ITEM, created=2, updated=1)
        assert fact.headline() == Headline(
            level=LogLevel.INFO, title="Catalog items synced", details="2 new, 1 changed"
        )


class TestRulesChanged:
    def test_a_field_is_called_as_the_screen_calls_it(self) -> None:
        fact = RulesChanged(version=4, changes=[change("default_agreement_type_id", None, "7")])
        assert fact.headline().details == "preferred agreement type"

    def test_rules_are_named_in_words(self) -> None:
        fact = RulesChanged(version=3, changes=[change("allow_zero_price", False, True)])
        assert fact.headline().details == "lines at price zero"
