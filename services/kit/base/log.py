"""One structured log line per thing that happened, with its correlation id and without secrets."""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    (re.compile(r"(\b[a-z][a-z+]*://[^\s:@/]*):[^\s@/]+@"), r"\1:***@"),  # a password inside an address
)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank values whose key names a secret, and secrets inside texts and addresses, however deep they lie."""
    return {key: _hidden(key, value) for key, value in event.items()}


def _hidden(key: object, value: Any) -> Any:
    if isinstance(key, str) and _SECRET_KEYS.search(key):
        return "***"
    if isinstance(value, str):
        for secret, blank in _SECRETS_IN_TEXT:
            value = secret.sub(blank, value)
        return value
    if isinstance(value, dict):
        return {inner: _hidden(inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(None, each) for each in value]
    return value


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
