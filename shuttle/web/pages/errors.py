"""An error as a page: what happened and what to do, in the reader's language, never what happened inside."""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from shuttle.domain.basics.errors import ShuttleError
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import Frame, answer_with, frame_of, render

_LIKE = {400: 422, 408: 422, 413: 422, 405: 404, 500: 503}
"""Statuses that say the same to a person."""


SHORT = 500
"""Characters of an address whose page is kept: a page holds its own address many times."""


async def error_page(request: Request, status: int, error: ShuttleError) -> Response:
    """The page for a status; `detail` is shown where it says what was given and what is allowed."""
    frame = frame_of(request)
    said = _LIKE.get(status, status)
    if not frame.words.knows(f"error.{said}"):
        said = 503 if status >= 500 else 422
    detail = fault_of(error, frame.words).message if said in (409, 422) else ""
    written = (
        _written if len(frame.path) + len(str(frame.query)) + len(frame.base_url) < SHORT else _written.__wrapped__
    )
    return answer_with(request, frame, written(frame, said, detail), status)


@lru_cache(100)
def _written(frame: Frame, said: int, detail: str) -> bytes:
    """Kept, so that to refuse a flood costs less than what is refused."""
    return render("error.html", frame, said=said, detail=detail).encode()
