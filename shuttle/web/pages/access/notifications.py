"""`/account/notifications`: a person's e-mail address, and what is sent there and when."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.notifications import SUMMARY_HOURS, NotificationChoices, NotificationTime, kinds_for
from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Invalid, Refused, ShuttleError
from shuttle.services.access.own_account import own_account
from shuttle.services.operation.notifications import choices as acts
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/account/notifications", include_in_schema=False)

DONE = ("saved", "forgotten", "tested")
MORNING = 7
"""The hour that the form proposes."""


@dataclass(frozen=True)
class Given:
    """What stands in the form: address, hour, and kind -> when."""

    address: str = ""
    hour: int = MORNING
    kinds: dict[str, str] = field(default_factory=dict)


@router.api_route("", methods=["GET", "HEAD"])
async def notifications(request: Request) -> Response:
    """The choices of whoever is signed in."""
    return await run_in_threadpool(_page, request, await maybe_person(request))


@router.post("")
async def save(request: Request) -> Response:
    """Store the form, or show it again with the fault."""
    person, context = await maybe_person(request), state_of(request).context
    frame, typed = frame_of(request), _given(person, {key: str(value) for key, value in (await request.form()).items()})

    def store() -> Response:
        chosen = {kind: NotificationTime(typed.kinds[kind]) for kind in kinds_for(person) if kind in typed.kinds}
        try:
            with context.transaction() as session:
                own_account(session, person)
                assert person is not None  # own_account refuses nobody
                acts.save_own_choices(
                    session, person, typed.address, frame.words.language, typed.hour, chosen, context.now()
                )
        except Invalid as error:
            place = "hour" if error.code == "bad-summary-hour" else "address"
            return _page(request, person, (fault_of(error, frame.words, place),), typed)
        return RedirectResponse("/account/notifications?done=saved", 303)

    return await run_in_threadpool(store)


@router.post("/forget")
async def forget(request: Request) -> Response:
    """Delete the address and the choices."""
    person, context = await maybe_person(request), state_of(request).context

    def act() -> None:
        with context.transaction() as session:
            acts.forget_own_choices(session, person, context.now())

    await run_in_threadpool(act)
    return RedirectResponse("/account/notifications?done=forgotten", 303)


@router.post("/test")
async def test(request: Request) -> Response:
    """Send an administrator a mail, now, to the stored address."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    scheduler = state_of(request).scheduler
    try:
        if scheduler is None:
            raise Refused("no-clock", "this process sends no mail", allowed="`shuttle serve`")
        await run_in_threadpool(scheduler.send_test_mail, person)
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words)
        shown = FieldFault("", f"{fault.message} {error.inside}".strip())
        return await run_in_threadpool(_page, request, person, (shown,))
    return RedirectResponse("/account/notifications?done=tested", 303)


def _given(person: Person | None, form: dict[str, str]) -> Given:
    """What was sent, and of the kinds those that the person may choose; an hour that is none is refused later, as 0."""
    hour = form.get("hour", "")
    kinds = {kind.value: form[kind] for kind in kinds_for(person) if form.get(kind) in set(NotificationTime)}
    return Given(form.get("address", "").strip(), int(hour) if hour.isascii() and hour.isdigit() else 0, kinds)


def _stored(choices: NotificationChoices | None) -> Given:
    if choices is None:
        return Given()
    return Given(choices.address, choices.hour, {kind.value: each.when.value for kind, each in choices.kinds.items()})


def _page(
    request: Request, person: Person | None, faults: tuple[FieldFault, ...] = (), typed: Given | None = None
) -> Response:
    state, frame = state_of(request), frame_of(request, person)
    with state.context.reading() as session:
        account = own_account(session, person)
        choices = acts.own_choices(session, person)
        session.expunge_all()
    say = frame.words.say
    done = request.query_params.get("done", "")
    return show(
        request,
        frame,
        "access/notifications.html",
        status=422 if faults else 200,
        account=account,
        given=typed or _stored(choices),
        has_choices=choices is not None,
        kinds=[kind.value for kind in kinds_for(person)],
        times=[
            ("", say("notification.time.never")),
            *((each.value, say(f"notification.time.{each}")) for each in NotificationTime),
        ],
        hours=[(hour, frame.words.at_clock(hour * 60)) for hour in SUMMARY_HOURS],
        sends_mail=bool(state.settings.smtp_host),
        may_test=may(person, Action.ADMINISTER) and bool(state.settings.smtp_host),
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        done=done if done in DONE and not faults else "",
    )
