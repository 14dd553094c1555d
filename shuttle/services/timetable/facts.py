"""Changes of facts by planners: opening hours, stops, running times, vehicles and patterns, each from a date, and their undoing.

An act changes one group of facts (`FactGroup`), and keeps its rows from before. Undoing puts them back, unless somebody has
changed the same group since, or the act holds since a date that has passed.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from secrets import token_hex

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.facts.changes import Basis, FactGroup, with_hours, with_special_hours
from shuttle.domain.timetable.opening_hours import Window
from shuttle.services.timetable.reference_data import refuse_broken_departures
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.facts import FactActRow
from shuttle.store.timetable import fact_acts as store
from shuttle.store.timetable.network import write_network
from shuttle.store.timetable.opening_hours import write_opening_times
from shuttle.store.timetable.schedule import raise_version, read_schedule, record_edits


@dataclass(frozen=True)
class Moment:
    """When an act is done: the instant, and the service date."""

    now: datetime
    today: date


@dataclass(frozen=True, kw_only=True)
class FactChange:
    """What an act is about. `first`: the date from which it holds, None: all dates. `details`: for the audit log."""

    group: FactGroup
    key: str
    first: date | None
    details: Mapping[str, object]


def change_hours(
    session: Session,
    person: Person | None,
    stop: str,
    hours: Mapping[str, tuple[Window, ...]],
    basis: Basis,
    moment: Moment,
) -> FactActRow:
    """New opening hours of a stop by day type, from a date.

    Raises NotFound (`unknown-stop`), Invalid (`unknown-day-type`, `bad-opening-hours`, `no-date`, `no-hours`), Refused
    (`fact-in-the-past`, `nothing-changed`).
    """
    if not hours:
        raise Invalid("no-hours", "no day type is given", given="nothing", allowed="hours of at least one day type")

    def change(schedule: Schedule) -> Schedule:
        check_stop(schedule, stop)
        for day_type in hours:
            schedule.calendar.names_of(day_type)
        times = with_hours(schedule.opening_times, stop, hours, basis, moment.today)
        return replace(schedule, opening_times=times)

    details = {"day_types": sorted(hours), "from": date_text(basis.first), "source": basis.provenance.source}
    act = FactChange(group=FactGroup.OPENING_HOURS, key=stop, first=basis.first, details=details)
    return change_facts(session, person, act, change, moment)


def change_special_hours(
    session: Session,
    person: Person | None,
    stop: str,
    days: Collection[date],
    windows: tuple[Window, ...] | None,
    reason: str,
    moment: Moment,
) -> FactActRow:
    """Special hours of a stop on dates, in place of the regular ones; `windows` None: the regular hours hold again.

    Raises as `with_special_hours`, and NotFound (`unknown-stop`), Refused (`nothing-changed`).
    """

    def change(schedule: Schedule) -> Schedule:
        check_stop(schedule, stop)
        times = with_special_hours(schedule.opening_times, stop, days, windows, reason, moment.today)
        return replace(schedule, opening_times=times)

    first = min(days, default=None)
    details = {"from": date_text(first), "to": date_text(max(days, default=None)), "reason": reason.strip()}
    act = FactChange(group=FactGroup.SPECIAL_HOURS, key=stop, first=first, details=details)
    return change_facts(session, person, act, change, moment)


def undo(session: Session, person: Person | None, act_id: str, moment: Moment) -> FactActRow:
    """Put back what an act has changed; an act of its own, so that it can be undone as well.

    Raises NotFound (`unknown-fact-act`), Refused (`already-undone`, `fact-changed-since`, `fact-in-the-past`,
    `departures-would-break`, `pattern-in-use`).
    """
    person = allow(person, Action.EDIT_FACTS)
    raise_version(session, moment.now)
    undone = store.act(session, act_id)
    group = FactGroup(undone.kind)
    if undone.undone_at is not None:
        raise Refused("already-undone", "this has been undone already", given=act_id)
    if undone.first_date is not None and undone.first_date < moment.today:
        raise Refused(
            "fact-in-the-past",
            f"this holds since {undone.first_date}; enter a new value from today on instead",
            given=undone.first_date.isoformat(),
            allowed=f"{moment.today} or later",
        )
    if store.rows_of(session, group, undone.key) != undone.after:
        raise Refused("fact-changed-since", "somebody has changed this since", given=undone.key)
    before = read_schedule(session)
    if group is FactGroup.PATTERN and not undone.before:
        _refuse_used_pattern(before, undone.key)
    store.put_back(session, group, undone.key, undone.before)
    undone.undone_by, undone.undone_at = person.name, moment.now
    _recorded(session, before, moment)
    row = _kept(session, person, FactChange(group=group, key=undone.key, first=undone.first_date, details={}), moment)
    row.before, row.after = undone.after, undone.before
    store.add_act(session, row)
    details = {"fact": undone.kind}
    add_entry(session, moment.now, person.name, person.role, "undo-fact", fact_name(before, group, undone.key), details)
    return row


def change_facts(
    session: Session, person: Person | None, act: FactChange, change: Callable[[Schedule], Schedule], moment: Moment
) -> FactActRow:
    """Change the schedule's network or opening hours, and keep the act. Raises Refused (`nothing-changed`)."""

    def write(before: Schedule) -> None:
        after = change(before)
        if after.network != before.network:
            write_network(session, after.network)
        if after.opening_times != before.opening_times:
            write_opening_times(session, after.opening_times)

    return change_rows(session, person, act, write, moment)


def change_rows(
    session: Session, person: Person | None, act: FactChange, write: Callable[[Schedule], None], moment: Moment
) -> FactActRow:
    """Write the rows of a fact, and keep the act. Raises Refused (`nothing-changed`)."""
    person = allow(person, Action.EDIT_FACTS)
    raise_version(
        session, moment.now
    )  # first: it locks the schedule, so that two planners change it one after the other
    before = read_schedule(session)
    row = _kept(session, person, act, moment)
    row.before = store.rows_of(session, act.group, act.key)
    write(before)
    row.after = store.rows_of(session, act.group, act.key)
    if row.after == row.before:
        raise Refused("nothing-changed", "this is what is entered already", given=act.key)
    after = _recorded(session, before, moment)
    store.add_act(session, row)
    name = fact_name(after, act.group, act.key)
    details = {key: value for key, value in act.details.items() if value}
    add_entry(session, moment.now, person.name, person.role, "change-fact", name, {"fact": act.group.value, **details})
    return row


def _recorded(session: Session, before: Schedule, moment: Moment) -> Schedule:
    after = record_edits(session, before, moment.now, moment.today)
    if after.network != before.network:
        refuse_broken_departures(after, moment.today)
    return after


def _kept(session: Session, person: Person, act: FactChange, moment: Moment) -> FactActRow:
    return FactActRow(
        id=f"fact-{token_hex(6)}",
        kind=act.group.value,
        key=act.key,
        first_date=act.first,
        made_by=person.name,
        made_at=moment.now,
        undone_by="",
        undone_at=None,
    )


def _refuse_used_pattern(schedule: Schedule, pattern: str) -> None:
    uses = [timetable.name for timetable in schedule.timetables if any(t.pattern == pattern for t in timetable.trips)]
    uses += [change.id for change in schedule.changes if change.pattern == pattern]
    if uses:
        raise Refused("pattern-in-use", f"departures run on {pattern}: {', '.join(uses)}", given=", ".join(uses))


def check_stop(schedule: Schedule, stop: str) -> None:
    """Raises NotFound (`unknown-stop`) unless the stop exists on some date."""
    names = list(dict.fromkeys(each.id for each in schedule.network.stops))
    if stop not in names:
        allowed = ", ".join(names)
        detail = f"there is no stop {stop!r}; the stops are {allowed}"
        raise NotFound("unknown-stop", detail, given=stop, allowed=allowed)


def fact_name(schedule: Schedule, group: FactGroup, key: str) -> str:
    """The name of a fact for people: its stops by name, a vehicle by its id."""
    if group is FactGroup.PATTERN:
        pattern = schedule.network.pattern_by_id.get(key)
        stops = list(pattern.stops) if pattern else [key]
    elif group in (FactGroup.VEHICLE, FactGroup.COSTS):
        return key
    else:
        stops = key.split(" ")
    names = {stop.id: stop.name for stop in schedule.network.stops}
    return " – ".join(names.get(stop, stop) for stop in stops)


def date_text(day: date | None) -> str:
    """A date for the audit log; empty for none."""
    return day.isoformat() if day else ""
