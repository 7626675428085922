"""What is suggested for a name, and when nothing is."""

import pytest

from services.billing.mapping.suggestions import Candidate, Candidates, Suggestion
from services.billing.mapping.wording import telling_words

ITEMS = (
    "M365 Business Basic",
    "M365 Business Standard",
    "M365 E3",
    "M365 E5",
    "Microsoft 365 Apps for Business",
    "Microsoft 365 Business Premium (monthly)",
    "Microsoft 365 Business Premium - yearly",
    "Microsoft 365 Business Premium (non-profit)",
    "Microsoft Azure Plan",
    "Azure reserved instance",
    "Windows Server 2025 Std 16 Core",
)
COMPANIES = ("SIA Baltic Timber Export", "Gruenwald Maschinenbau AG", "St. Mary's Academy Trust", "Blue Harbor Seafood")


def suggest(name: str, among: tuple[str, ...], identifier: str | None = None) -> Suggestion | None:
    candidates = Candidates(Candidate(each, each, f"ID {each}") for each in among)
    return candidates.suggest(Candidate("wanted", name, identifier))


class TestOffers:
    @pytest.mark.parametrize(
        ("offer", "item"),
        [
            ("Microsoft 365 Business Basic", "M365 Business Basic"),
            ("Microsoft 365 Business Standard", "M365 Business Standard"),
            ("Microsoft 365 Apps for business", "Microsoft 365 Apps for Business"),
            ("Microsoft 365 Business Premium", "Microsoft 365 Business Premium (monthly)"),
            ("Microsoft 365 Business Premium (Annual)", "Microsoft 365 Business Premium - yearly"),
            ("Microsoft 365 E5", "M365 E5"),
            ("Azure Plan", "Microsoft Azure Plan"),
            ("Windows Server 2025 Standard - 16 Core", "Windows Server 2025 Std 16 Core"),
        ],
    )
    def test_the_item_with_the_same_telling_words_is_suggested(self, offer: str, item: str) -> None:
        suggestion = suggest(offer, ITEMS)

        assert suggestion is not None
        assert suggestion.target_id == item

    @pytest.mark.parametrize(
        "offer", ["Microsoft 365 Copilot", "Exclaimer Signatures for Office 365", "Microsoft 365 E7"]
    )
    def test_an_offer_that_is_not_in_the_catalog_gets_no_neighbour(self, offer: str) -> None:
        assert suggest(offer, ITEMS) is None


class TestCompanies:
    @pytest.mark.parametrize(
        ("organization", "company"),
        [
            ("Baltic Timber Export SIA", "SIA Baltic Timber Export"),
            ("Grünwald Maschinenbau AG", "Gruenwald Maschinenbau AG"),
            ("Saint Mary's Academy Trust", "St. Mary's Academy Trust"),
            ("Blue Harbour Seafood Ltd", "Blue Harbor Seafood"),
        ],
    )
    def test_legal_forms_accents_and_spelling_do_not_matter(self, organization: str, company: str) -> None:
        suggestion = suggest(organization, COMPANIES)

        assert suggestion is not None
        assert suggestion.target_id == company

    def test_two_that_would_do_equally_well_are_no_suggestion(self) -> None:
        assert suggest("Summit Foods", ("Summit Foods Ltd", "Summit Foods Limited")) is None

    def test_an_equal_identifier_is_certain_whatever_the_name(self) -> None:
        suggestion = suggest("Anything", COMPANIES, identifier="id blue harbor seafood")

        assert suggestion == Suggestion("Blue Harbor Seafood", 100, "same identifier id blue harbor seafood")

    def test_an_empty_list_suggests_nothing(self) -> None:
        assert suggest("Summit Foods", ()) is None


class TestTellingWords:
    def test_a_name_of_legal_forms_only_keeps_them(self) -> None:
        assert telling_words("The Company Ltd.") == ("the", "company", "ltd")

    def test_initials_are_one_word(self) -> None:
        assert telling_words("Helvetia Präzision S.A.") == ("helvetia", "prazision")
