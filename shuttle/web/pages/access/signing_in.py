"""Last step of every sign-in: the session's cookie, which scripts cannot read, and a redirect."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotSignedIn
from shuttle.services.access import accounts, fresh_sign_in, own_account
from shuttle.services.access.accounts import Opened
from shuttle.web.pages.frame import Frame, frame_of
from shuttle.web.server.identity import (
    COOKIE,
    PENDING_COOKIE,
    SECURE_COOKIE,
    SECURE_PENDING_COOKIE,
    from_our_own_page,
    maybe_person,
    session_secret,
)
from shuttle.web.server.state import state_of


def refuse_foreign(request: Request) -> None:
    """Raises NotSignedIn (`foreign-form`) for a form of another site."""
    if not from_our_own_page(request):
        raise NotSignedIn("foreign-form", "this form was sent from another site")


def onward(frame: Frame, next: str) -> str:
    """Address after signing in: `next` where it is a page of this site, else the home of the person's role."""
    parts = urlsplit(next)
    if next.startswith("/") and not next.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme:
        return next
    return frame.home


async def name_device(request: Request, secret: str) -> None:
    """Store which device the session was opened on, by its User-Agent."""
    context = state_of(request).context

    def store() -> None:
        with context.transaction() as session:
            own_account.name_device(session, secret, request.headers.get("user-agent", ""))

    await run_in_threadpool(store)


async def go_on(request: Request, opened: Opened, next: str) -> Response:
    """After a right password: signed in, or the page that asks for the code. `next`: empty for the home of the role."""
    if opened.needs_code:
        return _with_pending(request, f"/login/code?next={quote(next, safe='/')}", opened.secret)
    return await enter(request, opened.secret, next)


async def enter(request: Request, secret: str, next: str) -> Response:
    """The last step: the device's name is stored, and the browser gets the session's cookie."""
    await name_device(request, secret)
    identities = state_of(request).identities
    person = await run_in_threadpool(identities.by_session, secret)
    address = "/account" if identities.lacks_factor(secret) else onward(frame_of(request, person), next)
    return with_session(request, address, secret)


async def fresh_admin(request: Request) -> Person:
    """The administrator who sent the request, signed in or confirmed a short while ago. Raises NotSignedIn (`stale-sign-in`)."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    await check_fresh(request)
    return person


async def check_fresh(request: Request) -> None:
    """Raises NotSignedIn (`stale-sign-in`), which leads a browser to `/account/confirm`. A token proves itself each time."""
    if request.headers.get("authorization") is not None:
        return
    state, secret = state_of(request), session_secret(request)
    lasts = timedelta(minutes=state.settings.fresh_sign_in_minutes)

    def check() -> None:
        with state.context.reading() as session:
            fresh_sign_in.check_fresh(session, secret, state.context.now(), lasts)

    await run_in_threadpool(check)


def _with_pending(request: Request, address: str, secret: str) -> Response:
    """A redirect that sets the cookie of a sign-in that awaits its code."""
    secure = request.url.scheme == "https"
    response = RedirectResponse(address, 303)
    name, seconds = SECURE_PENDING_COOKIE if secure else PENDING_COOKIE, int(accounts.CODE_LASTS.total_seconds())
    response.set_cookie(name, secret, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def with_session(
    request: Request, address: str, secret: str, session_lasts: timedelta = accounts.SESSION_LASTS
) -> Response:
    """A redirect to an address that sets the cookie with the session's secret."""
    secure = request.url.scheme == "https"
    response = RedirectResponse(address, 303)
    seconds = int(session_lasts.total_seconds())
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(name, secret, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    return response
