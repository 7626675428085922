import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from services.sandbox import credentials
from services.sandbox.edge import AnswerLost
from services.sandbox.settings import Settings
from tests.sandbox.conftest import API, REPORTING, addition, psa_client, records

ADDITIONS = "finance/agreements/1001/additions"
KEY = {"sasKey": credentials.APPXITE_KEY}
Ask = Callable[[], Awaitable[httpx.Response]]


async def order(client: httpx.AsyncClient, kind: str, **fields: Any) -> httpx.Response:
    answer = await client.post("/_sandbox/faults", json={"kind": kind, **fields})
    assert answer.status_code == 201, answer.text
    return answer


async def post(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await client.post(f"{API}/{ADDITIONS}", json=addition(**fields))


@pytest.fixture
def ask(psa: httpx.AsyncClient) -> Ask:
    return lambda: psa.get(f"{API}/finance/agreements")


class TestWhichCallsAreStruck:
    async def statuses(self, ask: Ask, times: int) -> list[int]:
        return [(await ask()).status_code for _ in range(times)]

    async def test_one_call_unless_told_otherwise(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "server_timeout")
        assert await self.statuses(ask, 2) == [500, 200]

    async def test_as_many_as_ordered(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "html_502", count=2)
        assert await self.statuses(ask, 3) == [502, 502, 200]

    async def test_every_nth_for_ever(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "server_timeout", every=3)
        assert await self.statuses(ask, 7) == [200, 200, 500, 200, 200, 500, 200]

    async def test_after_some_have_passed(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "forbidden", skip=1)
        assert await self.statuses(ask, 3) == [200, 403, 200]

    @pytest.mark.parametrize(
        ("fields", "is_struck"),
        [
            ({"method": "GET", "path": "*/agreements"}, True),
            ({"method": "POST", "path": "*/agreements"}, False),
            ({"path": "*/additions"}, False),
            ({"path": r"^/v4_6_release/.*/agreements$"}, True),
            ({"path": r"^/agreements"}, False),
        ],
    )
    async def test_by_method_and_path(
        self, psa: httpx.AsyncClient, ask: Ask, fields: dict[str, str], is_struck: bool
    ) -> None:
        await order(psa, "unauthorized", **fields)
        assert (await ask()).status_code == (401 if is_struck else 200)

    async def test_orders_can_be_seen_and_taken_back(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        first = (await order(psa, "html_502", count=9)).json()["id"]
        await order(psa, "server_timeout", count=9)
        await psa.delete(f"/_sandbox/faults/{first}")
        assert [placed["order"]["kind"] for placed in (await psa.get("/_sandbox/faults")).json()] == ["server_timeout"]
        await psa.delete("/_sandbox/faults")
        assert (await ask()).status_code == 200

    async def test_orders_survive_a_restart(self, settings: Settings) -> None:
        async with psa_client(settings) as first:
            await order(first, "html_502", count=2)
            await first.get(f"{API}/finance/agreements")
        async with psa_client(settings) as second:
            answers = [await second.get(f"{API}/finance/agreements") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [502, 200]

    async def test_a_wrong_order_is_422(self, psa: httpx.AsyncClient) -> None:
        for wrong in ({"kind": "earthquake"}, {"kind": "html_502", "count": 0}, {"kind": "break_checksum"}):
            assert (await psa.post("/_sandbox/faults", json=wrong)).status_code == 422

    async def test_the_control_api_is_never_struck(self, psa: httpx.AsyncClient) -> None:
        await order(psa, "html_502", count=99)
        await psa.post("/_sandbox/latency", json={"seconds": 60})
        assert (await psa.get("/_sandbox/state", timeout=5)).status_code == 200


class TestWhatStruckCallsGet:
    async def test_too_many_requests(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "too_many_requests", retry_after=7)
        answer = await ask()
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert answer.json() == {
            "error": "ConnectWiseAPI",
            "message": "Too many requests. Please try again in 7 seconds.",
        }

    async def test_a_timeout_of_the_server(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "server_timeout")
        assert (await ask()).json()["message"] == "A timeout has occured. Please try again."

    async def test_a_timeout_may_have_committed(self, psa: httpx.AsyncClient) -> None:
        await order(psa, "server_timeout", method="POST", after_commit=True)
        assert (await post(psa, serialNumber="TO-7")).status_code == 500
        assert len(await records(psa, ADDITIONS, conditions='serialNumber="TO-7"')) == 1

    async def test_a_gateways_page(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "html_502")
        answer = await ask()
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.text.startswith("<html>")

    async def test_a_delay(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "delay", seconds=0.2)
        begun = time.monotonic()
        assert (await ask()).status_code == 200
        assert time.monotonic() - begun > 0.19

    async def test_latency_on_every_call(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await psa.post("/_sandbox/latency", json={"seconds": 0.05})
        begun = time.monotonic()
        await ask()
        await ask()
        assert time.monotonic() - begun > 0.09

    async def test_half_a_body(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        whole = len((await ask()).content)
        await order(psa, "cut_json")
        answer = await ask()
        assert (answer.status_code, len(answer.content)) == (200, whole // 2)
        with pytest.raises(ValueError, match=r"line \d+"):
            answer.json()

    async def test_nulls(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await order(psa, "nulls", fields=["company"])
        first, second = (await ask()).json()[:2]
        assert first["company"] is None
        assert first["type"] is not None
        assert second["company"] is not None
        await order(psa, "nulls")
        first = (await ask()).json()[0]
        assert {name for name, value in first.items() if value is not None} == {"id", "_info"}

    async def test_a_lost_answer_was_committed(self, psa: httpx.AsyncClient) -> None:
        await order(psa, "lost_answer_after_commit", method="POST", path="*/additions")
        with pytest.raises(AnswerLost):
            await post(psa, serialNumber="TO-7")
        assert len(await records(psa, ADDITIONS, conditions='serialNumber="TO-7"')) == 1

    async def test_appxite_speaks_its_own_words(self, appxite: httpx.AsyncClient) -> None:
        await order(appxite, "too_many_requests", retry_after=3)
        answer = await appxite.get(f"{REPORTING}/offers", params=KEY)
        assert answer.json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 3 seconds."}


class TestIndexLag:
    async def test_filtered_reads_do_not_see_young_writes(self, psa: httpx.AsyncClient) -> None:
        await order(psa, "index_lag", seconds=3600)
        made = (await post(psa, serialNumber="TO-7")).json()
        assert await records(psa, ADDITIONS, conditions='serialNumber="TO-7"') == []
        count = await psa.get(f"{API}/{ADDITIONS}/count", params={"conditions": 'serialNumber="TO-7"'})
        assert count.json() == {"count": 0}
        assert made in await records(psa, ADDITIONS)
        assert (await psa.get(f"{API}/{ADDITIONS}/{made['id']}")).status_code == 200

    async def test_they_still_see_the_values_before_a_change(self, psa: httpx.AsyncClient) -> None:
        await order(psa, "index_lag", seconds=3600)
        body = [{"op": "replace", "path": "quantity", "value": 99}]
        await psa.patch(f"{API}/{ADDITIONS}/70001", json=body)
        (seen,) = await records(psa, ADDITIONS, conditions="id=70001")
        assert seen["quantity"] == 12

    async def test_and_what_was_deleted(self, psa: httpx.AsyncClient) -> None:
        await order(psa, "index_lag", seconds=3600)
        await psa.post("/_sandbox/additions/70001/delete")
        assert [a["id"] for a in await records(psa, ADDITIONS, conditions="id>70000")] == [70001]
        assert await records(psa, ADDITIONS) == []

    async def test_several_writes_of_one_record_show_none_of_their_steps(self, psa: httpx.AsyncClient) -> None:
        await order(psa, "index_lag", seconds=3600)
        for quantity in (99, 100):
            body = [{"op": "replace", "path": "quantity", "value": quantity}]
            await psa.patch(f"{API}/{ADDITIONS}/70001", json=body)
        (seen,) = await records(psa, ADDITIONS, conditions="id=70001")
        assert seen["quantity"] == 12

    async def test_until_the_lag_is_over(self, psa: httpx.AsyncClient) -> None:
        await post(psa, serialNumber="TO-7")
        placed = await order(psa, "index_lag", seconds=3600)
        assert await records(psa, ADDITIONS, conditions='serialNumber="TO-7"') == []
        await psa.delete(f"/_sandbox/faults/{placed.json()['id']}")
        assert len(await records(psa, ADDITIONS, conditions='serialNumber="TO-7"')) == 1


class TestCalls:
    async def test_are_counted_by_method_and_path_template(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await ask()
        await psa.get(f"{API}/{ADDITIONS}/70001")
        await psa.get(f"{API}/{ADDITIONS}/70002/")
        await post(psa)
        counted = (await psa.get("/_sandbox/calls")).json()
        assert (counted["total"], counted["writes"]) == (4, 1)
        template = "/finance/agreements/{id}/additions"
        assert [(call["method"], call["path"], call["count"], call["statuses"]) for call in counted["calls"]] == [
            ("GET", "/finance/agreements", 1, {"200": 1}),
            ("GET", f"{template}/{{id}}", 2, {"200": 1, "404": 1}),
            ("POST", template, 1, {"201": 1}),
        ]
        await psa.delete("/_sandbox/calls")
        assert (await psa.get("/_sandbox/calls")).json()["total"] == 0

    async def test_guids_are_ids_too(self, appxite: httpx.AsyncClient) -> None:
        await appxite.get(f"{REPORTING}/offers", params=KEY)
        (call,) = (await appxite.get("/_sandbox/calls")).json()["calls"]
        assert call["path"] == "/api/v1/reporting/requesters/{id}/offers"

    async def test_a_rate_limit_can_be_set(self, psa: httpx.AsyncClient, ask: Ask) -> None:
        await psa.post("/_sandbox/rate", json={"per_minute": 1})
        assert [(await ask()).status_code for _ in range(2)] == [200, 429]


class TestLoopback:
    async def test_the_control_api_answers_nobody_else(self, settings: Settings) -> None:
        transport = psa_client(settings)._transport
        assert isinstance(transport, httpx.ASGITransport)
        transport.client = ("192.0.2.7", 5000)
        async with httpx.AsyncClient(transport=transport, base_url="http://psa") as client:
            assert (await client.get("/_sandbox/state")).status_code == 403
