"""The stand-ins as they run: under uvicorn, killed and started again, and read by somebody else's client."""

import time
from typing import Any

import httpx
import pytest
from connectwise import ConnectWiseClient

from services.sandbox import credentials
from tests.sandbox.conftest import API, PSA_HEADERS, REPORTING, Process, addition
from tests.sandbox.worlds import held, marketplace_world, psa_world

pytestmark = pytest.mark.faults
ADDITIONS = f"{API}/finance/agreements/1001/additions"
CONNECTWISE = pytest.mark.parametrize("process", ["connectwise"], indirect=True)
APPXITE = pytest.mark.parametrize("process", ["appxite"], indirect=True)


def client_of(process: Process) -> httpx.Client:
    return httpx.Client(base_url=process.url, headers=PSA_HEADERS)


@CONNECTWISE
class TestConnectWise:
    def test_an_independent_client_reads_agreements_and_patches_an_addition(self, process: Process) -> None:
        process.start()
        client: Any = ConnectWiseClient(
            base_url=process.url,
            client=credentials.CONNECTWISE_COMPANY_ID,
            username=credentials.CONNECTWISE_PUBLIC_KEY,
            password=credentials.CONNECTWISE_PRIVATE_KEY,
            client_id=credentials.CONNECTWISE_CLIENT_ID,
        )
        condition = "company/id=250 and cancelledFlag=false"
        agreements = client.get_agreements(conditions=condition, orderby="id asc")
        assert [agreement.id for agreement in agreements] == [1001]
        assert client.get_agreement_count() == 51
        assert client.get_agreement(9) is None
        (held,) = client.get_agreement_additions(1001)
        patched = client.patch(
            "finance/agreements/1001/additions", held.id, [{"op": "replace", "path": "quantity", "value": 7}]
        )
        assert patched["quantity"] == 7
        made = client.create_agreement_addition(1001, 602, 2, effective_date="2026-06-01T00:00:00Z")
        assert {each.id for each in client.get_agreement_additions(1001)} == {held.id, made.id}

    def test_what_was_written_survives_a_kill(self, process: Process) -> None:
        process.start()
        with client_of(process) as client:
            ids = [client.post(ADDITIONS, json=addition(serialNumber=f"TO-{n}")).json()["id"] for n in range(20)]
        process.kill()
        process.start()
        with client_of(process) as client:
            assert [client.get(f"{ADDITIONS}/{key}").json()["serialNumber"] for key in ids] == [
                f"TO-{n}" for n in range(20)
            ]

    def test_a_lost_answer_drops_the_connection_after_committing(self, process: Process) -> None:
        process.start()
        with client_of(process) as client:
            order = {"kind": "lost_answer_after_commit", "method": "POST", "path": "*/additions"}
            client.post("/_sandbox/faults", json=order)
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                client.post(ADDITIONS, json=addition(serialNumber="TO-LOST"))
            found = client.get(ADDITIONS, params={"conditions": 'serialNumber="TO-LOST"'}).json()
            assert len(found) == 1
            (lost,) = [call for call in client.get("/_sandbox/calls").json()["calls"] if call["method"] == "POST"]
            assert lost["statuses"] == {"0": 1}

    def test_a_world_of_ones_own_and_its_invoices_survive_a_kill(self, process: Process) -> None:
        process.start()
        with client_of(process) as client:
            assert client.post("/_sandbox/world", json=psa_world(additions=[held(100)])).status_code == 200
            assert client.post("/_sandbox/invoice-agreements", json={"through": "2026-04-01"}).status_code == 200
        process.kill()
        process.start()
        with client_of(process) as client:
            assert [each["id"] for each in client.get(f"{API}/finance/agreements").json()] == [10]
            assert client.get(f"{API}/finance/invoices").json()[0]["total"] == 22
            assert client.get(f"{API}/finance/agreements/10").json()["nextInvoiceDate"] == "2026-05-01"

    def test_a_call_that_stalls_is_done_although_its_client_left(self, process: Process) -> None:
        process.start()
        with client_of(process) as client:
            client.post("/_sandbox/faults", json={"kind": "stall", "method": "POST", "seconds": 0.5})
            with pytest.raises(httpx.ReadTimeout):
                client.post(ADDITIONS, json=addition(serialNumber="TO-STALL"), timeout=0.1)
            deadline = time.monotonic() + 10
            while not client.get(ADDITIONS, params={"conditions": 'serialNumber="TO-STALL"'}).json():
                assert time.monotonic() < deadline

    def test_addresses_have_the_port_that_was_called(self, process: Process) -> None:
        process.start()
        with client_of(process) as client:
            href = client.get(f"{API}/finance/agreements/1001").json()["company"]["_info"]["company_href"]
            assert href == f"{process.url}{API}/company/companies/250"
            assert client.get(href).json()["id"] == 250


@APPXITE
class TestAppXite:
    def test_a_hundred_thousand_lines_come_in_one_answer(self, process: Process) -> None:
        process.start(SANDBOX_LINES="100000")
        window = {"invoiceDateFrom": "2026-05-01", "invoiceDateTill": "2026-05-31"}
        params = {**window, "sasKey": credentials.APPXITE_KEY}
        with httpx.Client(base_url=process.url, timeout=60) as client:
            client.get(f"{REPORTING}/invoice-headers", params=params).raise_for_status()
            rows = client.get(f"{REPORTING}/invoice-rows", params=params).content.count(b'"rowId"')
        assert rows > 95_000

    def test_a_world_of_ones_own_survives_a_kill(self, process: Process) -> None:
        process.start()
        assert httpx.post(f"{process.url}/_sandbox/world", json=marketplace_world()).status_code == 200
        process.kill()
        process.start()
        params = {"sasKey": credentials.APPXITE_KEY, "invoiceDateFrom": "2026-06-01", "invoiceDateTill": "2026-06-30"}
        rows = httpx.get(f"{process.url}{REPORTING}/invoice-rows", params=params).json()
        assert [row["rowId"] for row in rows] == ["row-1", "row-2"]

    def test_the_month_survives_a_kill(self, process: Process) -> None:
        process.start(TIEOUT_SANDBOX_TODAY="2026-03-31")
        process.kill()
        process.start(TIEOUT_SANDBOX_TODAY="2026-04-01")
        state = httpx.get(f"{process.url}/_sandbox/state").json()
        assert state["world"]["month"] == "2026-03-01"
