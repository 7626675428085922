"""One structured log line per thing that happened, with its correlation id and without secrets."""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_KEYS = re.compile(
    r"(secret|password|private_?key|sas_?key|token|authorization|cookie|api_?key|access_?key|subscription-key)",
    re.IGNORECASE,
)
_SECRETS_IN_TEXT = (
    (re.compile(r"(?i)\b(sas_?key|access_token|api_?key|password)=[^&\s\"']+"), r"\1=***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 ***"),
    # A password inside an address. The scheme is bounded: without that, "a+a+a+…" takes the square of its length.
    (re.compile(r"(\b[a-z][a-z+]{0,20}://[^\s:@/]*):[^\s@/]+@"), r"\1:***@"),
)
LONGEST_TEXT = 10_000  # characters of one value that are logged; of a traceback, the end tells most
_LONGEST_END = 4_000
MOST_ITEMS = 100  # of one collection
DEEPEST = 8  # collections inside each other


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank values whose key names a secret, and secrets inside texts and addresses; cut what is very long or deep."""
    return {key: _hidden(key, value) for key, value in event.items()}


def _hidden(key: object, value: Any, depth: int = 0) -> Any:
    if isinstance(key, str) and _SECRET_KEYS.search(key[:LONGEST_TEXT]):
        return "***"
    if isinstance(value, str):
        return _hide_in_text(value)
    if not isinstance(value, dict | list | tuple | set | frozenset):
        return value
    if depth == DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {inner: _hidden(inner, each, depth + 1) for inner, each in islice(value.items(), MOST_ITEMS)}
    return [_hidden(None, each, depth + 1) for each in islice(value, MOST_ITEMS)]


def _hide_in_text(text: str) -> str:
    """The text without its secrets; a long one as its beginning and its end.

    Secrets are looked for in twice of what is shown, so that one at a cut is still seen whole.
    """
    if len(text) <= LONGEST_TEXT:
        return _blank_secrets(text)
    first = LONGEST_TEXT - _LONGEST_END
    beginning, end = _blank_secrets(text[: 2 * first]), _blank_secrets(text[-2 * _LONGEST_END :])
    return f"{beginning[:first]} … {len(text) - LONGEST_TEXT:,} characters left out … {end[-_LONGEST_END:]}"


def _blank_secrets(text: str) -> str:
    for secret, blank in _SECRETS_IN_TEXT:
        text = secret.sub(blank, text)
    return text


@contextmanager
def own_log_context(**values: object) -> Iterator[None]:
    """A fresh log context for one request or delivery; what is bound inside never reaches the next one."""
    before = structlog.contextvars.get_contextvars()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**values)
    try:
        yield
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**before)


def configure_logging(service: str, level: str = "INFO", log_format: str = "json") -> None:
    """Send structlog and the standard library's loggers to stdout in one format."""

    def name_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        name_service,
        hide_secrets,
    ]
    render: Processor = (
        structlog.processors.JSONRenderer(default=str)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    # Loggers are not cached: a second app in one process, and a test that listens in, must reach them all.
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render], foreign_pre_chain=shared
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "arq.worker", "arq.jobs"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
