"""Cross-origin reading (CORS): a web page of another site may read public feeds and the public API.

The header stands on every answer, asked for with an `Origin` or not: a shared cache keeps one answer for both. Cookies are not
part of such a request, so that nothing private can be read through it, and no other method than reading is offered.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = b"GET, HEAD, OPTIONS"
A_DAY = b"86400"

HEADERS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Retry-After, X-Request-ID"),
]

_PREFLIGHT = [
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since, X-Request-ID"),
    (b"access-control-max-age", A_DAY),
    (b"allow", METHODS),
    (b"cache-control", b"public, max-age=86400"),
]

_FILES = frozenset(("/openapi.json", "/timetable.pdf", "/robots.txt", "/sitemap.xml"))
_is_public_api = re.compile(
    r"/api/v1/(departures|calendar|stops|opening-hours|timetables|timetables/[^/]+|today|today/events)"
).fullmatch


def is_public_data(path: str) -> bool:
    """Whether a path is data for everybody: feeds without a token in the address, and the API that needs no login."""
    if path.startswith("/feeds/"):
        return not path.startswith("/feeds/duties/")
    return path in _FILES or (path.startswith("/api/") and _is_public_api(path) is not None)


class Preflights:
    """Answers OPTIONS for public data: 204 with the methods and headers allowed to other origins (Fetch standard, CORS-preflight
    request)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "OPTIONS" and is_public_data(scope["path"]):
            await send({"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, send)
