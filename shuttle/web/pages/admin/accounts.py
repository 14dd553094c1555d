"""Acts of `/admin` on accounts that exist, on open sessions, and on the codes that sign shared tablets out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from shuttle.services.access import account_changes, second_factor, tablets
from shuttle.services.access.accounts import role_named
from shuttle.web.pages.admin.overview import act_on_page, centres_of
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/admin", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]


@router.post("/people/disable")
async def disable(request: Request, name: Text = "") -> Response:
    """Disable an account."""
    now = state_of(request).context.now()
    return await act_on_page(
        request, lambda session, person: account_changes.disable_account(session, person, name, now)
    )


@router.post("/people/enable")
async def enable(request: Request, name: Text = "") -> Response:
    """Let a disabled account sign in again."""
    now = state_of(request).context.now()
    return await act_on_page(
        request, lambda session, person: account_changes.enable_account(session, person, name, now)
    )


@router.post("/people/second-factor")
async def reset_second_factor(request: Request, name: Text = "") -> Response:
    """Remove the second factor of somebody who lost it."""
    now = state_of(request).context.now()
    return await act_on_page(request, lambda session, person: second_factor.reset(session, person, name, now))


@router.post("/people/change")
async def change(request: Request, name: Text = "", new_name: Text = "", role: Text = "") -> Response:
    """Another name or role."""
    now = state_of(request).context.now()
    return await act_on_page(
        request,
        lambda session, person: account_changes.change_account(session, person, name, new_name, role_named(role), now),
    )


@router.post("/sessions/end")
async def end_session(
    request: Request, session_id: Annotated[str, Form(alias="session", max_length=64)] = ""
) -> Response:
    """End a session, by the device that the page names."""
    now = state_of(request).context.now()
    return await act_on_page(
        request, lambda session, person: account_changes.end_session(session, person, session_id, now)
    )


@router.post("/tablets/code")
async def new_code(request: Request, centre: Text = "") -> Response:
    """Another code for signing a centre's tablets out."""
    context = state_of(request).context
    centres = frozenset(stop for stop, _ in centres_of(context))
    return await act_on_page(
        request, lambda session, person: tablets.new_code(session, person, centre, centres, context.now())
    )
