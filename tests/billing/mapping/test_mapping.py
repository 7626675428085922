from typing import Any

import pytest

from services.contracts.events.billing import MappingChanged, MirrorTaken
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import LineStatus, MirrorKind
from tests.billing.builders import a_record, a_row, agreements, an_agreement, both_sides, mirror, rows_loaded
from tests.billing.conftest import Billing, Client


async def organization(api: Client) -> Any:
    return (await api.get("/organizations"))["items"][0]


async def change(api: Client, item: Any, status: int = 200, **fields: Any) -> Any:
    return await api("PATCH", f"/organizations/{item['id']}", status, json={"version": item["version"]} | fields)


class TestMirror:
    async def test_a_run_learns_what_was_new_and_what_changed(self, billing: Billing) -> None:
        companies = [a_record("c-1", "One"), a_record("c-2", "Two")]
        renamed = [a_record("c-1", "One"), a_record("c-2", "Second"), a_record("c-3", "Three")]
        await billing.hears(mirror(MirrorKind.COMPANY, *companies), mirror(MirrorKind.COMPANY, *renamed, part=1))
        first, second = await billing.told(MirrorTaken)
        assert (first.part, first.created, first.updated) == (0, 2, 0)
        assert (second.part, second.created, second.updated) == (1, 1, 1)

    async def test_an_empty_part_is_acknowledged_too(self, billing: Billing) -> None:
        await billing.hears(mirror(MirrorKind.ORGANIZATION), mirror(MirrorKind.AGREEMENT))
        assert [each.created for each in await billing.told(MirrorTaken)] == [0, 0]

    async def test_a_new_organization_is_excluded_and_has_a_suggestion(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        item = await organization(api)
        assert (item["name"], item["currency"], item["state"], item["company"]) == ("Alpine", "USD", "excluded", None)
        assert (item["suggestion"]["company_id"], item["suggestion"]["company"]) == ("company-1", "Alpine")
        assert item["suggestion"]["score"] >= 90

    async def test_a_suggestion_comes_whichever_side_is_mirrored_first(self, billing: Billing, api: Client) -> None:
        await billing.hears(*reversed(both_sides()))
        assert (await organization(api))["suggestion"]["company_id"] == "company-1"
        assert (await api.get("/products"))["items"][0]["suggestion"]["product_id"] == "product-1"

    async def test_a_suggestion_goes_when_its_company_is_renamed(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), mirror(MirrorKind.COMPANY, a_record("company-1", "Zebra Holding")))
        assert (await organization(api))["suggestion"] is None

    async def test_a_renamed_organization_keeps_its_mapping(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        await change(api, await organization(api), state="approved", company_id="company-1")
        await billing.hears(mirror(MirrorKind.ORGANIZATION, a_record("org-1", "Alpine Group", currency="USD")))
        item = await organization(api)
        assert (item["name"], item["state"], item["company"]["id"]) == ("Alpine Group", "mapped", "company-1")


class TestOrganizations:
    async def test_approving_makes_an_organization_wait_for_its_mapping(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), mirror(MirrorKind.ORGANIZATION, a_record("org-2", "Unlike Anything")))
        first, second = (await api.get("/organizations"))["items"]
        assert (await change(api, first, state="approved"))["state"] == "suggested"
        assert (await change(api, second, state="approved"))["state"] == "unmapped"

    async def test_mapping_tells_before_and_after(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        mapped = await change(
            api, await organization(api), state="approved", company_id="company-1", agreement_id="agreement-1"
        )
        assert mapped["company"] == {"id": "company-1", "name": "Alpine", "identifier": "ALP"}
        assert mapped["agreement"]["name"] == "Name of agreement-1"
        assert (mapped["state"], mapped["suggestion"], mapped["version"]) == ("mapped", None, 2)
        (fact,) = await billing.told(MappingChanged)
        assert (fact.mapping, fact.external_id, fact.name) == ("organization", "org-1", "Alpine")
        assert fact.changes == [
            FieldChange(field="state", before="excluded", after="approved"),
            FieldChange(field="company_id", before=None, after="company-1"),
            FieldChange(field="agreement_id", before=None, after="agreement-1"),
        ]

    async def test_a_new_company_forgets_the_agreement_of_the_old_one(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), mirror(MirrorKind.COMPANY, a_record("company-2", "Bravo")))
        mapped = await change(api, await organization(api), company_id="company-1", agreement_id="agreement-1")
        moved = await change(api, mapped, company_id="company-2")
        assert (moved["company"]["id"], moved["agreement"]) == ("company-2", None)
        assert (await change(api, moved, company_id=None))["company"] is None

    async def test_saving_what_is_already_so_changes_nothing(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        item = await organization(api)
        assert await change(api, item, state="excluded") == item
        assert await billing.told(MappingChanged) == []

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"company_id": "company-9"}, "not_in_psa"),
            ({"company_id": "company-1", "agreement_id": "agreement-9"}, "not_in_psa"),
            ({"agreement_id": "agreement-1"}, "agreement_of_another_company"),
        ],
    )
    async def test_what_the_psa_does_not_have_cannot_be_chosen(
        self, billing: Billing, api: Client, fields: dict[str, str], code: str
    ) -> None:
        await billing.hears(*both_sides())
        item = await organization(api)
        assert (await change(api, item, 422, **fields))["code"] == code
        assert await organization(api) == item

    async def test_a_stale_change_is_refused_with_the_current_mapping(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        item = await organization(api)
        changed = await change(api, item, state="approved")
        problem = await change(api, item, 409, state="excluded")
        assert (problem["code"], problem["current"]) == ("mapping_is_stale", changed)

    async def test_accepting_suggestions_approves_and_maps_and_says_what_it_skipped(
        self, billing: Billing, api: Client
    ) -> None:
        await billing.hears(*both_sides())
        wanted = {"ids": ["org-1", "org-9"]}
        first = await api("POST", "/organizations/accept-suggestions", json=wanted)
        assert first == {"accepted": ["org-1"], "skipped": ["org-9"]}
        assert (await organization(api))["state"] == "mapped"
        again = await api("POST", "/organizations/accept-suggestions", json=wanted)
        assert again == {"accepted": [], "skipped": ["org-1", "org-9"]}

    async def test_held_lines_are_counted(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row("1"), a_row("2")))
        await change(api, await organization(api), state="approved", company_id="company-1")
        await billing.catches_up()
        assert (await organization(api))["lines_held"] == 2
        assert (await api.get("/products"))["items"][0]["lines_held"] == 2

    async def test_excluding_takes_lines_out_that_are_not_sent(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        approved = await change(api, await organization(api), state="approved", company_id="company-1")
        await change(api, approved, state="excluded")
        await billing.catches_up()
        assert (await billing.line()).rated.status is LineStatus.EXCLUDED

    async def test_lists_are_found_by_state_and_name_and_paged(self, billing: Billing, api: Client) -> None:
        others = (a_record(f"org-{number}", f"Other {number}") for number in range(2, 6))
        await billing.hears(*both_sides(), mirror(MirrorKind.ORGANIZATION, *others))
        await change(api, await organization(api), state="approved", company_id="company-1")
        assert [each["id"] for each in (await api.get("/organizations", state="mapped"))["items"]] == ["org-1"]
        assert len((await api.get("/organizations", state="excluded", search="other"))["items"]) == 4
        assert (await api.get("/organizations", state="unmapped"))["items"] == []
        assert (await api.get("/organizations", state="suggested"))["items"] == []
        pages = await api.pages("/organizations", limit=2)
        assert [each["id"] for page in pages for each in page] == [f"org-{number}" for number in range(1, 6)]

    async def test_a_company_that_the_psa_lost_keeps_its_id_for_a_name(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        await change(api, await organization(api), company_id="company-1")
        await billing.owner.execute("DELETE FROM billing.reference")
        assert (await organization(api))["company"] == {"id": "company-1", "name": "company-1", "identifier": None}


class TestProducts:
    async def test_an_offer_is_mapped_and_its_lines_follow(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
        mapped = await api("PATCH", "/products/offer-1", json={"version": 1, "product_id": "product-1"})
        assert (mapped["state"], mapped["product"]["identifier"]) == ("mapped", "M365-BP")
        await billing.catches_up()
        assert (await billing.line()).rated.status is LineStatus.READY
        unmapped = await api("PATCH", "/products/offer-1", json={"version": 2, "product_id": None})
        assert (unmapped["state"], unmapped["product"]) == ("suggested", None)
        same = await api("PATCH", "/products/offer-1", json={"version": 3, "product_id": None})
        assert same == unmapped

    async def test_what_cannot_be_mapped_is_refused(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        unknown = {"version": 1, "product_id": "product-9"}
        assert (await api("PATCH", "/products/offer-1", 422, json=unknown))["code"] == "not_in_psa"
        assert (await api("PATCH", "/products/offer-9", 404, json=unknown))["code"] == "mapping_not_found"
        assert (await api("PATCH", "/products/offer-1", 409, json=unknown | {"version": 7}))["code"] == (
            "mapping_is_stale"
        )

    async def test_suggestions_are_accepted_in_bulk(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        answer = await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
        assert answer == {"accepted": ["offer-1"], "skipped": []}
        pages = await api.pages("/products", limit=1, state="mapped")
        assert [item["id"] for page in pages for item in page] == ["offer-1"]

    async def test_two_agreements_hold_lines_until_the_organization_has_one(
        self, billing: Billing, api: Client
    ) -> None:
        await billing.hears(*both_sides(), agreements(an_agreement("agreement-2")), rows_loaded(a_row()))
        await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
        item = await change(api, await organization(api), state="approved", company_id="company-1")
        await billing.catches_up()
        assert (await billing.line()).rated.status is LineStatus.HELD
        await change(api, item, agreement_id="agreement-2")
        await billing.catches_up()
        assert (await billing.line()).rated.agreement_id == "agreement-2"
