"""Last step of every sign-in: the session's cookie, which scripts cannot read, and a redirect."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.services.access import accounts, own_account
from shuttle.web.pages.frame import Frame
from shuttle.web.server.identity import COOKIE, SECURE_COOKIE
from shuttle.web.server.state import state_of


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
