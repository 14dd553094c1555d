"""Page of the roster: which driver has which duty on which dates, given and taken back by a planner.

Duties come with the timetable; the roster assigns them. The page shows four weeks, with the rules of rest and hours that the roster
breaks under the chosen profile.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.duties.roster import DutyAssignmentWish
from shuttle.domain.duties.rules import RuleProfile
from shuttle.language import Words
from shuttle.services.duties import roster
from shuttle.services.duties.roster import RosterChange
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.duties_view import SHOWN, first_shown, roster_view, when_text
from shuttle.web.pages.public import FIRST, LAST
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/duties", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]
Several = Annotated[list[str] | None, Form()]
DONE = ("given", "taken")
WEEKDAYS = {str(number): number for number in range(7)}
"""What the form sends for a day of the week; Monday is 0."""
FIELDS = {
    "bad-roster-span": "last",
    "past-date": "first",
    "bad-date": "first",
    "date-outside": "first",
    "no-weekdays": "weekdays",
    "no-duty": "duty",
    "unknown-driver": "driver",
}
"""Where a fault of the form stands, by its code."""
MOST_LISTED = 6
"""How many broken rules or dates are listed; of more, only their number is shown."""


@router.api_route("", methods=["GET", "HEAD"])
def duties(request: Request, asking: Asking) -> Response:
    """Four weeks from that of `?from=`, else from this one; `?duty=` and `?date=` fill the form."""
    person, query = allow(asking, Action.ROSTER), request.query_params
    day = query.get("date", "")
    typed = {"duty": query.get("duty", ""), "first": day, "last": day, "profile": query.get("profile", "")}
    return _page(request, person, (), typed)


@router.post("/give")
def give(
    request: Request,
    asking: Asking,
    duty: Short = "",
    driver: Short = "",
    first: Short = "",
    last: Short = "",
    weekday: Several = None,
    profile: Short = "",
) -> Response:
    """Give a duty to a driver on dates."""
    typed = {"duty": duty, "driver": driver, "first": first, "last": last, "profile": profile}
    context = state_of(request).context

    def act(session: Session) -> RosterChange:
        wish = _wish(duty, first, last, weekday)
        return roster.give_duty(
            session, asking, wish, driver, _profile(request, profile), context.now(), context.today()
        )

    return _done(request, asking, act, "given", typed, weekday)


@router.post("/take-back")
def take_back(
    request: Request,
    asking: Asking,
    duty: Short = "",
    first: Short = "",
    last: Short = "",
    weekday: Several = None,
    profile: Short = "",
) -> Response:
    """Take a duty back on dates, from any driver."""
    typed = {"duty": duty, "first": first, "last": last, "profile": profile}
    context = state_of(request).context

    def act(session: Session) -> RosterChange:
        return roster.take_back_duty(session, asking, _wish(duty, first, last, weekday), context.now(), context.today())

    return _done(request, asking, act, "taken", typed, weekday)


def _wish(duty: str, first: str, last: str, weekday: Sequence[str] | None) -> DutyAssignmentWish:
    """The typed form; without a last date only the first date. Raises Invalid (`no-duty`, `bad-date`, `no-weekdays`)."""
    timetable, slash, name = duty.partition("/")
    if not slash:
        raise Invalid("no-duty", "no duty was chosen", given=duty, allowed="<timetable>/<duty>")
    begins = parse_date(first)
    days = frozenset(WEEKDAYS.get(day, -1) for day in weekday or ())
    return DutyAssignmentWish(
        timetable=timetable, duty=name, first=begins, last=parse_date(last) if last.strip() else begins, weekdays=days
    )


def _profile(request: Request, profile_id: str) -> RuleProfile:
    """The chosen profile of duty rules, else the first."""
    profiles = roster.rule_profiles(state_of(request).settings.schedules)
    return profiles.get(profile_id) or next(iter(profiles.values()))


def _done(
    request: Request,
    asking: Person | None,
    act: Callable[[Session], RosterChange],
    done: str,
    typed: Mapping[str, str],
    weekdays: Sequence[str] | None,
) -> Response:
    person = allow(asking, Action.ROSTER)
    try:
        with state_of(request).context.transaction() as session:
            change = act(session)
    except ShuttleError as error:
        return _page(request, person, _faults(error, frame_of(request).words, typed), typed, weekdays or ())
    query = {"done": done, "n": change.dates, "soon": change.at_short_notice, "from": typed["first"]}
    return RedirectResponse(f"/plan/duties?{urlencode({**query, 'profile': typed['profile']})}", 303)


def _faults(error: ShuttleError, words: Words, typed: Mapping[str, str]) -> tuple[FieldFault, ...]:
    """The faults of an error at their fields; of many broken rules or dates the first MOST_LISTED."""
    if not error.faults:
        is_last = (
            error.code in ("bad-date", "date-outside")
            and error.given == typed["last"].strip() != typed["first"].strip()
        )
        return (fault_of(error, words, "last" if is_last else FIELDS.get(error.code, "")),)
    lines = []
    for fault in error.faults:
        broken = error.code == "rota-broken"
        what = words.say(f"duty.broken.{fault.code}") if broken else words.say(f"fault.{fault.code}")
        lines.append(words.say("roster.on_date", date=when_text(fault.where, words), what=what))
    faults = [FieldFault("", line) for line in dict.fromkeys(lines)]
    more = len(faults) - MOST_LISTED
    return (*faults[:MOST_LISTED], *([FieldFault("", words.count("roster.more", more))] if more > 0 else []))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _first(text: str, today: date) -> date:
    """The Monday of the week of a date; of today where the text is no date that the pages can show."""
    try:
        day = parse_date(text)
    except Invalid:
        return first_shown(today)
    return first_shown(day if FIRST <= day <= LAST else today)


def _page(
    request: Request,
    person: Person,
    faults: Sequence[FieldFault],
    typed: Mapping[str, str],
    weekdays: Sequence[str] = tuple(WEEKDAYS),
) -> Response:
    state, frame, query = state_of(request), frame_of(request, person), request.query_params
    profile = _profile(request, typed.get("profile", ""))
    first = _first(query.get("from") or typed.get("first", ""), state.context.today())
    done = query.get("done", "")
    return show(
        request,
        frame,
        "plan/duties.html",
        status=422 if faults else 200,
        view=roster_view(state.context, first, profile, frame.words),
        first=first,
        last=first + SHOWN,
        earlier=first - SHOWN,
        profiles=[(each.id, each.name) for each in roster.rule_profiles(state.settings.schedules).values()],
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        given={"duty": "", "driver": "", "first": "", "last": "", **typed, "profile": profile.id},
        weekdays=weekdays,
        done=done if done in DONE and not faults else "",
        n_dates=_number(query.get("n", "")),
        soon=_number(query.get("soon", "")),
        today=state.context.today(),
    )
