"""What the customer's invoice says about a line: the template, filled with what the line knows."""

from services.billing.rules.book import DETAILS, ChargeTypePolicy, RateBook
from services.billing.rules.day_forms import write_day, write_period
from services.billing.rules.line import Line
from services.billing.rules.pricing import Priced
from services.billing.rules.templates import Placeholder, describe, placeholders_of
from services.contracts.invoicing.amounts import AdditionAmount, AmountForm
from services.contracts.money import as_text, show_money


def describe_line(
    line: Line, policy: ChargeTypePolicy, amount: AdditionAmount | None, book: RateBook, priced: Priced
) -> str:
    """The description of a line, as a person worded it, or its rules."""
    true_quantity, quantity = None, priced.quantity
    if amount and amount.form is AmountForm.SINGLE and quantity not in (amount.quantity, -amount.quantity):
        true_quantity = quantity
    values = collect_values(line, policy, book, priced)
    template = line.user_description or book.rules.description_template
    return describe(template, values, book.psa.longest_description, true_quantity)


def collect_values(line: Line, policy: ChargeTypePolicy, book: RateBook, priced: Priced) -> dict[str, str]:
    """Placeholder → what this line has for it, of those that the template uses where they take time to format."""
    values: dict[str, str] = {
        Placeholder.SUBSCRIPTION: line.subscription_name,
        Placeholder.CHARGE_TYPE: policy.display_name or line.charge_type,
        Placeholder.OFFER: line.offer_name,
        Placeholder.ORGANIZATION: line.organization_name,
        Placeholder.INVOICE_NUMBER: line.invoice_number,
        Placeholder.CONTRACT: line.contract_number or book.contract_of(line),
        Placeholder.VENDOR: line.vendor,
        Placeholder.PURCHASE_ORDER: line.purchase_order,
    }
    if book.needs_details or (line.user_description and DETAILS & placeholders_of(line.user_description)):
        form = book.rules.day_form
        values[Placeholder.QUANTITY] = as_text(priced.quantity)
        values[Placeholder.UNIT_PRICE] = as_text(show_money(priced.unit_price, line.currency))
        values[Placeholder.CHARGE_START] = write_day(line.charge_start, form)
        values[Placeholder.CHARGE_END] = write_day(line.charge_end, form)
        values[Placeholder.PERIOD] = write_period(line.charge_start, line.charge_end, form)
    return values
