"""Administration page: accounts, tokens, phones, tablets, jobs, backups, assumptions and the audit log.

A secret (a link for a password, a token, a link for a tablet) is shown once, in the response that made it; only its hash is stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, Role, allow
from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.timetable.first_steps import next_step
from shuttle.services.access import accounts as access
from shuttle.services.access import counting_keys, tablets
from shuttle.services.app_context import AppContext
from shuttle.services.operation.wall_clock import unconfirmed_leap
from shuttle.services.timetable.assumed_facts import assumed_facts
from shuttle.store.access import counting_keys as keys
from shuttle.store.access import people, second_factors
from shuttle.store.access.tablets import centre_codes, tablets_in_use
from shuttle.web.pages.access.signing_in import fresh_admin
from shuttle.web.pages.admin.audit_log import audit_log_page
from shuttle.web.pages.admin.jobs import backup_lines, job_lines
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import Frame, frame_of, show
from shuttle.web.pages.places.sheet import confirm_address
from shuttle.web.pages.qr import qr_svg
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/admin", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
Line = Annotated[int | None, Query(ge=0, lt=2**31)]
"""A row of the audit log, within the range of its column."""
EMPTY_FORM = {
    "name": "",
    "role": "driver",
    "token_name": "",
    "token_role": "reader",
    "tablet_name": "",
    "centre": "",
}


@dataclass(frozen=True)
class NewSecret:
    """A new secret: its kind (`link`, `token` or `tablet`), its owner's name, and the secret itself."""

    kind: str
    name: str
    secret: str


@router.api_route("", methods=["GET", "HEAD"])
async def admin(request: Request, before: Line = None) -> Response:
    """The page; `?who=` and `?act=` filter the audit log, `?before=` shows older entries."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    return await run_in_threadpool(_page, request, person, before=before)


@router.post("/people")
async def add_person(request: Request, name: Text = "", role: Text = "") -> Response:
    """Add an account; the page shows the link with which its owner sets a password."""
    return await act_on_page(
        request,
        lambda session, person: access.add_account(session, person, name, access.role_named(role), _now(request)),
        lambda secret: NewSecret("link", name.strip(), secret),
        typed={"name": name, "role": role},
    )


@router.post("/people/reset")
async def reset(request: Request, name: Text = "") -> Response:
    """Make a new link for an account whose password was forgotten."""
    return await act_on_page(
        request,
        lambda session, person: access.reset_link(session, person, name, _now(request)),
        lambda secret: NewSecret("link", name, secret),
    )


@router.post("/tokens")
async def add_token(request: Request, token_name: Text = "", token_role: Text = "") -> Response:
    """Make a token for a program, shown once."""
    return await act_on_page(
        request,
        lambda session, person: access.create_token(
            session, person, access.role_named(token_role), token_name, _now(request)
        ),
        lambda secret: NewSecret("token", token_name.strip(), secret),
        typed={"token_name": token_name, "token_role": token_role},
    )


@router.post("/tokens/revoke")
async def revoke(request: Request, token: Text = "") -> Response:
    """Revoke a token."""
    return await act_on_page(
        request, lambda session, person: access.revoke_token(session, person, token, _now(request))
    )


@router.post("/phones/revoke")
async def revoke_phone(request: Request, key: Text = "") -> Response:
    """Revoke a phone's counting key: it sends no more counts until its driver signs in again."""
    return await act_on_page(
        request, lambda session, person: counting_keys.revoke_key(session, person, key, _now(request))
    )


@router.post("/tablets")
async def add_tablet(request: Request, tablet_name: Text = "", centre: Text = "") -> Response:
    """Make a link, also as a QR code, that pairs a tablet with a centre."""
    centres = frozenset(stop for stop, _ in centres_of(state_of(request).context))
    return await act_on_page(
        request,
        lambda session, person: tablets.add_tablet(session, person, tablet_name, centre, centres, _now(request)),
        lambda secret: NewSecret("tablet", tablet_name.strip(), secret),
        typed={"tablet_name": tablet_name, "centre": centre},
    )


@router.post("/tablets/revoke")
async def revoke_tablet(request: Request, tablet: Text = "") -> Response:
    """Revoke a tablet: it must be paired again."""
    return await act_on_page(
        request, lambda session, person: tablets.revoke_tablet(session, person, tablet, _now(request))
    )


def centres_of(context: AppContext) -> list[tuple[str, str]]:
    """Ids and names of the stops that have opening hours."""
    schedule = context.schedule()
    stops = schedule.network.on(context.today()).stops.values()
    return [(stop.id, stop.name) for stop in stops if stop.id in schedule.opening_times.stops]


def _address(frame: Frame, new_secret: NewSecret | None) -> str:
    """The address of a new link; empty for a token."""
    path = {"link": "/login/link/", "tablet": "/login/tablet/"}.get(new_secret.kind) if new_secret else None
    return f"{frame.base_url}{path}{new_secret.secret}" if new_secret and path else ""


def _now(request: Request) -> datetime:
    return state_of(request).context.now()


async def act_on_page(
    request: Request,
    act: Callable[[Session, Person], object],
    new_secret: Callable[[str], NewSecret] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Act in one transaction; then show the new secret, redirect to the page, or show the fault at the first input of `given`."""
    person = await fresh_admin(request)

    def run() -> object:
        with state_of(request).context.transaction() as session:
            return act(session, person)

    try:
        result = await run_in_threadpool(run)
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words, next(iter(typed or {}), ""))
        return await run_in_threadpool(_page, request, person, faults=(fault,), typed=typed)
    if new_secret is None:
        return RedirectResponse("/admin?done=yes", 303)
    return await run_in_threadpool(_page, request, person, new_secret=new_secret(str(result)))


def _access(session: Session, now: datetime) -> dict[str, Any]:
    """Who has access, and by what: the template's values."""
    accounts = sorted(people.accounts(session), key=lambda account: account.name.casefold())
    names = {account.id: account.name for account in accounts}
    sessions = people.open_sessions(session, now, access.SESSION_IDLE)
    return {
        "accounts": accounts,
        "with_factor": second_factors.accounts_with_factor(session),
        "tokens": [token for token in people.tokens(session) if token.revoked_at is None],
        "phones": keys.keys_in_use(session, now),
        "tablets": tablets_in_use(session, now),
        "codes": centre_codes(session),
        "sessions": [(each, names.get(each.account, "")) for each in sessions],
    }


def _page(
    request: Request,
    person: Person,
    *,
    before: int | None = None,
    faults: tuple[FieldFault, ...] = (),
    new_secret: NewSecret | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    context = state_of(request).context
    frame = frame_of(request, person)
    schedule = context.schedule()
    with context.reading() as session:
        who, act = request.query_params.get("who", ""), request.query_params.get("act", "")
        audit_log = audit_log_page(session, frame.words, schedule, who, act, before)
        access_now = _access(session, context.now())
        session.expunge_all()
    address = _address(frame, new_secret)
    return show(
        request,
        frame,
        "admin/overview.html",
        status=422 if faults else 200,
        **access_now,
        first_step=None if schedule.publications else next_step(schedule),
        centres=centres_of(context),
        **audit_log,
        jobs=job_lines(state_of(request), frame.words),
        backups=backup_lines(state_of(request).settings.data_dir / "backups"),
        leap=unconfirmed_leap(context),
        now=context.now(),
        ran=request.query_params.get("ran", ""),
        assumed=[(fact, confirm_address(fact)) for fact in assumed_facts(schedule, context.today(), frame.words)],
        entered_in=state_of(request).settings.language,
        roles=[(role.value, frame.words.say(f"role.{role}")) for role in Role],
        zone=context.zone,
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        fresh=new_secret,
        given={**EMPTY_FORM, **(typed or {})},
        address=address,
        link_qr=qr_svg(address) if address else "",
        done=request.query_params.get("done") == "yes" and not faults,
    )
