"""Who asks: the person behind a bearer token or a session cookie, or nobody.

A cookie comes along with every request, also one that another site made the browser send; so a request that changes
something on the strength of a cookie alone must come from our own pages (Origin or Sec-Fetch-Site), or it is nobody's.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import NotSignedIn
from shuttle.web.server.state import state_of

P = TypeVar("P", bound=Person | None)

COOKIE = "shuttle_session"
SECURE_COOKIE = "__Host-shuttle_session"
COUNTING_COOKIE = "shuttle_counting"
SECURE_COUNTING_COOKIE = "__Secure-shuttle_counting"
COUNTING_PATH = "/api/v1/departures"
"""The cookie with the key of a driver's phone goes nowhere else."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def session_secret(request: Request) -> str | None:
    """What the session cookie holds, if there is one."""
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)


def counting_key(request: Request) -> str | None:
    """The key that a driver's phone holds, if it has one."""
    return request.cookies.get(SECURE_COUNTING_COOKIE) or request.cookies.get(COUNTING_COOKIE)


def drop_counting_key(response: Response) -> None:
    """Take the key off the phone: for signing out."""
    response.delete_cookie(COUNTING_COOKIE, path=COUNTING_PATH)
    response.delete_cookie(SECURE_COUNTING_COOKIE, path=COUNTING_PATH, secure=True)


async def maybe_person(request: Request) -> Person | None:
    """The one who asks. Raises NotSignedIn for a token that is not good: whoever sends one means to be somebody."""
    identities = state_of(request).identities
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise NotSignedIn("bad-token", "the Authorization header is not 'Bearer TOKEN'", allowed="Bearer TOKEN")
        secret = secret.strip()
        return identities.known(secret) or await _once(request, secret, identities.by_token)
    cookie = session_secret(request)
    if cookie is None or (request.method not in SAFE and not from_our_own_page(request)):
        return None
    return identities.known(cookie) or await _once(request, cookie, identities.by_session)


async def _once(request: Request, secret: str, look_up: Callable[[str], P]) -> P:
    """Look a secret up once for all requests that come with it just now: a busy phone is many requests at a time."""
    asked = state_of(request).asked
    task: asyncio.Task[Any] | None = asked.get(secret)
    if task is None:
        task = asked[secret] = asyncio.create_task(run_in_threadpool(look_up, secret))
        task.add_done_callback(lambda _: asked.pop(secret, None))
    found: P = await asyncio.shield(task)
    return found


def from_our_own_page(request: Request) -> bool:
    """OWASP ASVS 5.0, 3.5.1: the browser's own word on where a request comes from; none at all is not ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] == request.headers.get("host")


Asking = Annotated[Person | None, Depends(maybe_person)]
"""The one who asks, for a route; `allow` decides."""
