"""Outermost middleware: request id, log line, duration metric, security headers, and the response to an unexpected exception.

The id is the client's `X-Request-ID` where that is safe to repeat, else made here. It stands in the response, in a problem document and
in every log line of the request. Plain ASGI, because a cached answer takes 0.1 ms.
"""

import re
from secrets import token_hex
from time import perf_counter, time

from prometheus_client import Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shuttle.web.server.request_log import REQUEST, Answered, RequestLog
from shuttle.web.server.security_headers import NOT_STORED, headers_for, over_tls, with_headers
from shuttle.web.server.state import SIGNED_IN

_is_sane = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch
"""An id that may be repeated in a log and in a header."""

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""Methods with a metric label of their own; a client may invent any number of others."""
NO_ROUTE = "none"


class RequestContext:
    """Only TrustedProxies stands in front of it."""

    def __init__(self, app: ASGIApp, log: RequestLog, durations: Histogram, hsts_subdomains: bool = False) -> None:
        self.app = app
        self._tls_headers = over_tls(hsts_subdomains)
        self._log, self._durations = log, durations
        self._of_labels: dict[tuple[str, str, int], Histogram] = {}
        """The metric of each method, route and status: a small set, whose look-up in prometheus_client takes a lock."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        request_id = self._id_of(scope)
        REQUEST.set(request_id)
        security_headers = headers_for(scope, self._tls_headers)
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                defaults = security_headers + NOT_STORED if SIGNED_IN in scope else security_headers
                headers = with_headers(message.get("headers", []), defaults)
                headers.append((b"x-request-id", request_id.encode()))
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            if status:
                raise  # part of the response was sent: the connection must break, so that it is not taken for the whole
            answer = await scope["app"].exception_handlers[Exception](Request(scope), error)
            await answer(scope, receive, send_with_id)
        finally:
            taken = perf_counter() - began
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in METHODS else "other"
            labels = (method, route, status)
            if (metric := self._of_labels.get(labels)) is None:
                metric = self._of_labels[labels] = self._durations.labels(method, route, str(status))
            metric.observe(taken)
            if self._log.is_on:
                self._log.add(Answered(request_id, method, route, status, taken, time()))

    def _id_of(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _is_sane(value):
                return str(value, "ascii")
        return token_hex(8)  # random: a running number would tell how many asked meanwhile
