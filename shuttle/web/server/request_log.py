"""Log on standard error: one line of JSON (or text) per event, with the request's id.

A request is logged by its route template (`/login/link/{secret}`), never by path or query: the line holds no secret and no client,
and no regular expression runs over a client's text. Other lines and tracebacks are redacted: tokens, sessions, one-time links and
addresses of private calendars are removed by patterns of linear time. Lines about requests are written in batches by a thread, since
writing each alone would take longer than an answer.
"""

import logging
import re
import sys
import threading
from collections import deque
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered; empty outside of one."""

WRITE_EVERY_SECONDS = 0.25
MOST_WAITING = 20_000
"""Lines that wait while standard error is not read; beyond it the oldest are dropped."""

LONGEST = 64 * 1024
"""Characters of a message or a traceback that are written."""

_SECRETS = re.compile(
    r"(?<=/login/link/)[^/\s?\"']+|(?<=/login/tablet/)[^/\s?\"']+|(?<=/feeds/duties/)[^/\s?\"']+"
    r"|shuttle_[\w-]{20,}|(?<![\w-])[\w-]{40,}"
)
_QUERY = re.compile(r"(?<=[\w/.])\?[^\s\"'=?]*=[^\s\"']*")
"""From the last question mark before an equals sign: a pattern that could begin at any of them would take quadratic time."""


def redacted(text: str) -> str:
    """A text with `…` for each possible secret, each query, and what is beyond LONGEST characters."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return _SECRETS.sub("…", _QUERY.sub("?…", cut))


class LogFormatter(logging.Formatter):
    """Records of the program's own loggers as JSON or text."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        fields = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
            "request": REQUEST.get(),
            "trace": redacted(trace),
        }
        if self._as_json:
            return orjson.dumps({name: value for name, value in fields.items() if value}).decode()
        line = f"{fields['at']} {fields['level']:7} {fields['logger']} {fields['message']} {fields['request']}".rstrip()
        return f"{line}\n{fields['trace']}" if trace else line


class StandardError(logging.Handler):
    """Writes to the current `sys.stderr`, as the lines about requests do."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


class Answered(NamedTuple):
    """A request and its response. `route` is the template of its path; `ended` is seconds since 1970."""

    request: str
    method: str
    route: str
    status: int
    seconds: float
    ended: float


class RequestLog:
    """Collects answered requests and writes them every WRITE_EVERY_SECONDS; off where the level is above `info`."""

    def __init__(self, level: str, as_json: bool) -> None:
        self.is_on = level in ("debug", "info")
        self._as_json = as_json
        self._waiting: deque[Answered] = deque(maxlen=MOST_WAITING)
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.add = self._waiting.append

    def start(self) -> None:
        if self.is_on:
            self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write the waiting lines and end the thread."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(WRITE_EVERY_SECONDS):
            self._write()
        self._write()

    def _write(self) -> None:
        lines = []
        while self._waiting:
            lines.append(self._line(self._waiting.popleft()))
        if lines:
            sys.stderr.write("".join(lines))
            sys.stderr.flush()

    def _line(self, answered: Answered) -> str:
        at = datetime.fromtimestamp(answered.ended, UTC).isoformat(timespec="milliseconds")
        ms = round(answered.seconds * 1000, 1)
        if not self._as_json:
            text = f"{answered.method} {answered.route} {answered.status} {ms} ms {answered.request}"
            return f"{at} info    shuttle.request {text}\n"
        line: dict[str, Any] = {
            "at": at,
            "level": "info",
            "logger": "shuttle.request",
            "message": f"{answered.method} {answered.route} {answered.status}",
            "request": answered.request,
            "method": answered.method,
            "route": answered.route,
            "status": answered.status,
            "ms": ms,
        }
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode()


def begin(level: str, as_json: bool) -> None:
    """Configure logging of this process. Libraries log from warnings on: some of them log whole addresses below that."""
    handler = StandardError()
    handler.setFormatter(LogFormatter(as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("shuttle").setLevel(level.upper())
