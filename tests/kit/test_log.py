import asyncio
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.kit.base.log import LONGEST_TEXT, MOST_ITEMS, configure_logging, hide_secrets, own_log_context


def shown(**event: Any) -> dict[str, Any]:
    return dict(hide_secrets(None, "info", event))


class TestHideSecrets:
    @pytest.mark.parametrize(
        "key",
        "password db_password private_key privateKey sasKey saskey Authorization Cookie set-cookie api_key apiKey "
        "token access_token client_secret AccessKey Ocp-Apim-Subscription-Key".split(),
    )
    def test_a_value_under_a_telling_name_is_blank(self, key: str) -> None:
        assert shown(**{key: "hunter2"}) == {key: "***"}

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "GET https://a.test/v2/rates?from=1&sasKey=hunter2&to=2",
                "GET https://a.test/v2/rates?from=1&sasKey=***&to=2",
            ),
            ("?SASKEY=hunter2", "?SASKEY=***"),
            ("password=hunter2 refused", "password=*** refused"),
            ("Authorization: Basic Y29tcGFueStwdWJsaWM6cHJpdmF0ZQ==", "Authorization: Basic ***"),
            ("sent 'Bearer eyJhbGciOi.eyJ-x_y.z'", "sent 'Bearer ***'"),
            ("postgresql://tieout:hunter2@db/x", "postgresql://tieout:***@db/x"),
            ("redis://:hunter2@127.0.0.1:6379/0", "redis://:***@127.0.0.1:6379/0"),
            ("postgresql+asyncpg://u:p%40ss@h", "postgresql+asyncpg://u:***@h"),
            ("basic rules apply", "basic rules apply"),
            ("http://127.0.0.1:8080/a@b", "http://127.0.0.1:8080/a@b"),
        ],
    )
    def test_a_secret_inside_a_text_is_blank_and_the_rest_is_not(self, text: str, expected: str) -> None:
        assert shown(event=text) == {"event": expected}

    def test_it_is_found_however_deep_it_lies(self) -> None:
        event = shown(call={"headers": {"Authorization": "x", "accept": "json"}, "urls": ["?sasKey=x", 7]})

        assert event == {"call": {"headers": {"Authorization": "***", "accept": "json"}, "urls": ["?sasKey=***", 7]}}


class TestOwnLogContext:
    def test_what_is_bound_inside_is_forgotten_and_what_was_outside_comes_back(self) -> None:
        structlog.contextvars.bind_contextvars(outer="kept")

        with own_log_context(inner="a"):
            structlog.contextvars.bind_contextvars(more="b")
            assert structlog.contextvars.get_contextvars() == {"inner": "a", "more": "b"}

        assert structlog.contextvars.get_contextvars() == {"outer": "kept"}
        structlog.contextvars.clear_contextvars()

    async def test_jobs_at_once_keep_their_contexts_apart(self) -> None:
        async def job(name: str) -> dict[str, Any]:
            with own_log_context(job=name):
                await asyncio.sleep(0)
                structlog.contextvars.bind_contextvars(step=name)
                await asyncio.sleep(0)
                return structlog.contextvars.get_contextvars()

        names = [str(number) for number in range(10)]

        assert await asyncio.gather(*map(job, names)) == [{"job": name, "step": name} for name in names]


@pytest.fixture
def configured() -> Iterator[None]:
    """This test may configure logging; afterwards it is as before."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    structlog.configure(**before)
    root.handlers, root.level = handlers, level


@pytest.mark.usefixtures("configured")
class TestConfigureLogging:
    def test_a_line_is_json_with_service_level_time_and_context(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging("billing")

        with own_log_context(correlation_id="c-1"):
            structlog.get_logger().info("rated", lines=3, password="hunter2")

        line = json.loads(capsys.readouterr().out)
        assert line.pop("timestamp").endswith("Z")
        assert line == {
            "service": "billing",
            "level": "info",
            "event": "rated",
            "lines": 3,
            "password": "***",
            "correlation_id": "c-1",
        }

    def test_other_libraries_speak_the_same_way(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging("billing")

        logging.getLogger("their.library").warning("called %s", "https://a.test?sasKey=hunter2")

        line = json.loads(capsys.readouterr().out)
        assert (line["service"], line["level"], line["event"]) == (
            "billing",
            "warning",
            "called https://a.test?sasKey=***",
        )

    def test_a_traceback_hides_secrets_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging("billing")

        structlog.get_logger().error("failed", exc_info=RuntimeError("https://a.test?sasKey=hunter2"))

        line = json.loads(capsys.readouterr().out)
        assert "RuntimeError: https://a.test?sasKey=***" in line["exception"]

    def test_what_json_does_not_know_is_written_as_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging("billing")

        structlog.get_logger().info("odd", thing={1, 2}, other=Exception)

        assert json.loads(capsys.readouterr().out)["thing"] == [1, 2]

    def test_below_its_level_nothing_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging("billing", "WARNING")

        structlog.get_logger().info("rated")
        logging.getLogger("their.library").info("called")

        assert capsys.readouterr().out == ""

    def test_a_terminal_gets_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging("billing", "INFO", "text")

        structlog.get_logger().info("rated", lines=3)

        assert "lines=3" in capsys.readouterr().out


class TestWhatIsVeryLong:
    def test_a_hostile_text_takes_no_more_time_than_its_length(self) -> None:
        started = time.process_time()

        for text in ("a+" * 20_000, "a://b:" * 7_000, "bearer " * 6_000, "https://" + "a:" * 20_000):
            hide_secrets(None, "info", {"event": text, "deep": [text]})

        # A search that goes back over the text for each of its characters needs minutes.
        assert time.process_time() - started < 20

    def test_a_long_text_keeps_its_beginning_and_its_end(self) -> None:
        shown = hide_secrets(None, "info", {"event": "first" + "x" * 1_000_000 + "last"})["event"]

        assert len(shown) < LONGEST_TEXT + 100
        assert shown.startswith("first")
        assert shown.endswith("last")
        assert "characters left out" in shown

    def test_a_secret_at_the_cut_is_still_hidden(self) -> None:
        for before in range(LONGEST_TEXT - 4_100, LONGEST_TEXT - 3_900, 7):
            text = "x" * before + " https://ann:hunter2@a.test?sasKey=hunter2 " + "x" * 100_000
            assert "hunter2" not in hide_secrets(None, "info", {"event": text})["event"]

    def test_collections_are_cut_too(self) -> None:
        deep: list[object] = []
        for _ in range(1_000):
            deep = [deep]

        shown = hide_secrets(None, "info", {"many": list(range(10_000)), "deep": deep})

        assert len(shown["many"]) == MOST_ITEMS
        assert str(shown["deep"]).endswith("…" + "'" + "]" * 8)
