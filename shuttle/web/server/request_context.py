"""The way in and out of every request: its id, the line about it, how long it took, and the answer when something unforeseen happened inside.

The id is the client's `X-Request-ID` where that is harmless, else made here; it stands in the answer, in a problem document and
in every line of the log that the request leads to. Plain ASGI and few steps, because answers are given in microseconds.
"""

import re
from itertools import count
from secrets import token_hex
from time import perf_counter, time

from prometheus_client import Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shuttle.web.server.request_log import REQUEST, Answered, RequestLog
from shuttle.web.server.security_headers import headers_for, with_headers

_is_sane = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch
"""What may go into a log and a header again as it came."""

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""Those that are counted by name: a client may make up any number of others."""
NO_ROUTE = "none"


class RequestContext:
    """Stands before everything but the proxies."""

    def __init__(self, app: ASGIApp, log: RequestLog, durations: Histogram) -> None:
        self.app = app
        self._log, self._durations = log, durations
        self._run = token_hex(4)
        self._number = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        request_id = self._id_of(scope)
        REQUEST.set(request_id)
        wanted = headers_for(scope)
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = with_headers(list(message.get("headers", ())), wanted)
                headers.append((b"x-request-id", request_id.encode()))
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            if status:
                raise  # half an answer is out: the connection must break, so that nobody takes it for a whole one
            answer = await scope["app"].exception_handlers[Exception](Request(scope), error)
            await answer(scope, receive, send_with_id)
        finally:
            taken = perf_counter() - began
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._durations.labels(method, route, str(status)).observe(taken)
            if self._log.wanted:
                self._log.add(Answered(request_id, method, route, status, taken, time()))

    def _id_of(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _is_sane(value):
                return str(value, "ascii")
        return f"{self._run}-{next(self._number)}"
