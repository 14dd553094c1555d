"""Page of a new scenario as one sentence with blanks: today's service, with longer opening hours of one centre.

Everything else has today's value and stands under "more choices". Other pages open it with blanks filled in by its query:
`stop`, `days` (a day type, or `all`), `closes`, `opens`, `first`, `hours`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, TooMany
from shuttle.domain.basics.service_time import Minute, parse_date, parse_time_of_day
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.publishing.findings import NOTICE
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.scenario_files.text_edits import toml_text
from shuttle.feeds.schedule_files.duty_rules import read_duty_rules
from shuttle.feeds.text_gate import SCENARIO, toml_values
from shuttle.language import Words
from shuttle.language.faults import fault_text
from shuttle.services.planning.one_change import (
    LONGEST_GAP,
    MORE_TRIPS,
    OneChange,
    Usual,
    centres,
    days_text,
    opening_today,
    scenario_of,
    stated_demand,
    usual_of,
)
from shuttle.services.planning.requests import DUTY_RULES
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.form import drafts
from shuttle.web.pages.planning.form.fields import typed_of
from shuttle.web.pages.planning.pictures import stop_names
from shuttle.web.pages.planning.scenario import queue
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/change", include_in_schema=False)

PAGE = "/plan/change"
BLANKS = (
    "stop",
    "days",
    "closes",
    "first",
    "hours",
    "opens",
    "gap",
    "keeps",
    "vehicles",
    "least",
    "most",
    "minutes",
)
"""Inputs of the page, in their order."""

ALL = "all"
CLOSING = 21 * 60
_FIELD_OF = {"front": "most", "fleet": "vehicles", "requirements": "gap", "opening_hours": "closes", "stop": "stop"}
"""Input at which a fault of the scenario's document stands, by the first key of its path."""

Blanks = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """Meaning of the sentence: the scenario's text and name, and sentences on it; or its faults."""

    text: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()
    faults: tuple[FieldFault, ...] = ()


@router.api_route("", methods=["GET", "HEAD"])
def change(request: Request, asking: Asking) -> Response:
    """The sentence: as it was left, else filled by the query and with today's values."""
    person = allow(asking, Action.PLAN)
    asked = {name: text[:40] for name, text in request.query_params.items() if name in BLANKS}
    draft = None if asked else drafts.draft_of(request, person, PAGE)
    if draft is None:
        return _page(request, person, {**first_blanks(request), **asked})
    kept = {name: texts[0] for name, texts in draft.inputs.items() if name in BLANKS and texts}
    zone = state_of(request).context.zone
    return _page(
        request,
        person,
        {**dict.fromkeys(BLANKS, ""), **kept},
        kept_at=frame_of(request).words.moment_text(draft.kept_at, zone),
    )


@router.post("")
async def act(request: Request) -> Response:
    """Ask for proposals, open all choices, or begin anew."""
    return await drafts.acted(request, _act)


@router.post("/checked")
async def checked(request: Request) -> Response:
    """Meaning of the sentence while it is typed; the sentence is stored as a draft."""
    return await drafts.checked(request, _checked)


def _act(request: Request, person: Person, inputs: FormData) -> Response:
    action, blanks = str(inputs.get("act", "")), blanks_of(inputs)
    if action == "forget":
        drafts.forget(request, person, PAGE)
        return RedirectResponse(PAGE, 303)
    drafts.keep(request, person, PAGE, {name: [text] for name, text in blanks.items()})
    meaning = meaning_of(request, blanks)
    if meaning.faults:
        return _page(request, person, blanks, meaning, status=422)
    if action == "more":
        typed = typed_of(toml_values(meaning.text, limits=SCENARIO))
        drafts.keep(request, person, "/plan/form", {**typed, "minutes": [blanks["minutes"]]})
        return RedirectResponse("/plan/form", 303)
    try:
        return queue(request, person, meaning.text, blanks["minutes"], "0")
    except (Invalid, TooMany) as error:
        field = "minutes" if error.code == "bad-options" else ""
        faults = (fault_of(error, frame_of(request).words, field),)
        return _page(request, person, blanks, Meaning(faults=faults), status=429 if isinstance(error, TooMany) else 422)


def _checked(request: Request, person: Person, inputs: FormData) -> Response:
    blanks = blanks_of(inputs)
    drafts.keep(request, person, PAGE, {name: [text] for name, text in blanks.items()})
    meaning = meaning_of(request, blanks)
    return show(request, frame_of(request, person), "plan/change_checked.html", meaning=meaning)


def blanks_of(inputs: FormData) -> Blanks:
    """The texts of the blanks; one that was not sent is empty."""
    return {name: str(inputs.get(name, "")).strip()[:40] for name in BLANKS}


def first_blanks(request: Request) -> Blanks:
    """Today's values: the centre that closes first, open later on the first day type, from the first date with due notice."""
    state = state_of(request)
    schedule, today = state.context.schedule(), state.context.today()
    first = today + NOTICE + timedelta(days=1)
    usual, day_type = _usual(request, first), schedule.calendar.day_types[0].id
    stops = sorted(centres(schedule), key=lambda stop: _closes(schedule, stop, day_type, first))
    profile = next(iter(read_duty_rules(state.settings.schedules / DUTY_RULES).values()), None)
    return {
        "stop": stops[0] if stops else "",
        "days": day_type,
        "closes": frame_of(request).words.clock_text(CLOSING),
        "first": first.isoformat(),
        "hours": f"{profile.longest_duty_minutes / 60:g}" if profile else "",
        "opens": "",
        "gap": str(LONGEST_GAP),
        "keeps": "yes",
        "vehicles": str(usual.vehicles),
        "least": str(usual.trips + MORE_TRIPS[0]),
        "most": str(usual.trips + MORE_TRIPS[1]),
        "minutes": "2",
    }


def _closes(schedule: Schedule, stop: str, day_type: str, on: date) -> int:
    hours = schedule.opening_times.regular_on(stop, day_type, on)
    return hours.windows[-1][1] if hours and hours.windows else 0


def _usual(request: Request, on: date) -> Usual:
    state = state_of(request)
    return usual_of(state.context, stated_demand(state.settings.schedules), on)


def meaning_of(request: Request, blanks: Mapping[str, str]) -> Meaning:
    """The scenario of the sentence, or its faults, each at its blank."""
    context, words = state_of(request).context, frame_of(request).words
    schedule, faults = context.schedule(), list[FieldFault]()
    wanted = _read(blanks, schedule, words, faults)
    if wanted is None or faults:
        return Meaning(faults=tuple(faults))
    usual = _usual(request, wanted.first)
    try:
        document = scenario_of(wanted, usual, schedule, words)
        text = toml_text(document)
        read_scenario(text, schedule, context.today())
    except Invalid as error:
        return Meaning(faults=_faults_at(error, words))
    return Meaning(text=text, name=str(document["name"]), notes=_notes(wanted, usual, schedule, words))


def _faults_at(error: Invalid, words: Words) -> tuple[FieldFault, ...]:
    if not error.faults:
        return (fault_of(error, words, "closes"),)
    return tuple(
        FieldFault(_FIELD_OF.get(str(f.path[0]) if f.path else "", ""), fault_text(f, words)) for f in error.faults
    )


@dataclass(frozen=True)
class _Blanks:
    """Typed blanks read as values; each method returns None, and adds a fault, where a text cannot be read."""

    texts: Mapping[str, str]
    words: Words
    faults: list[FieldFault]

    def number(self, name: str, least: int, most: int, *, whole: bool = True) -> float | None:
        text = self.texts[name].replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if text and not (least <= value <= most and (not whole or value.is_integer())):
            allowed = self.words.say("change.between", least=least, most=most)
            message = self.words.say("change.not_a_number", given=self.texts[name], allowed=allowed)
            self.faults.append(FieldFault(name, message))
        return value if text else None

    def time(self, name: str) -> Minute | None:
        try:
            return parse_time_of_day(self.texts[name]) if self.texts[name] else None
        except Invalid as error:
            self.faults.append(fault_of(error, self.words, name))
            return None

    def day(self, name: str) -> date | None:
        try:
            return parse_date(self.texts[name])
        except Invalid as error:
            self.faults.append(fault_of(error, self.words, name))
            return None


def _read(blanks: Mapping[str, str], schedule: Schedule, words: Words, faults: list[FieldFault]) -> OneChange | None:
    """The change; None, and its faults, where a blank cannot be read."""
    typed = _Blanks(blanks, words, faults)
    day_types = [day.id for day in schedule.calendar.day_types]
    closes, opens = typed.time("closes"), typed.time("opens")
    if not blanks["closes"]:
        faults.append(FieldFault("closes", words.say("change.missing")))
    first = typed.day("first")
    hours, gap = typed.number("hours", 1, 200, whole=False), typed.number("gap", 1, 1440)
    vehicles = typed.number("vehicles", 1, 20)
    least, most = typed.number("least", 1, 200), typed.number("most", 1, 200)
    if not faults and least is not None and most is not None and least > most:
        faults.append(FieldFault("most", words.say("change.trips_backwards")))
    if blanks["days"] not in (*day_types, ALL):
        faults.append(FieldFault("days", words.say("change.missing")))
    if faults or closes is None or first is None:
        return None
    try:
        return OneChange(
            stop=blanks["stop"],
            day_types=tuple(day_types) if blanks["days"] == ALL else (blanks["days"],),
            closes=closes,
            first=first,
            opens=opens,
            driver_hours=hours,
            longest_gap=None if gap is None else int(gap),
            keeps=bool(blanks["keeps"]),
            vehicles=int(vehicles or 1),
            trips=(int(least or 1), int(most or least or 1)),
        )
    except Invalid as error:
        faults.append(fault_of(error, words, "closes"))
        return None


def _notes(wanted: OneChange, usual: Usual, schedule: Schedule, words: Words) -> tuple[str, ...]:
    """Notes on the sentence: today's hours, and the source of the passengers."""
    notes = []
    for day_type in wanted.day_types:
        regular = schedule.opening_times.regular_on(wanted.stop, day_type, wanted.first)
        windows = regular.windows if regular else ()
        texts = [f"{words.clock_text(opens)}–{words.clock_text(closes)}" for opens, closes in windows]
        now = ", ".join(texts) or words.say("planner.closed").lower()
        opens = (
            wanted.opens if wanted.opens is not None else opening_today(schedule, wanted.stop, day_type, wanted.first)
        )
        new = f"{words.clock_text(opens or 0)}–{words.clock_text(wanted.closes)}"
        days = days_text(day_type, schedule, words)
        notes.append(words.say("change.note_hours", days=days[:1].upper() + days[1:], new=new, now=now))
    if usual.counted is not None:
        first, last = (words.date_short(day) for day in (usual.counted.first, usual.counted.last))
        notes.append(words.say("change.note_counted", first=first, last=last))
    else:
        notes.append(words.say("change.note_assumed"))
    notes.append(words.say("change.note_trips", n=usual.trips, least=wanted.trips[0], most=wanted.trips[1]))
    return tuple(notes)


def _page(
    request: Request,
    person: Person,
    blanks: Mapping[str, str],
    meaning: Meaning | None = None,
    *,
    kept_at: str = "",
    status: int = 200,
) -> Response:
    frame, schedule = frame_of(request, person), state_of(request).context.schedule()
    meaning = meaning or meaning_of(request, blanks)
    names = stop_names(schedule)
    days = [(day.id, days_text(day.id, schedule, frame.words)) for day in schedule.calendar.day_types]
    return show(
        request,
        frame,
        "plan/change.html",
        status=status,
        blanks=blanks,
        meaning=meaning,
        faults=meaning.faults,
        errors={fault.field: fault.message for fault in meaning.faults},
        stops=[(stop, names[stop]) for stop in centres(schedule)],
        days=[*days, (ALL, frame.words.say("change.all_days"))] if len(days) > 1 else days,
        kept_at=kept_at,
    )
