"""Descriptions: every placeholder, days as a partner writes them, and what stands where a value is missing."""

import re
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.day_forms import DayForm, write_day, write_period
from services.billing.rules.desired import Names, PlannedLine, assign_roles, desire
from services.billing.rules.rate import rate
from services.billing.rules.templates import PLACEHOLDERS, Placeholder, describe
from services.contracts.vocabulary import LineStatus
from tests.billing.builders import a_book, a_line, an_agreement, an_invoiced_line, some_rules

EMPTY = dict.fromkeys(PLACEHOLDERS, "")
WORDS = st.text("abcXYZ12", min_size=1, max_size=6)


def fill(template: str, **values: str) -> str:
    return describe(template, {**EMPTY, **values}, 500)


class TestMissingValues:
    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ("{offer} - {vendor}", "M365"),
            ("{vendor} - {offer}", "M365"),
            ("{vendor} - {offer} - {contract}", "M365"),
            ("{offer}, {vendor}, {contract}", "M365"),
            ("{offer} - PO {purchase_order}", "M365"),
            ("PO {purchase_order}: {offer}", "PO: M365"),
            ("{offer} (PO {purchase_order})", "M365"),
            ("{offer} (PO {purchase_order}, from {vendor})", "M365"),
            ("{offer} [{charge_start} – {charge_end}]", "M365"),
            ("{offer} {vendor} yearly", "M365 yearly"),
            ("{offer}: {vendor}", "M365"),
            ("{charge_start}/{charge_end} {offer}", "M365"),
            ("Cloud - {vendor}", "Cloud"),
            ("{vendor}", ""),
            ("{offer} :-)", "M365 :-)"),
            ("{offer} (new", "M365 (new"),
            ("{offer} - {vendor} (new", "M365"),
        ],
    )
    def test_a_missing_value_takes_along_what_only_made_sense_with_it(self, template: str, words: str) -> None:
        assert fill(template, offer="M365") == words

    def test_what_has_a_value_keeps_its_words_and_separators(self) -> None:
        given_values = {"offer": "M365", "purchase_order": "4500", "charge_start": "2026-03-01"}
        template = "{offer} (PO {purchase_order}, from {vendor}) - {charge_start} - {charge_end}"
        assert fill(template, **given_values) == "M365 (PO 4500) - 2026-03-01"

    def test_a_separator_inside_a_value_is_the_values_own(self) -> None:
        assert fill("{offer} - {vendor}", offer="Backup - 1 TB, daily") == "Backup - 1 TB, daily"

    @given(
        parts=st.lists(st.sampled_from(PLACEHOLDERS), min_size=1, max_size=5, unique=True),
        separator=st.sampled_from([" - ", ", ", " | ", " / ", "; ", " · "]),
        values=st.dictionaries(st.sampled_from(PLACEHOLDERS), WORDS),
    )
    def test_a_list_of_placeholders_becomes_the_list_of_its_values(
        self, parts: list[str], separator: str, values: dict[str, str]
    ) -> None:
        template = separator.join(f"{{{each}}}" for each in parts)
        present = [values[each] for each in parts if values.get(each)]
        assert fill(template, **values) == separator.join(present)

    @given(
        template=st.lists(
            st.one_of(
                st.sampled_from([f"{{{each}}}" for each in PLACEHOLDERS]),
                st.sampled_from([" - ", ", ", " (", ") ", " [", "]", ": ", " PO ", " ", " | "]),
            ),
            max_size=12,
        ).map("".join),
        values=st.dictionaries(st.sampled_from(PLACEHOLDERS), WORDS),
    )
    def test_no_template_leaves_double_spaces_or_loses_a_value(self, template: str, values: dict[str, str]) -> None:
        text = fill(template, **values)
        assert "  " not in text
        assert text == text.strip()
        used = {name for name in re.findall(r"\{(\w+)\}", template) if values.get(name)}
        assert all(values[name] in text for name in used)

    @given(template=st.text("ab -,;()[]:", max_size=20))
    def test_plain_text_is_left_as_it_is(self, template: str) -> None:
        assert fill(template) == " ".join(template.split())


class TestDays:
    @pytest.mark.parametrize(
        ("form", "words"),
        [
            (DayForm.ISO, "2026-03-05"),
            (DayForm.DOTS, "05.03.2026"),
            (DayForm.DAY_FIRST, "05/03/2026"),
            (DayForm.MONTH_FIRST, "03/05/2026"),
            (DayForm.WORDS, "5 Mar 2026"),
        ],
    )
    def test_each_form_writes_the_same_day(self, form: DayForm, words: str) -> None:
        assert write_day(date(2026, 3, 5), form) == words

    def test_a_period_is_both_days_or_the_one_that_is_known(self) -> None:
        first, last = date(2026, 3, 1), date(2026, 3, 31)
        assert write_period(first, last, DayForm.DOTS) == "01.03.2026 – 31.03.2026"
        assert write_period(first, None, DayForm.ISO) == "2026-03-01"
        assert write_period(first, first, DayForm.ISO) == "2026-03-01"
        assert write_period(None, None, DayForm.ISO) == ""


class TestLine:
    def test_a_line_fills_every_placeholder(self) -> None:
        line = a_line(vendor="Microsoft", purchase_order="4500", contract_number="IC-7")
        template = " | ".join(f"{{{each}}}" for each in Placeholder)
        book = a_book(rules=some_rules(description_template=template, day_form="words"))
        assert rate(line, book).description == (
            "M365 Alpine | Cycle Fee | Microsoft 365 Business | Alpine | 1001 | 10 | 3.00 | "
            "12 Oct 2026 – 11 Nov 2026 | 12 Oct 2026 | 11 Nov 2026 | IC-7 | Microsoft | 4500"
        )

    def test_the_contract_of_the_customer_stands_in_where_the_row_names_none(self) -> None:
        contracts = {("org-1", "USD"): "IC-1", ("org-1", None): "IC-2"}
        book = a_book(contracts=contracts, rules=some_rules(description_template="{contract}"))
        assert rate(a_line(), book).description == "IC-1"
        assert rate(a_line(currency="EUR"), book).description == "IC-2"
        assert rate(a_line(contract_number="IC-9"), book).description == "IC-9"

    @pytest.mark.parametrize("change", [{"description_template": "{offer}"}, {"day_form": "dots"}])
    def test_another_wording_changes_nothing_about_what_was_invoiced(self, change: dict[str, str]) -> None:
        line = an_invoiced_line()
        book = a_book(an_agreement(next_invoice_date=date(2026, 11, 1)), rules=some_rules(**change))
        rated = rate(line, book)
        assert (rated.status, rated.fingerprint) == (LineStatus.SENT, line.sent_fingerprint)
        planned = assign_roles([PlannedLine(UUID(int=1), 1, 0, line, rated)], {0: book})
        found = desire(UUID(int=7), planned, book, Names({}, {}))
        assert [each.is_frozen for each in found.additions] == [True]
