"""`/account`: one's own password, second factor, and the devices on which one is signed in.

Each part is a section of one page with a form of its own; a part that is added later is another section.
"""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Invalid
from shuttle.services.access import own_account, second_factor
from shuttle.services.access.accounts import hashed
from shuttle.services.access.passwords import SHORTEST_PASSWORD
from shuttle.settings.outside_services import words_of
from shuttle.store.access import second_factors
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.qr import qr_svg
from shuttle.web.server.identity import maybe_person, session_secret
from shuttle.web.server.state import state_of, with_password

router = APIRouter(prefix="/account", include_in_schema=False)

Text = Annotated[str, Form(max_length=400)]
DONE = ("password", "session", "factor")


@router.api_route("", methods=["GET", "HEAD"])
async def account(request: Request) -> Response:
    """The page of whoever is signed in."""
    return await run_in_threadpool(account_page, request, await maybe_person(request), ())


@router.post("/password")
async def change_password(request: Request, present: Text = "", password: Text = "", again: Text = "") -> Response:
    """Another password; the other devices are signed out."""
    person, context = await maybe_person(request), state_of(request).context
    words = frame_of(request).words
    if password != again:
        fault = FieldFault("again", words.say("login.not_alike"))
        return await run_in_threadpool(account_page, request, person, (fault,))
    secret = session_secret(request)
    try:
        await with_password(
            request, lambda: own_account.change_own_password(context, person, present, password, secret)
        )
    except Invalid as error:
        field = "present" if error.code == "wrong-password" else "password"
        return await run_in_threadpool(account_page, request, person, (fault_of(error, words, field),))
    return RedirectResponse("/account?done=password", 303)


@router.post("/sessions/end")
async def end_session(
    request: Request, session_id: Annotated[str, Form(alias="session", max_length=64)] = ""
) -> Response:
    """Sign another of one's own devices out."""
    person, context = await maybe_person(request), state_of(request).context

    def end() -> None:
        with context.transaction() as session:
            own_account.end_own_session(session, person, session_id, context.now())

    await run_in_threadpool(end)
    return RedirectResponse("/account?done=session", 303)


def account_page(
    request: Request, person: Person | None, faults: tuple[FieldFault, ...], recovery_codes: Sequence[str] = ()
) -> Response:
    """The page; `recovery_codes`: those that were made just now."""
    context, frame = state_of(request).context, frame_of(request, person)
    with context.reading() as session:
        row = own_account.own_account(session, person)
        setup = second_factor.secret_in_setup(session, person)
        has_factor = second_factors.has_factor(session, row.id)
        codes_left = second_factors.recovery_codes_left(session, row.id)
        sessions = own_account.own_sessions(session, person, context.now())
        session.expunge_all()
    secret = session_secret(request)
    app_address = second_factor.address_for_app(setup, row.name, frame.service_name) if setup else ""
    done = request.query_params.get("done", "")
    return show(
        request,
        frame,
        "access/account.html",
        status=422 if faults else 200,
        account=row,
        sessions=sessions,
        has_factor=has_factor,
        must_have_factor=row.role in words_of(state_of(request).settings.second_factor_roles),
        setup=" ".join(re.findall("....", setup)),
        setup_qr=qr_svg(app_address) if app_address else "",
        app_address=app_address,
        recovery_codes=recovery_codes,
        codes_left=codes_left,
        present=hashed(secret) if secret else "",
        shortest=SHORTEST_PASSWORD,
        zone=context.zone,
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        done=done if done in DONE and not faults else "",
    )
