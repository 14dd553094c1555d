"""Acts of the checklist for a new service. Each stores the same data as schedule files would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import Minute, parse_time_of_day
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.first_steps import DAY_TYPES, id_of, proposed_minutes
from shuttle.domain.timetable.network import Pattern, RunningTime, Stop
from shuttle.domain.timetable.opening_hours import OpeningHours, OpeningTimes, Window
from shuttle.domain.timetable.service_days import Calendar
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.feeds.public_holidays import EVERY_HOLIDAY, NORWAY, special_days
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.publishing import publish
from shuttle.services.timetable.reference_data import import_reference_data
from shuttle.services.timetable.timetables import add_draft

MOST_STOPS = 8
MOST_ROUTES = 12


@dataclass(frozen=True, kw_only=True)
class TypedStop:
    """A stop as typed: its name, and its position or nothing."""

    name: str
    lat: str = ""
    lon: str = ""


@dataclass(frozen=True, kw_only=True)
class TypedRoute:
    """Departures as typed: the stops in order (ids), the day type, and times as `10.00 12.00`."""

    stops: tuple[str, ...]
    day_type: str
    times: str


def save_stops(context: AppContext, person: Person | None, typed: Sequence[TypedStop], reason: str) -> None:
    """The first stop is where the bus stands; one without a position is assumed for the `reason`.

    Raises Invalid (`too-few-stops`, `bad-position`, `bad-stop-name`)."""
    schedule = context.schedule()
    present = {stop.name: stop for stop in schedule.network.stops}
    stops: list[Stop] = []
    for each in typed[:MOST_STOPS]:
        name = each.name.strip()
        if not name:
            continue
        if len(name) > 80 or not name.isprintable():
            raise Invalid(
                "bad-stop-name", f"{name[:80]!r} cannot name a stop", given=name[:80], allowed="1 to 80 letters"
            )
        identifier = present[name].id if name in present else id_of(name, {stop.id for stop in stops})
        lat, lon = _degrees(each.lat, 90), _degrees(each.lon, 180)
        if (lat is None) != (lon is None):
            raise Invalid(
                "bad-coordinates", f"{name} has half a position", given=each.lat or each.lon, allowed=_POSITION
            )
        assumed = Provenance(assumed=True, reason=reason)
        stops.append(
            Stop(id=identifier, name=name, lat=lat, lon=lon, provenance=assumed if lat is None else _by(person))
        )
    if len(stops) < 2 or len({stop.name.casefold() for stop in stops}) < len(stops):
        raise Invalid(
            "too-few-stops",
            "a service has at least two stops of different names",
            given=str(len(stops)),
            allowed="2 to 8",
        )
    ids = {stop.id for stop in stops}
    links = tuple(each for each in schedule.network.running_times if {each.origin, each.destination} <= ids)
    network = replace(schedule.network, base_stop=stops[0].id, stops=tuple(stops), running_times=links)
    _save(context, person, replace(schedule, network=network))


_POSITION = "degrees north and east, as 60.39 and 5.32, or neither"


def _degrees(text: str, most: int) -> float | None:
    if not text.strip():
        return None
    try:
        degrees = float(text.strip().replace(",", "."))
    except ValueError:
        degrees = float("nan")
    if not -most <= degrees <= most:
        raise Invalid("bad-coordinates", f"{text[:20]!r} is no position", given=text[:20], allowed=_POSITION)
    return degrees


def _by(person: Person | None) -> Provenance:
    return Provenance(source=person.name if person else "")


def proposals(schedule: Schedule) -> dict[tuple[str, str], tuple[int, float | None, bool]]:
    """Minutes, kilometres, and whether they are only proposed, of every pair of stops."""
    stored = {(each.origin, each.destination): each for each in schedule.network.running_times}
    pairs: dict[tuple[str, str], tuple[int, float | None, bool]] = {}
    for origin in schedule.network.stops:
        for destination in schedule.network.stops:
            if origin.id != destination.id:
                link = stored.get((origin.id, destination.id))
                minutes, kilometres = proposed_minutes(origin, destination)
                pairs[origin.id, destination.id] = (
                    (link.minutes(0), link.km, link.provenance.assumed) if link else (minutes, kilometres, True)
                )
    return pairs


def save_running_times(
    context: AppContext, person: Person | None, typed: Mapping[tuple[str, str], str], reason: str
) -> None:
    """Minutes of every pair of stops; those that are as proposed stay assumed. Raises Invalid (`bad-minutes`)."""
    schedule, links = context.schedule(), []
    for (origin, destination), (proposed, kilometres, is_assumed) in proposals(schedule).items():
        text = typed.get((origin, destination), "").strip() or str(proposed)
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 600):
            raise Invalid(
                "bad-minutes", f"{text[:20]!r} is no running time", given=text[:20], allowed="1 to 600 minutes"
            )
        assumed = is_assumed and int(text) == proposed
        provenance = Provenance(assumed=True, reason=reason) if assumed else _by(person)
        links.append(
            RunningTime(
                origin=origin, destination=destination, bands=((0, int(text)),), km=kilometres, provenance=provenance
            )
        )
    _save(context, person, replace(schedule, network=replace(schedule.network, running_times=tuple(links))))


def save_week(
    context: AppContext, person: Person | None, week: Sequence[str], holidays: str, country: str = NORWAY
) -> None:
    """The day type of Monday to Sunday, and of a country's public holidays.

    Raises Invalid (`unknown-day-type`, `unknown-country`).
    """
    schedule = context.schedule()
    kinds = (*DAY_TYPES, *(each for each in schedule.calendar.day_types if each not in DAY_TYPES))
    if len(week) != 7:
        raise Invalid("unknown-day-type", "a week has seven days", given=str(len(week)), allowed="seven day types")
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = week
    calendar = Calendar(day_types=kinds, week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday))
    calendar.names_of(holidays)
    special = special_days({EVERY_HOLIDAY: holidays}, country=country)
    _save(context, person, replace(schedule, calendar=replace(calendar, special_days=special)))


def save_hours(context: AppContext, person: Person | None, typed: Mapping[tuple[str, str], str]) -> None:
    """Opening hours by stop and day type, as `09.00-15.00`; `-` is closed.

    A stop of which nothing is typed is always open; a day type of which nothing is typed is then closed.
    Raises Invalid (`bad-time`, `bad-opening-hours`).
    """
    schedule = context.schedule()
    regular = []
    for stop in schedule.network.stops:
        texts = {kind: text.strip() for (whose, kind), text in typed.items() if whose == stop.id}
        if not any(texts.values()):
            continue
        for kind, text in texts.items():
            schedule.calendar.names_of(kind)
            windows = _windows(text)
            regular.append(OpeningHours(stop=stop.id, day_type=kind, windows=windows, provenance=_by(person)))
    times = OpeningTimes(regular=tuple(regular), special=schedule.opening_times.special)
    _save(context, person, replace(schedule, opening_times=times))


def _windows(text: str) -> tuple[Window, ...]:
    windows = []
    for part in text.replace("–", "-").replace(";", ",").split(","):
        opens, dash, closes = part.strip().partition("-")
        if not opens.strip() and not closes.strip():
            continue
        if not dash:
            raise Invalid("bad-opening-hours", f"{part[:40]!r} has no end", given=part[:40], allowed="09.00-15.00")
        windows.append((_typed_time(opens), _typed_time(closes)))
    return tuple(windows)


def _typed_time(text: str) -> Minute:
    """A time as people write opening hours: `9` is 9.00."""
    hour = text.strip()
    return parse_time_of_day(f"{hour}:00" if hour.isdigit() and len(hour) < 3 else hour)


def publish_departures(
    context: AppContext,
    person: Person | None,
    typed: Sequence[TypedRoute],
    name: str,
    first: date,
    accepted: Sequence[str] = (),
) -> None:
    """Today's departures as the first timetable, in force from a date.

    Raises Invalid (`no-departures`, `bad-time`, `repeated-stop`), Refused (`publishing-blocked`) with its findings.
    """
    person = allow(person, Action.PUBLISH_TIMETABLES)
    schedule = context.schedule()
    patterns: dict[str, Pattern] = {}
    trips: dict[str, Trip] = {}
    for route in typed[:MOST_ROUTES]:
        starts = [parse_time_of_day(word) for word in route.times.replace(",", " ").split()]
        if not starts:
            continue
        pattern = _pattern(schedule, route.stops, person)
        patterns[pattern.id] = pattern
        for departs in starts:
            trip = Trip(pattern.id, route.day_type, departs)
            trips[trip.id] = trip
    if not trips:
        raise Invalid("no-departures", "no departure was typed", allowed="times as 10.00 12.00 15.30")
    today = context.today()
    network = replace(schedule.network, patterns=(*schedule.network.patterns, *patterns.values()))
    taken = [timetable.id for timetable in schedule.timetables]
    draft = Timetable(
        id=id_of(first.isoformat(), taken, "timetable"), name=name, trips=tuple(trips.values()), provenance=_by(person)
    )
    with context.transaction() as session:
        import_reference_data(session, person, replace(schedule, network=network), context.now(), today)
        add_draft(session, person, draft, context.now())
        publish(session, person, draft.id, Validity(first), context.now(), today, accepted)


def _pattern(schedule: Schedule, stops: tuple[str, ...], person: Person) -> Pattern:
    names = {stop.id: stop.name for stop in schedule.network.stops}
    if unknown := [stop for stop in stops if stop not in names]:
        raise Invalid("unknown-stop", f"there is no stop {unknown[0]!r}", given=unknown[0], allowed=", ".join(names))
    if not stops:
        raise Invalid("unknown-stop", "a departure begins at a stop", allowed=", ".join(names))
    identifier = "-".join(stops)[:80].strip("-")
    return Pattern(
        id=identifier,
        stops=stops,
        headsign=names[stops[-1]],
        direction=0 if stops[0] == schedule.network.base_stop else 1,
        provenance=_by(person),
    )


def _save(context: AppContext, person: Person | None, schedule: Schedule) -> None:
    """Replace the facts. Raises Refused (`service-has-begun`) once a timetable is published: facts then change from a date."""
    if schedule.publications:
        raise Refused(
            "service-has-begun",
            "a timetable is published; the checklist changes nothing any more",
            allowed="the planner's pages, where a fact changes from a date",
        )
    with context.transaction() as session:
        import_reference_data(session, person, schedule, context.now(), context.today())
