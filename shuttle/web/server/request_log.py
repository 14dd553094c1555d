"""The log: one line of JSON (or of text) an event on standard error, each with the id of the request that it belongs to.

A request is logged by its route's template (`/login/link/{secret}`), never by its path or query: what opens a door is not in it,
nor who asked, and no pattern runs over what a stranger sent. In other lines, also in tracebacks, what looks like a token, a session,
a one-time link or the address of a private calendar is struck out, by patterns whose time grows with the text and no faster.
Lines about requests are gathered and written together by a thread, because one at a time would cost more than an answer.
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
"""Lines that wait while nobody reads the log; the oldest are lost first."""

LONGEST = 64 * 1024
"""Characters of a message or a traceback that are written."""

_SECRETS = re.compile(
    r"(?<=/login/link/)[^/\s?\"']+|(?<=/login/tablet/)[^/\s?\"']+|(?<=/feeds/duties/)[^/\s?\"']+"
    r"|shuttle_[\w-]{20,}|(?<![\w-])[\w-]{40,}"
)
_QUERY = re.compile(r"(?<=[\w/.])\?[^\s\"'=?]*=[^\s\"']*")
"""From its last question mark before an equals sign: one that could begin at any of many would look at the rest from each."""


def struck(text: str) -> str:
    """A text without secrets: what could be one is "…", a query goes whole, and so does what is beyond LONGEST."""
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
        known = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": struck(record.getMessage()),
            "request": REQUEST.get(),
            "trace": struck(trace),
        }
        if self._as_json:
            return orjson.dumps({name: value for name, value in known.items() if value}).decode()
        line = f"{known['at']} {known['level']:7} {known['logger']} {known['message']} {known['request']}".rstrip()
        return f"{line}\n{known['trace']}" if trace else line


class StandardError(logging.Handler):
    """Writes to what is standard error at the moment, as the lines about requests are."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


class Answered(NamedTuple):
    """A request and how it was answered. `route` is the template of its path; `ended` is seconds since 1970."""

    request: str
    method: str
    route: str
    status: int
    seconds: float
    ended: float


class RequestLog:
    """Takes what was answered at once; writes it a little later. Nothing is taken where the level leaves it out."""

    def __init__(self, level: str, as_json: bool) -> None:
        self.wanted = level in ("debug", "info")
        self._as_json = as_json
        self._waiting: deque[Answered] = deque(maxlen=MOST_WAITING)
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.add = self._waiting.append

    def start(self) -> None:
        if self.wanted:
            self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Writes what waits."""
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
            said = f"{answered.method} {answered.route} {answered.status} {ms} ms {answered.request}"
            return f"{at} info    shuttle.request {said}\n"
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
    """Let this process log. What other libraries say is shown from a warning on: some of them log whole addresses."""
    handler = StandardError()
    handler.setFormatter(LogFormatter(as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("shuttle").setLevel(level.upper())
