"""The only place that formats a log line.

Two rules, applied to every record of every library at the handler, so that no caller can forget them: of our own events only
fields of an allowlist are printed; of foreign records only the message template, never its arguments. Texts of exceptions are
never printed, only their classes and where they were raised. What is left is searched for tokens, URL queries and numbers.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

FIELDS: Final = frozenset({
    "event", "level", "logger", "timestamp", "request_id", "route", "method", "status", "code", "reason", "handle", "pbx",
    "ms", "count", "error", "at", "state", "mode", "version", "port", "host_count", "attempt", "check", "fault", "note", "ucp",
    "form", "services", "part", "retry_after", "name_of",
})  # fmt: skip
"""Fields a line may hold; each is known never to carry a number, a name, a token or a URL of a person or peer."""

MAXIMUM_FIELD = 160
_FRAMES = 6

_SHAPES: Final = (
    (re.compile(r"eyJ[\w-]{4,}\.[\w-]*\.?[\w-]*"), "***"),
    (re.compile(r"[0-9a-fA-F]{32,}"), "***"),
    (re.compile(r"\?[^\s'\"]+"), "?***"),
    (re.compile(r"(?i)(bearer|password|token|secret)([=: ]+)\S+"), r"\1\2***"),
    (re.compile(r"(?<![\w.:-])(?:\+|00)?\d[\d /()-]{5,}\d(?![\w:-])"), "***"),
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Event = MutableMapping[str, Any]


def redacted(text: str) -> str:
    """Give ``text`` without anything shaped like a token, a query string or a telephone number, on one line and cut."""
    for shape, mask in _SHAPES:
        text = shape.sub(mask, text)
    return _CONTROL.sub(" ", text)[:MAXIMUM_FIELD]


def _own_template(_: object, __: str, event: Event) -> Event:
    """Replace a foreign record's rendered message by its template."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = str(record.msg) if record.args or isinstance(record.msg, str) else type(record.msg).__name__
    return event


def _exception_places(_: object, __: str, event: Event) -> Event:
    error = _raised(event.pop("exc_info", None))
    if error is None:
        return event
    chain: list[str] = []
    while error is not None and len(chain) < _FRAMES:
        chain.append(type(error).__name__)
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        event.setdefault("at", " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames)))
        error = error.__cause__ or error.__context__
    event["error"] = " from ".join(chain)
    return event


def _raised(exc_info: object) -> BaseException | None:
    """The exception meant by any of the forms that ``exc_info`` may take."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if len(exc_info) > 1 and isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _allowed_only(_: object, __: str, event: Event) -> Event:
    kept: dict[str, Any] = {}
    for name, value in event.items():
        if name in FIELDS:
            kept[name] = value if isinstance(value, int | float | bool) or name == "timestamp" else redacted(str(value))
    return kept


def set_up_logs(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send every record of the process through one handler. ``form`` is ``json`` or ``console``.

    Python's other ways of printing what was raised (uncaught exceptions, a failing log call, warnings) lead here as well.
    """
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, stamp]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _own_template],
        processors=[
            _exception_places,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _allowed_only,
            renderer,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiohttp.access", "asyncio", "msal", "urllib3", "sqlalchemy.engine", "alembic", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _uncaught(kind: type[BaseException], error: BaseException, _: object) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logging.getLogger("uncaught").critical("uncaught_exception", exc_info=error)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Give a logger whose lines are ``event`` plus fields of :data:`FIELDS`."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
