from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.sandbox import exact_json
from services.sandbox.settings import Settings
from tests.sandbox.conftest import API, addition, psa_client, records

ADDITIONS = f"{API}/finance/agreements/1001/additions"


async def add(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(ADDITIONS, content=exact_json.dumps(addition(**fields)))
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = exact_json.loads(answer.content)
    return record


async def change(client: httpx.AsyncClient, key: int, **fields: Any) -> httpx.Response:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in fields.items()]
    return await client.patch(f"{ADDITIONS}/{key}", content=exact_json.dumps(operations))


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidObject"), answer.text
    return [(fault["code"], fault["field"]) for fault in answer.json()["errors"] or []]


async def agreement_where(client: httpx.AsyncClient, conditions: str) -> int:
    key: int = (await records(client, "finance/agreements", conditions=conditions, orderBy="id"))[0]["id"]
    return key


class TestCreateAddition:
    async def test_answers_201_with_the_whole_record(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa, unitPrice=Decimal("12.34"), serialNumber="TO-1", lessIncluded=1)
        assert made["agreementId"] == 1001
        assert (made["billedQuantity"], made["extPrice"]) == (2, Decimal("24.68"))
        assert made["description"] == "M365 Business Standard"
        assert made["agreementStatus"] == "Active"
        assert made["_info"]["updatedBy"] == "Tieout"
        assert exact_json.loads((await psa.get(f"{ADDITIONS}/{made['id']}")).content) == made

    async def test_prices_default_from_the_catalog(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa, unitPrice=None)
        assert (made["unitPrice"], made["unitCost"]) == (Decimal("10.50"), Decimal("8.61"))

    async def test_prices_are_kept_at_two_decimals_unless_set_otherwise(self, settings: Settings) -> None:
        for scale, kept in ((2, "2.15"), (4, "2.1475")):
            async with psa_client(settings.model_copy(update={"price_scale": scale})) as client:
                assert (await add(client, unitPrice=Decimal("2.1475")))["unitPrice"] == Decimal(kept)

    async def test_the_extended_price_may_ignore_what_is_included(self, settings: Settings) -> None:
        async with psa_client(settings.model_copy(update={"ext_price_base": "quantity"})) as client:
            assert (await add(client, lessIncluded=1))["extPrice"] == Decimal("30.00")

    async def test_equal_additions_are_both_kept(self, psa: httpx.AsyncClient) -> None:
        one, two = await add(psa, serialNumber="TO-1"), await add(psa, serialNumber="TO-1")
        assert one["id"] != two["id"]
        (duplicate,) = (await psa.get("/_sandbox/state")).json()["duplicates"]
        assert duplicate == {"serial_number": "TO-1", "count": 2, "ids": [one["id"], two["id"]]}

    async def test_everything_that_is_wrong_is_told_at_once(self, psa: httpx.AsyncClient) -> None:
        body = {"serialNumber": "x" * 51, "effectiveDate": "2026-06-01T00:00:00-04:00"}
        assert faults(await psa.post(ADDITIONS, json=body)) == [
            ("MaxLengthField", "serialNumber"),
            ("UnsupportedFormat", "effectiveDate"),
            ("MissingRequiredField", "product"),
            ("MissingRequiredField", "billCustomer"),
        ]

    async def test_an_unknown_product_is_400_not_404(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.post(ADDITIONS, json=addition(product={"id": 9999}))
        assert faults(answer) == [("NotFound", "product/id")]

    async def test_a_product_can_be_named_by_identifier(self, psa: httpx.AsyncClient) -> None:
        assert (await add(psa, product={"identifier": "M365-BP"}))["product"]["id"] == 602

    async def test_bundles_are_refused(self, psa: httpx.AsyncClient) -> None:
        assert faults(await psa.post(ADDITIONS, json=addition(product={"id": 652}))) == [("InvalidField", "product")]

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"quantity": "many"}, "Error converting value {many}"),
            ({"billCustomer": "Perhaps"}, "Error converting value {Perhaps}"),
            ({"taxableFlag": 3}, "Error converting value {3}"),
            ({"product": 601}, "Error converting value {601}"),
            ({"effectiveDate": "soon"}, "String was not recognized as a valid DateTime"),
        ],
    )
    async def test_a_wrong_type_is_500(self, psa: httpx.AsyncClient, fields: dict[str, Any], text: str) -> None:
        answer = await psa.post(ADDITIONS, json=addition(**fields))
        assert (answer.status_code, answer.json()["code"]) == (500, "ConnectWiseApi")
        assert answer.json()["message"].startswith(text)

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"quantity": NaN}'])
    async def test_a_body_that_is_no_json_object_is_400(self, psa: httpx.AsyncClient, content: bytes) -> None:
        assert (await psa.post(ADDITIONS, content=content)).status_code == 400

    async def test_line_breaks_become_spaces(self, psa: httpx.AsyncClient) -> None:
        assert (await add(psa, invoiceDescription="a\r\nb\tc"))["invoiceDescription"] == "a b    c"

    async def test_fractions_of_a_second_are_taken_and_the_time_dropped(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa, effectiveDate="2026-06-03T14:33:39.277Z")
        assert made["effectiveDate"] == "2026-06-03T00:00:00Z"

    async def test_the_custom_field(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa, customFields=[{"id": 21, "value": "ref-7"}])
        assert made["customFields"][0]["value"] == "ref-7"
        condition = 'caption="Marketplace Ref" and value="ref-7"'
        path = "finance/agreements/1001/additions"
        assert [a["id"] for a in await records(psa, path, customFieldConditions=condition)] == [made["id"]]
        refused = await psa.post(ADDITIONS, json=addition(customFields=[{"id": 99, "value": 1}]))
        assert faults(refused) == [("NotFound", "customFields/id")]


class TestEffectiveDate:
    async def test_not_before_the_billing_start(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.post(ADDITIONS, json=addition(effectiveDate="2024-03-31T00:00:00Z"))
        assert answer.json()["errors"][0]["message"] == (
            "effectiveDate cannot be less than the agreement billing start date"
        )

    async def test_not_in_an_invoiced_period(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.post(ADDITIONS, json=addition(effectiveDate="2026-01-31T00:00:00Z"))
        message = answer.json()["errors"][0]["message"]
        assert message.startswith("Since this period has already been invoiced")
        assert message.endswith("update the start date to on or after the Next Invoice Date.")
        await add(psa, effectiveDate="2026-02-01T00:00:00Z")

    async def test_unless_the_agreement_prorates(self, psa: httpx.AsyncClient) -> None:
        key = await agreement_where(psa, 'prorateFlag = true and type/name = "Cloud Subscriptions"')
        path = f"{API}/finance/agreements/{key}/additions"
        body = addition(effectiveDate="2026-02-10T00:00:00Z")
        assert (await psa.post(path, json=body)).status_code == 201

    async def test_older_additions_may_change_otherwise(self, psa: httpx.AsyncClient) -> None:
        """The seeded one became effective in a period that is invoiced by now."""
        assert (await change(psa, 70001, quantity=13)).status_code == 200
        assert faults(await change(psa, 70001, effectiveDate="2026-01-15T00:00:00Z")) == [
            ("InvalidField", "effectiveDate")
        ]


class TestPatchAddition:
    async def test_values_change_and_are_stamped(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa)
        answer = await change(psa, made["id"], quantity=7, cancelledDate="2026-06-30T00:00:00Z")
        assert answer.status_code == 200
        assert (answer.json()["extPrice"], answer.json()["cancelledDate"]) == (70, "2026-06-30T00:00:00Z")

    @pytest.mark.parametrize(
        "operation",
        [{"op": "remove", "path": "cancelledDate"}, {"op": "replace", "path": "cancelledDate", "value": None}],
    )
    async def test_a_date_is_cleared(self, psa: httpx.AsyncClient, operation: dict[str, Any]) -> None:
        made = await add(psa, cancelledDate="2026-06-30T00:00:00Z")
        answer = await psa.patch(f"{ADDITIONS}/{made['id']}", json=[operation])
        assert "cancelledDate" not in answer.json()
        still_open = await records(psa, "finance/agreements/1001/additions", conditions="cancelledDate = null")
        assert made["id"] in [a["id"] for a in still_open]

    @pytest.mark.parametrize(
        "body",
        [
            {"op": "replace", "path": "quantity", "value": 1},
            [{"op": "Replace", "path": "quantity", "value": 1}],
            [{"op": "move", "path": "quantity", "value": 1}],
            [{"op": "replace", "path": "/quantity", "value": 1}],
            [{"op": "replace", "path": "Quantity", "value": 1}],
            [{"op": "remove", "path": "product"}],
            ["quantity"],
        ],
    )
    async def test_what_is_not_the_dialect_is_400(self, psa: httpx.AsyncClient, body: Any) -> None:
        assert (await psa.patch(f"{ADDITIONS}/70001", json=body)).status_code == 400

    async def test_the_lenient_setting_takes_slashes_and_capitals(self, settings: Settings) -> None:
        async with psa_client(settings.model_copy(update={"lenient_patch": True})) as client:
            body = [{"op": "Replace", "path": "/quantity", "value": 13}]
            assert (await client.patch(f"{ADDITIONS}/70001", json=body)).json()["quantity"] == 13

    @pytest.mark.parametrize("path", ["product/identifier", "extPrice", "agreementId", "id"])
    async def test_nested_and_computed_paths_answer_200_and_do_nothing(self, psa: httpx.AsyncClient, path: str) -> None:
        before = (await psa.get(f"{ADDITIONS}/70001")).json()
        answer = await psa.patch(f"{ADDITIONS}/70001", json=[{"op": "replace", "path": path, "value": 5}])
        assert answer.status_code == 200
        assert {**answer.json(), "_info": 0} == {**before, "_info": 0}


class TestPutAndDelete:
    async def test_put_replaces_everything(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa, serialNumber="TO-1", cancelledDate="2026-06-30T00:00:00Z")
        answer = await psa.put(f"{ADDITIONS}/{made['id']}", json=addition(quantity=9))
        assert (answer.status_code, answer.json()["quantity"]) == (200, 9)
        assert {"serialNumber", "cancelledDate"}.isdisjoint(answer.json())

    async def test_delete_answers_204_and_the_id_never_comes_back(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa)
        answer = await psa.delete(f"{ADDITIONS}/{made['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await psa.get(f"{ADDITIONS}/{made['id']}")).status_code == 404
        assert (await add(psa))["id"] > made["id"]

    async def test_what_was_invoiced_stays(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa)
        await psa.post("/_sandbox/invoicing", json={"agreement": 1001, "next_invoice_date": "2026-07-01"})
        assert (await psa.delete(f"{ADDITIONS}/{made['id']}")).status_code == 409
        late = await psa.post(ADDITIONS, json=addition())
        assert faults(late) == [("InvalidField", "effectiveDate")]


class TestAgreements:
    PATH = f"{API}/finance/agreements"

    def body(self, **fields: Any) -> dict[str, Any]:
        return {"name": "Tieout", "type": {"id": 7}, "company": {"id": 250}, "contact": {"id": 5000}, **fields}

    async def test_a_new_one_takes_the_settings_of_its_type_and_company(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.post(self.PATH, json=self.body(startDate="2026-06-01T00:00:00Z"))
        made = answer.json()
        assert answer.status_code == 201
        assert made["billingCycle"]["name"] == "Monthly"
        assert made["currency"]["currencyCode"] == "EUR"
        assert made["agreementStatus"] == "Active"
        assert made["billStartDate"] == "2026-06-17T00:00:00Z"
        assert made["nextInvoiceDate"] == "2026-06-17"
        assert (await psa.get(f"{self.PATH}/{made['id']}")).json() == made

    async def test_requires_what_the_description_requires(self, psa: httpx.AsyncClient) -> None:
        required = [("MissingRequiredField", name) for name in ("name", "type", "company", "contact")]
        assert faults(await psa.post(self.PATH, json={})) == required

    async def test_unknown_references(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.post(self.PATH, json=self.body(company={"id": 1}, type={"id": 99}))
        assert faults(answer) == [("NotFound", "type/id"), ("NotFound", "company/id")]

    async def test_status_follows_dates_and_cancellation(self, psa: httpx.AsyncClient) -> None:
        made = (await psa.post(self.PATH, json=self.body(startDate="2026-07-01T00:00:00Z"))).json()
        assert made["agreementStatus"] == "Inactive"
        operations = [{"op": "replace", "path": "cancelledFlag", "value": True}]
        changed = (await psa.patch(f"{self.PATH}/{made['id']}", json=operations)).json()
        assert changed["agreementStatus"] == "Cancelled"


class TestCatalog:
    PATH = f"{API}/procurement/catalog"

    def body(self, **fields: Any) -> dict[str, Any]:
        return {
            "identifier": "COPILOT",
            "description": "Copilot",
            "customerDescription": "Copilot",
            "subcategory": {"id": 1},
            "type": {"id": 2},
            **fields,
        }

    async def test_an_item_is_made_and_found_by_identifier(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.post(self.PATH, json=self.body(price=28.1))
        assert (answer.status_code, answer.json()["productClass"]) == (201, "NonInventory")
        found = await records(psa, "procurement/catalog", conditions='identifier="COPILOT"')
        assert [item["id"] for item in found] == [answer.json()["id"]]

    async def test_identifiers_are_unique_and_limits_hold(self, psa: httpx.AsyncClient) -> None:
        assert faults(await psa.post(self.PATH, json=self.body(identifier="m365-bb"))) == [
            ("ObjectExists", "identifier")
        ]
        long = await psa.post(self.PATH, json=self.body(description="x" * 61))
        assert faults(long) == [("MaxLengthField", "description")]

    async def test_a_new_price_leaves_existing_additions_alone(self, psa: httpx.AsyncClient) -> None:
        operations = [{"op": "replace", "path": "price", "value": 99}]
        assert (await psa.patch(f"{self.PATH}/601", json=operations)).json()["price"] == 99
        assert (await psa.get(f"{ADDITIONS}/70001")).json()["unitPrice"] == 10.5


class TestRestart:
    async def test_writes_are_still_there_and_a_reset_forgets_them(self, settings: Settings) -> None:
        async with psa_client(settings) as first:
            made = await add(first, unitPrice=Decimal("0.10"))
            await first.delete(f"{ADDITIONS}/{(await add(first))['id']}")
        async with psa_client(settings) as second:
            assert exact_json.loads((await second.get(f"{ADDITIONS}/{made['id']}")).content) == made
            assert (await add(second))["id"] == made["id"] + 2
            await second.post("/_sandbox/reset")
            assert (await second.get(f"{ADDITIONS}/{made['id']}")).status_code == 404
