"""Authentication of a request: the person behind a bearer token or a session cookie, or None.

Browsers also send cookies with requests that another site made (cross-site request forgery). A changing request with a cookie alone
must therefore come from our own pages (Origin or Sec-Fetch-Site); otherwise it counts as not signed in.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import NotAllowed, NotSignedIn
from shuttle.web.server.state import SIGNED_IN, state_of

P = TypeVar("P", bound=Person | None)

COOKIE = "shuttle_session"
SECURE_COOKIE = "__Host-shuttle_session"
COUNTING_COOKIE = "shuttle_counting"
SECURE_COUNTING_COOKIE = "__Secure-shuttle_counting"
COUNTING_PATH = "/api/v1/departures"
"""The only path to which the cookie with the key of a driver's phone is sent."""

PENDING_COOKIE = "shuttle_pending"
SECURE_PENDING_COOKIE = "__Host-shuttle_pending"

WITHOUT_FACTOR = ("/account", "/login", "/logout")
"""Pages for an account that must set up a second factor first."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def session_secret(request: Request) -> str | None:
    """The value of the session cookie, or None."""
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)


def counting_key(request: Request) -> str | None:
    """The key in the cookie of a driver's phone, or None."""
    return request.cookies.get(SECURE_COUNTING_COOKIE) or request.cookies.get(COUNTING_COOKIE)


def drop_counting_key(response: Response) -> None:
    """Delete the key's cookie, on signing out."""
    response.delete_cookie(COUNTING_COOKIE, path=COUNTING_PATH)
    response.delete_cookie(SECURE_COUNTING_COOKIE, path=COUNTING_PATH, secure=True)


async def maybe_person(request: Request) -> Person | None:
    """The person who sent the request; None without credentials. Raises NotSignedIn (`bad-token`) for a token that is not valid,
    NotAllowed (`second-factor-needed`) for an account that must set one up.
    """
    identities = state_of(request).identities
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise NotSignedIn("bad-token", "the Authorization header is not 'Bearer TOKEN'", allowed="Bearer TOKEN")
        secret = secret.strip()
        program = identities.known(secret)
        if program is None:
            program = await _once(request, secret, identities.by_token)
        request.scope[SIGNED_IN] = program.id
        return program
    cookie = session_secret(request)
    if cookie is None or (request.method not in SAFE and not from_our_own_page(request)):
        return None
    person = identities.known(cookie) or await _once(request, cookie, identities.by_session)
    if person is not None and identities.lacks_factor(cookie) and not request.url.path.startswith(WITHOUT_FACTOR):
        raise NotAllowed("second-factor-needed", "this account must set up a second factor at /account first")
    if person is not None:
        request.scope[SIGNED_IN] = person.id
    return person


async def _once(request: Request, secret: str, look_up: Callable[[str], P]) -> P:
    """Look a secret up once for all simultaneous requests that carry it: a busy phone sends many."""
    lookups = state_of(request).lookups
    task: asyncio.Task[Any] | None = lookups.get(secret)
    if task is None:
        task = lookups[secret] = asyncio.create_task(run_in_threadpool(look_up, secret))
        task.add_done_callback(lambda _: lookups.pop(secret, None))
    person: P = await asyncio.shield(task)
    return person


def from_our_own_page(request: Request) -> bool:
    """Whether the browser names our own site as the request's origin (OWASP ASVS 5.0, 3.5.1); without a header it is not."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] == request.headers.get("host")


Asking = Annotated[Person | None, Depends(maybe_person)]
"""The person who sent the request, as a route's parameter; `allow` decides what they may do."""
