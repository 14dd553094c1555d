"""The second factor: its code at sign-in, setting it up at `/account`, and confirming a sign-in that is not fresh.

Recovery codes stand in the answer that made them, once; only their hashes are stored.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Invalid, NotSignedIn
from shuttle.services.access import fresh_sign_in, second_factor
from shuttle.web.pages.access.account import account_page
from shuttle.web.pages.access.signing_in import check_fresh, enter, onward, refuse_foreign
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import PENDING_COOKIE, SECURE_PENDING_COOKIE, maybe_person, session_secret
from shuttle.web.server.rate_limits import network_of
from shuttle.web.server.state import state_of, with_password

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=400)]
Next = Annotated[str, Query(max_length=400)]
T = TypeVar("T")


@router.api_route("/login/code", methods=["GET", "HEAD"])
async def ask_code(request: Request, next: Next = "") -> Response:
    """The form for the code of a sign-in whose password was right."""
    return _code_form(request, next, ())


@router.post("/login/code")
async def sign_in_with_code(request: Request, code: Text = "", next: Text = "") -> Response:
    """Complete the sign-in; 401 with the form where the code is wrong."""
    refuse_foreign(request)
    context, block = state_of(request).context, network_of(request.scope)
    pending = request.cookies.get(SECURE_PENDING_COOKIE) or request.cookies.get(PENDING_COOKIE) or ""
    try:
        secret = await run_in_threadpool(second_factor.complete_sign_in, context, pending, code, block)
    except NotSignedIn:
        return RedirectResponse("/login", 303)
    if secret is None:
        return _code_form(request, next, (_wrong(request, "code"),), 401)
    response = await enter(request, secret, next)
    response.delete_cookie(PENDING_COOKIE, path="/")
    response.delete_cookie(SECURE_PENDING_COOKIE, path="/", secure=True)
    return response


@router.post("/account/second-factor/begin")
async def begin(request: Request) -> Response:
    """Show a secret for the app, also as a QR code."""
    person, now = await _fresh_person(request), state_of(request).context.now()
    try:
        await _transact(request, lambda session: second_factor.begin_setup(session, person, now))
    except Invalid as error:
        return await _faulty(request, person, error)
    return RedirectResponse("/account#second-factor", 303)


@router.post("/account/second-factor/set")
async def set_up(request: Request, code: Text = "") -> Response:
    """Ask for codes from now on; the answer shows the recovery codes."""
    person, now = await maybe_person(request), state_of(request).context.now()
    try:
        codes = await _transact(request, lambda session: second_factor.confirm_setup(session, person, code, now))
    except Invalid as error:
        return await _faulty(request, person, error)
    if secret := session_secret(request):
        state_of(request).identities.forget(secret)
    return await run_in_threadpool(account_page, request, person, (), codes)


@router.post("/account/second-factor/codes")
async def new_codes(request: Request) -> Response:
    """Other recovery codes; the old ones end."""
    person, now = await _fresh_person(request), state_of(request).context.now()
    try:
        codes = await _transact(request, lambda session: second_factor.new_recovery_codes(session, person, now))
    except Invalid as error:
        return await _faulty(request, person, error)
    return await run_in_threadpool(account_page, request, person, (), codes)


@router.post("/account/second-factor/remove")
async def remove(request: Request) -> Response:
    """Ask for no codes any more."""
    person, now = await _fresh_person(request), state_of(request).context.now()
    try:
        await _transact(request, lambda session: second_factor.remove_own(session, person, now))
    except Invalid as error:
        return await _faulty(request, person, error)
    return RedirectResponse("/account?done=factor", 303)


@router.api_route("/account/confirm", methods=["GET", "HEAD"])
async def ask_again(request: Request, next: Next = "") -> Response:
    """The form with which one proves again who one is."""
    return await run_in_threadpool(_confirm_form, request, await maybe_person(request), next, ())


@router.post("/account/confirm")
async def confirm(request: Request, proof: Text = "", next: Text = "") -> Response:
    """Go back to where the act began; 401 with the form where the proof is wrong."""
    person, context, secret = await maybe_person(request), state_of(request).context, session_secret(request) or ""
    block = network_of(request.scope)
    if await with_password(request, lambda: fresh_sign_in.confirm(context, person, secret, proof, block)):
        return RedirectResponse(onward(frame_of(request, person), next), 303)
    return await run_in_threadpool(_confirm_form, request, person, next, (_wrong(request, "proof"),), 401)


async def _fresh_person(request: Request) -> Person | None:
    person = await maybe_person(request)
    if person is not None:
        await check_fresh(request)
    return person


async def _faulty(request: Request, person: Person | None, error: Invalid) -> Response:
    field = "code" if error.code == "wrong-code" else ""
    fault = fault_of(error, frame_of(request).words, field)
    return await run_in_threadpool(account_page, request, person, (fault,))


async def _transact(request: Request, function: Callable[[Session], T]) -> T:
    context = state_of(request).context

    def run() -> T:
        with context.transaction() as session:
            return function(session)

    return await run_in_threadpool(run)


def _wrong(request: Request, field: str) -> FieldFault:
    return FieldFault(field, frame_of(request).words.say("factor.wrong"))


def _code_form(request: Request, next: str, faults: tuple[FieldFault, ...], status: int = 200) -> Response:
    response = show(request, frame_of(request), "access/code.html", status=status, wanted=next, faults=faults)
    response.headers["cache-control"] = "no-store"
    return response


def _confirm_form(
    request: Request, person: Person | None, next: str, faults: tuple[FieldFault, ...], status: int = 200
) -> Response:
    with state_of(request).context.reading() as session:
        proof = fresh_sign_in.proof_of(session, person)
    frame = frame_of(request, person)
    return show(request, frame, "access/confirm.html", status=status, wanted=next, proof=proof, faults=faults)
