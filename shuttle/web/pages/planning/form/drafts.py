"""Form drafts: unsaved inputs, stored while typing and at every button, and shown again when the page is opened.

The key of a draft is the page's address without language and scheme. A form that is sent after the session has ended is not lost
either: the answer holds everything that was typed, to be sent again after signing in.
"""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.services.planning import form_drafts
from shuttle.store.tables.planning import FormDraftRow
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

Inputs = Mapping[str, Sequence[str]]
FormAct = Callable[[Request, Person, FormData], Response]

NOT_KEPT = ("act", "done")
"""Inputs that are no part of what was typed."""

MOST_INPUTS = 5000


def page_of(request: Request, *queries: str) -> str:
    """The page that a draft belongs to: its path, with the query keys that name the opened scenario."""
    opened = [(name, request.query_params[name]) for name in queries if request.query_params.get(name)]
    return "?".join(filter(None, (request.url.path.removesuffix("/checked"), urlencode(opened))))


def texts_of(inputs: FormData) -> dict[str, list[str]]:
    """The texts that were sent, by input."""
    texts: dict[str, list[str]] = {}
    for name, text in inputs.multi_items():
        if isinstance(text, str) and name not in NOT_KEPT:
            texts.setdefault(name, []).append(text)
    return texts


def keep(request: Request, person: Person, page: str, inputs: Inputs) -> None:
    """Store the inputs of a page."""
    context = state_of(request).context
    with context.transaction() as session:
        form_drafts.keep(session, person, page, inputs, context.now())


def draft_of(request: Request, person: Person, page: str) -> FormDraftRow | None:
    """Unsaved inputs of the person on a page; None without any."""
    with state_of(request).context.reading() as session:
        return form_drafts.draft_of(session, person, page)


def forget(request: Request, person: Person, page: str) -> None:
    """Delete the stored inputs of a page."""
    with state_of(request).context.transaction() as session:
        form_drafts.forget(session, person, page)


async def acted(request: Request, act: FormAct) -> Response:
    """Answer to a button of a planner's form; after the session has ended, the page that sends the inputs again."""
    asking = await maybe_person(request)
    inputs = await request.form(max_fields=MOST_INPUTS)
    if asking is None:
        return _send_again(request, inputs)
    return await run_in_threadpool(act, request, allow(asking, Action.PLAN), inputs)


async def checked(request: Request, act: FormAct) -> Response:
    """Answer to a planner's form while it is typed."""
    person = allow(await maybe_person(request), Action.PLAN)
    return await run_in_threadpool(act, request, person, await request.form(max_fields=MOST_INPUTS))


def _send_again(request: Request, inputs: FormData) -> Response:
    """The page for a form that was sent after the session had ended: all inputs, to be sent again after signing in."""
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    texts = [(name, text) for name, text in inputs.multi_items() if isinstance(text, str)]
    return show(request, frame_of(request), "plan/send_again.html", status=401, inputs=texts, address=address)
