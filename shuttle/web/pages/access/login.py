"""Sign-in and sign-out with a password, and one-time links for setting one.

The session stands in a cookie that scripts cannot read. No response tells whether a name exists.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Invalid, NotFound, ShuttleError
from shuttle.services.access import accounts, sign_ins, tablets
from shuttle.services.access.passwords import SHORTEST_PASSWORD
from shuttle.store.access import people
from shuttle.store.access.tablets import centre_codes
from shuttle.web.pages.access.provider_login import signed_out
from shuttle.web.pages.access.signing_in import go_on, onward, refuse_foreign
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import (
    COOKIE,
    SECURE_COOKIE,
    drop_counting_key,
    maybe_person,
    session_secret,
)
from shuttle.web.server.rate_limits import network_of
from shuttle.web.server.state import state_of, with_password

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=400)]
T = TypeVar("T")


@router.api_route("/login", methods=["GET", "HEAD"])
async def login(request: Request, next: str = "") -> Response:
    """The form; a signed-in person is redirected."""
    person = await maybe_person(request)
    if person is not None:
        return RedirectResponse(onward(frame_of(request, person), next), 303)
    return _form(request, next, "", ())


@router.post("/login")
async def sign_in(request: Request, name: Text = "", password: Text = "", next: Text = "") -> Response:
    """Open a session for a name and password; 401 with the form where they do not match."""
    refuse_foreign(request)
    context = state_of(request).context
    block = network_of(request.scope)
    opened = await with_password(request, lambda: sign_ins.sign_in(context, name, password, block))
    if opened is None:
        fault = FieldFault("name", frame_of(request).words.say("login.wrong"))
        return _form(request, next, name, (fault,), 401)
    return await go_on(request, opened, next)


@router.post("/logout")
async def sign_out(request: Request, code: Text = "") -> Response:
    """End the session, at the identity provider too; unsent counts stay on the device. A shared tablet asks for its centre's code."""
    refuse_foreign(request)
    secret = session_secret(request)
    person = await maybe_person(request)
    if person is not None and not await _transact(request, lambda session: tablets.may_sign_out(session, person, code)):
        return await run_in_threadpool(_ask_code, request, person, code)
    if secret:
        context = state_of(request).context
        await _transact(request, lambda session: accounts.sign_out(session, secret, context.now()))
        state_of(request).identities.forget(secret)
    response = await signed_out(request) or RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True)
    drop_counting_key(response)
    return response


@router.api_route("/login/link/{secret}", methods=["GET", "HEAD"])
async def link(request: Request, secret: str) -> Response:
    """The form for a new password; 404 where the link is used or too old."""
    context = state_of(request).context

    def makes_account() -> bool:
        with context.reading() as session:
            row = people.link(session, accounts.hashed(secret), context.now())
            if row is None:
                raise NotFound("dead-link", "this link has been used or is too old; ask for a new one")
            return row.account is None

    try:
        is_first = await run_in_threadpool(makes_account)
    except NotFound as error:
        return _dead(request, error)
    return _link_form(request, is_first, "", ())


@router.post("/login/link/{secret}")
async def use_link(
    request: Request, secret: str, password: Text = "", again: Text = "", name: Text = "", first: Text = ""
) -> Response:
    """Set the password and sign in."""
    refuse_foreign(request)
    words, context = frame_of(request).words, state_of(request).context
    if password != again:
        return _link_form(request, bool(first), name, (FieldFault("again", words.say("login.not_alike")),), 422)

    try:
        opened = await with_password(request, lambda: accounts.use_link(context, secret, name, password))
    except NotFound as error:
        return _dead(request, error)
    except Invalid as error:
        field = "name" if error.code == "bad-name" else "password"
        return _link_form(request, bool(first), name, (fault_of(error, words, field),), 422)
    return await go_on(request, opened, "")


def _ask_code(request: Request, person: Person, code: str) -> Response:
    """The form for a centre's code: one tap alone does not un-pair a tablet."""
    frame = frame_of(request, person)
    with state_of(request).context.reading() as session:
        has_code = person.centre in centre_codes(session)
    faults = (FieldFault("code", frame.words.say("tablet.wrong_code")),) if code and has_code else ()
    status = 422 if faults else 200
    return show(request, frame, "access/tablet_sign_out.html", status=status, faults=faults, has_code=has_code)


async def _transact(request: Request, function: Callable[[Session], T]) -> T:
    context = state_of(request).context

    def run() -> T:
        with context.transaction() as session:
            return function(session)

    return await run_in_threadpool(run)


def _form(request: Request, next: str, name: str, faults: tuple[FieldFault, ...], status: int = 200) -> Response:
    return show(
        request,
        frame_of(request),
        "access/login.html",
        status=status,
        wanted=next,
        name=name,
        faults=faults,
        provider=_provider_name(request),
    )


def _provider_name(request: Request) -> str:
    """The identity provider's name on the button; empty where none is set."""
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
        shortest=SHORTEST_PASSWORD,
        provider="" if first else _provider_name(request),
    )
    response.headers["referrer-policy"] = "no-referrer"
    response.headers["cache-control"] = "no-store"
    return response


def _dead(request: Request, error: ShuttleError) -> Response:
    frame = frame_of(request)
    fault = fault_of(error, frame.words)
    return show(request, frame, "access/dead_link.html", status=404, message=fault.message)
