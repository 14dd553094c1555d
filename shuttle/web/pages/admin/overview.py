"""Operation: people, tokens, jobs, backups, what is still assumed in the data, and the record of who did what.

A secret (the link for a password, a token, the link for a tablet) is shown once, in the answer to the act that made it, and is kept nowhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, Role, allow
from shuttle.domain.basics.errors import ShuttleError
from shuttle.services.access import accounts as access
from shuttle.services.access import counting_keys, tablets
from shuttle.services.app_context import AppContext
from shuttle.store.access import counting_keys as keys
from shuttle.store.access import people
from shuttle.store.access.tablets import tablets_in_use
from shuttle.web.pages.admin.assumptions import assumptions
from shuttle.web.pages.admin.audit_log import record_shown
from shuttle.web.pages.admin.jobs import backup_lines, job_lines
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import Frame, frame_of, show
from shuttle.web.pages.qr import qr_svg
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/admin", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
Line = Annotated[int | None, Query(ge=0, lt=2**31)]
"""Of the record, as far as any database counts."""
NOTHING_TYPED = {
    "name": "",
    "role": "driver",
    "token_name": "",
    "token_role": "reader",
    "tablet_name": "",
    "centre": "",
}


@dataclass(frozen=True)
class Fresh:
    """A secret that was made just now: what it is (`link` or `token`), for whom, and the secret itself."""

    kind: str
    name: str
    secret: str


@router.api_route("", methods=["GET", "HEAD"])
async def admin(request: Request, before: Line = None) -> Response:
    """All of it; `?who=` and `?act=` choose among the acts and `?before=` leafs back through them."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    return await run_in_threadpool(_page, request, person, before=before)


@router.post("/people")
async def add_person(request: Request, name: Text = "", role: Text = "") -> Response:
    """A new account; the page shows the link with which its owner sets a password."""
    return await _act(
        request,
        lambda session, person: access.add_account(session, person, name, access.role_named(role), _now(request)),
        lambda secret: Fresh("link", name.strip(), secret),
        given={"name": name, "role": role},
    )


@router.post("/people/reset")
async def reset(request: Request, name: Text = "") -> Response:
    """A new link for somebody who has forgotten the password."""
    return await _act(
        request,
        lambda session, person: access.reset_link(session, person, name, _now(request)),
        lambda secret: Fresh("link", name, secret),
    )


@router.post("/people/disable")
async def disable(request: Request, name: Text = "") -> Response:
    """The account cannot be used any more."""
    return await _act(request, lambda session, person: access.disable_account(session, person, name, _now(request)))


@router.post("/tokens")
async def add_token(request: Request, token_name: Text = "", token_role: Text = "") -> Response:
    """A new token for a program, shown this once."""
    return await _act(
        request,
        lambda session, person: access.create_token(
            session, person, access.role_named(token_role), token_name, _now(request)
        ),
        lambda secret: Fresh("token", token_name.strip(), secret),
        given={"token_name": token_name, "token_role": token_role},
    )


@router.post("/tokens/revoke")
async def revoke(request: Request, token: Text = "") -> Response:
    """The token is good for nothing from now on."""
    return await _act(request, lambda session, person: access.revoke_token(session, person, token, _now(request)))


@router.post("/phones/revoke")
async def revoke_phone(request: Request, key: Text = "") -> Response:
    """The phone can send no more counts until somebody signs in on it."""
    return await _act(request, lambda session, person: counting_keys.revoke_key(session, person, key, _now(request)))


@router.post("/tablets")
async def add_tablet(request: Request, tablet_name: Text = "", centre: Text = "") -> Response:
    """A link, as a QR code, with which a tablet becomes its centre's."""
    centres = frozenset(stop for stop, _ in _centres(state_of(request).context))
    return await _act(
        request,
        lambda session, person: tablets.add_tablet(session, person, tablet_name, centre, centres, _now(request)),
        lambda secret: Fresh("tablet", tablet_name.strip(), secret),
        given={"tablet_name": tablet_name, "centre": centre},
    )


@router.post("/tablets/revoke")
async def revoke_tablet(request: Request, tablet: Text = "") -> Response:
    """The tablet is nobody until it is paired again."""
    return await _act(request, lambda session, person: tablets.revoke_tablet(session, person, tablet, _now(request)))


def _centres(context: AppContext) -> list[tuple[str, str]]:
    """Ids and names of the stops that have opening hours."""
    schedule = context.schedule()
    stops = schedule.network.on(context.today()).stops.values()
    return [(stop.id, stop.name) for stop in stops if stop.id in schedule.opening_times.stops]


def _address(frame: Frame, fresh: Fresh | None) -> str:
    """Where the secret that was made just now is used, if it is a link's."""
    path = {"link": "/login/link/", "tablet": "/login/tablet/"}.get(fresh.kind) if fresh else None
    return f"{frame.base_url}{path}{fresh.secret}" if fresh and path else ""


def _now(request: Request) -> datetime:
    return state_of(request).context.now()


async def _act(
    request: Request,
    act: Callable[[Session, Person], object],
    fresh: Callable[[str], Fresh] | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    """Do it in one transaction; then show what was made, or the list again, or what was wrong at the first input `given`."""
    person = allow(await maybe_person(request), Action.ADMINISTER)

    def run() -> object:
        with state_of(request).context.transaction() as session:
            return act(session, person)

    try:
        made = await run_in_threadpool(run)
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words, next(iter(given or {}), ""))
        return await run_in_threadpool(_page, request, person, faults=(fault,), given=given)
    if fresh is None:
        return RedirectResponse("/admin?done=yes", 303)
    return await run_in_threadpool(_page, request, person, fresh=fresh(str(made)))


def _page(
    request: Request,
    person: Person,
    *,
    before: int | None = None,
    faults: tuple[FieldFault, ...] = (),
    fresh: Fresh | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    context = state_of(request).context
    frame = frame_of(request, person)
    with context.reading() as session:
        accounts = sorted(people.accounts(session), key=lambda account: account.name.casefold())
        tokens = [token for token in people.tokens(session) if token.revoked_at is None]
        phones = keys.keys_in_use(session, context.now())
        who, act = request.query_params.get("who", ""), request.query_params.get("act", "")
        record = record_shown(session, frame.words, who, act, before)
        shared = tablets_in_use(session, context.now())
        session.expunge_all()
    address = _address(frame, fresh)
    return show(
        request,
        frame,
        "admin/overview.html",
        status=422 if faults else 200,
        accounts=accounts,
        tokens=tokens,
        phones=phones,
        tablets=shared,
        centres=_centres(context),
        **record,
        jobs=job_lines(state_of(request), frame.words),
        backups=backup_lines(state_of(request).settings.data_dir / "backups"),
        ran=request.query_params.get("ran", ""),
        assumed=assumptions(context.schedule(), frame.words),
        entered_in=state_of(request).settings.language,
        roles=[(role.value, frame.words.say(f"role.{role}")) for role in Role],
        zone=context.zone,
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        fresh=fresh,
        given={**NOTHING_TYPED, **(given or {})},
        address=address,
        link_qr=qr_svg(address) if address else "",
        done=request.query_params.get("done") == "yes" and not faults,
    )
