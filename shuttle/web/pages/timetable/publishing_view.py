"""View of a change of publications before it is made: timeline, what passengers get on the days after, and findings.

Both acts, publishing and withdrawing, are shown alike: the schedule as it is, and as it would be.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute, days_after
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.publishing.consequences import as_published_over, as_rolled_back, as_withdrawn, hiding
from shuttle.domain.timetable.publishing.finding import PublishingFinding, PublishingSeverity
from shuttle.domain.timetable.publishing.findings import findings, withdrawal_findings
from shuttle.domain.timetable.trips import Timetable
from shuttle.language import Words
from shuttle.language.headsigns import headsign
from shuttle.services.timetable.publishing import hidden_by
from shuttle.web.pages.timetable.finding_texts import Acceptance, FindingView, acceptances, finding_views
from shuttle.web.pages.timetable.timeline import Timeline, span_text, timeline


@dataclass(frozen=True)
class ShownDeparture:
    """`kind`: kept, added or dropped, compared with the same date as it is published now."""

    departs: Minute
    headsign: str
    kind: str


@dataclass(frozen=True)
class ShownDay:
    """A date after the change: its timetable's name (empty: none), its day type, and its departures from the base stop."""

    day: date
    timetable: str
    day_type: str
    departures: tuple[ShownDeparture, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeView:
    """A change before it is made. `periods`: (name, dates) after it, from today on."""

    timetable: Timetable
    timeline: Timeline
    periods: tuple[tuple[str, str], ...]
    days: tuple[ShownDay, ...]
    findings: tuple[FindingView, ...]
    accept: tuple[Acceptance, ...]
    is_blocked: bool


def publishing_view(schedule: Schedule, timetable: Timetable, valid: Validity, today: date, words: Words) -> ChangeView:
    """What publishing for the dates changes."""
    several = findings(schedule, timetable, valid, today)
    after = as_published_over(schedule, timetable, valid)
    first = valid.first or today
    days = [first, *([days_after(valid.last, 1)] if valid.last else [])]
    return _view(schedule, after, timetable, several, days, valid, today, words)


def withdrawal_view(schedule: Schedule, timetable: Timetable, today: date, words: Words) -> ChangeView:
    """What withdrawing from today changes."""
    return _without(schedule, as_withdrawn(schedule, timetable.id, today), timetable, [timetable.id], today, words)


def roll_back_view(schedule: Schedule, timetable: Timetable, today: date, words: Words) -> ChangeView:
    """What rolling back to a timetable from today changes. Raises Refused (`nothing-to-roll-back`)."""
    above = hidden_by(schedule, timetable.id, today)
    return _without(schedule, as_rolled_back(schedule, timetable.id, today), timetable, above, today, words)


def ways_back(schedule: Schedule, timetable_id: str, today: date) -> tuple[Timetable, ...]:
    """Timetables that one can roll back to from this one, and this one where others hide it."""
    return tuple(
        each
        for each in schedule.timetables
        if (above := hiding(schedule, each.id, today)) and timetable_id in (each.id, *above)
    )


def _without(
    schedule: Schedule, after: Schedule, timetable: Timetable, gone: Collection[str], today: date, words: Words
) -> ChangeView:
    several = withdrawal_findings(schedule, after, gone, today)
    own = [period.valid for period in schedule.periods if period.timetable in gone]
    ahead = [valid for valid in own if valid.last is None or valid.last >= today]
    days = list(dict.fromkeys(max(valid.first or today, today) for valid in ahead))[:2]
    changed = Validity(days[0], ahead[-1].last) if days else None
    return _view(schedule, after, timetable, several, days, changed, today, words)


def _view(
    before: Schedule,
    after: Schedule,
    timetable: Timetable,
    several: list[PublishingFinding],
    days: list[date],
    changed: Validity | None,
    today: date,
    words: Words,
) -> ChangeView:
    views = finding_views(after, several, timetable, words, changed.first if changed else None)
    rows = ((words.say("publishing.row_now"), before), (words.say("publishing.row_after"), after))
    is_blocked = any(finding.severity is PublishingSeverity.BLOCKER for finding in several)
    return ChangeView(
        timetable=timetable,
        timeline=timeline(rows, changed, today, words),
        periods=tuple(
            (after.timetable_by_id[period.timetable].name, span_text(period.valid, words))
            for period in after.periods
            if period.valid.last is None or period.valid.last >= today
        ),
        days=() if is_blocked else tuple(_day(before, after, day, words) for day in days),
        findings=tuple(views),
        accept=tuple(acceptances(views, words)),
        is_blocked=is_blocked,
    )


def _day(before: Schedule, after: Schedule, day: date, words: Words) -> ShownDay:
    old, new = _from_base(before, day), _from_base(after, day)
    resolved = after.departures_on(day)
    shown = [
        ShownDeparture(each.departs, headsign(after.network, each, words), "kept" if key in old else "added")
        for key, each in new.items()
    ]
    shown += [
        ShownDeparture(each.departs, headsign(before.network, each, words), "dropped")
        for key, each in old.items()
        if key not in new
    ]
    name = after.timetable_by_id[resolved.timetable].name if resolved.timetable else ""
    day_type = after.calendar.names_of(resolved.service_day.day_type).of(words.language)
    return ShownDay(day, name, day_type, tuple(sorted(shown, key=lambda each: (each.departs, each.kind))))


def _from_base(schedule: Schedule, day: date) -> dict[tuple[str, Minute], Departure]:
    return {
        (each.pattern, each.departs): each
        for each in schedule.departures_on(day).departures
        if each.runs and each.calls[0].stop == schedule.network.base_stop
    }
