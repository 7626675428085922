"""Every way an upstream can go wrong has a type, no number turns into a float, no query reaches a log."""

from decimal import Decimal

import httpx
import pytest
import respx
import structlog
from hypothesis import given
from hypothesis import strategies as st

from services.kit.upstream.http import (
    BadUpstreamAnswer,
    OutcomeUnknown,
    TooManyRequests,
    UpstreamTimeout,
    UpstreamUnreachable,
    create_client,
    decode_json,
    encode_json,
    send,
)
from services.kit.upstream.retry import Patience, keep_trying

URL = "https://upstream.test/records?sasKey=very-secret"


class TestNumbers:
    def test_a_fraction_becomes_a_decimal_with_its_digits(self) -> None:
        assert str(decode_json(b'{"price": 19.90}')["price"]) == "19.90"

    @given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
    def test_a_decimal_goes_out_and_comes_back_exactly(self, amount: Decimal) -> None:
        assert Decimal(decode_json(encode_json({"amount": amount}))["amount"]) == amount

    def test_a_float_cannot_be_sent(self) -> None:
        assert encode_json({"quantity": Decimal("1E+2")}) == b'{"quantity":100}'
        with pytest.raises(TypeError):
            encode_json({"when": object()})

    @pytest.mark.parametrize("text", ["NaN", '{"a": Infinity}', "<html>", '[{"a": 1}', '{"a": 1'])
    def test_what_is_no_json_is_kept_as_it_came(self, text: str) -> None:
        with pytest.raises(BadUpstreamAnswer) as caught:
            decode_json(text)
        assert caught.value.raw == text

    def test_a_byte_order_mark_is_no_obstacle(self) -> None:
        assert decode_json(b"\xef\xbb\xbf[1]") == [1]


class TestSend:
    @pytest.mark.parametrize(
        ("method", "fault", "kind"),
        [
            ("POST", httpx.ConnectError("no route"), UpstreamUnreachable),
            ("POST", httpx.ConnectTimeout("slow"), UpstreamUnreachable),
            ("POST", httpx.ReadTimeout("slow"), OutcomeUnknown),
            ("POST", httpx.RemoteProtocolError("cut"), OutcomeUnknown),
            ("GET", httpx.ReadTimeout("slow"), UpstreamTimeout),
            ("PATCH", httpx.ReadError("cut"), UpstreamTimeout),
        ],
    )
    @respx.mock
    async def test_only_a_create_whose_answer_is_lost_has_an_unknown_outcome(
        self, method: str, fault: httpx.TransportError, kind: type[Exception]
    ) -> None:
        respx.route().mock(side_effect=fault)
        async with create_client() as client:
            with pytest.raises(kind):
                await send(client, client.build_request(method, URL))

    @pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("soon", 30), (None, 30)])
    @respx.mock
    async def test_a_429_says_how_long_to_wait(self, header: str | None, seconds: float) -> None:
        respx.get(URL).respond(429, headers={} if header is None else {"Retry-After": header})
        async with create_client() as client:
            with pytest.raises(TooManyRequests) as caught:
                await send(client, client.build_request("GET", URL))
        assert caught.value.retry_after == seconds

    @respx.mock
    async def test_the_key_in_the_query_appears_nowhere(self, caplog: pytest.LogCaptureFixture) -> None:
        respx.get(URL).mock(side_effect=[httpx.Response(200, json=[]), httpx.ReadTimeout("slow")])
        with structlog.testing.capture_logs() as logged, caplog.at_level("DEBUG"):
            async with create_client() as client:
                await send(client, client.build_request("GET", URL))
                with pytest.raises(UpstreamTimeout) as caught:
                    await send(client, client.build_request("GET", URL))
        assert logged
        assert "very-secret" not in f"{logged} {caplog.text} {caught.value!r} {caught.value}"


class TestKeepTrying:
    async def test_a_fault_that_passes_is_tried_again_with_growing_waits(self) -> None:
        waits: list[float] = []
        faults = [UpstreamTimeout("one"), UpstreamUnreachable("two")]

        async def call() -> str:
            if faults:
                raise faults.pop(0)
            return "answer"

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        assert await keep_trying(call, patience=Patience(base=1, cap=60), sleep=sleep) == "answer"
        assert 0.5 <= waits[0] <= 1
        assert 1 <= waits[1] <= 2

    async def test_an_unknown_outcome_is_never_tried_again(self) -> None:
        calls = 0

        async def create() -> None:
            nonlocal calls
            calls += 1
            raise OutcomeUnknown("the answer was lost")

        with pytest.raises(OutcomeUnknown):
            await keep_trying(create)
        assert calls == 1

    async def test_it_gives_up_after_its_patience(self) -> None:
        async def call() -> None:
            raise UpstreamTimeout("for ever")

        async def sleep(_seconds: float) -> None:
            return

        with pytest.raises(UpstreamTimeout):
            await keep_trying(call, patience=Patience(tries=3), sleep=sleep)
