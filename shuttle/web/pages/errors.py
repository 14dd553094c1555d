"""Error pages: what happened and what to do, in the reader's language, without internal causes."""

from functools import lru_cache
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shuttle.domain.basics.errors import ShuttleError
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import Frame, answer_with, frame_of, render
from shuttle.web.server.identity import SAFE

_TEXT_OF = {400: 422, 408: 422, 413: 422, 405: 404, 500: 503}
"""Status -> the status whose text it shares."""


SHORT = 500
"""Longest address, in characters, whose error page is cached: a page contains its own address many times."""


async def error_page(request: Request, status: int, error: ShuttleError) -> Response:
    """The page for a status. Of an invalid or refused request it shows what was given and what is allowed.

    Who must set up a second factor first is led there. A sign-in that is not fresh enough leads to the page that confirms it, and from
    there back to where the act began.
    """
    if error.code == "second-factor-needed":
        return RedirectResponse("/account", 303)
    if error.code == "stale-sign-in":
        began = request.url.path if request.method in SAFE else _start_of(request.url.path)
        return RedirectResponse(f"/account/confirm?next={quote(began)}", 303)
    frame = frame_of(request)
    text_of = _TEXT_OF.get(status, status)
    if not frame.words.knows(f"error.{text_of}"):
        text_of = 503 if status >= 500 else 422
    detail = fault_of(error, frame.words).message if text_of in (409, 422) else ""
    is_short = len(frame.path) + len(str(frame.query)) + len(frame.base_url) < SHORT
    body = (_body if is_short else _body.__wrapped__)(frame, text_of, detail)
    return answer_with(request, frame, body, status)


def _start_of(path: str) -> str:
    """The page whose forms send to `path`."""
    return "/account" if path.startswith("/account") else "/admin"


@lru_cache(100)
def _body(frame: Frame, text_of: int, detail: str) -> bytes:
    """Cached, so that refusing a flood of requests costs less than answering them."""
    return render("error.html", frame, said=text_of, detail=detail).encode()
