"""The last step of every way in: a session in a cookie that scripts cannot read, and a page to go on to."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from shuttle.services.access import accounts
from shuttle.web.pages.frame import Frame
from shuttle.web.server.identity import COOKIE, SECURE_COOKIE


def onward(frame: Frame, wanted: str) -> str:
    """Where to go after signing in: a page of ours that was asked for, else the person's own room."""
    parts = urlsplit(wanted)
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme:
        return wanted
    return frame.places[0][0] if frame.places else "/"


def with_session(
    request: Request, where: str, secret: str, session_lasts: timedelta = accounts.SESSION_LASTS
) -> Response:
    """Off to a page, with the session's secret in a cookie."""
    secure = request.url.scheme == "https"
    response = RedirectResponse(where, 303)
    lasts = int(session_lasts.total_seconds())
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(name, secret, max_age=lasts, path="/", secure=secure, httponly=True, samesite="lax")
    return response
