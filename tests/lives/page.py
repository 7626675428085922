"""Writes docs/billed-lives.md from the worked lives: `python -m tests.lives.page`."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from tests.lives.life import Agreement, Life, Month, Theme, last_day_of, read_themes

PAGE = Path(__file__).parents[2] / "docs" / "billed-lives.md"
_ORDINARY = Agreement()
_INTRODUCTION = """\
# What is billed: {count} worked lives

Each life is one customer's subscriptions over some months: the rows that AppXite invoices, what people do, and what
ConnectWise's agreement invoicing must bill, period by period. The page is written from `tests/lives/worked`, and
every life is played as a test through loading, planning, pushing and invoicing (`pytest tests/lives`).

How to read a life:

- Rows are written as *subscription, charge type, charge period: quantity × unit price = total*. A row that names no
  subscription is of the customer's seats. Money is in EUR unless a currency is named.
- Unless something else is said, the agreement is monthly, its periods are calendar months, it does not prorate, and
  ConnectWise bills each period in advance. Every month is loaded and pushed; then ConnectWise invoices through the
  month's last day.
- *Listed* is what the receipt of the month's push says before ConnectWise invoices: differences between charged and
  billed, and lines that were not sent.
- The last line of a life adds up: everything charged in the end, everything billed, and the difference.

"""
_DECISIONS = {
    "end": "ends what bills without a charge",
    "keep": "keeps what bills without a charge",
    "later": "decides later about what bills without a charge",
}


def write_page(themes: list[Theme]) -> str:
    """The whole page."""
    count = sum(len(theme.lives) for theme in themes)
    titles = Counter(theme.title for theme in themes)
    assert len(titles) == len(themes)
    contents = "".join(f"- [{each.title}](#{_anchor(each.title)}) ({len(each.lives)})\n" for each in themes)
    return _INTRODUCTION.format(count=count) + contents + "".join(_theme(each) for each in themes)


def _anchor(title: str) -> str:
    return "".join(each for each in title.lower().replace(" ", "-") if each.isalnum() or each == "-")


def _theme(theme: Theme) -> str:
    return f"\n## {theme.title}\n" + "".join(f"{describe(each)}\n{_bills(each)}\n" for each in theme.lives)


def describe(life: Life) -> str:
    """What happens in one life, as people read it."""
    parts = [f"\n### {life.title}\n\n{life.why}\n"]
    if terms := [*_terms(life)]:
        parts.append(f"\n*{'; '.join(terms)}.*\n")
    parts.append("\n| Month | AppXite charges | What happens | Listed |\n|---|---|---|---|\n")
    parts += [_month(each) for each in life.months]
    return "".join(parts)


def _terms(life: Life) -> Iterator[str]:
    """What is out of the ordinary about a life's agreements, rules and beginning."""
    for letter, agreement in life.agreements.items():
        if words := [*_agreement(agreement)]:
            name = f"Agreement {letter}" if life.second else "Agreement"
            yield f"{name}: {', '.join(words)}"
    if life.currency != "EUR":
        yield f"Currency {life.currency}"
    yield from (f"Rule {name.replace('_', ' ')}: {_value(value)}" for name, value in life.rules.items())
    if life.complete:
        yield "A person says of each month that it is complete"
    yield from (f"Made by hand before: {text}" for text in life.hand_made)
    if life.billed_by_hand:
        yield f"Billed by hand before: {life.billed_by_hand:f}"
    if life.billed_beside:
        yield f"Billed by hand for something else: {life.billed_beside:f}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_value(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " and ".join(map(_value, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).replace("_", " ")


def _agreement(agreement: Agreement) -> Iterator[str]:
    if agreement.cycle != _ORDINARY.cycle:
        yield agreement.cycle.lower()
    if agreement.periods != _ORDINARY.periods:
        yield f"periods counted from {agreement.bill_start}"
    if agreement.prorates:
        yield "prorates by days"
    if agreement.billed_in == "arrears":
        yield "billed in arrears"
    if agreement.of_another_company:
        yield "of another company"
    if agreement.next_invoice != _ORDINARY.next_invoice:
        yield f"not invoiced from {agreement.next_invoice} on"


def _month(month: Month) -> str:
    cells = [
        month.month,
        "<br>".join(_rows(month)),
        "; ".join(_events(month)),
        "<br>".join([*_listed(month), *_rounded(month)]),
    ]
    return f"| {' | '.join(each or '–' for each in cells)} |\n"


def _rows(month: Month) -> Iterator[str]:
    for earlier, rows in month.earlier.items():
        yield from (f"for {earlier}: {row}" for row in rows)
    yield from month.rows
    yield from (f"by hand: {row}" for row in month.custom)


def _events(month: Month) -> Iterator[str]:
    if month.status != "Verified":
        yield f"the invoice is {month.status}"
    yield from (f"{name} ended on {day}" for name, day in month.ended.items())
    yield from (f"{name} is active again" for name in month.active)
    if month.renamed:
        yield f"the customer is now {month.renamed}"
    yield from _settings(month)
    if month.deleted:
        yield "a person deletes the additions in ConnectWise"
    yield from (f"a person deletes ConnectWise's invoice of the period from {day}" for day in month.uninvoiced)
    yield from _work(month)
    yield from _invoicing(month)
    yield from _course(month)


def _invoicing(month: Month) -> Iterator[str]:
    """What is done in ConnectWise after the push."""
    if month.hand_priced is not None:
        yield f"after the push a person sets the unit price in ConnectWise to {month.hand_priced:f}"
    yield from (f"a person writes off the period from {day}" for day in month.written_off)


def _settings(month: Month) -> Iterator[str]:
    """What an administrator changes."""
    if month.moved_to:
        yield f"the customer is mapped to agreement {month.moved_to}"
    if month.rules is not None:
        rules = [f"{name} {_value(value)}".replace("_", " ") for name, value in month.rules.items()]
        yield f"rules are set: {', '.join(rules) or 'the defaults'}"
    if month.customer:
        yield f"the customer is {month.customer}"


def _course(month: Month) -> Iterator[str]:
    """What is out of the ordinary about pushing and invoicing."""
    if month.invoiced_before:
        yield f"ConnectWise has invoiced through {month.invoiced_before} before the push"
    if month.pushed is not None:
        yield f"pushed: {', then '.join(month.pushed) or 'nothing'}"
    if month.invoiced_agreement:
        yield f"ConnectWise invoices only agreement {month.invoiced_agreement}"
    if month.invoiced_through == "nothing":
        yield "ConnectWise does not invoice"
    elif month.invoiced_through and month.invoiced_through != last_day_of(month.month):
        yield f"ConnectWise invoices through {month.invoiced_through}"


def _work(month: Month) -> Iterator[str]:
    """What people do with lines and with additions."""
    yield from (f"a person excludes {row}" for row in month.exclude)
    yield from (f"a person includes {row}" for row in month.include)
    for row, values in month.edit.items():
        for name, value in values.items():
            field = name.removesuffix("_id").replace("_", " ")
            yield f"a person sets {field} of {row} to {value}" if value else f"a person clears {field} of {row}"
    if month.decide:
        yield f"a person {_DECISIONS[month.decide]}"


def _listed(month: Month) -> Iterator[str]:
    yield from (text.replace("_", " ") for text in month.listed)
    yield from (f"not sent: {text.replace('_', ' ').replace('+', ', ')}" for text in month.unsent)


def _rounded(month: Month) -> Iterator[str]:
    if month.rounded:
        yield f"rounded away: {month.rounded:f}"


def _bills(life: Life) -> str:
    names = {"A": life.billed, "B": life.billed_b}
    bills = [
        f"{start}{f' on {letter}' if life.second else ''}: **{money:f}**"
        for letter, billed in names.items()
        for start, money in billed.items()
    ]
    total = sum([*life.billed.values(), *life.billed_b.values()], Decimal(0))
    added = f", added by rules {life.marked_up:f}" if life.marked_up else ""
    sums = f"charged {life.charged:f}{added}, billed {total:f}"
    if life.rounded:
        sums += f", rounded away {life.rounded:f}"
    if life.difference:
        sums += f", difference {life.difference:+f}"
    if life.found:
        sums += f"; found after the fact: {', '.join(life.found)}"
    return f"Billed in the period from {' · '.join(bills)}; {sums}." if bills else f"Nothing is billed; {sums}."


if __name__ == "__main__":
    PAGE.write_text(write_page(read_themes()), encoding="utf-8")
