"""Rate limits (token bucket) and body limits per client.

A body is received in whole before any route sees it: at most `MOST_BYTES` in `MOST_PIECES`, within `BODY_SECONDS`. Writes and sign-in
attempts are limited per address in the memory of this process, so n workers allow n times as many. Counts (`POST …/boardings`) are
exempt: a phone back in coverage sends a whole day at once, and their queue has a limit of its own.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shuttle.domain.basics.errors import Invalid, ShuttleError, TooMany
from shuttle.web.server.problems import answer_to
from shuttle.web.server.readable_requests import check_address, check_body

MOST_BYTES = 1024 * 1024
MOST_PIECES = 4096
"""Pieces of a body: twice as many as a mebibyte has in the smallest packets. A piece costs the same whatever its size: a body of
single bytes would be ten seconds of work."""

BODY_SECONDS = 20.0

MOST_CLIENTS = 10_000
"""Clients with a bucket; beyond it the least recently used bucket is dropped."""

READING = ("GET", "HEAD", "OPTIONS")

LONGEST_ADDRESS = 64

HOUSEHOLD, SUBSCRIBER, SITE = 64, 56, 48
"""Bits of an IPv6 network."""

CLIENTS_OF_A_SITE = 4
"""Clients' worth of requests a minute that an IPv6 /48 has: whoever is given one has 65,536 networks of a household."""

DEAR = ("/timetable.pdf", "/source.zip")
"""Public answers that cost a hundred times a page, and that a person wants a few of."""

DEAR_A_MINUTE = 60


def is_count(scope: Scope) -> bool:
    """Whether the request sends a count: counts wait in the writer's queue and are exempt from limits."""
    path: str = scope["path"]
    return path.startswith("/api/") and path.endswith("/boardings") and scope["method"] == "POST"


class Allowance:
    """Token bucket per client: holds `a_minute` tokens and refills evenly within a minute. 0 allows any number.

    `seconds`: a monotonic clock.
    """

    def __init__(self, a_minute: int, seconds: Callable[[], float] = monotonic) -> None:
        self.a_minute = a_minute
        self._seconds = seconds
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Client -> tokens, and when they were counted."""

    def take_for(self, scope: Scope) -> float:
        """Take a token of the request's client and, of IPv6, one of its site, which has a few clients' worth."""
        wait, site = self.take(client_of(scope)), site_of(scope)
        return wait or (self.take(site, CLIENTS_OF_A_SITE) if site else 0.0)

    def take(self, client: str, times: int = 1) -> float:
        """Take a token: 0.0 where there was one, else the seconds until there is. `times`: how many clients' worth it has."""
        if not self.a_minute:
            return 0.0
        now, a_minute = self._seconds(), self.a_minute * times
        tokens, at = self._buckets.pop(client, (float(a_minute), now))
        tokens = min(float(a_minute), tokens + (now - at) * a_minute / 60)
        is_allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if is_allowed else tokens, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - tokens) * 60 / a_minute


class Limits:
    """The middleware that refuses with 429 or 413 before a route is chosen."""

    def __init__(self, app: ASGIApp, writes: Allowance, sign_ins: Allowance) -> None:
        self.app = app
        self._writes, self._sign_ins, self._dear = writes, sign_ins, Allowance(DEAR_A_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        allowance = self._allowance(scope)
        wait = allowance.take_for(scope) if allowance else 0.0
        if allowance and wait:
            await _refuse(scope, receive, send, _too_many(allowance), retry_after=ceil(wait))
            return
        try:
            check_address(scope)
            body = b"" if scope["method"] in READING else await _body(scope, receive)
            check_body(scope, body or b"")
        except Invalid as error:
            await _refuse(scope, receive, send, error)
            return
        if scope["method"] in READING:
            await self.app(scope, receive, send)
            return
        if body is None:
            return  # the client hung up
        is_received = False

        async def receive_whole() -> Message:
            nonlocal is_received
            if is_received:
                return await receive()
            is_received = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, receive_whole, send)

    def _allowance(self, scope: Scope) -> Allowance | None:
        method, path = scope["method"], scope["path"]
        if path == "/account/confirm" and method not in READING:
            return self._sign_ins
        if path.startswith("/login") and (path != "/login" or method not in READING):
            return self._sign_ins
        if method in READING:
            return self._dear if path in DEAR else None
        return None if is_count(scope) else self._writes


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body; None when the client hung up. Raises Invalid (`body-too-large`, `-scattered`, `-slow`)."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if length.isdigit() and int(length) > MOST_BYTES:
        raise _too_large(f"{int(length)} bytes")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _whole(receive)
    except TimeoutError:
        raise _too_slow() from None


async def _whole(receive: Receive) -> bytes | None:
    body, pieces, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        pieces += 1
        if len(body) > MOST_BYTES:
            raise _too_large(f"more than {MOST_BYTES} bytes")
        if pieces > MOST_PIECES:
            raise _too_scattered()
        more = message.get("more_body", False)
    return bytes(body)


def _too_slow() -> Invalid:
    allowed = f"{BODY_SECONDS:.0f} seconds"
    return Invalid("body-too-slow", f"the body was not received within {allowed}", allowed=allowed)


def _too_large(size: str) -> Invalid:
    detail = f"the body has {size}; {MOST_BYTES} bytes are allowed"
    return Invalid("body-too-large", detail, given=size, allowed=f"{MOST_BYTES} bytes")


def _too_scattered() -> Invalid:
    detail = f"the body comes in more than {MOST_PIECES} pieces; send larger ones"
    return Invalid("body-too-scattered", detail, allowed=f"{MOST_PIECES} pieces")


def _too_many(allowance: Allowance) -> TooMany:
    allowed = f"{allowance.a_minute} a minute"
    return TooMany(
        "too-many-requests", f"too many of these came from your address; allowed: {allowed}", allowed=allowed
    )


async def _refuse(
    scope: Scope, receive: Receive, send: Send, error: ShuttleError, retry_after: int | None = None
) -> None:
    answer = await answer_to(Request(scope), error)
    if retry_after is not None:
        answer.headers["retry-after"] = str(retry_after)
    await answer(scope, receive, send)


def client_of(scope: Scope) -> str:
    """The client as limits count it: its IPv4 address, or its IPv6 /64 network, since a household has 2^64 addresses."""
    return _client_name(scope["client"][0][:LONGEST_ADDRESS], HOUSEHOLD) if scope.get("client") else ""


def network_of(scope: Scope) -> str:
    """The network for wrong passwords and places for slow work: an IPv4 address, or an IPv6 /56, which one subscriber has."""
    return _client_name(scope["client"][0][:LONGEST_ADDRESS], SUBSCRIBER) if scope.get("client") else ""


def site_of(scope: Scope) -> str:
    """The IPv6 /48 of the client, which one customer may have; empty for IPv4."""
    site = _client_name(scope["client"][0][:LONGEST_ADDRESS], SITE) if scope.get("client") else ""
    return site if site.endswith(f"/{SITE}") else ""


@lru_cache(1000)
def _client_name(host: str, prefix: int) -> str:
    """A reverse proxy may have added a port: 192.0.2.1:4711, [2001:db8::1]:4711."""
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, prefix), strict=False))
    return str(address)
