"""The main job as a program does it, for the month after the one of the browser: load, plan, apply, receipt."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from services.contracts.periods import days_of
from tests.journey.conftest import PerCustomer, appxite_totals
from tests.support.api import Api
from tests.support.product import Product

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

FAR_AWAY = "9999-12-31"
WRITES = ("create", "update", "cancel", "close", "adopt", "true_up")


@dataclass(frozen=True)
class PushedMonth:
    """What the main job answered on the way, step by step."""

    load: dict[str, Any]
    plan: dict[str, Any]
    run: dict[str, Any]


@pytest.fixture(scope="module")
def month(product: Product, current_period: str) -> PushedMonth:
    """The current month loaded, planned and pushed, once for all tests that look at it."""
    api = Api(product)
    load = api.load(current_period)
    plan = api.plan(current_period)
    run = api.apply(plan)
    api.client.close()
    return PushedMonth(load, plan, run)


def writes(api: Api) -> int:
    return int(api.sandbox("connectwise", "calls")["writes"])


def test_a_month_ties_out_to_the_cent(api: Api, month: PushedMonth, current_period: str) -> None:
    assert month.load["status"] == "succeeded", month.load["error"]
    assert month.plan["status"] == "ready", month.plan["error"]
    assert month.plan["summary"]["create"] > 0
    assert month.run["status"] == "succeeded", month.run["error"]

    receipt = api.get(f"/receipts/{month.run['id']}")
    assert (receipt["arrived"], receipt["accounted_for"]) == (True, True)
    assert receipt["failures"] == []
    # The month goes on: some of its invoices are previews, so that last month's additions bill what it has not charged.
    assert {each["kind"] for each in receipt["differences"]} == {"not_charged_yet"}
    assert receipt["bills_as_charged"] is False
    assert_equals_appxite(receipt, appxite_totals(api, current_period))
    assert_lists_every_unsent_line(receipt)
    assert api.sandbox("connectwise", "state")["duplicates"] == []


@pytest.mark.usefixtures("month")
def test_a_second_plan_has_nothing_to_do_and_writes_nothing(api: Api, current_period: str) -> None:
    before = writes(api)
    again = api.plan(current_period)
    assert {kind: again["summary"][kind] for kind in WRITES} == dict.fromkeys(WRITES, 0)
    second = api.apply(again)
    assert second["status"] == "succeeded", second["error"]
    assert api.get(f"/receipts/{second['id']}")["accounted_for"] is True
    assert writes(api) == before


def assert_equals_appxite(receipt: dict[str, object], charged: PerCustomer) -> None:
    totals = receipt["totals"]
    assert isinstance(totals, list)
    assert {(row["organization"], row["currency"]): Decimal(row["appxite_total"]) for row in totals} == charged
    for row in totals:
        assert Decimal(row["appxite_total"]) == Decimal(row["additions_total"]) + Decimal(row["unsent_total"]), row
    assert_differences_explain_what_will_be_billed(receipt)


def assert_differences_explain_what_will_be_billed(receipt: dict[str, Any]) -> None:
    listed: PerCustomer = defaultdict(Decimal)
    for each in receipt["differences"]:
        listed[each["organization"], each["currency"]] += Decimal(each["amount"])
    for row in receipt["totals"]:
        charged = Decimal(row["appxite_total"]) - Decimal(row["unsent_total"]) - Decimal(row["not_billable"])
        assert Decimal(row["expected_billed"]) == charged + listed[row["organization"], row["currency"]], row


def assert_lists_every_unsent_line(receipt: dict[str, object]) -> None:
    totals, unsent = receipt["totals"], receipt["unsent"]
    assert isinstance(totals, list)
    assert isinstance(unsent, list)
    listed: PerCustomer = defaultdict(Decimal)
    for line in unsent:
        assert line["reasons"] or line["status"] in ("excluded", "preview"), line
        listed[line["organization"], line["currency"]] += Decimal(line["amount"])
    for row in totals:
        assert listed[row["organization"], row["currency"]] == Decimal(row["unsent_total"]), row


@pytest.mark.usefixtures("month")
def test_every_ready_line_is_sent_and_says_which_addition_it_became(api: Api, current_period: str) -> None:
    sent = list(api.items("/invoice-lines", period=current_period, status="sent"))

    assert sent
    assert not list(api.items("/invoice-lines", period=current_period, status="ready"))
    assert len({line["addition_id"] for line in sent}) == len(sent)


@pytest.mark.usefixtures("month")
def test_everything_is_on_record(api: Api) -> None:
    seen = {entry["type"] for entry in api.get("/audit-trail", limit=1000)["items"]}
    logged = {row["title"] for row in api.get("/system-logs", limit=1000)["items"]}

    assert {"sync.run.started.v1", "sync.plan.computed.v1", "sync.run.finished.v1"} <= seen
    assert {"Load started", "Load succeeded", "Push started", "Push succeeded"} <= logged


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/loads", {"periods": ["2019-01"]}, 422, None),
        ("/loads", {"periods": ["next month"]}, 422, "period_unknown"),
        ("/plans", {"period": "2026-13"}, 422, "invalid_fields"),
        ("/plans", {"period": 7}, 422, "invalid_fields"),
        ("/plans/01a203f6-be1f-75b8-a6b7-b9895b7eedea/apply", None, 404, None),
    ],
)
def test_a_bad_request_is_told_what_to_do(
    api: Api, path: str, body: dict[str, object] | None, status: int, code: str | None
) -> None:
    answer = api.client.post(path, json=body)
    problem = answer.json()

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["detail"]
    assert problem["action"]
    assert code in (None, problem["code"])


@pytest.mark.usefixtures("month")
def test_a_stale_edit_changes_nothing_and_shows_what_is_there(api: Api, current_period: str) -> None:
    line = next(api.items("/invoice-lines", period=current_period, status="held", limit=1))
    edit = {"version": line["version"], "charge_start_date": line["charge_start_date"], "reason": "journey"}
    first = api.client.patch(f"/invoice-lines/{line['id']}", json=edit)
    second = api.client.patch(f"/invoice-lines/{line['id']}", json=edit)

    assert first.status_code == 200, first.text
    assert second.status_code == 409
    assert second.json()["code"] == "stale_version"
    assert second.json()["current"]["version"] == first.json()["version"]


@pytest.mark.usefixtures("month")
def test_connectwise_then_invoices_to_the_cent_what_the_receipts_said(
    api: Api, previous_period: str, current_period: str
) -> None:
    last_day = days_of(current_period)[1].isoformat()
    said: dict[str, Decimal] = defaultdict(Decimal)
    for period in (previous_period, current_period):
        for line in api.items("/invoice-lines", period=period, status="sent"):
            if line["charge_start_date"] <= last_day:  # a late charge waits for the month after
                said[line["addition_id"]] += Decimal(line["total"])
        for each in newest_receipt(api, period)["differences"]:
            said[each["addition_id"]] += Decimal(each["amount"])

    begun = find_first_days(api, previous_period, current_period)
    adopted = set(find_adopted(api, previous_period))
    invoices = api.sandbox("connectwise", "invoice-agreements", {"through": last_day})["invoices"]
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        for addition in invoice["additions"]:
            id_ = str(addition["addition_id"])
            # An adopted addition was people's before its first charge: what it billed then is not ours.
            is_ours = id_ not in adopted or (invoice["period_end"] or FAR_AWAY) >= begun.get(id_, FAR_AWAY)
            if addition["serial_number"].startswith("TO-") and is_ours:
                billed[id_] += Decimal(str(addition["amount"]))

    assert adopted & billed.keys()
    assert but_zero(billed) == but_zero(said)


def find_first_days(api: Api, *periods: str) -> dict[str, str]:
    """Addition → first day of the first charge that it was sent for."""
    days: dict[str, str] = {}
    for period in periods:
        for line in api.items("/invoice-lines", period=period, status="sent"):
            start = line["charge_start_date"]
            days[line["addition_id"]] = min(days.get(line["addition_id"], start), start)
    return days


def newest_receipt(api: Api, period: str) -> dict[str, Any]:
    newest = api.get("/receipts", period=period, limit=1)["items"][0]
    found: dict[str, Any] = api.get(f"/receipts/{newest['run_id']}")
    return found


def find_adopted(api: Api, period: str) -> Iterator[str]:
    for plan in api.items("/plans", period=period):
        if plan["status"] == "applied":
            yield from (each["addition_id"] for each in api.items(f"/plans/{plan['id']}/operations", kind="adopt"))


def but_zero(amounts: dict[str, Decimal]) -> dict[str, Decimal]:
    return {key: amount for key, amount in amounts.items() if amount}
