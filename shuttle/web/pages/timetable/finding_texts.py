"""Findings of publishing in the reader's language: trips, day types and timetables as people name them, dates in full."""

from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.publishing.finding import PublishingFinding, PublishingSeverity
from shuttle.domain.timetable.trips import Timetable
from shuttle.language import Words

SHOWN_DATES = 3


@dataclass(frozen=True)
class FindingView:
    """A finding in words. Sending `code` accepts it, where it can be accepted; `end_on`: the last date that avoids it."""

    code: str
    severity: str
    text: str
    end_on: date | None = None


@dataclass(frozen=True)
class Acceptance:
    """A code that the planner accepts by name: what its checkbox says."""

    code: str
    text: str


def finding_views(
    schedule: Schedule, several: list[PublishingFinding], timetable: Timetable, words: Words, first: date | None = None
) -> list[FindingView]:
    """The findings in the reader's language. `first`: from when the timetable is to apply, for the way out of an overlap."""
    named = {day_type.id: day_type.names.of(words.language) for day_type in schedule.calendar.day_types}
    named |= {each.id: each.name for each in schedule.timetables}
    named |= {trip.id: words.clock_text(trip.departs) for trip in timetable.trips}
    return [_view(finding, named, words, first) for finding in several]


def acceptances(views: list[FindingView], words: Words) -> list[Acceptance]:
    """Acceptances, one for each code that has to be accepted."""
    codes = dict.fromkeys(view.code for view in views if view.severity == PublishingSeverity.ACCEPTABLE)
    return [Acceptance(code, words.say(f"planner.accept_finding.{code}")) for code in codes]


def _view(finding: PublishingFinding, named: dict[str, str], words: Words, first: date | None) -> FindingView:
    span = finding.span
    key = f"planner.finding.{finding.code}{'.open' if span and span.last is None else ''}"
    values = {
        "subject": named.get(finding.subject) or _date_or_text(finding.subject, words),
        "n": words.number(len(finding.dates)),
        "dates": _dates(finding.dates, words),
        "first": words.date_short(span.first) if span and span.first else "",
        "last": words.date_short(span.last) if span and span.last else "",
        **finding.numbers,
    }
    text = words.say(key, **values) if words.knows(key) else finding.message
    begins = span.first if finding.code == "overlap" and span else None
    end_on = begins - timedelta(days=1) if begins and first and first < begins else None
    return FindingView(finding.code, finding.severity.value, text, end_on)


def _date_or_text(text: str, words: Words) -> str:
    try:
        return words.date_short(parse_date(text))
    except Invalid:
        return text


def _dates(several: tuple[date, ...], words: Words) -> str:
    shown = [words.date_short(day) for day in several[:SHOWN_DATES]]
    if len(several) > SHOWN_DATES:
        shown.append(words.say("publishing.more_dates", n=words.number(len(several) - SHOWN_DATES)))
    return words.listed(shown)
