"""The receipt of 10,000 lines on agreements that hold three years of ended additions: pure, without a network."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from services.contracts.invoicing.periods import add_months
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import AgreementFacts, DesiredAddition, PlanScope
from services.contracts.vocabulary import BillOption
from services.kit.base.ids import new_id
from services.sync.additions.state import AgreementState
from services.sync.additions.values import wanted_values
from services.sync.additions.written import Written
from services.sync.psas.addition import Addition
from services.sync.pushes.proof import Proof
from services.sync.pushes.standing import LeftOut, list_unclaimed
from services.sync.receipts.tie_out import Charged, OnPsa, Sides, TieOut, tie_out
from services.sync.receipts.will_bill import Claim, Grounds, forecast_bills
from tests.bench.clocks import timed
from tests.bench.report import Figure

PERIOD, JUNE, LAST_DAY = "2026-06", date(2026, 6, 1), date(2026, 6, 30)
LINES, AGREEMENTS, MONTHS = 10_000, 500, 36
ONE_TIME = 3  # every third line is charged once, so each past month has left as many ended additions
MOST_SECONDS = 2


def measure() -> list[Figure]:
    claims = [_claim(number) for number in range(LINES)]
    history = list(_list_history())
    states = {str(number): AgreementState() for number in range(AGREEMENTS)}
    for addition, _ in history:
        states[addition.agreement_id].additions.append(addition)
    proof = Proof(states, UNDESCRIBED, [known for _, known in history])
    with timed() as watch:
        proven = _prove(claims, proof)
    if not proven.bills_as_charged or proven.examined != LINES:
        raise SystemExit("a month without any difference was found to have some")
    beside = f"{LINES:,} lines, {len(history):,} additions of {MONTHS} months"
    return [Figure("forecast + tie-out of a receipt", watch.seconds, "s", at_most=MOST_SECONDS, beside=beside)]


def _prove(claims: list[Claim], proof: Proof) -> TieOut:
    unclaimed = list_unclaimed([], proof, claims, LeftOut([], []), PlanScope(period=PERIOD))
    facts = {str(number): _facts(str(number)) for number in range(AGREEMENTS)}
    wanted = [each.desired for each in claims]
    return tie_out(
        Sides(
            charged=[Charged((each.invoice_id, each.row_id), *_customer(each), each.amount) for each in wanted],
            kept_out=[],
            on_psa=[OnPsa((each.invoice_id, each.row_id), *_customer(each), each.amount) for each in wanted],
            unsent=[],
            failures=[],
            failed_keys=frozenset(),
            will_bill=forecast_bills(Grounds(PERIOD, claims, unclaimed, facts, UNDESCRIBED)),
            psa=UNDESCRIBED.label,
        )
    )


def _customer(desired: DesiredAddition) -> tuple[str, str, str]:
    return desired.organization_id, desired.organization, desired.currency


def _facts(agreement_id: str) -> AgreementFacts:
    return AgreementFacts(
        agreement_id=agreement_id,
        name="Cloud",
        company_id="1",
        type_id="1",
        type_name="Cloud",
        status="Active",
        currency="EUR",
        billing_cycle="Monthly",
        invoicing_cycle="CalendarYear",
        billing_start=date(2020, 1, 1),
        next_invoice_date=JUNE,
        end_date=None,
        is_prorated=int(agreement_id) % 2 == 0,
    )


def _claim(number: int) -> Claim:
    desired = _desire(number)
    return Claim(desired, str(number), wanted_values(desired))


def _desire(number: int) -> DesiredAddition:
    is_once = number % ONE_TIME == 0
    customer = str(number % AGREEMENTS)
    return DesiredAddition(
        marker=f"TO-{number}",
        line_id=new_id(),
        line_version=1,
        invoice_id=f"inv-{customer}",
        row_id=str(number),
        organization_id=customer,
        organization=f"Customer {customer}",
        company_id=customer,
        company=f"Customer {customer}",
        agreement_id=customer,
        agreement="Cloud",
        product_id="601",
        product="M365",
        subscription_id=f"sub-{number}",
        subscription="Seats",
        is_recurring=not is_once,
        currency="EUR",
        quantity=Decimal(3),
        unit_price=Decimal("9.99"),
        amount=Decimal("29.97"),
        bill_option=BillOption.BILLABLE,
        taxable=True,
        effective_date=JUNE if is_once else date(2023, 6, 1),
        cancelled_date=LAST_DAY if is_once else None,
        invoice_description="Seats",
        bills_from=JUNE,
        bills_through=LAST_DAY,
    )


def _list_history() -> Iterator[tuple[Addition, Written]]:
    """What one-time charges of earlier months have left."""
    for number in range(0, LINES, ONE_TIME):
        desired = _desire(number)
        values = wanted_values(desired)
        newest = Written(
            marker=desired.marker,
            agreement_id=desired.agreement_id,
            addition_id="",
            subscription_id=desired.subscription_id,
            is_recurring=False,
            currency="EUR",
            names={"organization": desired.organization},
            values=values,
            wanted_effective_date=JUNE,
            ended_on=None,
            written_at=datetime(2026, 6, 2, tzinfo=UTC),
        )
        for months in range(1, MONTHS + 1):
            first = add_months(JUNE, -months)
            last = add_months(first, 1) - timedelta(days=1)
            addition_id = f"{number}-{months}"
            held = values.model_copy(
                update={"effective_date": first, "cancelled_date": last, "serial_number": f"TO-{addition_id}"}
            )
            known = replace(newest, marker=held.serial_number, addition_id=addition_id, values=held)
            addition = Addition(addition_id, desired.agreement_id, held)
            yield addition, replace(known, charged_from=first, charged_through=last)
