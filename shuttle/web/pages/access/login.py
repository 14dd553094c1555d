"""Signing in and out, and the one-time links with which people set their password.

The session stands in a cookie that scripts cannot read. An answer never tells whether a name exists.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.basics.errors import Invalid, NotFound, NotSignedIn, ShuttleError
from shuttle.services.access import accounts
from shuttle.store.access import people
from shuttle.web.pages.access.provider_login import signed_out
from shuttle.web.pages.access.signing_in import onward, with_session
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import (
    COOKIE,
    SECURE_COOKIE,
    drop_counting_key,
    from_our_own_page,
    maybe_person,
    session_secret,
)
from shuttle.web.server.state import state_of, with_password

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=400)]
T = TypeVar("T")


@router.api_route("/login", methods=["GET", "HEAD"])
async def login(request: Request, next: str = "") -> Response:
    """The form; somebody who is signed in is sent on."""
    person = await maybe_person(request)
    if person is not None:
        return RedirectResponse(onward(frame_of(request, person), next), 303)
    return _form(request, next, "", ())


@router.post("/login")
async def sign_in(request: Request, name: Text = "", password: Text = "", next: Text = "") -> Response:
    """A session for the right name and password."""
    _only_from_here(request)
    context = state_of(request).context
    secret = await with_password(request, lambda: accounts.sign_in(context, name, password))
    if secret is None:
        fault = FieldFault("name", frame_of(request).words.say("login.wrong"))
        return _form(request, next, name, (fault,), 401)
    person = await run_in_threadpool(state_of(request).identities.by_session, secret)
    return with_session(request, onward(frame_of(request, person), next), secret)


@router.post("/logout")
async def sign_out(request: Request) -> Response:
    """The session ends everywhere; counts that wait on the device stay there."""
    _only_from_here(request)
    secret = session_secret(request)
    if secret:
        context = state_of(request).context
        await _act(request, lambda session: accounts.sign_out(session, secret, context.now()))
        state_of(request).identities.forget(secret)
    response = await signed_out(request) or RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True)
    drop_counting_key(response)
    return response


@router.api_route("/login/link/{secret}", methods=["GET", "HEAD"])
async def link(request: Request, secret: str) -> Response:
    """The form for a new password; a link that is used or too old says so."""
    context = state_of(request).context

    def first() -> bool:
        with context.reading() as session:
            found = people.link(session, accounts.hashed(secret), context.now())
            if found is None:
                raise NotFound("dead-link", "this link has been used or is too old; ask for a new one")
            return found.account is None

    try:
        is_first = await run_in_threadpool(first)
    except NotFound as error:
        return _dead(request, error)
    return _link_form(request, is_first, "", ())


@router.post("/login/link/{secret}")
async def use_link(
    request: Request, secret: str, password: Text = "", again: Text = "", name: Text = "", first: Text = ""
) -> Response:
    """Set the password and sign in."""
    _only_from_here(request)
    words, context = frame_of(request).words, state_of(request).context
    if password != again:
        return _link_form(request, bool(first), name, (FieldFault("again", words.say("login.not_alike")),), 422)

    try:
        session_secret = await with_password(request, lambda: accounts.use_link(context, secret, name, password))
    except NotFound as error:
        return _dead(request, error)
    except Invalid as error:
        field = "name" if error.code == "bad-name" else "password"
        return _link_form(request, bool(first), name, (fault_of(error, words, field),), 422)
    return with_session(request, "/", session_secret)


async def _act(request: Request, act: Callable[[Session], T]) -> T:
    context = state_of(request).context

    def run() -> T:
        with context.transaction() as session:
            return act(session)

    return await run_in_threadpool(run)


def _only_from_here(request: Request) -> None:
    if not from_our_own_page(request):
        raise NotSignedIn("foreign-form", "this form was sent from another site")


def _form(request: Request, wanted: str, name: str, faults: tuple[FieldFault, ...], status: int = 200) -> Response:
    return show(
        request,
        frame_of(request),
        "access/login.html",
        status=status,
        wanted=wanted,
        name=name,
        faults=faults,
        provider=_provider_name(request),
    )


def _provider_name(request: Request) -> str:
    """What the identity provider is called on the button; nothing where none is set."""
    provider = state_of(request).provider
    return provider.provider.shown_name if provider is not None else ""


def _link_form(request: Request, first: bool, name: str, faults: tuple[FieldFault, ...], status: int = 200) -> Response:
    response = show(
        request,
        frame_of(request),
        "access/link.html",
        status=status,
        first=first,
        name=name,
        faults=faults,
        shortest=accounts.SHORTEST_PASSWORD,
        provider="" if first else _provider_name(request),
    )
    response.headers["referrer-policy"] = "no-referrer"
    response.headers["cache-control"] = "no-store"
    return response


def _dead(request: Request, error: ShuttleError) -> Response:
    frame = frame_of(request)
    fault = fault_of(error, frame.words)
    return show(request, frame, "access/dead_link.html", status=404, message=fault.message)
