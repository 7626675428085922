"""Trying a description template on lines that are there, without saving it."""

from collections.abc import Iterable
from dataclasses import replace

from services.billing.lines import repository
from services.billing.lines.stored import StoredLine
from services.billing.rating.books import Needs, find_rules_in_force, gather_books
from services.billing.rating.schemas import DescriptionPreview, DescriptionSample
from services.billing.rules.book import RateBook
from services.billing.rules.day_forms import DayForm
from services.billing.rules.descriptions import collect_values, describe_line
from services.billing.rules.line import Line
from services.billing.rules.pricing import price_line
from services.billing.rules.templates import Placeholder, check_template
from services.kit.base.db import ReadSession
from services.kit.base.errors import FieldProblem, InvalidFields

LOOKED_AT = 200  # lines: enough to meet most charge types, and read in a moment
MOST_SAMPLES = 4
EVERYTHING = " ".join(f"{{{each}}}" for each in Placeholder)


async def preview_description(session: ReadSession, template: str, day_form: DayForm) -> DescriptionPreview:
    """How lines of the newest month would be described.

    Raises:
        InvalidFields: the template names a placeholder that nobody knows.
    """
    try:
        check_template(template)
    except ValueError as fault:
        raise InvalidFields([FieldProblem(field="template", message=str(fault))]) from fault
    lines = _choose_samples(await repository.find_newest(session, LOOKED_AT))
    version = await find_rules_in_force(session)
    needs = Needs.of(lines)
    needs.rule_versions = {version}
    book = (await gather_books(session, needs))[version]
    wording = {"description_template": template, "day_form": day_form}
    book = replace(book, rules=book.rules.model_copy(update=wording))
    everything = replace(book, rules=book.rules.model_copy(update={"description_template": EVERYTHING}))
    return DescriptionPreview(samples=[_describe(each, book, everything) for each in lines])


def _choose_samples(lines: Iterable[StoredLine]) -> list[StoredLine]:
    """One of each charge type."""
    found: dict[str, StoredLine] = {}
    for each in lines:
        found.setdefault(each.charge_type, each)
    return list(found.values())[:MOST_SAMPLES]


def _describe(stored: StoredLine, book: RateBook, everything: RateBook) -> DescriptionSample:
    line: Line = replace(stored.effective, user_description=None)  # the template is what is tried
    policy = book.policy_of(line)
    priced = price_line(line, book)
    values = collect_values(line, policy, everything, priced)
    return DescriptionSample(
        line_id=stored.id,
        organization=line.organization_name,
        charge_type=stored.charge_type,
        description=describe_line(line, policy, None, book, priced),
        values={Placeholder(name): value for name, value in values.items()},
    )
