import pytest

from services.billing.rules.book import OrganizationMapping
from services.billing.rules.rate import rate
from services.contracts.vocabulary import HoldReason
from tests.billing.builders import a_book, a_line, an_agreement, some_rules

CHOSEN = {"org-1": OrganizationMapping(is_excluded=False, company_id="company-1", agreement_id="agreement-2")}
UNMAPPED = {"org-1": OrganizationMapping(is_excluded=False)}


class TestResolveAgreement:
    def test_the_only_active_agreement_of_the_company_is_taken(self) -> None:
        other_company = an_agreement("agreement-9", company_id="company-9")
        found = rate(a_line(), a_book(an_agreement(), other_company))
        assert found.agreement_id == "agreement-1"
        assert "only agreement" in found.explanation[0]

    def test_the_organizations_agreement_beats_the_search(self) -> None:
        book = a_book(an_agreement(), an_agreement("agreement-2"), organizations=CHOSEN)
        assert rate(a_line(), book).agreement_id == "agreement-2"

    def test_the_lines_own_agreement_beats_the_organizations(self) -> None:
        book = a_book(an_agreement(), an_agreement("agreement-2"), organizations=CHOSEN)
        assert rate(a_line(user_agreement_id="agreement-1"), book).agreement_id == "agreement-1"

    def test_a_line_with_an_agreement_of_its_own_needs_no_company_of_the_organization(self) -> None:
        found = rate(a_line(user_agreement_id="agreement-1"), a_book(organizations=UNMAPPED))
        assert (found.company_id, found.hold_reasons) == ("company-1", ())

    def test_two_agreements_that_would_do_hold_the_line(self) -> None:
        found = rate(a_line(), a_book(an_agreement(), an_agreement("agreement-2")))
        assert found.hold_reasons == (HoldReason.AGREEMENT_AMBIGUOUS,)
        assert "Name of agreement-1, Name of agreement-2" in found.explanation[0]

    def test_of_several_the_one_of_the_default_type_is_taken(self) -> None:
        book = a_book(
            an_agreement(),
            an_agreement("agreement-2", type_id="type-2"),
            rules=some_rules(default_agreement_type_id="type-2"),
        )
        assert rate(a_line(), book).agreement_id == "agreement-2"

    def test_of_several_currencies_the_lines_own_is_taken(self) -> None:
        book = a_book(an_agreement(currency="EUR"), an_agreement("agreement-2", currency="usd"))
        assert rate(a_line(), book).agreement_id == "agreement-2"

    def test_an_agreement_without_a_currency_takes_any(self) -> None:
        assert rate(a_line(), a_book(an_agreement(currency=None))).agreement_id == "agreement-1"

    @pytest.mark.parametrize(
        ("agreement", "reason"),
        [
            ({"status": "Cancelled"}, HoldReason.AGREEMENT_NOT_ACTIVE),
            ({"currency": "EUR"}, HoldReason.CURRENCY_MISMATCH),
            ({"billing_cycle": "NotRecurring"}, HoldReason.AGREEMENT_MISSING),
            ({"company_id": "company-9"}, HoldReason.AGREEMENT_MISSING),
        ],
    )
    def test_a_company_without_a_fitting_agreement_holds_the_line(
        self, agreement: dict[str, str], reason: HoldReason
    ) -> None:
        found = rate(a_line(), a_book(an_agreement(**agreement)))
        assert (found.agreement_id, found.company_id, found.hold_reasons) == (None, "company-1", (reason,))

    @pytest.mark.parametrize(
        ("agreement", "reason"),
        [({"status": "Expired"}, HoldReason.AGREEMENT_NOT_ACTIVE), ({"currency": "EUR"}, HoldReason.CURRENCY_MISMATCH)],
    )
    def test_a_chosen_agreement_that_cannot_take_the_line_holds_it(
        self, agreement: dict[str, str], reason: HoldReason
    ) -> None:
        found = rate(a_line(user_agreement_id="agreement-1"), a_book(an_agreement(**agreement)))
        assert (found.agreement_id, found.hold_reasons) == ("agreement-1", (reason,))

    def test_a_chosen_agreement_that_the_psa_lost_holds_the_line(self) -> None:
        found = rate(a_line(), a_book(organizations=CHOSEN))
        assert found.hold_reasons == (HoldReason.AGREEMENT_MISSING,)
