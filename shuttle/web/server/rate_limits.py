"""What one client may ask of everybody's server: how long a body, how slowly, and how often.

A body is taken in whole before any route sees it, so that no route has to count: at most `MOST_BYTES` in `MOST_PIECES`,
within `BODY_SECONDS`.
Writes and attempts to sign in are counted for each address in the memory of this process; several workers allow as many
times as much. Counts (`POST …/boardings`) are not among them: a phone that comes back into coverage sends a whole day
at once, and their queue has a limit of its own.
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
"""Pieces of a body: twice as many as a mebibyte has in the smallest packets. One costs the same however small it is, so that a
body of single bytes would be ten seconds of work."""

BODY_SECONDS = 20.0

MOST_CLIENTS = 10_000
"""Clients that are remembered; whoever has not asked for longest is forgotten first."""

READING = ("GET", "HEAD", "OPTIONS")

LONGEST_ADDRESS = 64


def is_count(scope: Scope) -> bool:
    """Whether a request hands over a count, which waits in a queue of its own."""
    path: str = scope["path"]
    return path.startswith("/api/") and path.endswith("/boardings") and scope["method"] == "POST"


class Allowance:
    """So many a minute for each client: saved up to a minute's worth, and handed out evenly again. 0 allows any number."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self.a_minute = a_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """0 where it is allowed; else the seconds until it would be."""
        if not self.a_minute:
            return 0.0
        now = self._clock()
        left, at = self._left.pop(client, (float(self.a_minute), now))
        left = min(float(self.a_minute), left + (now - at) * self.a_minute / 60)
        allowed = left >= 1
        self._left[client] = (left - 1 if allowed else left, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / self.a_minute


class Limits:
    """Stands before the routes, behind what is answered without one."""

    def __init__(self, app: ASGIApp, writes: Allowance, sign_ins: Allowance) -> None:
        self.app = app
        self._writes, self._sign_ins = writes, sign_ins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        allowance = self._allowance(scope)
        wait = allowance.take(client_of(scope)) if allowance else 0.0
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
            return  # the client has gone
        given = False

        async def receive_whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, receive_whole, send)

    def _allowance(self, scope: Scope) -> Allowance | None:
        method, path = scope["method"], scope["path"]
        if path.startswith("/login") and (path != "/login" or method not in READING):
            return self._sign_ins
        if method in READING or is_count(scope):
            return None
        return self._writes


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body; None when the client went away. Raises Invalid (`body-too-large`, `-scattered`, `-slow`)."""
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
    return Invalid("body-too-slow", f"the body was not here after {allowed}", allowed=allowed)


def _too_large(given: str) -> Invalid:
    detail = f"the body has {given}; {MOST_BYTES} bytes are allowed"
    return Invalid("body-too-large", detail, given=given, allowed=f"{MOST_BYTES} bytes")


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
    """Whom to count: an address; of IPv6 the network, because a household has 2^64 of them."""
    return _counted_as(scope["client"][0][:LONGEST_ADDRESS]) if scope.get("client") else ""


@lru_cache(1000)
def _counted_as(written: str) -> str:
    """A web server may have written a port too: 192.0.2.1:4711, [2001:db8::1]:4711."""
    if written.startswith("["):
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    try:
        address = ip_address(written)
    except ValueError:
        return written
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)
